"""The language models that visitors share, and what is known of each. Needs torch; no Streamlit."""

import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import torch

from app import garbage
from app.explore.examples import Example
from app.explore.models import Models
from app.explore.offer import BARE, Known, ModelFacts, Telling
from app.explore.telling import best_shown, facts_of, telling_heads
from app.jobs import ClosedError, OnWait, Store
from attention.errors import HeadcountError
from attention.models.huggingface.model import LanguageModel
from attention.models.look import Reading
from attention.models.roles import Roles
from attention.scores import Pairs
from attention.uptraining import named

MAX_MODELS = 2  # loaded at the same time
# Half of what torch takes by itself. The rest is for server and browser: a thread that has to share
# its core holds up all others (on 2 busy cores, 12 s became 171 s).
THREADS = max(1, torch.get_num_threads() // 2)


class LanguageModels(Models[LanguageModel]):
    """Models of transformers, of which few are in memory.

    Args:
        store: the queue that everything waits in.
        known: gets the facts of each model that is loaded, and outlives it.
        probe: a text with words that come again; each model's telling heads are taken on it.
        load: makes a model of a name, see :func:`attention.uptraining.named.load`.
    """

    def __init__(
        self,
        store: Store,
        known: Known,
        probe: str,
        load: Callable[[str], LanguageModel] = named.load,
    ) -> None:
        def make(name: str) -> LanguageModel:
            garbage.settle()
            whole = name.removesuffix(BARE)
            model = load(name) if whole == name else self._take(whole).model.without_adapter()
            known.put(facts_of(name, model, probe))
            return model

        super().__init__(store, make, most=MAX_MODELS, threads=THREADS, loaded=garbage.settle)
        self.known, self.probe = known, probe
        self._measured: weakref.WeakSet[LanguageModel] = weakref.WeakSet()  # once, or just now
        self._starting = threading.Lock()

    def load(self, name: str, on_wait: OnWait) -> ModelFacts:
        """Load a model, unless it is.

        Raises:
            CheckpointError: it cannot be had, or cannot be shown; the message says why.
        """
        self.model(name, on_wait)
        return self.known.of(name)

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
        """A head for each layer, and the layer to open with, as this text shows them.

        Of a long text only one head is kept whole, which has to be named before the pass: then it
        is what was found on the probe.
        """
        name, layer, heads = facts.name, facts.default_layer, facts.telling
        if len(reading.ids) > self.model(name, on_wait).kept_tokens:
            return Telling(heads, layer)
        look = self.look(
            name, reading, layer, heads[layer], raw, on_wait, causal=causal, pairs=pairs
        )
        plain = Telling(*telling_heads(look))
        if example is None or not facts.causal or facts.part:
            return plain
        # Roles may be known only later, and the page must not jump to another head then.
        return best_shown(plain, look, reading, raw, example, None)

    def roles(self, name: str, on_wait: OnWait) -> Roles | None:
        """Known at once, or measured meanwhile: a text at a time, between the visitors' passes."""
        model = self.model(name, on_wait)
        known = model.roles_known()
        with self._starting:
            if known is not None or model in self._measured:
                return known
            self._measured.add(model)
        threading.Thread(target=self._measure, args=(model,), daemon=True, name="roles").start()
        return None

    def _measure(self, model: LanguageModel) -> None:
        def in_turn(work: Callable[[], Any]) -> Any:
            return self.store.get(object(), lambda _: work(), keep=False)

        # A model that cannot take our text, or a server that stops: its heads stay without a role.
        with suppress(ClosedError, HeadcountError):
            model.roles(in_turn)
