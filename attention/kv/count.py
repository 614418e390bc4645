"""A model and a workload -> the bytes of its cache, in one call."""

from collections.abc import Mapping
from typing import Any

from attention.kv import engines
from attention.kv.allocation import Allocation
from attention.kv.read.catalog import find_model
from attention.kv.read.config_json import from_config
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload


def count_cache(
    model: str | Mapping[str, Any] | ModelShape, workload: Workload, *, engine: str = "logical"
) -> Allocation:
    """What a model's key-value cache takes.

    >>> from attention import Workload, count_cache
    >>> count_cache("Llama-3.1-8B", Workload(context=8192)).bytes_total
    1073741824
    >>> cache = count_cache("Llama-3.1-8B", Workload(context=1000, batch=4), engine="vllm")
    >>> cache.allocated_bytes, cache.usable_tokens
    (528482304, 4032)
    >>> config = {"num_hidden_layers": 2, "hidden_size": 64, "num_attention_heads": 4,
    ...           "num_key_value_heads": 1}
    >>> count_cache(config, Workload(context=100)).bytes_total
    12800

    Args:
        model: a name of the catalog, the fields of a ``config.json``, or a shape: that of
            :func:`attention.kv.shape.uniform` from bare numbers, of
            :func:`attention.kv.read.config_json.read_config` from a file, of
            :func:`attention.kv.read.gguf.shape.from_gguf` from a GGUF file's header.
        workload: tokens, sequences, number formats, and settings of the engine.
        engine: ``"logical"`` is what the maths needs; the others, in
            :data:`attention.kv.engines.ENGINES`, are what that engine allocates.

    Raises:
        ShapeError: no such model, or a config that describes none.
        AllocationError: no such engine, or what it cannot hold.
    """
    if isinstance(model, str):
        shape = find_model(model)
    else:
        shape = model if isinstance(model, ModelShape) else from_config(model)
    return engines.get(engine)(shape, workload)
