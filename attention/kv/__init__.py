"""Key-value caches of real models: shapes from configs, and the bytes that engines make of them.

    shape.py    what of a model decides its cache, layer by layer;  layer.py  one layer
    experts.py  a mixture of experts;  equal_layers.py  the cache of equal layers as one product
    read/       config.json, catalog, GGUF header -> shape
    engines/    shape and workload -> bytes, and what an engine's log says of it
    fit/        weights, cache and GPUs;  speed/  how fast at most

Nothing here loads torch, numpy or transformers.
"""
