"""A language model with fewer KV heads, taught by the original on text that the original writes.

Only what makes keys and values is trained (W_K, W_V and their biases), in two stages: each layer's
attention by itself (:mod:`.layerwise`), which is cheap and brings most; then all layers together,
by the divergence KL(original ‖ fewer) of the next token.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attention.interventions.sharing import Sharing
from attention.models.huggingface.model import LanguageModel
from attention.uptraining.layerwise import Seen, errors, seen, through
from attention.uptraining.text import BESIDE, written

WARM_UP, DECAY = 0.05, 0.7  # of a stage's updates, its first and its last part


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How it is taught.

    Args:
        rows: of the text that the original writes; window: tokens of each.
        portion: rows that are kept in memory as the layers see them: of SmolLM2 140 kB a token.
        passes: over each portion, in the first stage.
        batch: rows of an update.
        steps: updates of the second stage, which reads the text from its start as often as needed.
        layer_rate, logit_rate: AdamW's, as a share of the root mean square of each matrix.
        seed: of the text.
    """

    rows: int = 256
    window: int = 256
    portion: int = 16
    passes: int = 4
    batch: int = 4
    steps: int = 256
    layer_rate: float = 0.06
    logit_rate: float = 0.03
    seed: int = 0

    @property
    def layer_updates(self) -> int:
        """Of the first stage."""
        return self.rows // self.portion * self._updates_of_portion

    @property
    def updates(self) -> int:
        """Of both."""
        return self.layer_updates + self.steps

    @property
    def _updates_of_portion(self) -> int:
        return self.passes * (self.portion // self.batch)

    def portion_of(self, update: int) -> tuple[int, int]:
        """Of an update of the first stage: its portion, and its batch there."""
        portion, within = divmod(update, self._updates_of_portion)
        return portion, within % (self.portion // self.batch)

    def rate(self, update: int) -> float:
        """A short warm-up, constant, then linear decay to 0; in each stage."""
        first = update < self.layer_updates
        done, total = (
            (update, self.layer_updates) if first else (update - self.layer_updates, self.steps)
        )
        most = self.layer_rate if first else self.logit_rate
        return most * min(1.0, (done + 1) / (WARM_UP * total), (total - done) / (DECAY * total))


@dataclass(frozen=True)
class Point:
    """An update.

    Args:
        stage: "layers", whose loss is the mean of the layers' relative squared errors, or
            "logits", whose loss is KL(original ‖ fewer) in nats a token.
        tokens: that were read so far, as often as they were.
    """

    stage: str
    tokens: int
    loss: float


class Distillation:
    """One uptraining, which goes on from its checkpoint.

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
        self.original, self.schedule, self.folder = original, schedule, folder
        self.fewer = original.shared(sharing)
        self.trained = {
            name: parameter.requires_grad_()
            for name, parameter in self.fewer.model.named_parameters()
            if name in names_of(self.fewer)
        }
        self.sizes = [p.detach().square().mean().sqrt().item() for p in self.trained.values()]
        self.done, self.curve = 0, list[Point]()
        self.optimiser = self._optimiser()
        self._task = {"sharing": asdict(sharing), "schedule": asdict(schedule)}
        self._text = torch.empty(0, schedule.window, dtype=torch.long)
        self._portion: tuple[int, list[list[Seen]]] = (-1, [])
        self._resume()

    def _optimiser(self) -> torch.optim.AdamW:
        groups = [{"params": [parameter]} for parameter in self.trained.values()]
        return torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.98), weight_decay=0.0)

    def updates(self) -> Iterator[Callable[[], Point]]:
        """What is left to do, one update after another, each once it is called."""
        while self.done < self.schedule.updates:
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
        plan, update = self.schedule, self.done
        if update == plan.layer_updates:  # what was learnt of single layers' slopes holds no more
            self.optimiser = self._optimiser()
        self._set_rates(plan.rate(update))
        self.optimiser.zero_grad()
        layers = update < plan.layer_updates
        with torch.enable_grad():
            loss = self._layers(update) if layers else self._logits(update - plan.layer_updates)
        self.optimiser.step()
        self.done += 1
        tokens = self.done * plan.batch * plan.window
        self.curve.append(Point("layers" if layers else "logits", tokens, loss))
        return self.curve[-1]

    def _set_rates(self, rate: float) -> None:
        for group, size in zip(self.optimiser.param_groups, self.sizes, strict=True):
            group["lr"] = rate * (size or 1.0)  # a bias may be all zeros

    def _layers(self, update: int) -> float:
        portion, batch = self.schedule.portion_of(update)
        losses = []
        for error in errors(self.fewer, self._calls(portion)[batch]):
            loss = error()
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
        size, n_rows = self.schedule.batch, self.schedule.rows
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
        self.done = state["done"]
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


def names_of(fewer: LanguageModel) -> frozenset[str]:
    """What makes keys and values, by the names of the state dict."""
    paths: dict[nn.Module | None, str] = {m: path for path, m in fewer.model.named_modules()}
    found = [
        f"{paths[module]}.{name}"
        for part in fewer.parts
        for module in (part.w_k, part.w_v)
        if module is not None
        for name, _ in module.named_parameters()
    ]
    return frozenset(found)
