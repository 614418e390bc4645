"""llama.cpp: cells, padded; window caches of their own."""

from attention.kv.engines.engine import Engine
from attention.kv.engines.llamacpp import allocate, settings
from attention.kv.engines.log_reading import Log

ENGINE = Engine(
    name="llama.cpp", allocate=allocate.allocate, settings=settings.SETTINGS, splits_layers=True
)
LOG = Log(engine="llama.cpp", title="llama.cpp", module="attention.kv.engines.llamacpp.log")
