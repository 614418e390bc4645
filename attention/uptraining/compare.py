"""A layout with fewer KV heads before and after uptraining, beside one that was always so."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from typing import Any

from torch import Tensor

from attention.interventions.sharing import Sharing
from attention.models.layouts.cards import available_layouts
from attention.models.layouts.load import load_layout
from attention.models.layouts.model import TOKENIZER, LayoutModel
from attention.models.losses import batches, losses
from attention.steps import Steps
from attention.training import evaluation
from attention.training.gate import HELD_OUT_SEED, agreement_probes
from attention.training.probes import Probe
from attention.training.text import corpus_of
from attention.uptraining.layouts import LayoutUptraining

#: Of rules and figures together: what was measured by another one is not the same.
PROTOCOL = "1"
STORIES = 96  # held-out rows, as the cards' validation loss has them


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a layout can do, and what it needs.

    Args:
        n_kv_heads: of each layer.
        loss: nats a token of the text; validation_loss: of held-out text of the family's own kind.
        agreement: the share of verbs whose form it foretells, new combinations of known words.
        cache_bytes: for the text.
        parameters: of the whole layout.
    """

    n_kv_heads: int
    loss: float
    validation_loss: float
    agreement: float
    cache_bytes: int
    parameters: int


@dataclass(frozen=True, kw_only=True)
class Uptrained:
    """What uptraining brought.

    Args:
        before: as it was trained; shared: with fewer KV heads; after: trained on.
        trained: the layout of the family that had so few from the start; None where there is none.
        curve: of each update, nats a token of the text that it read.
        tokens: that all updates read; seconds: that they took.
    """

    before: Standing
    shared: Standing
    after: Standing
    trained: Standing | None
    curve: tuple[float, ...]
    tokens: int
    seconds: float

    def json(self) -> dict[str, Any]:
        """Plain dictionaries and lists, which :meth:`of_json` reads."""
        return asdict(self)

    @classmethod
    def of_json(cls, read: dict[str, Any]) -> "Uptrained":
        """Raises KeyError or TypeError where it is none."""
        names = ("before", "shared", "after", "trained")
        each = {name: None if read[name] is None else Standing(**read[name]) for name in names}
        return cls(**(read | each | {"curve": tuple(read["curve"])}))


class Comparison:
    """One uptraining, and the measurements around it.

    Args:
        rows: token ids ``[windows, window]``, each row a text of its own.
        language: of the verbs, "en" or "hi".
        steps: of the uptraining; left out, 5 % of those of its training.
    """

    def __init__(
        self,
        model: LayoutModel,
        sharing: Sharing,
        rows: Tensor,
        language: str,
        steps: int | None = None,
    ) -> None:
        self.uptraining = LayoutUptraining(model, sharing, steps=steps, seed=sharing.seed)
        self._model, self._sharing, self._rows = model, sharing, rows
        self._language, self._corpus = language, corpus_of(TOKENIZER, HELD_OUT_SEED)
        self._trained = _of_the_family(model, sharing.kv_heads)

    @property
    def passes(self) -> int:
        """How many :meth:`run` needs."""
        n_models = 3 + (self._trained is not None)
        return self.uptraining.total + n_models * (len(batches(self._rows)) + 2)

    def run(self, steps: Steps) -> Uptrained:
        """Measure, train on, and measure again.

        Args:
            steps: counts the passes, :attr:`passes` of them.

        Raises:
            Cancelled: ``steps`` was told so.
        """
        before, shared, trained = (
            None if model is None else self.standing(model, steps)
            for model in (self._model, self._model.shared(self._sharing), self._trained)
        )
        for update in self.uptraining.updates():
            steps.take(update)
        assert before is not None and shared is not None
        return Uptrained(
            before=before,
            shared=shared,
            after=self.standing(self.uptraining.model(), steps),
            trained=trained,
            curve=tuple(self.losses()),
            tokens=self.uptraining.curve[-1].tokens,
            seconds=self.uptraining.seconds,
        )

    def losses(self) -> Sequence[float]:
        """Of the updates so far."""
        return [point.loss for point in self.uptraining.curve]

    def standing(self, model: LayoutModel, steps: Steps) -> Standing:
        """Where a model stands: its losses, its verbs, its bytes.

        Args:
            steps: counts the passes, one a batch of rows and two more.

        Raises:
            Cancelled: ``steps`` was told so.
        """
        found = [steps.take(partial(losses, model, batch)) for batch in batches(self._rows)]
        stories = partial(evaluation.losses, model.decoder, self._corpus, STORIES)
        validation_loss, _ = steps.take(stories)
        windows, window = self._rows.shape
        return Standing(
            n_kv_heads=model.config.n_kv_heads,
            loss=sum(each.double().sum().item() for each in found) / (windows * (window - 1)),
            validation_loss=validation_loss,
            agreement=steps.take(partial(self._agreement, model)),
            cache_bytes=windows * model.cache_formula(window),
            parameters=sum(each.numel() for each in model.decoder.parameters()),
        )

    def _agreement(self, model: LayoutModel) -> float:
        return evaluation.ask(model.decoder, self._verbs).accuracy

    @cached_property
    def _verbs(self) -> list[Probe]:
        """The same for every model."""
        return agreement_probes(self._language, "combinations", self._corpus.encoder)


def _of_the_family(model: LayoutModel, kv_heads: int) -> LayoutModel | None:
    layout = (model.config.n_heads, kv_heads)
    if layout not in available_layouts():
        return None
    return load_layout(*layout, device=model.device, dtype=model.number_format)
