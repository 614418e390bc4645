"""What every model can be asked.

A layout that was trained here and a language model of transformers are the same to whoever shows
them: a page, a notebook, a saved page, a command line. Layers, heads and tokens count from 0; the
batch is always 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeAlias

from attention.config import AttentionConfig
from attention.interventions.off import ALL_ON, Off
from attention.models.blocks import Block
from attention.models.limits import Limited
from attention.models.looks import Looks

if TYPE_CHECKING:  # a page is drawn before torch is loaded
    from torch import Tensor

    from attention.interventions.sharing import Sharing
    from attention.models.huggingface.adapter import Adapter
    from attention.models.images import Vision
    from attention.models.look import Prediction
    from attention.models.roles import Roles
    from attention.trace import AttentionTrace, Projected


#: Weight ``[out, in]``, as ``nn.Linear`` has it, and bias ``[out]`` or None.
Matrix: TypeAlias = "tuple[Tensor, Tensor | None]"


class Model(Looks, Limited, Protocol):
    """A model that can be asked. Nothing that is asked changes it."""

    @property
    def architecture(self) -> str:
        """The name of its class; "" where the title says it."""

    @property
    def source(self) -> str:
        """Where it is from: a folder, a Hub id, "memory"."""

    @property
    def device(self) -> str:
        """``"cuda"``, ``"mps"`` or ``"cpu"``."""

    @property
    def number_format(self) -> str:
        """``"float32"``, ``"float16"`` or ``"bfloat16"``."""

    @property
    def configs(self) -> tuple[AttentionConfig, ...]:
        """The shape of each layer; heads may differ from one to the next."""

    @property
    def windows(self) -> tuple[int | None, ...]:
        """How many tokens each layer's sliding window holds; None where it has none."""

    @property
    def sinks(self) -> tuple[bool, ...]:
        """Whether a sink takes part in each layer's sums: its weights add up to less than 1."""

    @property
    def weights_only(self) -> bool:
        """Its weights are known, and nothing that they are made of: there are no steps to follow
        (:meth:`trace` raises TextError) and no heads to switch off (:meth:`without` OffError)."""

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Of a model that has others than attention layers, every block; of others none. Layers
        are counted without the blocks that have no attention, and called by the number of their
        block, see :func:`attention.models.blocks.number_of`."""

    @property
    def n_layers(self) -> int: ...

    @property
    def causal(self) -> bool:
        """Every layer is, unless another mask is asked for."""

    @property
    def predicts(self) -> bool:
        """It says what comes next, and keeps a cache."""

    @property
    def label(self) -> str:
        """What a line of text calls it: its title, or the kind of model that it is one of."""

    @property
    def trained_tokens(self) -> int | None:
        """How long the rows were that it was trained on; None where that is not known."""

    @property
    def adapter(self) -> Adapter | None:
        """What was put onto the weights of another model; None where they are its own."""

    @property
    def base(self) -> Model | None:
        """The model that an adapter was put onto; None where there is none."""

    @property
    def vision(self) -> Vision | None:
        """What reads pictures: the model itself, or its tower for them; None where it has none."""

    @property
    def validation_loss(self) -> float | None:
        """Nats a token on held-out text of its own kind; None where that is not known."""

    @property
    def kept_tokens(self) -> int:
        """Up to so many tokens a look has every head's weights; beyond, those of the named one."""

    @property
    def whole_tokens(self) -> int:
        """Up to so many tokens a trace of all queries costs no more than that of one."""

    @property
    def reference_text(self) -> str:
        """A text of ours, of the kind that it reads."""

    def without(self, off: Off, *, reference: str | None = None) -> Self:
        """The same model with heads off in every pass of it; this one is as it was.

        The weights are shared, and nothing of the pass is: other passes know nothing of it. What is
        said of the model itself, such as its roles, is said of the model with all heads on.

        Args:
            off: instead of the heads that are off in this one.
            reference: for kind "mean", the text over whose tokens a head's context is averaged, in
                a pass with all heads on; left out, :attr:`reference_text`.

        Raises:
            OffError: the model has no such head.
            TextError: the reference has no tokens.
        """

    def shared(self, sharing: Sharing) -> Self:
        """A model with fewer KV heads and every head on; this one is as it was, and the weights
        that need not be new are its own.

        Raises:
            SharingError: the KV heads do not divide so.
            CheckpointError: K and V of the architecture cannot be regrouped.
        """

    @property
    def vocab_size(self) -> int:
        """How many token ids there are, from 0."""

    def fingerprint(self) -> str | None:
        """The same for the same weights, wherever they lie: what was measured of them is kept by
        it. None where they may change, as those of a model that somebody else holds in memory, and
        of one with heads off."""

    def reinitialised(self, seed: int) -> Model | None:
        """A model of this shape and tokenizer whose weights are random, as training begins; None
        where it is too large to be made a second time."""

    def roles(self) -> Roles:
        """What each head does on held-out text. Of a language model it is measured, which takes
        seconds, the first time that its weights are asked."""

    def roles_known(self) -> Roles | None:
        """The same at once; None where it was not measured yet."""

    def encode(self, text: str, second: str | None = None, *, special: bool = True) -> list[int]:
        """Token ids of any text, with the special tokens that the tokenizer adds, or without.

        Args:
            second: a text to be compared with it, behind a separator.

        Raises:
            TextError: the model reads one text at a time.
        """

    def chat(self, messages: Sequence[Mapping[str, Any]]) -> str:
        """The text that the model's own template makes of messages, each a "role" and "content".

        Raises:
            TextError: it has no template, or its template refuses them.
        """

    def decode(self, ids: Sequence[int]) -> str: ...

    def token_texts(self, ids: Sequence[int]) -> list[str]:
        """One readable string a token."""

    def token_bytes(self, ids: Sequence[int]) -> list[bytes]:
        """Each token's text in UTF-8, cut where the tokenizer cut it; b"" for a special token."""

    def trace(
        self, ids: Sequence[int], *, layer: int, causal: bool | None = None
    ) -> AttentionTrace:
        """Every intermediate of one layer, by name. Raises TextError as :meth:`look`."""

    def query(
        self, ids: Sequence[int], *, layer: int, token: int, causal: bool | None = None
    ) -> AttentionTrace:
        """The same of one query alone, with every key. Raises TextError as :meth:`look`."""

    def top(
        self, of: Sequence[int], k: int = ..., *, causal: bool | None = None
    ) -> tuple[Prediction, ...] | None:
        """The k most probable next tokens, the most probable first; None where it predicts none.

        Args:
            of: tokens.
            causal: as of :meth:`look`.

        Raises:
            TextError: as :meth:`look`.
        """

    def split_error(self, of: Projected, *, layer: int) -> float | None:
        """See :func:`attention.trace.split_error`; None where W_Q is no matrix by itself."""

    def w_q(self, layer: int) -> Matrix | None:
        """W_Q; None where it is no matrix by itself, or waits on disk."""

    def w_v(self, layer: int) -> Matrix | None:
        """W_V, likewise."""

    def w_o(self, layer: int) -> Matrix | None:
        """W_O, likewise."""

    def embedding(self) -> Tensor | None:
        """Of each token the vector that the first layer is given, ``[vocab_size, width]``; None
        where it waits on disk. The width may not be d_model (ALBERT)."""

    def unembedding(self) -> Tensor | None:
        """Of each token the vector whose product with the last, normalised state is its logit,
        ``[vocab_size, d_model]``; None where none is predicted, or it waits on disk."""

    def measure_cache(self, ids: Sequence[int]) -> int:
        """Bytes in a real cache after these tokens; 0 for a model that keeps none."""

    def cache_formula(self, seq_len: int, off: Off = ALL_ON) -> int:
        """The same by arithmetic; without the KV heads that nobody asks once ``off`` is off.

        Where a layer caches something else than each KV head's keys and values, or another layer
        reads them, nothing is freed.
        """
