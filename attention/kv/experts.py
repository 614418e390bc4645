"""A mixture of experts: which of a model's weights no token needs.

The experts that ``tokens`` reach are an expectation: a layer of E experts of which each token goes
to k, all equally likely and no token bound to another, is left by one token with probability
1 − k/E, so that E · (1 − (1 − k/E)^tokens) of them are read.
"""

from dataclasses import dataclass
from fractions import Fraction

from attention.kv.checks import LARGEST_NUMBER, ShapeError, require_number


@dataclass(frozen=True, kw_only=True)
class Experts:
    """The experts of a model, alike in every layer that has them.

    Args:
        n_experts: routed experts of a sparse layer.
        per_token: of them, those that one token goes to.
        parameters_each: of one routed expert of one layer.
        sparse_layers: the layers that have them, from 0; the others are dense.
        n_shared: experts of a sparse layer that every token goes to, where the config counts them.

    Raises:
        ShapeError: a number out of range, or more experts for a token than there are.
    """

    n_experts: int
    per_token: int
    parameters_each: int
    sparse_layers: tuple[int, ...]
    n_shared: int = 0

    def __post_init__(self) -> None:
        for name in ("n_experts", "per_token", "parameters_each"):
            require_number(name, getattr(self, name), most=LARGEST_NUMBER)
        require_number("n_shared", self.n_shared, least=0)
        require_number("the number of sparse layers", len(self.sparse_layers))
        if self.per_token > self.n_experts:
            raise ShapeError(
                "{per_token} experts for a token are more than the {n_experts} there are: choose "
                "at most as many.",
                per_token=self.per_token,
                n_experts=self.n_experts,
            )

    @property
    def parameters(self) -> int:
        """Of all routed experts of all layers."""
        return self.n_experts * self.parameters_each * len(self.sparse_layers)

    def read(self, tokens: int) -> Fraction:
        """Experts of a layer that so many tokens are expected to go to."""
        if tokens > 100_000:  # the power is as good as 0 there, and slow to find exactly
            return Fraction(self.n_experts)
        left = Fraction((1 - self.per_token / self.n_experts) ** tokens)
        return max(Fraction(self.per_token), self.n_experts * (1 - left))

    def idle(self, tokens: int) -> int:
        """Parameters of the experts that none of so many tokens is expected to go to."""
        unread = self.n_experts - self.read(tokens)
        return int(unread * self.parameters_each * len(self.sparse_layers))
