"""Ollama: llama.cpp's caches, in the words of its own log."""

from attention.kv.engines.llamacpp.settings import N_UBATCH
from attention.kv.engines.log_reading import Log

LOG = Log(
    engine="ollama",
    title="Ollama",
    module="attention.kv.engines.ollama.log",
    settings=(N_UBATCH,),
)
