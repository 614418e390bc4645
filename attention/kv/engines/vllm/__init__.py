"""vLLM: blocks of tokens from one pool, layers in groups that share them."""

from attention.kv.engines.engine import Engine
from attention.kv.engines.log_reading import Log
from attention.kv.engines.vllm import allocate, log_prediction, log_starts, settings

ENGINE = Engine(
    name="vllm",
    allocate=allocate.allocate,
    settings=settings.SETTINGS,
    predict_log=log_prediction.predict,
    makers=("", "NVIDIA", "AMD", "Intel", "Intel Gaudi"),
)
LOG = Log(
    engine="vllm",
    title="vLLM",
    module="attention.kv.engines.vllm.log",
    starts=log_starts.STARTS,
    names=log_starts.NAMES,
    settings=settings.LOG_SETTINGS,
)
