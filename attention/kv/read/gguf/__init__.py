"""From the header of a GGUF file to a shape."""
