"""Key-value caches of real models: shapes from configs, and the bytes that engines make of them.

    shape.py    what of a model decides its cache, layer by layer
    configs/    config.json -> shape;  gguf.py  GGUF header -> shape;  catalog.py  known models
    engines/    shape and workload -> bytes

Nothing here loads torch, numpy or transformers.
"""
