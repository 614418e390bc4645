"""The matrices of a model: what there is of weights, by the names that their modules have.

Names are those of transformers below a layer (``self_attn.q_proj``, ``mlp.experts.down_proj``), so
that what a checkpoint says of its modules, such as which of them stay at 16 bits, can be read.
"""

from dataclasses import dataclass

EMBEDDINGS = ("embed_tokens", "embed_tokens_per_layer")
OUTPUT = "lm_head"
TOWER = "vision_tower"  # all of it: quantisers leave it at 16 bits
# Ends of names that are no linear layer: no quantiser touches them.
PLAIN = frozenset(("norms", "biases", "conv1d", "vectors", "sinks", "position_bias", "streams"))


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """Matrices of one name and size.

    Args:
        name: of the module, below its layer where it has one.
        rows, columns: outputs and inputs; a vector has one column.
        layers: that have it, from 0; empty where it belongs to none.
        copies: in each of those layers: more than one of experts.
        is_mtp: whether it is of a layer that predicts further tokens: held only where that is used.
    """

    name: str
    rows: int
    columns: int
    layers: tuple[int, ...] = ()
    copies: int = 1
    is_mtp: bool = False

    @property
    def count(self) -> int:
        """How many there are in the model."""
        return self.copies * (len(self.layers) or 1)

    @property
    def numbers(self) -> int:
        """Of all of them."""
        return self.count * self.rows * self.columns

    @property
    def is_linear(self) -> bool:
        """Whether it is a linear layer of the decoder's, which quantisers are made for."""
        is_plain = self.columns == 1 or self.name.rpartition(".")[2] in PLAIN
        return not self.is_vocabulary and not is_plain

    @property
    def is_vocabulary(self) -> bool:
        return self.is_embedding or self.name == OUTPUT

    @property
    def is_embedding(self) -> bool:
        """Whether its rows are looked up, not multiplied."""
        return self.name in EMBEDDINGS

    @property
    def is_tower(self) -> bool:
        """Whether it makes tokens of images: read for those alone."""
        return self.name == TOWER

    @property
    def is_expert(self) -> bool:
        """Whether it belongs to routed experts, of which a token needs a few."""
        return ".experts." in self.name

    @property
    def is_router(self) -> bool:
        return self.name in ROUTERS


ROUTERS = ("mlp.gate", "mlp.router", "feed_forward.router", "mlp.shared_expert_gate", "router.proj")
