"""vLLM: blocks of tokens, layers in groups."""
