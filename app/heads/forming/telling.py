"""What is said of the trainings. Pure; no Streamlit here."""

from collections.abc import Sequence

from app.heads.forming.change import ABRUPT, fastest_rise, most
from app.i18n import Words
from attention.models.layouts.forming import Forming
from attention.scores import MOSTLY
from attention.training.recipe import LETTERS, Recipe


def title_of(run: Forming, words: Words) -> str:
    """Its layout."""
    return words.count("heads.forming.twin", run.n_kv_heads, heads=words.number(run.n_heads))


def twin_text(run: Forming, score: str, words: Words) -> str:
    """Its losses, the abrupt change, and how far its heads came."""
    scores = run.scores[score]
    said = words(
        "heads.forming.losses",
        first=words.number(float(run.losses[0]), ".2f"),
        last=words.number(float(run.losses[-1]), ".2f"),
    )
    start = words("heads.forming.random", score=_score(float(scores[0].mean()), words))
    return " ".join((said, start, _rise_text(run, score, words), _most_text(run, score, words)))


def intro_text(runs: Sequence[Forming], words: Words) -> str:
    """What these trainings are, and that they are others than Explore's."""
    about = words(f"heads.forming.intro_{runs[0].text}")
    taken = words(
        "heads.forming.taken",
        steps=words.number(int(runs[0].steps[-1])),
        tokens=words.number(int(runs[0].tokens[-1])),
        n=words.number(len(runs[0].steps)),
        seed=words.number(recipe_of(runs).seed),
    )
    return f"{about} {taken}"


def text_change_text(runs: Sequence[Forming], score: str, words: Words) -> str:
    """That the text changes inside the interval of an abrupt change; "" where it does not."""
    recipe = recipe_of(runs)
    step = recipe.forming_steps
    inside = [run for run in runs if step < recipe.steps and _holds(run, score, step)]
    if not inside:
        return ""
    names = "; ".join(title_of(run, words) for run in inside)
    return words("heads.forming.text_change", step=words.number(step), runs=names)


def recipe_of(runs: Sequence[Forming]) -> Recipe:
    """What they were trained by."""
    return LETTERS if runs[0].text == "letters" else Recipe()


def _holds(run: Forming, score: str, step: int) -> bool:
    rise = fastest_rise(run.scores[score])
    return rise.is_abrupt and bool(run.steps[rise.at - 1] < step <= run.steps[rise.at])


def _rise_text(run: Forming, score: str, words: Words) -> str:
    rise = fastest_rise(run.scores[score])
    if not rise.is_abrupt:
        least = words.number(ABRUPT, ".1f")
        return words("heads.forming.no_jump", rise=_below(rise.size, words), least=least)
    return words(
        "heads.forming.jump",
        **_head(rise.layer, rise.head, words),
        before=_score(rise.before, words),
        after=_score(rise.after, words),
        first=words.number(int(run.steps[rise.at - 1])),
        last=words.number(int(run.steps[rise.at])),
        tokens=words.number(int(run.tokens[rise.at])),
    )


def _most_text(run: Forming, score: str, words: Words) -> str:
    scores = run.scores[score]
    best = most(scores)
    values = {
        **_head(best.layer, best.head, words),
        "most": (_below if best.score < MOSTLY else _score)(best.score, words),
        "least": words.number(MOSTLY, ".1f"),
        "step": words.number(int(run.steps[best.at])),
    }
    if best.score < MOSTLY:
        return words("heads.forming.never", **values)
    n = int((scores[-1] >= MOSTLY).sum())
    return words.count("heads.forming.reached_by", n, **values)


def _head(layer: int, head: int, words: Words) -> dict[str, str]:
    return {"layer": words.number(layer), "head": words.number(head)}


def _below(value: float, words: Words) -> str:
    """One that falls short of something: rounded to two decimals it might seem to reach it."""
    return words.number(value, ".3f")


def _score(value: float, words: Words) -> str:
    return words.number(value, ".2f")
