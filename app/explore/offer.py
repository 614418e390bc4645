"""What there is to choose from: trained layouts and language models. Pure; no Streamlit."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from app.kinds import nearest
from app.recent import Recent
from attention.config import AttentionConfig, divisors
from attention.interventions.off import Off
from attention.models.blocks import Block, number_of
from attention.models.layouts.names import name_of, title_of
from attention.models.parts import PARTS
from attention.models.store.names import NAMED

TRAINED = "trained"  # the family of this repository: the default
OTHER = "other"  # a model that the visitor names, and has not named yet
OFFERED = (TRAINED, *NAMED)
BARE = "\nbase"  # ends the name of a model whose adapter is left out; no address has such a name
USUAL_HEADS, USUAL_KV_HEADS = 8, 2  # of the layout that pages open with


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """A model before it is asked anything: what can be chosen in it, and what to tell of it.

    Of a language model they are known once it was loaded.
    """

    name: str  # among its like: as the address has it, or of a layout its numbers
    title: str
    configs: tuple[AttentionConfig, ...]  # one a layer
    windows: tuple[int | None, ...]  # tokens a layer's sliding window holds; None: the whole text
    default_layer: int  # to open with
    causal: bool  # unless another mask is chosen
    predicts: bool  # see :attr:`attention.models.base.Model.predicts`
    pairs: bool  # it takes a second text, to be compared with the first
    sees: bool = False  # it reads pictures, and no text is asked for
    generates: bool  # a text goes on with it, see :mod:`attention.models.generate`
    # (n_heads, n_kv_heads) of all that it is to be had with, and then its mask and its width are
    # free, too; none where a model is as it was built.
    layouts: tuple[tuple[int, int], ...] = ()
    blocks: tuple[Block, ...] = ()  # see :attr:`attention.models.base.Model.blocks`
    weights_only: bool = False  # see :attr:`attention.models.base.Model.weights_only`
    # Of an encoder–decoder which of its attentions it is, see :mod:`attention.models.parts`; as it
    # is loaded its encoder, and ``parts`` are the others.
    part: str = ""
    parts: tuple["ModelFacts", ...] = ()
    given: tuple[int, ...] = ()  # the source, where that was read, of an attention of the target
    taught_agreement: bool = False  # an example's subjects and verbs are whole tokens that it knows
    # A head for each layer, the one to show first: measured, see
    # :func:`app.explore.telling.telling_heads`. None of a layout, whose card says it.
    telling: tuple[int, ...] = ()
    base: str = ""  # title of the model that an adapter was put onto; "" where there is none
    source: str = ""  # where it came from: a package, a Hub id and revision, a folder
    weights: str = ""  # what the weights are, in words; "" where it is not known
    licence: str = ""  # "" where it is not known

    @property
    def n_layers(self) -> int:
        return len(self.configs)

    @property
    def reads_target(self) -> bool:
        """It is of a target's tokens, which were given a source."""
        return self.part not in ("", PARTS[0])

    def of(self, part: str) -> "ModelFacts":
        """Of another of its attentions; of a model of one stack its own."""
        return next((each for each in self.parts if each.part == part), self)

    def number_of(self, layer: int) -> int:
        """What a layer is called: see :func:`attention.models.blocks.number_of`."""
        return number_of(layer, self.blocks)

    def called(self, off: Off) -> str:
        """Heads that are off, each by the number of its layer, ascending."""
        heads = sorted(off.heads)
        return ", ".join(f"{self.number_of(layer)}.{head}" for layer, head in heads)


@dataclass(frozen=True)
class Telling:
    """What to show of a text where nothing is chosen.

    Args:
        heads: one for each layer; layer: to open with.
        token: None is the last of the text.
    """

    heads: tuple[int, ...]
    layer: int
    token: int | None = None


@dataclass(frozen=True)
class Family:
    """The trained layouts on disk and what they have in common."""

    layouts: tuple[tuple[int, int], ...]  # (n_heads, n_kv_heads)
    n_layers: int
    d_model: int
    languages: tuple[str, ...]
    openings: Mapping[str, str]  # by language the text that its page opens on

    @property
    def head_counts(self) -> tuple[int, ...]:
        """The head counts that have at least one layout, ascending."""
        return tuple(sorted({n_heads for n_heads, _ in self.layouts}))

    def kv_counts(self, n_heads: int) -> tuple[int, ...]:
        """The KV head counts on disk for ``n_heads``, ascending."""
        return tuple(sorted(kv for heads, kv in self.layouts if heads == n_heads))

    @property
    def usual(self) -> tuple[int, int]:
        """The layout that pages open with."""
        n_heads = nearest(self.head_counts, USUAL_HEADS)
        return n_heads, self.usual_kv(n_heads)

    def usual_kv(self, n_heads: int) -> int:
        """The KV heads that ``n_heads`` come with where nothing is said."""
        return nearest(self.kv_counts(n_heads), USUAL_KV_HEADS)

    def facts(self, n_heads: int, n_kv_heads: int) -> ModelFacts:
        """Of the layout with so many heads."""
        config = AttentionConfig(d_model=self.d_model, n_heads=n_heads, n_kv_heads=n_kv_heads)
        return ModelFacts(
            name=name_of(n_heads, n_kv_heads),
            title=title_of(n_heads, n_kv_heads),
            configs=(config,) * self.n_layers,
            windows=(None,) * self.n_layers,
            default_layer=self.n_layers - 1,  # which builds on those before
            causal=True,
            predicts=True,
            pairs=False,
            generates=True,
            layouts=self.layouts,
            taught_agreement=True,
        )

    def missing(self) -> int:
        """How many layouts of the whole family are not on disk yet."""
        whole = {(heads, kv) for heads in (1, 2, 4, 8, 16, 32) for kv in divisors(heads)}
        return len(whole - set(self.layouts))


class Known:
    """The facts of models that were loaded in this process; they outlive the model in memory."""

    MOST = 32

    def __init__(self) -> None:
        self._facts: Recent[ModelFacts] = Recent(self.MOST)
        self._lock = threading.Lock()

    def get(self, name: str) -> ModelFacts | None:
        with self._lock:
            return self._facts.use(name) if name in self._facts else None

    def of(self, name: str) -> ModelFacts:
        """Of a model that was loaded."""
        with self._lock:
            return self._facts.use(name)

    def put(self, facts: ModelFacts) -> None:
        with self._lock:
            self._facts.put(facts.name, facts)
