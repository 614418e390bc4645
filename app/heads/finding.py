"""What the section "Find" looks for: points of the scatter, and the ten best. Pure."""

from collections.abc import Sequence
from html import escape
from statistics import fmean

from app.explore.offer import ModelFacts
from app.heads.card import WORDY, number, table_html
from app.heads.grid import Place, chip_html
from app.heads.scores import ROLE, best_name, score_name
from app.i18n import Words
from attention.atlas.heads import Atlas, Head, Measured
from attention.figures.atlas_scores import AtlasWords, HeadPoint
from attention.theme import Theme

MOST = 10  # heads that are listed


def points_of(
    atlas: Atlas, facts: ModelFacts, x: str, y: str, words: Words
) -> tuple[HeadPoint, ...]:
    """Every head by two of its scores on made texts."""
    found = []
    for (layer, at), head in _all(atlas):
        config = facts.configs[layer]
        kv_head = at // config.group_size
        role = words(f"role.{head.role.name}.short")
        number = facts.number_of(layer)
        says = words("heads.find.point", layer=number, head=at, kv=kv_head, role=role)
        values = head.scores[x].value, head.scores[y].value
        found.append(HeadPoint((layer, at), kv_head, config.n_kv_heads, *values, says))
    return tuple(found)


def chances_of(atlas: Atlas, x: str, y: str) -> tuple[float, float]:
    """The mean chance of both."""
    heads = [head for _, head in _all(atlas)]
    across, upwards = (fmean(head.scores[name].chance for head in heads) for name in (x, y))
    return across, upwards


def chart_words(facts: ModelFacts, x: str, y: str, words: Words) -> AtlasWords:
    """The chart's words."""
    most = max(config.n_kv_heads for config in facts.configs)
    return AtlasWords(
        x=score_name(x, words),
        y=score_name(y, words),
        kv=tuple(words("heads.find.kv", n=n) for n in range(most)),
        every=words("heads.find.all_kv"),
        chosen=words("heads.find.chosen"),
        chance=words("heads.find.chance"),
    )


def point_of(heard: object) -> object:
    """What was chosen in the chart, as a component would say it; None where nothing was."""
    try:
        layer, head, _ = heard["selection"]["points"][0]["customdata"]  # type: ignore[index]
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    return {"layer": layer, "head": head}


def ten_best(atlas: Atlas, best: str) -> tuple[tuple[Place, Head], ...]:
    """The heads of a role, by its score; or all heads by a score; the first ten."""
    if best.startswith(ROLE):
        role = best.removeprefix(ROLE)
        heads = [each for each in _all(atlas) if each[1].role.name == role]
        heads.sort(key=lambda each: -each[1].role.score)
    else:
        heads = [each for each in _all(atlas) if best in each[1].scores]
        heads.sort(key=lambda each: -each[1].scores[best].value)
    return tuple(heads[:MOST])


def score_of(best: str, head: Head) -> str | None:
    """The score that shows a role best in this head; None where a role has no single one."""
    if not best.startswith(ROLE):
        return best
    role = best.removeprefix(ROLE)
    of_role = [
        name
        for name in head.scores
        if name == role or name.split("_")[0] == role or (role == "subject" and "agreement" in name)
    ]
    same = [name for name in of_role if abs(head.scores[name].value - head.role.score) < 1e-9]
    if role == "broad":
        return "spread" if "spread" in head.scores else None
    return next(iter(same or of_role), None)


def best_html(
    found: Sequence[tuple[Place, Head]],
    links: Sequence[str],
    best: str,
    theme: Theme,
    words: Words,
) -> str:
    """The ten best as a table, each score beside its chance."""
    caption = words("heads.find.caption", what=best_name(best, words))
    if not found:
        return f'<p class="hc-small" lang="{words.lang}">{escape(words("heads.find.none"))}</p>'
    columns = ("head", "role", "score", "value", "spread", "chance", "reinitialised", "ordinary")
    body = "".join(
        f'<tr><th scope="row">{link}</th><td{WORDY}>{chip_html(head.role.name, theme, words)}</td>'
        f"{_cells(score_of(best, head), head, words)}</tr>"
        for (_, head), link in zip(found, links, strict=True)
    )
    return table_html(caption, columns, body, words)


def _cells(name: str | None, head: Head, words: Words) -> str:
    if name is None:
        empty = (number(head.role.score, words), *["–"] * 4)
        return "<td>–</td>" + "".join(f"<td>{value}</td>" for value in empty)
    found = head.scores[name]
    plain = head.ordinary.get(name.removesuffix("_other_length"))  # ordinary text has no length
    told = (found.value, found.spread, found.chance, found.reinitialised, _value(plain))
    cells = "".join(f"<td>{number(value, words)}</td>" for value in told)
    return f"<td{WORDY}>{escape(score_name(name, words))}</td>{cells}"


def _value(found: Measured | None) -> float | None:
    return None if found is None else found.value


def _all(atlas: Atlas) -> list[tuple[Place, Head]]:
    return [
        ((layer, at), head) for layer, row in enumerate(atlas.heads) for at, head in enumerate(row)
    ]
