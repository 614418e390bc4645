"""One layer's part of a block in vLLM: its bytes, and how many blocks a sequence has.

Read in ``vllm/v1/kv_cache_interface.py`` of 0.22 to 0.33: a block holds ``block_size`` tokens of
one layer; its bytes are the layer's page.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from attention.kv.allocation import AllocationError, Part
from attention.kv.engines.vllm.settings import DCP, context_devices, tokens_in_flight
from attention.kv.formats import StoredFormat
from attention.kv.layer import Layer
from attention.kv.workload import Workload
from attention.sentence import Sentence

PADDING = StoredFormat("padding", 1, 1)


@dataclass(frozen=True)
class Spec:
    """What a layer asks of a block; equal layers have equal ones.

    Args:
        kind: ``"full"``, ``"window"``, ``"chunk"``, ``"state"``, ``"encoder"``, or ``"ring"``: one
            block of the latest tokens.
        block_size: tokens of a block; for a state 1, or those of the blocks beside it where it is
            kept for every one of them.
        one_token: the products of one token's bytes (of the whole state's, for a state).
        window: tokens, for windows and chunks.
        padding: bytes added to the page.
        states: blocks of a sequence beside those of its tokens; of states alone.
        ratio: tokens of one entry, where a block has entries.
        row_alignment: bytes that blocks are a multiple of, where pages stand side by side.
    """

    kind: str
    block_size: int
    one_token: tuple[Part, ...]
    window: int = 0
    padding: int = 0
    states: int = 0
    ratio: int = 1
    row_alignment: int = 1

    @cached_property
    def page(self) -> int:
        """Bytes of a block: a whole number, for every format that vLLM has fills its rows."""
        return int(self.token_bytes * self.held) + self.padding

    @property
    def token_bytes(self) -> Fraction:
        """Of one token (or entry), or of a whole state."""
        return sum((part.n_bytes for part in self.one_token), Fraction())

    @property
    def held(self) -> int:
        """How many of ``one_token`` a block has."""
        return 1 if self.kind == "state" else self.block_size // self.ratio

    def padded_to(self, page: int) -> "Spec":
        """The same with a page of so many bytes."""
        return replace(self, padding=self.padding + page - self.page)

    def blocks(self, workload: Workload, layer_tokens: int) -> int:
        """Blocks that one sequence may hold at most (``max_memory_usage_bytes``).

        Args:
            layer_tokens: the context, or the encoder's tokens.

        Raises:
            AllocationError: a window, and devices that share a sequence's tokens.
        """
        tokens = layer_tokens
        if self.kind == "ring":
            return 1
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


def indexer_key(layer: Layer) -> Part:
    """The key of a sparse-attention indexer: fp8, and a float32 scale for every 128 numbers."""
    size = layer.indexer_dim + -(-layer.indexer_dim // 128) * 4
    entry = StoredFormat(Sentence("fp8 and scales"), 1, size)
    return Part(slot="other", what="indexer", factors=((1, "entry"),), stored=entry)
