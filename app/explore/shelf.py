"""The trained layouts: all of them in memory, each asked at once. Needs torch; no Streamlit."""

import threading
from collections.abc import Mapping, Sequence

from app import garbage
from app.explore.examples import Example
from app.explore.models import Models
from app.explore.offer import ModelFacts, name_of
from app.jobs import AtOnce, OnWait
from attention.models.layouts import load
from attention.models.layouts.model import LayoutModel
from attention.models.look import Reading

KEPT = 24  # results, of all visitors
TEXTS = 64  # that were read


class Shelf(Models[LayoutModel]):
    """Every trained layout.

    The matrices are small: handing them to a second thread costs more than it gains, and the
    browser wants that core.
    """

    def __init__(self) -> None:
        self.layouts = load.available_layouts()
        most = max(1, len(self.layouts))
        super().__init__(AtOnce(KEPT), _load, most=most, threads=1)
        self._texts = AtOnce(TEXTS)

    def read(self, name: str, text: str, on_wait: OnWait) -> Reading:
        """Tokenize; every layout has the same tokenizer."""
        first = name_of(*self.layouts[0])
        key = ("read", text)
        return self._texts.get(key, lambda _: super(Shelf, self).read(first, text, on_wait))

    def telling(
        self,
        facts: ModelFacts,
        reading: Reading,
        raw: bool,
        example: Example | None,
        on_wait: OnWait,
    ) -> tuple[tuple[int, ...], int]:
        """A head for each layer, by the layout's card, and the layer to open with."""
        heads = self.model(facts.name, on_wait).card["heads"]
        telling = (_head_of_card(of, layer, example) for layer, of in enumerate(heads))
        return tuple(telling), facts.default_layer

    def fill(self, first: tuple[int, int]) -> None:
        """Load one now, the others in the background: a slider never waits for the disk."""
        wanted = first if first in self.layouts else self.layouts[0]
        self.model(name_of(*wanted), _nobody_waits)
        threading.Thread(target=self._fill).start()

    def _fill(self) -> None:
        for layout in self.layouts:
            self.model(name_of(*layout), _nobody_waits)
        garbage.settle()


def _load(name: str) -> LayoutModel:
    n_heads, n_kv_heads = map(int, name.split("x"))
    return load.load_layout(n_heads, n_kv_heads)


def _head_of_card(heads: Sequence[Mapping[str, float]], layer: int, example: Example | None) -> int:
    """The head that shows most of what the example is for.

    Without an example, or in another layer: most of what came by itself in layer 1 (induction), or
    of what layer 0 began with.
    """
    shows = "previous" if layer == 0 else "induction"
    if example is not None and example.layer == layer:
        shows = example.shows
    values = [head[shows] for head in heads]
    return values.index(max(values))


def _nobody_waits(ahead: int) -> None:
    """Layouts do not queue."""
