"""SGLang: a pool of tokens."""

from attention.kv.engines.engine import Engine
from attention.kv.engines.log_reading import Log
from attention.kv.engines.sglang import allocate, settings

ENGINE = Engine(
    name="sglang",
    allocate=allocate.allocate,
    settings=settings.SETTINGS,
    makers=("", "NVIDIA", "AMD", "Intel"),
)
LOG = Log(
    engine="sglang",
    title="SGLang",
    module="attention.kv.engines.sglang.log",
    settings=(settings.BLOCK_SIZE,),
)
