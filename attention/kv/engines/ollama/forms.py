"""How Ollama may have laid out a model's cache: its own engine's ways, and llama.cpp's.

Read in ollama/ollama before its own engine went (parent of 9db4bdbad, May 2026):
``kvcache/causal.go``, ``kvcache/recurrent.go``, ``fs/ggml/ggml.go`` (``GraphSize``, the estimate
that it prints where llama.cpp runs the model) and ``model/models/*/model.go``:

- A full cache has ``KvSize`` cells for all sequences, rounded up to 256; the estimate rounds none.
- A window cache has ``memory · parallel + batch`` cells, rounded up likewise; as many as the full
  one where the memory is no less than one sequence's context. The memory is the window; 4,096
  tokens in gpt-oss and Gemma 4 (``NewSWAMemCache``), for which old prompts are found again; one
  token more than the window where several sequences run. Chunks are kept in full.
- Latent attention: the latent and the rotated key, and the latent once more as V; all heads' K and
  V from GGUF files of before April 2025.
- A recurrent layer keeps its states in float32 for each sequence, and 24 checkpoints of them to go
  back to.
- Since June 2026 llama.cpp's own server runs every model, and prints its own lines.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from attention.kv.allocation import Allocation, Part
from attention.kv.engines import logical, parts
from attention.kv.engines.llamacpp import ENGINE
from attention.kv.engines.llamacpp.cells import padded
from attention.kv.engines.llamacpp.settings import FLASH_ATTN, MLA, PAD, UNIFIED
from attention.kv.formats import stored_format
from attention.kv.layer import Layer, LayerKind
from attention.kv.settings import Value
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload

MEMORY = 4096  # tokens that NewSWAMemCache keeps
WITH_MEMORY = ("gpt_oss", "gpt-oss", "gptoss", "gemma4", "gemma4_text")
CHECKPOINTS = 24
PADS = (256, 1)  # its engine's, the estimate's


@dataclass(frozen=True, kw_only=True)
class Load:
    """What Ollama asked its runner for.

    Args:
        kv_size: cells for all sequences.
        parallel: sequences.
        batch: tokens of a step.
        number_format: of K and V.
    """

    kv_size: int
    parallel: int = 1
    batch: int = 512
    number_format: str = "float16"


def forms_of(shape: ModelShape, load: Load, settings: dict[str, Value]) -> Iterator[Allocation]:
    """Every way in which the cache may have been laid out, the likeliest first.

    Args:
        settings: of llama.cpp, that go before its usual ones.

    Raises:
        AllocationError, FormatError: a kind of layer or a format that cannot be kept so.
    """
    memories = _memories(shape)
    latent = ("latent_and_v", "expanded", "latent") if LayerKind.LATENT in shape.kinds else ("",)
    states = any(layer.states for layer in shape.layers)
    for pad in PADS:
        for memory in memories if shape.largest_window else (None,):
            for form in latent:
                for copies in (1 + CHECKPOINTS, 1) if states else (1,):
                    yield _own(shape, load, pad, memory, form, copies)
    for full in (False, True) if shape.largest_window else (False,):
        for form in latent:
            yield _of_llamacpp(shape, load, settings, form, full=full)


def _memories(shape: ModelShape) -> tuple[int | None, ...]:
    """Tokens that a window cache may keep; None for the window itself."""
    if not shape.largest_window:
        return (None,)
    if shape.model_type in WITH_MEMORY:
        return (MEMORY, None)
    return (None,) if shape.model_type else (None, MEMORY)


def _own(
    shape: ModelShape, load: Load, pad: int, memory: int | None, form: str, copies: int
) -> Allocation:
    """As Ollama's own engine lays it out.

    Args:
        pad: cells are rounded up to a multiple of it.
        memory: tokens that windows keep; None for the window itself.
        form: of latent layers.
        copies: of a sequence's states, checkpoints among them.
    """
    workload = Workload(
        context=max(1, load.kv_size // load.parallel),
        batch=load.parallel,
        k_format=load.number_format,
    )

    def cells(layer: Layer) -> int:
        return padded(_cells(layer, load, memory), pad) if layer.grows else 0

    def make(layer: Layer) -> list[Part]:
        places = ((cells(layer), "cell"),)
        return [*_rows(layer, workload, form, places), *_states(layer, load, copies)]

    layers = logical.layers_of(shape, make, cells)
    return Allocation(
        engine="ollama",
        per_layer=layers,
        ideal_bytes=logical.ideal_bytes(shape, workload),
        bytes_per_token=logical.bytes_per_token(shape, workload),
        asked_tokens=load.kv_size,
        usable_tokens=max((layer.tokens_held for layer in layers), default=0),
        sources=("ollama/ollama, kvcache/causal.go, parent of 9db4bdbad (May 2026)",),
    )


def _cells(layer: Layer, load: Load, memory: int | None) -> int:
    if layer.kind is not LayerKind.WINDOW or not layer.window:
        return load.kv_size
    kept = max(memory or 0, layer.window + (load.parallel > 1))
    if kept >= load.kv_size // load.parallel:
        return load.kv_size
    return kept * load.parallel + load.batch


def _rows(layer: Layer, workload: Workload, form: str, places: parts.Factors) -> list[Part]:
    if not layer.grows:
        return []
    if not layer.latent_rank or form == "expanded":
        return parts.expanded(layer, workload, places)
    found = [parts.latent(layer, workload.k, places)]
    if form == "latent_and_v":
        factors = ((layer.latent_rank, "latent number"), *places)
        found.append(Part(slot="v", what="V", factors=factors, stored=workload.v))
    return found


def _states(layer: Layer, load: Load, copies: int) -> list[Part]:
    rest = ((load.parallel, "sequence"), (copies, "state"))
    return [
        Part(
            slot="state",
            what=state.name,
            factors=((state.numbers, f"{state.name} number"), *rest),
            stored=stored_format("float32"),
        )
        for state in layer.states
    ]


def _of_llamacpp(
    shape: ModelShape, load: Load, settings: dict[str, Value], form: str, *, full: bool
) -> Allocation:
    """As llama.cpp lays it out, one pool of cells for all sequences."""
    asked: dict[str, Value] = {
        "context": load.kv_size,
        "k_format": load.number_format,
        "n_ubatch": load.batch,
        UNIFIED.name: True,
        PAD.name: 32,
        FLASH_ATTN.name: True,
    }
    if form:
        asked[MLA.name] = form
    if full:
        asked["swa_full"] = True
    return ENGINE.allocate(shape, ENGINE.workload(**{**asked, **settings}))
