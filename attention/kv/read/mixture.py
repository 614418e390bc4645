"""Experts, as a config tells of them: how many, how wide, and in which layers.

Parameters and weights that a step reads are both counted from here. Which layers are sparse was
read in transformers 5.24, ``models/*/modeling_*.py`` (the decoder layer of each), and in the
remote-code models of DeepSeek, MiMo and Step.
"""

from collections.abc import Callable
from dataclasses import dataclass

from attention.kv.checks import LARGEST_NUMBER
from attention.kv.experts import Experts
from attention.kv.read.decoder import DecoderFields
from attention.kv.read.names import NAMES

DENSE = ("dense", "mlp", False, 0)  # entries of a list that name a layer without experts

Sparse = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """Experts of the sparse layers.

    Args:
        n_experts: routed ones, at least 2.
        per_token: of them, for one token; None where nothing says it.
        width: of one routed expert's feed-forward.
        n_shared: experts for every token.
        shared_width: of all of those together.
        sparse_layers: the layers that have experts, from 0.
    """

    n_experts: int
    per_token: int | None
    width: int
    n_shared: int
    shared_width: int
    sparse_layers: Sparse

    def experts(self, d_model: int, matrices: int) -> Experts | None:
        """As a shape has them; None where they do not go together."""
        each = matrices * d_model * self.width
        is_sound = self.sparse_layers and 0 < each <= LARGEST_NUMBER
        if not self.per_token or self.per_token > self.n_experts or not is_sound:
            return None
        return Experts(
            n_experts=self.n_experts,
            per_token=self.per_token,
            parameters_each=each,
            sparse_layers=self.sparse_layers,
            n_shared=self.n_shared,
        )


def read_mixture(fields: DecoderFields, types: list[str], width: int | None) -> Mixture | None:
    """The experts; None for a dense model, or where the fields say nothing that can be read.

    Args:
        types: of the layers, in transformers' words.
        width: of a dense feed-forward, which is an expert's where nothing else is said.
    """
    n_experts = fields.size(*NAMES["n_experts"]) or 0
    of_expert = fields.size(*NAMES["expert_width"]) or width
    if n_experts < 2 or not of_expert:
        return None
    n_shared = fields.size(*NAMES["n_shared_experts"]) or 0
    shared_width = fields.size(*NAMES["shared_width"])
    return Mixture(
        n_experts=n_experts,
        per_token=fields.size(*NAMES["experts_per_token"]),
        width=of_expert,
        n_shared=n_shared,
        shared_width=n_shared * of_expert if shared_width is None else shared_width,
        sparse_layers=sparse_layers(fields, types),
    )


def sparse_layers(fields: DecoderFields, types: list[str]) -> Sparse:
    """The layers with experts: as a list names them, else by a first one and a period."""
    n_layers = len(types)
    if {"moe", "mlp"} & set(types):  # each layer is attention, or a feed-forward, or experts
        return tuple(i for i, layer_type in enumerate(types) if layer_type == "moe")
    for read in (_by_layer, _numbered):
        found = read(fields, n_layers)
        if found is not None:
            return found
    keeps = _periods(fields, n_layers)
    return tuple(i for i in range(n_layers) if all(keep(i) for keep in keeps))


def _by_layer(fields: DecoderFields, n_layers: int) -> Sparse | None:
    """A list with an entry for each layer."""
    for name in ("mlp_layer_types", "moe_layer_freq"):
        listed = fields.value(name)[0]
        if isinstance(listed, list) and listed:
            return tuple(i for i, entry in enumerate(listed[:n_layers]) if entry not in DENSE)
    return None


def _numbered(fields: DecoderFields, n_layers: int) -> Sparse | None:
    """A list of the sparse layers; Step writes its one as text, ``"3,4,5"``."""
    listed = fields.value("moe_layers")[0]
    text = fields.value("moe_layers_enum")[0]
    if isinstance(text, str):
        listed = [int(part[:9]) for part in text.split(",") if part.strip().isdecimal()]
    if not isinstance(listed, list) or not listed:
        return None
    numbers = _numbers(listed)
    return tuple(i for i in range(n_layers) if i in numbers)


def _numbers(listed: object) -> frozenset[int]:
    entries = listed if isinstance(listed, list) else []
    return frozenset(entry for entry in entries if isinstance(entry, int))


def _periods(fields: DecoderFields, n_layers: int) -> list[Callable[[int], bool]]:
    """What a layer has to be, to be sparse, in those words that the config has."""
    start = fields.size(*NAMES["dense_at_start"])
    start = fields.family.dense_at_start if start is None else start
    end = fields.size("moe_layer_end_index")
    dense = _numbers(fields.value("mlp_only_layers")[0])
    keeps: list[Callable[[int], bool]] = [
        fields.family.is_sparse or (lambda i: True),
        lambda i: i >= start,
        lambda i: end is None or i <= end,
        lambda i: i not in dense,
    ]
    last_of = ("decoder_sparse_step", "interleave_moe_layer_step", "moe_layer_interval")
    if period := fields.size(*last_of, "moe_every_n_layers"):
        keeps.append(lambda i: (i + 1) % period == 0)
    if frequency := fields.size("moe_layer_freq"):
        keeps.append(lambda i: i % frequency == 0)
    if every := fields.size("expert_layer_period"):
        offset = fields.size("expert_layer_offset") or 0
        keeps.append(lambda i: i % every == offset % every)
    return keeps
