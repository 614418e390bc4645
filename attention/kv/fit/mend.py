"""What would make it fit: of each kind of change the smallest that is enough.

The kinds, the ones that cost least first: the cache in 8 bits, weights in 8 or 4 bits, fewer
users, a shorter context, more of the same GPU. Each is tried by the engine's own allocation.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from attention.errors import HeadcountError
from attention.kv import engines
from attention.kv.fit import largest
from attention.kv.fit.budget import Deployment
from attention.kv.fit.total import fits
from attention.kv.fit.weights import weights_of
from attention.sentence import Quantity, Sentence, joined

# By engine: the formats that it offers for the cache and for weights, the larger first.
CACHE_FORMATS = {"llama.cpp": ("q8_0", "q4_0"), "transformers": ()}
WEIGHT_FORMATS = {"llama.cpp": ("q8_0", "q4_k_m")}
USUAL_CACHE_FORMATS, USUAL_WEIGHT_FORMATS = ("fp8",), ("fp8", "awq")


@dataclass(frozen=True)
class Change:
    """A change that is enough by itself.

    Args:
        steps: what is changed: ``"cache"`` or ``"weights"`` with the format, ``"users"``,
            ``"context"`` or ``"gpus"`` with the number. Mostly one.
    """

    steps: tuple[tuple[str, str | int], ...]

    @property
    def text(self) -> Sentence:
        """``"weights in fp8"``, ``"weights in awq and 8 users"``, ``"4 of this GPU"``."""
        return joined(" + ", (_told(kind, value) for kind, value in self.steps))


def _told(kind: str, value: str | int) -> Sentence:
    if kind == "cache":
        return Sentence("KV cache in {format}", format=value)
    if kind == "weights":
        return Sentence("weights in {format}", format=value)
    if kind == "users":
        return Quantity(int(value), "user")
    if kind == "context":
        return Sentence("{tokens} each", tokens=Quantity(int(value), "token"))
    return Sentence("{n} of this GPU", n=value)


def changes(asked: Deployment) -> tuple[Change, ...]:
    """Of each kind the smallest change that makes it fit; none for what fits already.

    A kind that cannot be counted, such as weights of unknown size, is left out.
    """
    asked = replace(asked, weights=asked.held)
    if fits(asked).holds:
        return ()
    found = (_first(find, asked) for find in FINDERS)
    return tuple(change for change in found if change is not None)


def _first(find: Callable[[Deployment], Iterator[Change]], asked: Deployment) -> Change | None:
    try:
        return next(find(asked), None)
    except HeadcountError:
        return None


def _cache(asked: Deployment) -> Iterator[Change]:
    now = asked.workload.k.bytes_per_number
    for name in CACHE_FORMATS.get(engines.find(asked.engine), USUAL_CACHE_FORMATS):
        workload = replace(asked.workload, k_format=name, v_format=None)
        if workload.k.bytes_per_number < now and fits(replace(asked, workload=workload)).holds:
            yield Change((("cache", name),))


def _weights(asked: Deployment) -> Iterator[Change]:
    """Smaller weights alone, else with as many users as then fit."""
    smaller = _smaller(asked)
    for name, one in smaller:
        if fits(one).holds:
            yield Change((("weights", name),))
    for name, one in smaller:
        if most := largest.most_users(one).value:
            yield Change((("weights", name), ("users", most)))


def _weights_and_gpus(asked: Deployment) -> Iterator[Change]:
    """Where smaller weights alone do not do, they may save devices."""
    smaller, alone = _smaller(asked), largest.gpus_needed(asked).value
    if any(fits(one).holds for _, one in smaller):
        return
    for name, one in smaller:
        number = largest.gpus_needed(one).value
        if number and (alone is None or number < alone):
            yield Change((("weights", name), ("gpus", number)))


def _smaller(asked: Deployment) -> list[tuple[str, Deployment]]:
    names = WEIGHT_FORMATS.get(engines.find(asked.engine), USUAL_WEIGHT_FORMATS)
    found = ((name, weights_of(asked.shape, name)) for name in names)
    return [
        (name, replace(asked, weights=weights))
        for name, weights in found
        if weights.n_bytes < asked.held.n_bytes
    ]


def _users(asked: Deployment) -> Iterator[Change]:
    if asked.workload.batch > 1 and (most := largest.most_users(asked).value):
        yield Change((("users", most),))


def _context(asked: Deployment) -> Iterator[Change]:
    if most := largest.largest_context(asked).value:
        yield Change((("context", most),))


def _gpus(asked: Deployment) -> Iterator[Change]:
    if most := largest.gpus_needed(asked).value:
        yield Change((("gpus", most),))


FINDERS = (_cache, _weights, _users, _context, _weights_and_gpus, _gpus)
