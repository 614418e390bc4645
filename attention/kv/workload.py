"""What is asked of a cache: how many tokens, in which format, and how the engine is set up."""

from dataclasses import dataclass
from fractions import Fraction

from attention.errors import HeadcountError
from attention.kv.checks import ShapeError, require_number, shortened
from attention.kv.formats import StoredFormat, stored_format


class WorkloadError(HeadcountError):
    """A workload, or an engine's setting, that cannot be: one sentence with value and fix."""


MLA_FORMS = ("latent", "latent_and_v", "expanded")


@dataclass(frozen=True, kw_only=True)
class Workload:
    """Sequences to hold, and the settings of an engine that change what they take.

    Args:
        context: tokens of a sequence.
        batch: sequences at once.
        k_format, v_format: names of number formats; V's is K's where it is left out.
        model_format: of what follows the model's own format, such as a state; left out, it is K's
            where that is a plain 16- or 32-bit format, else float16.
        state_format: of every recurrent state, where the engine lets it be set.
        shared_prefix: tokens at the start that all sequences have in common.
        encoder_tokens: tokens of an encoder, for models that read one; left out, the model's own
            number or else ``context``.
        tp: devices that share each layer's heads (tensor parallel); sizes are then those of one.
        block_size: tokens of a block (vLLM) or page (SGLang).
        cells: tokens that the engine has made room for: llama.cpp's cells (of all its streams;
            its log prints those of one), SGLang's #tokens.
        static: transformers' StaticCache, made for ``context`` tokens, instead of DynamicCache.
        max_batched_tokens: vLLM's ``max_num_batched_tokens``: tokens computed in one step.
        hybrid: vLLM's hybrid KV cache manager; without it windows keep every token.
        n_seq_max: llama.cpp's ``-np``; left out, ``batch``.
        n_ubatch: llama.cpp's ``-ub``.
        unified: llama.cpp's ``--kv-unified``: one pool of cells instead of one for each sequence.
        swa_full: llama.cpp's ``--swa-full``: windows keep every cell. Left out, they do where
            every layer is a window, for llama.cpp ignores such windows.
        flash_attn: llama.cpp's ``-fa``; without it V's rows are as wide as the widest layer's.
        pad: cells that llama.cpp rounds the context up to: 256, 32 without flash attention until
            October 2025.
        mla: how llama.cpp keeps a latent layer: ``"latent"``, ``"latent_and_v"`` (a second copy
            of the latent, April 2025 to January 2026) or ``"expanded"`` (before; all heads).
        swa_ratio: SGLang's ``--swa-full-tokens-ratio``: a window layer's tokens to a full layer's.

    Raises:
        WorkloadError: a value out of range.
        FormatError: an unknown number format.
    """

    context: int
    batch: int = 1
    k_format: str = "float16"
    v_format: str | None = None
    model_format: str | None = None
    state_format: str | None = None
    shared_prefix: int = 0
    encoder_tokens: int | None = None
    tp: int = 1
    block_size: int | None = None
    cells: int | None = None
    static: bool = False
    max_batched_tokens: int = 2048
    hybrid: bool = True
    n_seq_max: int | None = None
    n_ubatch: int = 512
    unified: bool = False
    swa_full: bool | None = None
    flash_attn: bool = True
    pad: int = 256
    mla: str = "latent"
    swa_ratio: float = 0.8

    def __post_init__(self) -> None:
        for name in ("context", "batch", "tp", "max_batched_tokens", "n_ubatch", "pad"):
            _require(name, getattr(self, name))
        for name in ("encoder_tokens", "block_size", "cells", "n_seq_max"):
            if getattr(self, name) is not None:
                _require(name, getattr(self, name))
        _require("shared_prefix", self.shared_prefix, least=0)
        if self.shared_prefix > self.context:
            raise WorkloadError(
                f"shared_prefix {self.shared_prefix} is longer than the context of "
                f"{self.context} tokens: choose at most that."
            )
        if self.n_seq_max is not None and self.n_seq_max < self.batch:
            raise WorkloadError(
                f"n_seq_max {self.n_seq_max} has no room for {self.batch} sequences: "
                "choose at least as many."
            )
        if self.mla not in MLA_FORMS:
            raise WorkloadError(
                f"mla {shortened(self.mla)} is unknown: choose {', '.join(MLA_FORMS)}."
            )
        if not 0 < self.swa_ratio <= 1:  # NaN fails too
            raise WorkloadError(f"swa_ratio {self.swa_ratio} is not above 0 and up to 1.")
        for stored in (self.k_format, self.v_format, self.model_format, self.state_format):
            if stored is not None:
                stored_format(stored)

    @property
    def k(self) -> StoredFormat:
        """K's number format."""
        return stored_format(self.k_format)

    @property
    def v(self) -> StoredFormat:
        """V's number format."""
        return stored_format(self.k_format if self.v_format is None else self.v_format)

    @property
    def model(self) -> StoredFormat:
        """The format of what follows the model's own."""
        if self.model_format is not None:
            return stored_format(self.model_format)
        plain = self.k.numbers == 1 and self.k.size >= 2
        return self.k if plain else stored_format("float16")

    @property
    def slots(self) -> int:
        """llama.cpp's n_seq_max."""
        return self.batch if self.n_seq_max is None else self.n_seq_max

    @property
    def ratio(self) -> Fraction:
        """``swa_ratio``, as the decimal that was written."""
        return Fraction(str(self.swa_ratio))

    def tokens(self, held: int) -> int:
        """Tokens of all sequences where each keeps its last ``held``, the common ones once."""
        begin = self.context - held
        shared = max(0, self.shared_prefix - begin)
        return shared + self.batch * (held - shared)


def _require(name: str, value: object, *, least: int = 1) -> None:
    try:
        require_number(name, value, least=least)
    except ShapeError as error:
        raise WorkloadError(str(error)) from None
