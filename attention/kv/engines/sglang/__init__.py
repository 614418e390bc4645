"""SGLang: a pool of tokens."""

import re

from attention.kv.engines.engine import Engine
from attention.kv.engines.log_reading import Log
from attention.kv.engines.sglang import allocate, settings

ENGINE = Engine(
    name="sglang",
    allocate=allocate.allocate,
    settings=settings.SETTINGS,
    makers=("", "NVIDIA", "AMD", "Intel", "Intel Gaudi"),
)
LOG = Log(
    engine="sglang",
    title="SGLang",
    module="attention.kv.engines.sglang.log",
    starts=re.compile(r"server_args=|sglang(?:\.launch_server| serve)\b"),
    names=re.compile(
        r"""\bmodel_path['"]?[=:] ?['"]([^'"]{1,300})['"]"""
        r"|sglang.{1,2000}--model(?:-path)?[= ]([\w./:~-]{1,300})"
    ),
    settings=(settings.BLOCK_SIZE,),
)
