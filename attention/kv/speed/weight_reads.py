"""Which of the weights one step reads: all of them, but for experts that no token goes to.

What a config says of its experts, and whether the output matrix is the input's. A cache needs
neither, so that a :class:`~attention.kv.shape.ModelShape` does not have them.

The experts that ``tokens`` reach are an expectation: a layer of E experts of which each token goes
to k, all equally likely and no token bound to another, is left by one token with probability
1 − k/E, so that E · (1 − (1 − k/E)^tokens) of them are read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from attention.kv.checks import LARGEST_NUMBER, ShapeError, require_number
from attention.kv.read.fields import Fields
from attention.kv.read.parameters import EXPERTS, TWO_MATRICES, WIDTHS
from attention.kv.read.wrappers import find_decoder
from attention.kv.shape import ModelShape

PER_TOKEN = (
    "num_experts_per_tok", "num_experts_per_token", "moe_topk", "moe_k", "top_k_experts",
    "num_selected_experts", "experts_per_token", "ffn_config.moe_top_k", "moe_top_k",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Experts:
    """A mixture of experts.

    Args:
        n_experts: routed experts of a sparse layer; shared ones belong to the rest.
        per_token: of them, those that one token goes to.
        parameters_each: of one expert of one layer.
        n_layers: layers that have them.

    Raises:
        ShapeError: a number out of range, or more experts for a token than there are.
    """

    n_experts: int
    per_token: int
    parameters_each: int
    n_layers: int

    def __post_init__(self) -> None:
        for name in ("n_experts", "per_token", "parameters_each", "n_layers"):
            require_number(name, getattr(self, name), most=LARGEST_NUMBER)
        if self.per_token > self.n_experts:
            raise ShapeError(
                f"{self.per_token} experts for a token are more than the {self.n_experts} there "
                "are: choose at most as many."
            )

    def read(self, tokens: int) -> Fraction:
        """Experts of a layer that so many tokens are expected to go to."""
        if tokens > 100_000:  # the power is as good as 0 there, and slow to find exactly
            return Fraction(self.n_experts)
        left = Fraction((1 - self.per_token / self.n_experts) ** tokens)
        return max(Fraction(self.per_token), self.n_experts * (1 - left))

    def idle(self, tokens: int) -> int:
        """Parameters of the experts that none of so many tokens is expected to go to."""
        return int((self.n_experts - self.read(tokens)) * self.parameters_each * self.n_layers)


@dataclass(frozen=True, kw_only=True)
class WeightReads:
    """What decides which weights are read.

    Args:
        experts: None for a dense model, or where nothing is known.
        is_tied: whether the output matrix is the input's; None where nothing says so.
    """

    experts: Experts | None = None
    is_tied: bool | None = None


def reads_from_config(data: Mapping[str, Any], shape: ModelShape) -> WeightReads:
    """What the fields of the ``config.json`` of ``shape`` say.

    Fields that are missing or odd leave it unknown: a limit on speed may do without.

    Raises:
        ShapeError: as :func:`~attention.kv.read.config_json.from_config`, without a decoder.
    """
    fields = find_decoder(data)
    tied, _ = fields.value("tie_word_embeddings")
    return WeightReads(
        experts=_experts(fields, shape), is_tied=tied if isinstance(tied, bool) else None
    )


def _experts(fields: Fields, shape: ModelShape) -> Experts | None:
    n_experts, per_token = _size(fields, *EXPERTS), _size(fields, *PER_TOKEN)
    width = _size(fields, "moe_intermediate_size", "expert_ffn_hidden_size") or _size(
        fields, *WIDTHS
    )
    n_layers = _sparse_layers(fields, shape.n_layers)
    if not (n_experts and per_token and width and shape.d_model and n_layers):
        return None
    if n_experts < 2 or per_token > n_experts:
        return None
    matrices = 2 if fields.model_type in TWO_MATRICES else 3
    experts = Experts(
        n_experts=n_experts,
        per_token=per_token,
        parameters_each=matrices * shape.d_model * width,
        n_layers=n_layers,
    )
    # Experts that are more than the whole model: the fields mean something else here.
    whole = shape.parameters or LARGEST_NUMBER**2
    return experts if experts.n_experts * experts.parameters_each * n_layers <= whole else None


def _sparse_layers(fields: Fields, n_layers: int) -> int:
    """Layers with experts; the first few, or all but every so manieth, may have none."""
    listed = fields.value("moe_layers")[0]
    if isinstance(listed, list) and listed:
        return min(len(listed), n_layers)
    every = _size(fields, "interleave_moe_layer_step", "decoder_sparse_step", "moe_layer_freq")
    every = every or _size(fields, "expert_layer_period", "moe_every_n_layers") or 1
    dense = fields.value("mlp_only_layers")[0]
    n_dense = len(dense) if isinstance(dense, list) else 0
    n_dense = max(n_dense, _size(fields, "first_k_dense_replace") or 0)
    return max(n_layers - n_dense, 0) // every


def _size(fields: Fields, *names: str) -> int | None:
    value = fields.value(*names)[0]
    is_size = isinstance(value, int) and not isinstance(value, bool)
    return value if is_size and 1 <= value <= LARGEST_NUMBER else None
