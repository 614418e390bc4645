"""What engines really allocate for a cache: a folder each, with its source in the docstring.

    logical       the formula: what the maths needs
    transformers  tensors that grow, or are made in advance
    vllm          blocks of tokens, layers in groups
    llamacpp      cells, padded; window caches of their own
    sglang        a pool of tokens
    ollama        llama.cpp by another name: its log alone

A folder's ``__init__`` has its ENGINE (and its LOG), and the tables here are all that is known of
it outside.
"""

from collections.abc import Callable

from attention.kv.allocation import Allocation, AllocationError
from attention.kv.checks import shortened
from attention.kv.engines import llamacpp, logical, ollama, sglang, transformers, vllm
from attention.kv.engines.engine import Engine
from attention.kv.settings import AnySetting
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload

ENGINES: dict[str, Engine] = {
    one.ENGINE.name: one.ENGINE for one in (logical, transformers, vllm, llamacpp, sglang)
}
LOGS = tuple(one.LOG for one in (llamacpp, vllm, sglang, ollama))


def get(name: str) -> Callable[[ModelShape, Workload], Allocation]:
    """The ``allocate`` of the engine of that name. Raises as :func:`find`."""
    return ENGINES[find(name)].allocate


def find(name: str) -> str:
    """The engine's own name for ``name``: upper or lower case, with or without its point.

    Raises:
        AllocationError: there is none.
    """
    known = {engine.replace(".", ""): engine for engine in ENGINES}
    plain = name.lower().replace(".", "").replace("_", "") if isinstance(name, str) else None
    if plain not in known:
        raise AllocationError(
            "engine {name} is unknown: choose {choices}.",
            name=shortened(name),
            choices=", ".join(ENGINES),
        )
    return known[plain]


def heeding(setting: AnySetting) -> tuple[str, ...]:
    """Names of the engines that have the setting."""
    return tuple(name for name, engine in ENGINES.items() if setting in engine.settings)


def all_settings() -> tuple[AnySetting, ...]:
    """Every engine's settings once: numbers first, switches last, those of all after the others."""
    kinds = ("count", "choice", "ratio", "switch")
    found = dict.fromkeys(setting for one in ENGINES.values() for setting in one.settings)
    return tuple(
        sorted(found, key=lambda one: (kinds.index(one.kind), len(heeding(one)) == len(ENGINES)))
    )
