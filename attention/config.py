"""The shape of an attention layer: how many heads, how many KV heads, how wide.

Names, and what Hugging Face calls them in ``config.json``::

    d_model     hidden_size            width of the model
    n_heads     num_attention_heads    query heads
    n_kv_heads  num_key_value_heads    1 = MQA, n_heads = MHA, between = GQA
    head_dim    head_dim               numbers in one head, usually d_model // n_heads
    group_size  -                      query heads that share one KV head
"""

import math
from dataclasses import dataclass

from attention.errors import HeadcountError


class ConfigError(HeadcountError):
    """A shape that cannot be built. The message names the values and what would work."""


def divisors(n: int) -> tuple[int, ...]:
    """Every whole number that divides ``n``, ascending: ``divisors(8) == (1, 2, 4, 8)``."""
    small = [d for d in range(1, math.isqrt(n) + 1) if n % d == 0]
    return tuple(sorted({*small, *(n // d for d in small)}))


def nearest_divisors(n: int, wanted: int) -> tuple[int, ...]:
    """The divisors of ``n`` next to ``wanted``: itself, or the one below and the one above."""
    every = divisors(n)
    if wanted in every:
        return (wanted,)
    below = [d for d in every if d < wanted][-1:]
    above = [d for d in every if d > wanted][:1]
    return tuple(below + above)


def either(values: tuple[int, ...]) -> str:
    """``(2, 4)`` as ``"2 or 4"``: how the errors name what would work."""
    return " or ".join(str(value) for value in values)


@dataclass(frozen=True, kw_only=True)
class AttentionConfig:
    """Shape of one attention layer; MHA, GQA and MQA are the same layer with other numbers.

    ``n_heads=8, n_kv_heads=2`` means a ``group_size`` of 4::

        query heads  0 1 2 3   4 5 6 7
                     \\_\\_/_/   \\_\\_/_/
        KV heads        0         1

    GQA: Ainslie et al. 2023, arXiv 2305.13245, section 2.2. MQA: Shazeer 2019, arXiv 1911.02150.

    Args:
        d_model: width of the model, the last axis of x.
        n_heads: query heads.
        n_kv_heads: key-value heads; must divide ``n_heads``.
        head_dim: numbers in one head. Left out, it is ``d_model // n_heads``, which must divide.
        causal: a token sees itself and what stands before it, or (False) every token.

    Raises:
        ConfigError: a value is no positive whole number, or does not divide.
    """

    d_model: int
    n_heads: int
    n_kv_heads: int
    head_dim: int = None  # type: ignore[assignment]  # a number once __post_init__ is over
    causal: bool = True

    def __post_init__(self) -> None:
        for name in ("d_model", "n_heads", "n_kv_heads"):
            _require_positive(name, getattr(self, name))
        if self.n_heads % self.n_kv_heads:
            works = either(nearest_divisors(self.n_heads, self.n_kv_heads))
            raise ConfigError(
                "n_heads {n_heads} does not divide by n_kv_heads {n_kv_heads}: choose n_kv_heads "
                "{works}.",
                n_heads=self.n_heads,
                n_kv_heads=self.n_kv_heads,
                works=works,
            )
        if self.head_dim is not None:
            _require_positive("head_dim", self.head_dim)
            return
        if self.d_model % self.n_heads:
            works = either(nearest_divisors(self.d_model, self.n_heads))
            raise ConfigError(
                "d_model {d_model} does not divide by n_heads {n_heads}: choose n_heads {works}, "
                "or give head_dim.",
                d_model=self.d_model,
                n_heads=self.n_heads,
                works=works,
            )
        object.__setattr__(self, "head_dim", self.d_model // self.n_heads)

    @property
    def group_size(self) -> int:
        """Query heads that share one KV head."""
        return self.n_heads // self.n_kv_heads

    @property
    def variant(self) -> str:
        """``"MHA"`` (a KV head for each head), ``"MQA"`` (one for all) or ``"GQA"``.

        One head with one KV head is both; it is called MHA, for nothing is shared.
        """
        if self.n_kv_heads == self.n_heads:
            return "MHA"
        return "MQA" if self.n_kv_heads == 1 else "GQA"

    def kv_head_of(self, head: int) -> int:
        """The KV head that query head ``head`` reads: neighbours share.

        Raises:
            ConfigError: there is no such head.
        """
        if not 0 <= head < self.n_heads:
            raise ConfigError(
                "head {head} does not exist: choose 0 to {n_heads}.",
                head=head,
                n_heads=self.n_heads - 1,
            )
        return head // self.group_size


def _require_positive(name: str, value: object) -> None:
    # bool is an int in Python: True would pass for one head.
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigError(
            "{name} {value!r} is not a positive whole number.", name=name, value=value
        )
