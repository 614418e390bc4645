"""What the page "Explore" depends on. Pure; no Streamlit here."""

from dataclasses import dataclass, replace

from app.explore.offer import TRAINED, Family, ModelFacts
from app.explore.pictures import Upload
from app.explore.real import DEFAULT_REAL, RealChoice
from attention.interventions.off import ALL_ON, Off
from attention.models.beside import LIKE
from attention.models.parts import PARTS as ATTENTIONS
from attention.models.patches import SAMPLES
from attention.picture.scene import MEASURES

PAGE = "page.explore"  # its name in the session, and the key of its title
MASKS = ("causal", "bidirectional")
SHAPE_WIDTHS = (4096, 8192)  # widths that are drawn as shapes only, beside the trained one
PIECES = ("merged", "words", "raw")
SECTIONS = (
    "steps",
    "off",
    "curve",
    "sharing",
    "beside",
    "numbers",
    "generate",
)  # modules of .sections
VIEWS = ("page", "present")
PARTS = ("split", "gallery", "head", "sentence", "cache", "joined", "map")  # as present.js has them
GOES_ON = ("end", "token")  # of the text: behind its last token, or behind the chosen one
LARGEST_SEED = 2**31 - 1
TEMPERATURES = tuple(tenth / 10 for tenth in range(21))


@dataclass(frozen=True)
class NextToken:
    """What the section on the next token is asked."""

    temperature: float = 0.0  # one of TEMPERATURES
    seed: int = 0
    compare: bool | None = None  # run each step without the cache, too; None: if the text is short
    goes_on: str = GOES_ON[0]


@dataclass(frozen=True)
class Beside:
    """What stands beside the chosen head."""

    model: str | None = None  # see :mod:`app.explore.beside`; None: the page picks
    layer: int | None = None  # where its head is looked for; None: see attention.models.beside
    like: str = LIKE[0]  # or a head's number


@dataclass(frozen=True)
class Settings:
    """Everything the page depends on. ``layer``, ``head`` and ``token`` None: the page picks.

    With a language model the layout, the mask and the width are the model's own, and those here
    stand for the trained family, to which the visitor may return.
    """

    text: str
    n_heads: int
    n_kv_heads: int
    layer: int | None
    mask: str
    width: int | None  # None is the trained width
    lang: str
    head: int | None = None
    token: int | None = None  # counts what is shown: pieces, words, or raw tokens
    also: tuple[int, ...] = ()  # tokens that are chosen beside it
    text_b: str = ""  # a second text, for models that compare two
    image: str = SAMPLES[0]  # of a model that reads pictures; or see :mod:`app.explore.pictures`
    upload: Upload | None = None  # the visitor's own picture, shown or not
    target: str = ""  # of an encoder–decoder what its decoder reads; "": the model's own answer
    attention: str = ATTENTIONS[0]  # of an encoder–decoder
    model: str = TRAINED  # or a name of the catalog, a Hub id, a folder
    off: Off = ALL_ON  # heads that are switched off
    pieces: str = PIECES[0]
    section: str | None = None  # that is open
    real: RealChoice = DEFAULT_REAL
    next_token: NextToken = NextToken()
    beside: Beside = Beside()
    measure: str = MEASURES[0]  # that the map of a model is coloured by
    view: str = VIEWS[0]
    part: str = PARTS[0]  # that the presenter's view shows

    @property
    def layout(self) -> tuple[int, int]:
        return self.n_heads, self.n_kv_heads

    @property
    def causal(self) -> bool:
        """The mask that is chosen, for a model in which one can be."""
        return self.mask == MASKS[0]

    @property
    def trained(self) -> bool:
        """Whether the trained family is shown, and no language model."""
        return self.model == TRAINED

    @property
    def presented(self) -> str | None:
        """The part that is shown alone; None: the whole page."""
        return self.part if self.view == VIEWS[1] else None

    @property
    def raw(self) -> bool:
        return self.pieces == "raw"


def defaults(family: Family) -> Settings:
    """The settings of an address without parameters."""
    n_heads, n_kv_heads = family.usual
    return Settings(
        text=family.openings[family.languages[0]],
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        layer=None,
        mask=MASKS[0],
        width=None,
        lang=family.languages[0],
    )


def sections_of(facts: ModelFacts) -> tuple[str, ...]:
    """The sections that a model has."""
    # In cross-attention rows and columns are two texts.
    lacks = {"generate": not facts.generates, "beside": facts.part == ATTENTIONS[2]}
    lacks |= dict.fromkeys(("steps", "off"), facts.weights_only)
    lacks |= dict.fromkeys(("curve", "sharing"), facts.sees)  # they are about the cache of a text
    return tuple(name for name in SECTIONS if not lacks.get(name))


def above_sections(settings: Settings) -> Settings:
    """The same with nothing that only the sections below the picture heed."""
    return replace(settings, section=None, next_token=NextToken(), beside=Beside())
