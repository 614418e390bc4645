"""What "Prune" says of a curve. Pure; no Streamlit."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from app.explore.effect import signed
from app.i18n import Words
from app.markup import table_html
from attention.config import AttentionConfig
from attention.figures.pruning import PruningPoint, PruningWords
from attention.models.blocks import Block, head_named
from attention.models.roles import Roles
from attention.pruning import BY, Curve, Point, readings, roles_gone

RISE = 0.1  # of the loss, which the guess is about
CLAIMED = (0.2, 0.4)  # shares that are often said to cost little
FIRST = 8  # heads that are named


@dataclass(frozen=True)
class Pruned:
    """A curve, and the role of every head with all of them on."""

    curve: Curve
    roles: Roles
    blocks: tuple[Block, ...] = ()  # of the model


def loss_of(point: Point) -> float:
    """Nats a token: of several orders their mean."""
    return fmean(point.losses)


def truth(curve: Curve) -> Point:
    """The last share up to which the loss has not risen by more than :data:`RISE`."""
    found = curve.points[0]
    for point in curve.points:
        if loss_of(point) > limit(curve):
            break
        found = point
    return found


def limit(curve: Curve) -> float:
    """The loss that the guess is about."""
    return curve.loss_before * (1 + RISE)


def points_of(curve: Curve) -> list[PruningPoint]:
    """As the chart has them."""
    return [
        PruningPoint(100 * point.share, loss_of(point), min(point.losses), max(point.losses))
        for point in curve.points
    ]


def verdict(curve: Curve, guess: int, words: Words) -> str:
    """The answer beside the guess, and what the often named shares cost here."""
    true = round(100 * truth(curve).share)
    how = "right" if true == guess else "more" if true > guess else "fewer"
    said = words(
        f"heads.prune.verdict_{how}",
        share=words.number(true),
        guess=words.number(guess),
        rise=words.number(100 * RISE, ".0f"),
        before=words.number(curve.loss_before, ".2f"),
    )
    costs = (
        words(
            "heads.prune.cost",
            share=words.number(100 * point.share, ".0f"),
            nats=signed(loss_of(point) - curve.loss_before, words),
            times=times(loss_of(point) - curve.loss_before, words),
        )
        for point in curve.points
        if point.share in CLAIMED
    )
    return " ".join((said, *costs))


def cost(configs: Sequence[AttentionConfig], by: str, words: Words) -> str:
    """What it takes, before it begins: how many times the text is read.

    Args:
        configs: of the layers of the model.
    """
    n = words.number(readings(configs, by))  # type: ignore[arg-type]
    if by != "random":
        return words("heads.prune.reads", n=n)
    return words("heads.prune.reads_random", n=n, least=words.number(readings(configs, BY[0])))


def times(nats: float, words: Words) -> str:
    """The factor of the perplexity: three figures, or all before the point."""
    factor = math.exp(min(nats, 700))
    return words.number(factor, ",.2f" if factor < 10 else ",.1f" if factor < 100 else ",.0f")


def order_said(pruned: Pruned, words: Words) -> str:
    """The heads that go first, with their roles."""
    named = []
    for name in pruned.curve.order[:FIRST]:
        layer, at = head_named(name, pruned.blocks)
        named.append(f"{name} ({words(f'role.{pruned.roles[layer][at].name}.short')})")
    return words("heads.prune.first", heads=", ".join(named))


def roles_html(pruned: Pruned, words: Words) -> str:
    """Of each role how many heads are gone at some shares."""
    shown = [point for point in pruned.curve.points if point.share in (*CLAIMED, 0.6)]
    gone = [roles_gone(pruned.roles, point.heads, pruned.blocks) for point in shown]
    head = [words("heads.prune.role"), words("heads.prune.heads_all")]
    head += [words("heads.prune.gone_at", share=_percent(point.share, words)) for point in shown]
    counts = {name: of for name, (_, of) in gone[0].items()}
    rows = [
        [words(f"role.{name}.short"), words.number(of)]
        + [words.number(each[name][0]) for each in gone]
        for name, of in sorted(counts.items(), key=lambda pair: -pair[1])
    ]
    return table_html(words("heads.prune.roles"), head, rows, words)


def figures_html(curve: Curve, words: Words) -> str:
    """Every point of the curve, and what it frees."""
    names = ("share", "heads_off", "loss", "perplexity", "times", "cache", "parameters")
    rows = []
    for point in curve.points:
        loss = loss_of(point)
        freed = words("heads.prune.unknown")
        if curve.parameters_before is not None and point.parameters is not None:
            freed = words.number(curve.parameters_before - point.parameters)
        rows.append(
            [
                _percent(point.share, words),
                words.number(len(point.heads)),
                words.number(loss, ".2f"),
                times(loss, words),
                times(loss - curve.loss_before, words),
                words.number(curve.cache_bytes_before - point.cache_bytes),
                freed,
            ]
        )
    caption = words(
        "heads.prune.figures",
        bytes=words.number(curve.cache_bytes_before),
        parameters=words("heads.prune.unknown")
        if curve.parameters_before is None
        else words.number(curve.parameters_before),
    )
    return table_html(caption, [words(f"heads.prune.{name}") for name in names], rows, words)


def papers_html(words: Words) -> str:
    """What the papers measured, on what."""
    names = ("michel_wmt", "michel_bert", "michel_one", "voita_wmt", "voita_subtitles")
    fields = ("paper", "model", "how", "found")
    rows = [[words(f"heads.prune.papers.{name}.{field}") for field in fields] for name in names]
    head = [words(f"heads.prune.papers.{field}") for field in fields]
    return table_html(words("heads.prune.papers.title"), head, rows, words, "hc-words")


def chart_words(curve: Curve, guess: int, words: Words) -> PruningWords:
    """The chart's words."""
    true = round(100 * truth(curve).share)
    return PruningWords(
        share=words("heads.prune.axis"),
        loss=words("heads.prune.loss"),
        perplexity=words("heads.prune.perplexity"),
        line=words("heads.prune.line_mean" if len(curve.seeds) > 1 else "heads.prune.line"),
        band=words("heads.prune.band", n=words.number(len(curve.seeds))),
        limit=words("heads.prune.limit", rise=words.number(100 * RISE, ".0f")),
        guess=words("heads.prune.guessed", share=words.number(guess)),
        truth=words("heads.prune.true", share=words.number(true)),
        point=words("heads.prune.point"),
        digits=words.digits,
    )


def _percent(share: float, words: Words) -> str:
    """On one line."""
    percent = words("heads.prune.percent", n=words.number(100 * share, ".0f"))
    return percent.replace(" ", "\N{NO-BREAK SPACE}")
