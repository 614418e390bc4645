"""English words as tokens: whole, or a stem and its ending.

An ending is cut off where the stem stays as it is written by itself, so that ``key|s`` begins with
the token of ``key``: -s, -es, -ed and -ing, and -d behind an e (``bake|d``). Where spelling changes
the stem, a noun in -y keeps its ending all the same (``citi|es``), for number is what a verb agrees
with, and other forms are whole (``making``, ``stopped``): with a stem of their own the table would
be as large and texts longer. So are comparatives and adverbs (``taller``, ``slowly``), with which
nothing agrees. The endings 's and ’s are always cut off.
"""

from collections.abc import Iterable

from attention.training.grammar import english
from attention.training.lexicon.common import common
from attention.training.vocabulary.table import table

_TABLE = table("english")
ENDINGS, JOINED = _TABLE["endings"], _TABLE["joined"]
STARTERS = 300  # of the most frequent words have a token with a capital, too
_CUT = ("s", "d", "es", "ed", "ing")


def words() -> tuple[str, ...]:
    """Every form that has to be read well; with a capital where it always has one."""
    listed = common("english")
    forms = dict.fromkeys([*listed, *sorted({*english.WORDS, *english.NAMES})])
    contracted = frozenset(listed)
    return tuple(form for form in forms if not form.endswith("'s") or form in contracted)


def starts() -> tuple[str, ...]:
    """Words with a capital, as they open a sentence."""
    frequent = common("english")[:STARTERS]
    contracted = [word for word in words() if "'" in word]
    capital = (word.capitalize() for word in (*frequent, *contracted))
    return tuple(dict.fromkeys([*capital, *_TABLE["openers"]]))


def cut(forms: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Each form as its tokens: ``{"key": ("key",), "keys": ("key", "s")}``."""
    forms = tuple(forms)
    known, whole = frozenset(forms), frozenset(_TABLE["whole"])
    return {
        form: (form,) if form in whole or not form.islower() else _cut(form, known)
        for form in forms
    }


def _cut(form: str, known: frozenset[str]) -> tuple[str, ...]:
    for ending in _CUT:
        stem = form.removesuffix(ending)
        if stem != form and stem in known and len(stem) > 2 and _takes(stem, ending):
            return stem, ending
    if form.endswith("ies") and form[:-3] + "y" in known:
        return form[:-2], "es"
    return (form,)


def _takes(stem: str, ending: str) -> bool:
    hisses = stem.endswith(("s", "x", "z", "ch", "sh", "o"))
    silent = stem.endswith("e")
    return {"s": not stem.endswith("s"), "es": hisses, "d": silent}.get(ending, not silent)
