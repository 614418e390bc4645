"""A language model with fewer KV heads, taught by the original on text that the original writes.

Only what makes keys and values is trained (W_K, W_V and their biases), in two stages: each layer's
attention by itself (:mod:`.layerwise`), which is cheap and brings most; then all layers together,
by the divergence KL(original ‖ fewer) of the next token.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from attention.interventions.sharing import Sharing
from attention.models.huggingface.model import LanguageModel
from attention.uptraining import twin
from attention.uptraining.layerwise import Seen, seen, through
from attention.uptraining.schedule import Schedule
from attention.uptraining.text import BESIDE, written
from attention.uptraining.work import Point


class Distillation:
    """One uptraining, which goes on from its checkpoint; see
    :class:`attention.uptraining.work.Uptraining`.

    Attributes:
        fewer: the model that is taught; trained: what of it, by the names of the state dict.

    Args:
        original: in float32.
        folder: gets the text and the checkpoint; None keeps neither.

    Raises:
        SharingError, CheckpointError: see :meth:`attention.models.base.Model.shared`.
    """

    def __init__(
        self,
        original: LanguageModel,
        sharing: Sharing,
        schedule: Schedule,
        folder: Path | None = None,
    ) -> None:
        self.original, self.sharing, self.schedule = original, sharing, schedule
        self.folder, self.total = folder, schedule.updates
        self.fewer = original.shared(sharing)
        self.trained = {
            name: parameter.requires_grad_()
            for name, parameter in self.fewer.model.named_parameters()
            if name in twin.names_of(self.fewer)
        }
        self.sizes = [p.detach().square().mean().sqrt().item() for p in self.trained.values()]
        self.done, self.seconds, self.curve = 0, 0.0, list[Point]()
        self.optimiser = self._optimiser()
        self._task = {"model": original.title, **self.how()}
        self._text = torch.empty(0, schedule.window, dtype=torch.long)
        self._portion: tuple[int, list[list[Seen]]] = (-1, [])
        self._resume()

    def _optimiser(self) -> torch.optim.AdamW:
        groups = [{"params": [parameter]} for parameter in self.trained.values()]
        return torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.98), weight_decay=0.0)

    def updates(self) -> Iterator[Callable[[], Point]]:
        """See :meth:`attention.uptraining.work.Uptraining.updates`."""
        while self.done < self.total:
            yield self._update

    def rows(self, start: int, stop: int) -> Tensor:
        """Of the text, which is written as far as it is needed."""
        while len(self._text) < min(stop, self.schedule.rows):
            left = self.schedule.rows - len(self._text)
            part = len(self._text) // BESIDE
            size, window = min(BESIDE, left), self.schedule.window
            new = written(self.original, size, window, self.schedule.seed, part)
            self._text = torch.cat((self._text, new))
            self._save(self._text_name, self._text)
        return self._text[start:stop]

    def _update(self) -> Point:
        plan, update, started = self.schedule, self.done, perf_counter()
        if update == plan.layer_updates:  # what was learnt of single layers' slopes holds no more
            self.optimiser = self._optimiser()
        self._set_rates(plan.rate(update))
        self.optimiser.zero_grad()
        layers = update < plan.layer_updates
        with torch.enable_grad():
            loss = self._layers(update) if layers else self._logits(update - plan.layer_updates)
        self.optimiser.step()
        self.done, self.seconds = update + 1, self.seconds + perf_counter() - started
        self.curve.append(Point("layers" if layers else "logits", plan.tokens(self.done), loss))
        return self.curve[-1]

    def how(self) -> dict[str, Any]:
        """Sharing and schedule."""
        return {"sharing": asdict(self.sharing), "schedule": asdict(self.schedule)}

    def model(self) -> LanguageModel:
        """See :meth:`attention.uptraining.work.Uptraining.model`."""
        weights = {name: value.detach().half() for name, value in self.trained.items()}
        return twin.with_weights(self.original, self.sharing, weights)

    def keep(self, card: dict[str, Any], file: Path) -> None:
        """See :func:`attention.uptraining.twin.keep`."""
        twin.keep(self.trained, card, file)

    def _set_rates(self, rate: float) -> None:
        for group, size in zip(self.optimiser.param_groups, self.sizes, strict=True):
            group["lr"] = rate * (size or 1.0)  # a bias may be all zeros

    def _layers(self, update: int) -> float:
        portion, batch = self.schedule.portion_of(update)
        losses = []
        for part, call in zip(self.fewer.parts, self._calls(portion)[batch], strict=True):
            loss = call.error(part.attention)
            loss.backward()
            losses.append(loss.item())
        return sum(losses) / len(losses)

    def _calls(self, portion: int) -> Sequence[Sequence[Seen]]:
        """What the original's layers did with a portion, by batch."""
        if self._portion[0] != portion:
            size = self.schedule.portion
            rows = self.rows(portion * size, (portion + 1) * size)
            self._portion = (-1, [])  # lets go of the last one first
            batches = rows.split(self.schedule.batch)
            self._portion = (portion, [seen(self.original, batch) for batch in batches])
        return self._portion[1]

    def _logits(self, step: int) -> float:
        size, n_rows = self.schedule.step_rows, self.schedule.rows
        start = step * size % (n_rows - n_rows % size)
        rows = self.rows(start, start + size)
        with torch.no_grad():
            wanted = through(self.original, rows).float().flatten(0, 1).log_softmax(-1)
        given = through(self.fewer, rows).float().flatten(0, 1).log_softmax(-1)
        loss = F.kl_div(given, wanted, log_target=True, reduction="batchmean")
        loss.backward()
        return loss.item()

    @property
    def _text_name(self) -> str:
        return f"text-{self.schedule.seed}-{self.schedule.window}"

    def save(self) -> None:
        """Write a checkpoint; whole or not at all."""
        state = {
            "task": self._task,
            "done": self.done,
            "seconds": self.seconds,
            "trained": {name: value.detach() for name, value in self.trained.items()},
            "optimiser": self.optimiser.state_dict(),
            "curve": [asdict(point) for point in self.curve],
        }
        self._save("checkpoint", state)

    def _resume(self) -> None:
        """Go on from a checkpoint of the same task; one of another is left alone."""
        text, state = self._load(self._text_name), self._load("checkpoint")
        if text is not None:
            self._text = text
        if state is None or state["task"] != self._task:
            return
        self.done, self.seconds = state["done"], state["seconds"]
        self.curve = [Point(**point) for point in state["curve"]]
        self.optimiser.load_state_dict(state["optimiser"])
        with torch.no_grad():
            for name, value in state["trained"].items():
                self.trained[name].copy_(value)

    def _save(self, name: str, value: Any) -> None:
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            partial = self.folder / f"{name}.partial"
            torch.save(value, partial)
            partial.replace(self.folder / f"{name}.pt")

    def _load(self, name: str) -> Any:
        path = None if self.folder is None else self.folder / f"{name}.pt"
        return torch.load(path, weights_only=True) if path and path.exists() else None
