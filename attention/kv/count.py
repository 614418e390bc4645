"""A model and a context -> the bytes of its cache, in one call."""

from collections.abc import Mapping
from typing import Any

from attention.kv import engines
from attention.kv.allocation import Allocation
from attention.kv.read.catalog import find_model
from attention.kv.read.config_json import from_config
from attention.kv.shape import ModelShape


def count_cache(
    model: str | Mapping[str, Any] | ModelShape,
    *,
    context: int,
    engine: str = "logical",
    **asked: Any,
) -> Allocation:
    """What a model's key-value cache takes.

    >>> from attention import count_cache
    >>> count_cache("Llama-3.1-8B", context=8192).bytes_total
    1073741824
    >>> cache = count_cache("Llama-3.1-8B", context=1000, batch=4, engine="vllm", block_size=32)
    >>> cache.allocated_bytes, cache.usable_tokens
    (536870912, 4096)
    >>> config = {"num_hidden_layers": 2, "hidden_size": 64, "num_attention_heads": 4,
    ...           "num_key_value_heads": 1}
    >>> count_cache(config, context=100, k_format="int8").bytes_total
    6400

    Args:
        model: a name of the catalog, the fields of a ``config.json``, or a shape: that of
            :func:`attention.kv.shape.uniform` from bare numbers, of
            :func:`attention.kv.read.config_json.read_config` from a file, of
            :func:`attention.kv.read.gguf.shape.from_gguf` from a GGUF file's header.
        context: tokens of a sequence.
        engine: ``"logical"`` is what the maths needs; the others, in
            :data:`attention.kv.engines.ENGINES`, are what that engine allocates.
        asked: the other fields of a :class:`~attention.kv.workload.Workload`, such as ``batch``
            and ``k_format``.

    Raises:
        ShapeError: no such model, or a config that describes none.
        WorkloadError, FormatError: a number or a format that cannot be.
        AllocationError: no such engine, or what it cannot hold.
    """
    if isinstance(model, str):
        shape = find_model(model)
    else:
        shape = model if isinstance(model, ModelShape) else from_config(model)
    chosen = engines.ENGINES[engines.find(engine)]
    return chosen.allocate(shape, chosen.workload(context=context, **asked))
