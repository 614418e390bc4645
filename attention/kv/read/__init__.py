"""From a config.json, the catalog or a GGUF header to a shape."""
