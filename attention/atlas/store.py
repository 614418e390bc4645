"""Atlases on disk, by weights, texts, protocol and seeds; see :mod:`attention.models.store`."""

import hashlib

from attention.atlas.heads import PROTOCOL, Atlas
from attention.atlas.ordinary import HELD_OUT
from attention.models.base import Model
from attention.models.store import results


def kept(model: Model, *, seed: int, seeds: int, twin: bool = True) -> Atlas | None:
    """What was measured of these weights before, in the same way; None where nothing was kept."""
    return results.kept(model, how(seed=seed, seeds=seeds, twin=twin), Atlas.of_json)


def keep(model: Model, atlas: Atlas, *, twin: bool = True) -> None:
    """Write it down; where the folder cannot be written, it is measured again next time."""
    results.keep(model, how(seed=atlas.seed, seeds=atlas.seeds, twin=twin), atlas.json())


def how(*, seed: int, seeds: int, twin: bool = True) -> results.How:
    """All that decides an atlas beside the weights."""
    texts = hashlib.sha256(HELD_OUT.read_bytes()).hexdigest()
    return ("atlas", PROTOCOL, texts, seed, seeds, twin)
