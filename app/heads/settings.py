"""What the page "Heads" depends on. Pure; no Streamlit here."""

from dataclasses import dataclass

from app.explore.offer import TRAINED, Family
from app.heads.forming.choice import UNCHOSEN, FormingChoice

PAGE = "heads.title"  # its name in the session, and the key of its title
#: As the library has them, which loads torch.
RANKS = ("importance", "norm", "random", "greedy")
WAYS = ("mean", "first", "random")
GROUPINGS = ("contiguous", "similar")
GUESSES = range(0, 101, 10)
GUESS = 50
TEXT_CHARS = 6000
SECTIONS = ("atlas", "find", "prune", "share", "forming")  # modules of .sections


@dataclass(frozen=True)
class HeadsSettings:
    """Everything the page depends on. ``layer`` and ``head`` None: no head is chosen.

    With a language model the numbers of heads are its own, and those here stand for the trained
    family, to which the visitor may return.
    """

    n_heads: int
    n_kv_heads: int
    lang: str
    model: str = TRAINED  # or a name of the catalog, a Hub id, a folder
    section: str = SECTIONS[0]
    layer: int | None = None
    head: int | None = None
    text: str = ""  # that is pruned and shared on; nothing: the held-out one
    rank: str = RANKS[0]  # how heads are ranked
    guess: int = GUESS  # per cent of the heads
    shared_kv: int | None = None  # KV heads afterwards; None: the next fewer
    shared_by: str = WAYS[0]
    grouping: str = GROUPINGS[0]
    x: str = "previous"  # scores of the scatter
    y: str = "induction"
    best: str = "role-induction"  # a score, or a role after ROLE: the ten best are listed
    forming: FormingChoice = UNCHOSEN

    @property
    def trained(self) -> bool:
        """Whether the trained family is shown, and no language model."""
        return self.model == TRAINED


def defaults(family: Family) -> HeadsSettings:
    """The settings of an address without parameters."""
    n_heads, n_kv_heads = family.usual
    return HeadsSettings(n_heads=n_heads, n_kv_heads=n_kv_heads, lang=family.languages[0])
