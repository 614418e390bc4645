"""The card of one head: its role, all of its scores, and the heads that are like it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from app.explore.offer import ModelFacts
from app.heads.grid import FINE, Place, chip_html
from app.heads.scores import grouped, score_name
from app.i18n import Words
from attention.atlas.alike import UNRELATED, Like
from attention.atlas.heads import Atlas, Head, Measured
from attention.sentence import Sentence
from attention.theme import Theme

WORDY = ' class="hc-word"'
WORD_COLUMNS = ("head", "role", "layout", "likest", "score", "example")
COLUMNS = ("value", "spread", "chance", "reinitialised", "n", "ordinary")


@dataclass(frozen=True, eq=False)
class Twin:
    """Another layout of the family with as many query heads, and its head that is most like one.

    Args:
        link: HTML, to that head's card.
        own: it is the layout that is shown.
    """

    facts: ModelFacts
    atlas: Atlas
    like: Like
    link: str
    own: bool

    @property
    def head(self) -> Head:
        return self.atlas.heads[self.like.layer][self.like.head]


def title_html(place: Place, facts: ModelFacts, words: Words, *, level: int) -> str:
    """Which head of which model, and the KV head that it reads."""
    layer, head = place
    kv_head = head // facts.configs[layer].group_size
    number, title = facts.number_of(layer), escape(facts.title)
    said = words("heads.card.title", layer=number, head=head, kv=kv_head, title=title)
    return f'<h{level} class="hc-card-title" lang="{words.lang}">{said}</h{level}>'


def role_html(head: Head, theme: Theme, words: Words) -> str:
    """Its role on made texts and on ordinary text, and whether they agree."""
    made, ordinary = (
        f"{chip_html(role.name, theme, words)} {_told(role.name, role.score, role.n, words)}"
        for role in (head.role, head.ordinary_role)
    )
    agrees = {True: "agrees", False: "differs", None: "unknown"}[head.agrees]
    return (
        f'<div class="hc-card-role" lang="{words.lang}">'
        f"<p>{escape(words('heads.card.made'))} {made}</p>"
        f"<p>{escape(words('heads.card.plain'))} {ordinary}</p>"
        f'<p class="hc-{agrees}">{escape(words(f"heads.card.{agrees}"))}</p></div>'
    )


def _told(role: str, score: float, n: int, words: Words) -> str:
    said = words(
        "heads.card.told", long=words(f"role.{role}.long"), value=words.number(score, FINE),
        places=words.count(f"role.{role}.places", n),
    )  # fmt: skip
    return escape(said)


def scores_html(head: Head, atlas: Atlas, words: Words) -> str:
    """Every score beside its chance, by what it is about."""
    body = []
    for group, names in grouped({*head.scores, *head.ordinary}).items():
        title = escape(words(f"heads.card.group.{group}"))
        body.append(
            f'<tr class="hc-group"><th scope="rowgroup" colspan="{len(COLUMNS) + 1}">'
            f"<span>{title}</span></th></tr>"
        )
        body += [_row(name, head, atlas, words) for name in names]
    caption = words("heads.card.caption")
    return table_html(caption, ("score", *COLUMNS), "".join(body), words)


def _row(name: str, head: Head, atlas: Atlas, words: Words) -> str:
    found, plain = head.scores.get(name), head.ordinary.get(name)
    cells = [number(None if plain is None else plain.value, words)]
    if found is None:
        cells = ["–"] * (len(COLUMNS) - 1) + cells
    else:
        told = (found.value, found.spread, found.chance, found.reinitialised)
        cells = [*(number(value, words) for value in told), words.number(found.n), *cells]
    strong = ' class="hc-strongest"' if found is not None and above(name, found, atlas) else ""
    values = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr{strong}><th scope="row">{escape(score_name(name, words))}</th>{values}</tr>'


def above(name: str, found: Measured, atlas: Atlas) -> bool:
    """Above chance by three spreads of the seeds, and above every head with random weights."""
    random = atlas.strongest.get(name)
    if found.spread is None and random is None:
        return False
    least = found.chance + 3 * (found.spread or 0.0)
    return found.value > max(least, least if random is None else random)


def missing_html(atlas: Atlas, words: Words) -> str:
    """Why scores are not there."""
    said = []
    for name, why in atlas.missing.items():
        what = words("heads.card.reinitialised") if name == "reinitialised" else None
        what = what or words(f"heads.score.{name}")
        said.append(f"<li>{escape(what)}: {escape(words.told(Sentence(why)))}</li>")
    return f'<ul class="hc-missing" lang="{words.lang}">{"".join(said)}</ul>' if said else ""


def alike_html(
    likes: Sequence[Like], links: Sequence[str], atlas: Atlas, theme: Theme, words: Words
) -> str:
    """Heads like this one in the model."""
    body = "".join(
        f'<tr><th scope="row">{link}</th>'
        f"{_role_cell(atlas.heads[like.layer][like.head], theme, words)}"
        f"<td>{number(like.distance, words)}</td></tr>"
        for like, link in zip(likes, links, strict=True)
    )
    caption = words("heads.card.alike", unrelated=words.number(UNRELATED, FINE))
    return table_html(caption, ("head", "role", "role_value", "distance"), body, words)


def twins_html(role: str, twins: Sequence[Twin], theme: Theme, words: Words) -> str:
    """What sharing did to a head: the likest one of each layout with as many query heads."""
    body = "".join(_twin(twin, role, theme, words) for twin in twins)
    named = words(f"role.{role}.short")
    table = table_html(
        words("heads.card.twins", role=named),
        ("layout", "likest", "role", "role_value", "distance", "with_role"),
        body,
        words,
    )
    others = [twin for twin in twins if not twin.own]
    same = sum(twin.head.role.name == role for twin in others)
    said = words("heads.card.shared", role=named, n=same, of=len(others))
    return f'{table}<p class="hc-small" lang="{words.lang}">{escape(said)}</p>'


def _twin(twin: Twin, role: str, theme: Theme, words: Words) -> str:
    heads = [head for row in twin.atlas.heads for head in row]
    count = sum(head.role.name == role for head in heads)
    of = words("heads.card.of", n=words.number(count), of=words.number(len(heads)))
    style = ' class="hc-strongest"' if twin.own else ""
    return (
        f'<tr{style}><th scope="row">{escape(twin.facts.title)}</th><td{WORDY}>{twin.link}</td>'
        f"{_role_cell(twin.head, theme, words)}"
        f"<td>{'–' if twin.own else number(twin.like.distance, words)}</td>"
        f"<td>{escape(of)}</td></tr>"
    )


def _role_cell(head: Head, theme: Theme, words: Words) -> str:
    chip = chip_html(head.role.name, theme, words)
    return f"<td{WORDY}>{chip}</td><td>{number(head.role.score, words)}</td>"


def table_html(
    caption: str, columns: Sequence[str], body: str, words: Words, named: str = "heads.card"
) -> str:
    """A table that is moved sideways where it is wider than the page; words stand at the start.

    Args:
        named: where the locale files have the titles of its columns.
    """
    titles = "".join(
        f'<th scope="col"{WORDY if name in WORD_COLUMNS else ""}>'
        f"{escape(words(f'{named}.{name}'))}</th>"
        for name in columns
    )
    label = escape(caption, quote=True)
    return (
        f'<div class="hc-wide" role="region" tabindex="0" aria-label="{label}">'
        f'<table class="hc-keys hc-heads" lang="{words.lang}"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def number(value: float | None, words: Words) -> str:
    """As the tables write it; what rounds to nothing has no sign."""
    return "–" if value is None else words.number(round(value, 2) + 0.0, FINE)
