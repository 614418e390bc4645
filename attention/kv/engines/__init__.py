"""What engines really allocate for a cache: one module each, with its source in the docstring.

    logical       the formula: what the maths needs
    transformers  tensors that grow, or are made in advance
    vllm          blocks of tokens, layers in groups
    llama.cpp     cells, padded; window caches of their own
    sglang        a pool of tokens

Each has ``allocate(shape, workload) -> Allocation``.
"""

from collections.abc import Callable

from attention.kv.allocation import Allocation, AllocationError
from attention.kv.checks import shortened
from attention.kv.engines import logical
from attention.kv.engines.llamacpp import allocate as llamacpp
from attention.kv.engines.sglang import allocate as sglang
from attention.kv.engines.transformers import allocate as transformers
from attention.kv.engines.vllm import allocate as vllm
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload

ENGINES: dict[str, Callable[[ModelShape, Workload], Allocation]] = {
    "logical": logical.allocate,
    "transformers": transformers.allocate,
    "vllm": vllm.allocate,
    "llama.cpp": llamacpp.allocate,
    "sglang": sglang.allocate,
}


def get(name: str) -> Callable[[ModelShape, Workload], Allocation]:
    """The ``allocate`` of the engine of that name. Raises as :func:`find`."""
    return ENGINES[find(name)]


def find(name: str) -> str:
    """The engine's own name for ``name``: upper or lower case, with or without its point.

    Raises:
        AllocationError: there is none.
    """
    known = {engine.replace(".", ""): engine for engine in ENGINES}
    plain = name.lower().replace(".", "").replace("_", "") if isinstance(name, str) else None
    if plain not in known:
        raise AllocationError(f"engine {shortened(name)} is unknown: choose {', '.join(ENGINES)}.")
    return known[plain]
