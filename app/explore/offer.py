"""What there is to choose from: trained layouts and language models. Pure; no Streamlit."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from attention.config import AttentionConfig, divisors
from attention.models.store.names import NAMED

TRAINED = "trained"  # the family of this repository: the default
OTHER = "other"  # a model that the visitor names, and has not named yet
OFFERED = (TRAINED, *NAMED)


def name_of(n_heads: int, n_kv_heads: int) -> str:
    """What a trained layout is called among its like."""
    return f"{n_heads}x{n_kv_heads}"


@dataclass(frozen=True)
class Family:
    """The trained layouts on disk and what they have in common."""

    layouts: tuple[tuple[int, int], ...]  # (n_heads, n_kv_heads)
    n_layers: int
    d_model: int
    languages: tuple[str, ...]
    default_text: str
    default_layer: int

    @property
    def head_counts(self) -> tuple[int, ...]:
        """The head counts that have at least one layout, ascending."""
        return tuple(sorted({n_heads for n_heads, _ in self.layouts}))

    def kv_counts(self, n_heads: int) -> tuple[int, ...]:
        """The KV head counts on disk for ``n_heads``, ascending."""
        return tuple(sorted(kv for heads, kv in self.layouts if heads == n_heads))

    def missing(self) -> int:
        """How many layouts of the whole family are not on disk yet."""
        whole = {(heads, kv) for heads in (1, 2, 4, 8, 16, 32) for kv in divisors(heads)}
        return len(whole - set(self.layouts))


@dataclass(frozen=True)
class ModelFacts:
    """A language model that was loaded once: what can be chosen in it, and what to tell of it.

    ``telling`` holds a head for each layer, the one to show first; ``default_layer`` is the layer
    to open with. Both were measured, see :func:`app.explore.language.telling_heads`.
    """

    name: str  # as the address has it
    title: str
    architecture: str
    source: str  # where it came from: a package, a Hub id and revision, a folder
    weights: str  # what the weights are, in words; "" where it is not known
    licence: str  # "" where it is not known
    device: str
    number_format: str  # that it computes in
    configs: tuple[AttentionConfig, ...]  # one a layer
    windows: tuple[int | None, ...]  # tokens a layer's sliding window holds; None: the whole text
    telling: tuple[int, ...]
    default_layer: int
    causal: bool
    predicts: bool  # it has an LM head
    max_tokens: int

    @property
    def n_layers(self) -> int:
        return len(self.configs)


class Known:
    """The facts of models that were loaded in this process; they outlive the model in memory."""

    MOST = 32

    def __init__(self) -> None:
        self._facts: OrderedDict[str, ModelFacts] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: str) -> ModelFacts | None:
        with self._lock:
            return self._facts.get(name)

    def of(self, name: str) -> ModelFacts:
        """Of a model that was loaded."""
        with self._lock:
            return self._facts[name]

    def put(self, facts: ModelFacts) -> None:
        with self._lock:
            self._facts[facts.name] = facts
            if len(self._facts) > self.MOST:
                self._facts.popitem(last=False)
