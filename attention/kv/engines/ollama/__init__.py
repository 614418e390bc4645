"""Ollama: llama.cpp's cache, with a log of its own."""
