"""SGLang: a pool of tokens."""
