"""What a layer of a model asks of vLLM's blocks: how many tokens and bytes, and how many of them.

Read in ``vllm/v1/kv_cache_interface.py`` of 0.22 to 0.33: a block holds ``block_size`` tokens of
one layer; its bytes are the layer's page.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from attention.kv.allocation import AllocationError, Part
from attention.kv.engines import parts
from attention.kv.engines.vllm.settings import (
    BLOCK_SIZE,
    DCP,
    HYBRID,
    NO_STATE_A_BLOCK,
    STATE_FORMAT,
    caches_prefixes,
    context_devices,
    drafted,
    since,
    tokens_in_flight,
)
from attention.kv.formats import StoredFormat, stored_format
from attention.kv.layer import Layer, LayerKind
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload
from attention.sentence import Sentence

PADDING = StoredFormat("padding", 1, 1)
# Models whose recurrent states vLLM keeps in float32 whatever the model's format is: their
# config's mamba_ssm_dtype or mamba_ssm_cache_dtype (model_executor/models/config.py), or KDA.
FLOAT32_STATES = ("qwen3_5", "qwen35", "nemotron_h", "kimi_linear", "kimi_k3")
# Models with a state for every block where prefixes are cached (mode "all",
# SupportsMambaPrefixCaching in model_executor/models/ of 0.24), and their configs' chunk_size.
CHUNKS = {"nemotron_h": 128, "bamba": 256, "falcon_h1": 256, "granitemoehybrid": 256, "zamba2": 256,
          "mamba2": 256}  # fmt: skip


@dataclass(frozen=True)
class Spec:
    """What a layer asks of a block; equal layers have equal ones.

    Args:
        kind: ``"full"``, ``"window"``, ``"chunk"``, ``"state"`` or ``"encoder"``.
        block_size: tokens of a block; for a state 1, or those of the blocks beside it where it is
            kept for every one of them.
        one_token: the products of one token's bytes (of the whole state's, for a state).
        window: tokens, for windows and chunks.
        padding: bytes added to the page.
        states: blocks of a sequence beside those of its tokens; of states alone.
    """

    kind: str
    block_size: int
    one_token: tuple[Part, ...]
    window: int = 0
    padding: int = 0
    states: int = 0

    @cached_property
    def page(self) -> int:
        """Bytes of a block: a whole number, for every format that vLLM has fills its rows."""
        return int(self.token_bytes * self.held) + self.padding

    @property
    def token_bytes(self) -> Fraction:
        """Of one token, or of a whole state."""
        return sum((part.n_bytes for part in self.one_token), Fraction())

    @property
    def held(self) -> int:
        """How many of ``one_token`` a block has."""
        return 1 if self.kind == "state" else self.block_size

    def blocks(self, workload: Workload, layer_tokens: int) -> int:
        """Blocks that one sequence may hold at most (``max_memory_usage_bytes``).

        Args:
            layer_tokens: the context, or the encoder's tokens.

        Raises:
            AllocationError: a window, and devices that share a sequence's tokens.
        """
        tokens = layer_tokens
        if self.kind == "state":
            return self.states + (-(-tokens // self.block_size) if self.block_size > 1 else 0)
        if self.kind == "full":
            tokens = -(-tokens // context_devices(workload))
        elif self.kind == "window":
            if workload[DCP] > 1:
                raise AllocationError(
                    "vLLM does not divide the tokens of a window over dcp {dcp} devices: choose "
                    "dcp 1, or windows that keep every token.",
                    dcp=workload[DCP],
                )
            tokens = min(self.window - 1 + tokens_in_flight(workload), tokens)
        elif self.kind == "chunk":
            tokens = min(self.window + tokens_in_flight(workload), tokens)
        # A window need not begin where a block does: one more.
        return -(-tokens // self.block_size) + (self.kind == "window")


def specs_of(layer: Layer, shape: ModelShape, workload: Workload) -> list[Spec]:
    """What the layer asks: one thing for its keys, and others for an indexer, an encoder, a state.

    Raises:
        AllocationError: a kind of layer that vLLM does not have, or a state that does not divide.
    """
    found, block = [], block_size(shape, workload)
    if layer.kind is LayerKind.COMPRESSED:
        raise AllocationError(
            "vLLM's cache for compressed layers is not counted here: choose the engine logical."
        )
    if layer.grows:
        kind = {LayerKind.WINDOW: "window", LayerKind.CHUNK: "chunk"}.get(layer.kind, "full")
        kind = kind if workload[HYBRID] else "full"
        window = (layer.window or 0) if kind != "full" else 0
        found.append(Spec(kind, block, tuple(_one_token(layer, workload)), window))
        if layer.indexer_dim:
            found.append(Spec("full", block, (_indexer(layer),)))
    if layer.cross is not None:
        crossing = [_single(part) for part in parts.cross(layer, workload)]
        found.append(Spec("encoder", block, tuple(crossing)))
    if layer.states:
        found.append(_state(layer, shape, workload))
    return found


def state_chunk(shape: ModelShape, workload: Workload) -> int:
    """Tokens that blocks are multiples of where each of them has a state; 0 where none has."""
    if not caches_prefixes(shape, workload) or since(workload, NO_STATE_A_BLOCK):
        return 0
    return CHUNKS.get(shape.model_type, 0)


def _state(layer: Layer, shape: ModelShape, workload: Workload) -> Spec:
    """1 state; with cached prefixes the last one beside it ("align"); 1 for each drafted token."""
    kept = tuple(_states(layer, shape, workload))
    states = 0 if state_chunk(shape, workload) else 2 if caches_prefixes(shape, workload) else 1
    return Spec("state", 1, kept, states=states + drafted(workload))


def block_size(shape: ModelShape, workload: Workload) -> int:
    """As asked for, else 16 tokens, or 64 for latent layers (FlashMLA's kernels)."""
    return workload[BLOCK_SIZE] or (64 if LayerKind.LATENT in shape.kinds else 16)


def _one_token(layer: Layer, workload: Workload) -> list[Part]:
    # vllm/v1/attention/backends/mla/flashmla_sparse.py: 512 fp8, 4 float32 scales, 64 bfloat16.
    sparse = layer.indexer_dim and workload.k.name == "fp8"
    if sparse and (layer.latent_rank, layer.rope_dim) == (512, 64):
        entry = StoredFormat("fp8_ds_mla", 1, 656)
        return [Part(slot="k", what="latent", factors=((1, "entry"),), stored=entry)]
    return parts.keys_and_values(layer, workload, ())


def _indexer(layer: Layer) -> Part:
    """fp8 keys, and a float32 scale for every 128 numbers of each."""
    size = layer.indexer_dim + -(-layer.indexer_dim // 128) * 4
    entry = StoredFormat(Sentence("fp8 and scales"), 1, size)
    return Part(slot="other", what="indexer", factors=((1, "entry"),), stored=entry)


def _single(part: Part) -> Part:
    kept = tuple(f for f in part.factors if f[1] not in ("encoder token", "sequence"))
    return replace(part, factors=kept)


def _states(layer: Layer, shape: ModelShape, workload: Workload) -> list[Part]:
    found = []
    for state in layer.states:
        # A convolution has a column more for each drafted token (mamba/mamba_utils.py).
        numbers = parts.state_numbers(state, drafted(workload))
        if numbers % workload.tp:
            raise AllocationError(
                "the {name} state's {numbers} numbers do not divide over {tp} devices: choose "
                "another tp.",
                name=Sentence(state.name),
                numbers=numbers,
                tp=workload.tp,
            )
        stored = workload.model
        if state.name != "convolution":
            float32 = shape.model_type.startswith(FLOAT32_STATES)
            name = workload[STATE_FORMAT] or ("float32" if float32 else workload.model.name)
            stored = stored_format(name)
        factors = ((numbers // workload.tp, f"{state.name} number"),)
        found.append(Part(slot="state", what=state.name, factors=factors, stored=stored))
    return found
