"""vLLM: blocks of tokens from one pool, layers in groups that share them."""

import re

from attention.kv.engines.engine import Engine
from attention.kv.engines.log_reading import Log
from attention.kv.engines.vllm import allocate, settings

ENGINE = Engine(name="vllm", allocate=allocate.allocate, settings=settings.SETTINGS)
LOG = Log(
    engine="vllm",
    title="vLLM",
    module="attention.kv.engines.vllm.log",
    starts=re.compile(r"Initializing an? (?:V[01] )?LLM engine|vLLM (?:API )?server version"),
    names=re.compile(
        r"""\bmodel(?:_tag)?['"]?[=:] ?['"]([^'"]{1,300})['"]|\bvllm serve ([\w./:~-]{1,300})"""
        r"|vllm.{1,300}--model[= ]([\w./:~-]{1,300})"
    ),
    settings=(settings.BLOCK_SIZE, settings.MAX_BATCHED_TOKENS),
)
