"""Key-value caches of real models: shapes from configs, and the bytes that engines make of them.

    shape.py    what of a model decides its cache, layer by layer;  layer.py  one layer
    config.py   config.json -> shape (its parts in configs/);  gguf.py  GGUF header -> shape
    catalog.py  known models -> shape
    engines/    shape and workload -> bytes;  log_check.py, logs/  what an engine's log says of it
    fit.py      weights, cache and GPUs (budget.py, weights.py, gpus.py);  curve.py  against context
    roofline.py the limit of speed (step.py, bound.py, weight_reads.py)

Nothing here loads torch, numpy or transformers.
"""
