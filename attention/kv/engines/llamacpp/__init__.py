"""llama.cpp: cells, padded; window caches of their own."""
