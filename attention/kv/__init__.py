"""Key-value caches of real models: shapes from configs, and the bytes that engines make of them.

    shape.py    what of a model decides its cache, layer by layer;  layer.py  one layer
    config.py   config.json -> shape (its parts in configs/);  gguf.py  GGUF header -> shape
    catalog.py  known models -> shape
    engines/    shape and workload -> bytes

Nothing here loads torch, numpy or transformers.
"""
