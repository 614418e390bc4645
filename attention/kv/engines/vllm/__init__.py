"""vLLM: blocks of tokens from one pool, layers in groups that share them."""

from attention.kv.engines.engine import Engine
from attention.kv.engines.log_reading import Log
from attention.kv.engines.vllm import allocate, settings

ENGINE = Engine(
    name="vllm",
    allocate=allocate.allocate,
    settings=settings.SETTINGS,
    makers=("", "NVIDIA", "AMD", "Intel"),
)
LOG = Log(
    engine="vllm",
    title="vLLM",
    module="attention.kv.engines.vllm.log",
    settings=(settings.BLOCK_SIZE, settings.MAX_BATCHED_TOKENS),
)
