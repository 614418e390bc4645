"""What ``share --uptrain`` does: trains on what has fewer KV heads, and keeps it."""

import importlib
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from attention.interventions.sharing import Sharing
from attention.models.base import Model
from attention.models.layouts.model import LayoutModel
from attention.uptraining.layouts import LayoutUptraining
from attention.uptraining.schedule import Schedule
from attention.uptraining.work import Uptraining

FOLDER = Path("uptrained")
TELL_EVERY_S, SAVE_EVERY_S = 10.0, 60.0


def begun(model: Model, sharing: Sharing, wishes: Mapping[str, int], folder: Path) -> Uptraining:
    """The uptraining of this model, at its last checkpoint; transformers is loaded only where it is
    needed.

    Args:
        wishes: any of the fields of a :class:`attention.uptraining.schedule.Schedule` that a
            language model is taught by; ``steps`` also says for how many a layout is trained.
        folder: for what it goes on from after a break.
    """
    if isinstance(model, LayoutModel):
        return LayoutUptraining(model, sharing, steps=wishes.get("steps"), seed=sharing.seed)
    window = min(Schedule.window, model.max_tokens)
    schedule = Schedule(window=window, seed=sharing.seed, **wishes)
    distil = importlib.import_module("attention.uptraining.distil")
    return distil.Distillation(model, sharing, schedule, folder)


def go_through(work: Uptraining) -> None:
    """Do all of it, with a line on stderr and a checkpoint now and then."""
    started, told, saved = work.done, float("-inf"), time.monotonic()
    for update in work.updates():
        point = update()
        now = time.monotonic()
        if now - told > TELL_EVERY_S or work.done == work.total:
            told = now
            left = work.seconds / work.done * (work.total - work.done) / 60
            print(
                f"{point.stage}  update {work.done} of {work.total}  {point.tokens:,} tokens  "
                f"loss {point.loss:.3f}  {left:.0f} min left",
                file=sys.stderr,
                flush=True,
            )
        if now - saved > SAVE_EVERY_S:
            saved = now
            work.save()
    if work.done > started:
        work.save()


def told(work: Uptraining) -> dict[str, Any]:
    """The fields of the JSON."""
    seconds = round(work.seconds, 1)
    return work.how() | {"seconds": seconds, "curve": [asdict(point) for point in work.curve]}
