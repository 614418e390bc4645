"""The lines that vLLM would print of its cache with so much memory for it.

``vllm/v1/worker/gpu_worker.py`` and ``vllm/v1/core/kv_cache_utils.py`` of 0.22 to 0.33: in two
lines, since 0.28 in one; or why it would not start (``_check_enough_kv_cache_memory``). The memory
is printed once, of the first stage (``info_once``); the cache is what the stage that can make the
fewest blocks allows, for all have equally many (``get_kv_cache_configs``).
"""

from collections.abc import Sequence

from attention.kv.engines.engine import Stage
from attention.kv.engines.log_reading import GIB
from attention.kv.engines.vllm.pool import make_pool_of_stages, needed_bytes, row_bytes
from attention.kv.engines.vllm.settings import NULL_BLOCK, ONE_LINE, since
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload


def predict(shape: ModelShape, workload: Workload, stages: Sequence[Stage]) -> tuple[str, ...]:
    """Lines of the log, as printed.

    Args:
        workload: its ``context`` is max_model_len.
        stages: what a device of each has for the cache; one without a pipeline.

    Raises:
        AllocationError: what vLLM does not have.
    """
    if any(stage.available <= 0 for stage in stages):
        return ("No available memory for the cache blocks.",)
    memory = f"Available KV cache memory: {_gib(stages[0].available)} GiB"
    pool = make_pool_of_stages(shape, workload, stages)
    if pool.concurrency is None:
        return (memory,)
    for stage in stages:
        needed = needed_bytes(shape, workload, stage.layers)
        usable = stage.available
        if since(workload, NULL_BLOCK):  # one block belongs to nobody
            usable -= row_bytes(shape, workload, stage.layers)
        if needed > usable:
            return (memory, _too_little(workload, needed, usable))
    tokens = f"GPU KV cache size: {pool.tokens:,} tokens"
    times = (
        f"Maximum concurrency for {workload.context:,} tokens per request: "
        f"{float(pool.concurrency):.2f}x"
    )
    return (memory, f"{tokens}, {times}") if since(workload, ONE_LINE) else (memory, tokens, times)


def _too_little(workload: Workload, needed: int, usable: int) -> str:
    return (
        f"To serve at least one request with the model's max seq len ({workload.context}), "
        f"({_gib(needed)} GiB KV cache is needed, which is larger than the available KV cache "
        f"memory ({_gib(usable)} GiB)."
    )


def _gib(n_bytes: int) -> float:
    return round(n_bytes / GIB, 2)
