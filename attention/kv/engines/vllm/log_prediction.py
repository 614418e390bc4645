"""The lines that vLLM would print of its cache with so much memory for it.

``vllm/v1/worker/gpu_worker.py`` and ``vllm/v1/core/kv_cache_utils.py`` of 0.22 to 0.33: in two
lines, since 0.28 in one; or why it would not start (``_check_enough_kv_cache_memory``).
"""

from attention.kv.engines.log_reading import GIB
from attention.kv.engines.vllm.pool import make_pool, needed_bytes, row_bytes
from attention.kv.engines.vllm.settings import NULL_BLOCK, ONE_LINE, since
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload


def predict(shape: ModelShape, workload: Workload, available: int) -> tuple[str, ...]:
    """Lines of the log, as printed.

    Args:
        workload: its ``context`` is max_model_len.
        available: bytes that one device has for the cache.

    Raises:
        AllocationError: what vLLM does not have.
    """
    if available <= 0:
        return ("No available memory for the cache blocks.",)
    memory = f"Available KV cache memory: {_gib(available)} GiB"
    pool = make_pool(shape, workload, available)
    if pool.concurrency is None:
        return (memory,)
    needed = needed_bytes(shape, workload)
    # One block belongs to nobody.
    usable = available - (row_bytes(shape, workload) if since(workload, NULL_BLOCK) else 0)
    if needed > usable:
        return (
            memory,
            f"To serve at least one request with the model's max seq len ({workload.context}), "
            f"({_gib(needed)} GiB KV cache is needed, which is larger than the available KV cache "
            f"memory ({_gib(usable)} GiB).",
        )
    tokens = f"GPU KV cache size: {pool.tokens:,} tokens"
    times = (
        f"Maximum concurrency for {workload.context:,} tokens per request: "
        f"{float(pool.concurrency):.2f}x"
    )
    return (memory, f"{tokens}, {times}") if since(workload, ONE_LINE) else (memory, tokens, times)


def _gib(n_bytes: int) -> float:
    return round(n_bytes / GIB, 2)
