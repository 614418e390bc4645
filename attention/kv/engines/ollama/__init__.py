"""Ollama: llama.cpp's caches, in the words of its own log."""

import re

from attention.kv.engines.llamacpp.settings import N_UBATCH
from attention.kv.engines.log_reading import Log

LOG = Log(
    engine="ollama",
    title="Ollama",
    module="attention.kv.engines.ollama.log",
    starts=re.compile(r'msg="starting (?:runner|llama[ -]server)"'),
    names=re.compile(
        r"\bgeneral\.name +(?:str +)?= ?(.{1,200})"
        r"|registry\.ollama\.ai/(?:library/)?([\w./:-]{1,200})"
        r"""|\bollama run ([\w./:-]{1,200})|architecture=\w{1,40} .{0,80}\bname="([^"]{1,200})\""""
    ),
    settings=(N_UBATCH,),
)
