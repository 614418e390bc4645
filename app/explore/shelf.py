"""The trained layouts: all of them in memory, each asked at once. Needs torch; no Streamlit."""

import threading

from app import garbage
from app.explore.examples import Example
from app.explore.models import Models
from app.explore.offer import ModelFacts, Telling, name_of
from app.explore.telling import best_shown, head_with_a_job
from app.jobs import AtOnce, Cancelled, OnWait
from attention.models.layouts import cards, load
from attention.models.layouts.model import LayoutModel
from attention.models.look import Reading
from attention.models.roles import Roles
from attention.scores import Pairs

KEPT = 24  # results, of all visitors
TEXTS = 64  # that were read


class Shelf(Models[LayoutModel]):
    """Every trained layout.

    The matrices are small: handing them to a second thread costs more than it gains, and the
    browser wants that core.
    """

    def __init__(self) -> None:
        self.layouts = cards.available_layouts()
        most = max(1, len(self.layouts))
        super().__init__(AtOnce(KEPT), _load, most=most, threads=1)
        self._texts = AtOnce(TEXTS)

    def read(self, name: str, text: str, on_wait: OnWait, *, second: str | None = None) -> Reading:
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
        *,
        causal: bool | None = None,
        pairs: Pairs | None = None,
    ) -> Telling:
        """A head for each layer by its role; of an example those that show it best."""
        roles, layer = self.roles(facts.name, on_wait), facts.default_layer
        plain = Telling(tuple(head_with_a_job(heads) for heads in roles), layer)
        if example is None:
            return plain

        def work(_: Cancelled) -> Telling:
            look = self.look(
                facts.name, reading, layer, 0, raw, on_wait, causal=causal, pairs=pairs
            )
            return best_shown(plain, look, reading, raw, example, roles)

        key = ("telling", facts.name, reading.ids, raw, reading.in_words, causal)
        return self.store.get(key, work, on_wait)

    def roles(self, name: str, on_wait: OnWait) -> Roles:
        """By the layout's card."""
        return self.model(name, on_wait).roles()

    def fill(self, first: tuple[int, int]) -> None:
        """Load one now, the others in the background: a slider never waits for the disk."""
        wanted = first if first in self.layouts else self.layouts[0]
        self.model(name_of(*wanted), nobody_waits)
        threading.Thread(target=self._fill).start()

    def _fill(self) -> None:
        for layout in self.layouts:
            self.model(name_of(*layout), nobody_waits)
        garbage.settle()


def _load(name: str) -> LayoutModel:
    n_heads, n_kv_heads = map(int, name.split("x"))
    return load.load_layout(n_heads, n_kv_heads)


def nobody_waits(ahead: int) -> None:
    """Layouts do not queue."""
