"""What an engine sets aside for a cache, each figure a product that can be read.

    Allocation  a model's cache in one engine
      LayerBytes  one layer of it
        Part        one product: 8 KV heads · 128 head_dim · 4096 tokens · 2 bytes (float16)

``ideal_bytes`` is what the maths needs, ``allocated_bytes`` what the allocator takes, and
``usable_tokens`` how many tokens then fit; ``gaps`` says in sentences why they differ.
"""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from attention.errors import HeadcountError
from attention.kv.formats import StoredFormat
from attention.kv.layer import LayerKind
from attention.sentence import Quantity, Sentence, joined

LARGEST_SIZE = 2**63 - 1  # bytes that a 64-bit size can say


class AllocationError(HeadcountError):
    """What an engine cannot hold: one sentence naming the value and what would work."""


def exact(n_bytes: Fraction | int) -> int | float:
    """A whole number, or one that ends in .5 and the like, where a float holds it exactly.

    Raises:
        AllocationError: more than a 64-bit size can say, or a part of a byte no float can hold.
    """
    if n_bytes > LARGEST_SIZE:
        raise AllocationError(
            "the cache would take {n_bytes} bytes, more than {largest_size}.",
            n_bytes=math.ceil(n_bytes),
            largest_size=LARGEST_SIZE,
        )
    if Fraction(n_bytes).denominator == 1:
        return int(n_bytes)
    if Fraction(float(n_bytes)) != n_bytes:
        raise AllocationError(
            "{n_bytes} bytes cannot be written exactly: choose an even head_dim.",
            n_bytes=float(n_bytes),
        )
    return float(n_bytes)


def nearly_exact(n_bytes: Fraction) -> int | float:
    """As :func:`exact`, but a third of a byte (an entry for three tokens) is a float near it."""
    return exact(n_bytes if n_bytes.denominator in (1, 2) else Fraction(float(n_bytes)))


@dataclass(frozen=True, kw_only=True)
class Part:
    """One product of a layer's sum.

    Args:
        slot: ``"k"``, ``"v"``, ``"state"`` or ``"other"``.
        what: its name in the text: ``"K"``, ``"latent"``, ``"indexer"``.
        factors: numbers and what they count, in singular: ``((8, "KV head"), (64, "token"))``.
        stored: the format that the product is stored in.
    """

    slot: str
    what: str
    factors: tuple[tuple[int, str], ...]
    stored: StoredFormat

    @property
    def n_bytes(self) -> Fraction:
        return math.prod(n for n, _ in self.factors) * self.stored.bytes_per_number

    @property
    def named(self) -> Sentence:
        """Its name and its product."""
        return joined(": ", (self.what_said, self.text))

    @property
    def what_said(self) -> Sentence:
        """Its name, as something that can be said in another language."""
        return Sentence(self.what)

    @property
    def text(self) -> Sentence:
        return joined(" · ", [*(Quantity(*factor) for factor in self.factors), self.stored.text])


@dataclass(frozen=True, kw_only=True)
class LayerBytes:
    """What one layer takes on one device.

    Args:
        index: the layer, from 0.
        kind: as in the model's shape.
        parts: the products of its sum; none where it keeps nothing.
        tokens_held: tokens that it has room for, of all sequences.
        note: why it takes nothing, or less than others, or "".
    """

    index: int
    kind: LayerKind
    parts: tuple[Part, ...] = ()
    tokens_held: int = 0
    note: str = ""

    def of(self, *slots: str) -> int | float:
        """Bytes of the parts in those slots."""
        return exact(sum((part.n_bytes for part in self.parts if part.slot in slots), Fraction()))

    @property
    def k_bytes(self) -> int | float:
        return self.of("k")

    @property
    def v_bytes(self) -> int | float:
        return self.of("v")

    @property
    def other_bytes(self) -> int | float:
        """States, indexers, an encoder's tokens, scales, padding."""
        return self.of("state", "other")

    @property
    def bytes_total(self) -> int | float:
        return self.of("k", "v", "state", "other")

    @property
    def steps(self) -> str:
        """The sum with its numbers filled in: one line."""
        if not self.parts:
            return self.note or Sentence("keeps nothing = 0 bytes")
        terms = joined(" + ", (part.named for part in self.parts))
        return joined(" = ", (terms, Quantity(self.bytes_total, "byte")))


