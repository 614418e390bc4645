"""Models that can be asked: the layouts trained here, and those of transformers."""
