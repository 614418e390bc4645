"""llama.cpp: cells, padded; window caches of their own."""

import re

from attention.kv.engines.engine import Engine
from attention.kv.engines.llamacpp import allocate, settings
from attention.kv.engines.log_reading import Log

ENGINE = Engine(
    name="llama.cpp",
    allocate=allocate.allocate,
    settings=settings.SETTINGS,
    splits_layers=True,
    makers=("", "NVIDIA", "AMD", "Intel", "Apple"),  # docs/build.md has no backend for Gaudi
)
LOG = Log(
    engine="llama.cpp",
    title="llama.cpp",
    module="attention.kv.engines.llamacpp.log",
    starts=re.compile(
        r"llama_model_loader: loaded meta data|print_(?:info|meta): (?:file format|format|arch) "
        r"|\bbuild(?:: | = )\d{1,6} \("
    ),
    names=re.compile(
        r"\bgeneral\.name +(?:str +)?= ?(.{1,200})|tensors from (.{1,300}?) \(version GGUF"
        r"|\bloading model '([^']{1,300})'"
    ),
)