@dataclass(frozen=True, kw_only=True)
class Allocation:
    """A model's cache in one engine, on one of ``tp`` devices.

    Args:
        engine: its name.
        per_layer: the model's layers, in order.
        padding: what belongs to no layer, such as layers that vLLM adds to even out its groups.
        ideal_bytes: what the maths needs, a tenth part each on ten devices.
        bytes_per_token: what the next token of a sequence adds, in the layers that still grow.
        asked_tokens, usable_tokens: of all sequences; what was asked for, and what fits.
        storage_bytes: what is held in memory behind the tensors, where that is more than they.
        assumptions: what was taken for granted, in sentences.
        sources: the engine's files and their versions.
        gaps: sentences on ideal -> allocated -> usable.
    """

    engine: str
    per_layer: tuple[LayerBytes, ...]
    padding: tuple[Part, ...] = ()
    ideal_bytes: int | float
    bytes_per_token: int | float
    asked_tokens: int
    usable_tokens: int
    storage_bytes: int | float | None = None
    tp: int = 1
    assumptions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()

    @property
    def bytes_total(self) -> int | float:
        """Bytes of one device, exactly."""
        return exact(self._sum(lambda part: True) + sum(part.n_bytes for part in self.padding))

    @property
    def allocated_bytes(self) -> int | float:
        """Bytes that are not free for anything else."""
        return self.bytes_total if self.storage_bytes is None else self.storage_bytes

    @property
    def state_bytes(self) -> int | float:
        """The part of it that does not grow with the context: recurrent states."""
        return exact(self._sum(lambda part: part.slot == "state"))

    def _sum(self, wanted: Callable[[Part], bool]) -> Fraction:
        total = Fraction()
        for parts, n in self._alike():
            total += n * sum(part.n_bytes for part in parts if wanted(part))
        return total

    def _alike(self) -> list[tuple[tuple[Part, ...], int]]:
        """The sums that layers have, and how many have each; one object first, then equal ones."""
        same = Counter(id(layer.parts) for layer in self.per_layer)
        by_id = {id(layer.parts): layer.parts for layer in self.per_layer}
        alike: Counter[tuple[Part, ...]] = Counter()
        for key, parts in by_id.items():
            if parts:
                alike[parts] += same[key]
        return list(alike.items())

    @property
    def formula(self) -> str:
        """The whole sum, equal layers taken together, with its total."""
        terms = [_term(n, parts) for parts, n in self._alike()]
        terms += [part.named for part in self.padding]
        if len(terms) > 1:
            terms = [Sentence("[{term}]", term=term) for term in terms]
        total = joined(" + ", terms) if terms else Sentence("nothing is kept")
        return joined(" = ", (total, Quantity(self.bytes_total, "byte")))


def _term(n_layers: int, parts: tuple[Part, ...]) -> Sentence:
    """One product of ``n_layers`` equal layers; K and V together where they are alike."""
    layers = Quantity(n_layers, "layer")
    if len(parts) == 1:
        product = joined(" · ", (layers, parts[0].text))
        plain = parts[0].slot == "k" and parts[0].what == "K"
        return product if plain else joined(": ", (parts[0].what_said, product))
    if [part.slot for part in parts] == ["k", "v"]:
        k, v = parts
        if k.text == v.text:
            return Sentence("2 (K and V) · {layers} · {product}", layers=layers, product=k.text)
        if _differ_in_width_alone(k, v):
            named = (
                Sentence("{what}: {width} · {stored}", what=part.what_said,
                         width=Quantity(*part.factors[1]), stored=part.stored.text)
                for part in parts
            )  # fmt: skip
            summed = Sentence("({sum})", sum=joined(" + ", named))
            rest = joined(" · ", (Quantity(*factor) for factor in k.factors[2:]))
            return joined(" · ", (layers, Quantity(*k.factors[0]), summed, rest))
    summed = Sentence("({sum})", sum=joined(" + ", (part.named for part in parts)))
    return joined(" · ", (layers, summed))


def _differ_in_width_alone(k: Part, v: Part) -> bool:
    same_head = k.factors[:1] == v.factors[:1] and k.factors[0][1] == "KV head"
    return same_head and k.factors[2:] == v.factors[2:]
