"""Roles alone: the atlas of one seed, without the re-initialised twin, in a third of the time."""

from attention.atlas.protocol import SEEDS, measure
from attention.atlas.store import keep, kept
from attention.models.base import Model
from attention.models.roles import Roles
from attention.steps import Each, at_once


def roles_kept(model: Model) -> Roles | None:
    """What is known of these weights already, of the whole atlas if that was measured."""
    atlas = kept(model, seed=0, seeds=SEEDS) or kept(model, seed=0, seeds=1, twin=False)
    return None if atlas is None else atlas.roles


def measure_roles(model: Model, each: Each = at_once) -> Roles:
    """Measure every head's role, and keep it.

    Args:
        each: see :func:`attention.atlas.measure`.
    """
    atlas = measure(model, seeds=1, twin=False, each=each)
    keep(model, atlas, twin=False)
    return atlas.roles
