"""What can be asked of the models that visitors share: a text read, a pass, a row, an effect.

Needs torch; no Streamlit.
"""

import importlib
from collections.abc import Callable, Hashable
from typing import Any

import torch

from app.explore.holder import Holder
from app.explore.loaded import Asked
from app.jobs import Cancelled, OnWait
from attention.interventions.off import ALL_ON, Off
from attention.models import reading as readings
from attention.models.effect import Effect, Foretold, foretell
from attention.models.look import Look, Reading
from attention.models.parts import chosen
from attention.models.residual import Residual
from attention.scores import Pairs
from attention.trace import AttentionTrace, query_row

PAGE_TOKENS = 2048  # more than this is cut
CHECKED_TOKENS = 16  # of the probe, for the check of the split


class Models(Holder[Asked]):
    """Models, and each question that the pages put to one: answered once, and kept."""

    def read(self, name: str, text: str, on_wait: OnWait, *, second: str | None = None) -> Reading:
        """Tokenize, and find the tokens that split a character."""
        loaded = self._hold(name, on_wait)
        with loaded.tokenizing:
            return readings.read(loaded.model, text, PAGE_TOKENS, second=second)

    def see(
        self, name: str, picture: Hashable, opened: Callable[[], Any], on_wait: OnWait
    ) -> Reading:
        """A picture as the patches of the model.

        Args:
            picture: what tells it from others; opened: gives it.
        """

        def work(model: Asked, _: Cancelled) -> Reading:
            return importlib.import_module("attention.models.images").seen(model, opened()).reading

        return self.use(name, ("see", name, picture), work, on_wait)

    def read_target(self, name: str, source: Reading, target: str, on_wait: OnWait) -> Reading:
        """What the decoder reads beside a source; where the target is blank, the model's own
        answer, which is made once for both its attentions.

        Raises:
            TextError: it predicts no token, and there is no target.
        """
        loaded, part = self._hold(name, on_wait), self._part[0]

        def read(**target: Any) -> Reading:
            return chosen(loaded.model, source, part=part, most=PAGE_TOKENS, **target).reading

        if target.strip():
            with loaded.tokenizing:
                return read(target=target)

        def work(model: Any, cancelled: Cancelled) -> list[int]:
            return model.continued(source.ids, cancelled=cancelled)

        answer = self.of("", ()).use(name, ("answer", name, source.ids), work, on_wait)
        return read(answer=answer)

    def look(
        self,
        name: str,
        reading: Reading,
        layer: int,
        head: int,
        raw: bool,
        on_wait: OnWait,
        *,
        causal: bool | None = None,
        pairs: Pairs | None = None,
        off: Off = ALL_ON,
    ) -> Look:
        """One pass, kept for all layers and heads; of a long text only one head is kept whole."""
        units = reading.merged(raw)
        starts = None if units is None else units.starts.tobytes()
        key: tuple = ("look", name, reading.key, starts, causal, pairs, off)
        if len(reading.ids) > self.model(name, on_wait).kept_tokens:
            key = (*key, layer, head)

        def work(model: Asked, cancelled: Cancelled) -> Look:
            return without(as_read(model, reading), off).look(
                reading.ids,
                layer=layer,
                head=head,
                causal=causal,
                units=units,
                pairs=pairs,
                cancelled=cancelled,
            )

        return self.use(name, key, work, on_wait)

    def row(
        self,
        name: str,
        reading: Reading,
        layer: int,
        token: int,
        on_wait: OnWait,
        *,
        causal: bool | None = None,
        off: Off = ALL_ON,
    ) -> AttentionTrace:
        """Every intermediate of one layer for one query."""
        ids, read = reading.ids, reading.key
        if len(ids) <= self.model(name, on_wait).whole_tokens:  # kept for every token

            def whole(model: Asked, _: Cancelled) -> AttentionTrace:
                own = without(as_read(model, reading), off)
                return own.trace(ids, layer=layer, causal=causal)

            trace = self.use(name, ("trace", name, read, layer, causal, off), whole, on_wait)
            return query_row(trace, token)

        def one(model: Asked, _: Cancelled) -> AttentionTrace:
            own = without(as_read(model, reading), off)
            return own.query(ids, layer=layer, token=token, causal=causal)

        return self.use(name, ("row", name, read, layer, token, causal, off), one, on_wait)

    def effect(self, name: str, reading: Reading, token: int, off: Off, on_wait: OnWait) -> Effect:
        """What the text costs as the model is, which is kept, and with heads off."""

        def foretold(off: Off) -> Foretold:
            def work(model: Any, _: Cancelled) -> Foretold:
                ids = torch.tensor([list(reading.ids)])
                return foretell(without(model, off), ids, token=token)

            return self.use(name, ("foretold", name, reading.ids, token, off), work, on_wait)

        return Effect(foretold(ALL_ON), foretold(off))

    def residual(
        self,
        name: str,
        reading: Reading,
        token: int,
        on_wait: OnWait,
        *,
        causal: bool | None = None,
        off: Off = ALL_ON,
    ) -> Residual:
        """What every part of the model puts into the residual stream at a token."""

        def work(model: Any, _: Cancelled) -> Residual:
            return without(model, off).residual(reading.ids, token=token, causal=causal)

        key = ("residual", name, reading.ids, token, causal, off)
        return self.use(name, key, work, on_wait)

    def split_error(
        self, name: str, look: Look, layer: int, probe: str | Reading, on_wait: OnWait
    ) -> float | None:
        """The check of the split: on the look itself, or on a text or picture whose pass is made
        once."""
        own = look.kept[layer] if look.has_projections else None

        def work(model: Asked, _: Cancelled) -> tuple[float | None]:
            read = model if isinstance(probe, str) else as_read(model, probe)
            if read.w_q(layer) is None:
                return (None,)
            ids = read.encode(probe)[:CHECKED_TOKENS] if isinstance(probe, str) else probe.ids
            of = own or read.trace(ids, layer=layer)
            return (read.split_error(of, layer=layer),)

        return self.use(name, ("split", name, layer, own), work, on_wait)[0]


def as_read(model: Any, reading: Reading) -> Any:
    """The model with the picture that was read; of a text the model itself."""
    return model if reading.patches is None else model.vision.with_patches(reading.patches)


def without(model: Asked, off: Off) -> Asked:
    """The model with heads off in its passes; the same where none is."""
    return model.without(off) if off else model
