"""What the page "Explore" depends on. Pure; no Streamlit here."""

from dataclasses import dataclass

from app.explore.offer import TRAINED, Family
from app.explore.real import DEFAULT_REAL, RealChoice
from app.kinds import nearest

PAGE = "page.explore"  # its name in the session, and the key of its title
MASKS = ("causal", "bidirectional")
SHAPE_WIDTHS = (4096, 8192)  # widths that are drawn as shapes only, beside the trained one
PIECES = ("merged", "raw")
SECTIONS = ("steps", "curve", "sharing", "numbers")  # each a module of .sections
NEXT_TOKEN = "generate"  # one more, for models that predict one
DEFAULT_HEADS = 8
DEFAULT_KV_HEADS = 2


@dataclass(frozen=True)
class Settings:
    """Everything the page depends on. ``head`` and ``token`` None: the page picks.

    With a language model it picks the layer, too, where that is None; the layout, the mask and the
    width are then the model's own, and those here stand for the trained family, to which the
    visitor may return.
    """

    text: str
    n_heads: int
    n_kv_heads: int
    layer: int | None
    mask: str
    width: int | None  # None is the trained width
    lang: str
    head: int | None = None
    token: int | None = None  # counts what is shown: merged pieces, or raw tokens
    model: str = TRAINED  # or a name of the catalog, a Hub id, a folder
    pieces: str = PIECES[0]
    section: str | None = None  # that is open
    real: RealChoice = DEFAULT_REAL

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
    def raw(self) -> bool:
        return self.pieces == "raw"


def defaults(family: Family) -> Settings:
    """The settings of an address without parameters."""
    n_heads = nearest(family.head_counts, DEFAULT_HEADS)
    return Settings(
        text=family.default_text,
        n_heads=n_heads,
        n_kv_heads=nearest(family.kv_counts(n_heads), DEFAULT_KV_HEADS),
        layer=family.default_layer,
        mask=MASKS[0],
        width=None,
        lang=family.languages[0],
    )
