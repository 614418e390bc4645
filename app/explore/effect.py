"""What heads that are switched off cost the text, as HTML. Pure; no Streamlit.

Every token is escaped here, where it becomes markup.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from app.explore.next_token import bar_html
from app.i18n import Words
from attention.models.effect import Effect
from attention.models.look import Prediction, Reading
from attention.models.residual import Push
from attention.text.tokens import isolated
from attention.theme import Theme

SEEN = 0.1  # nats: a token's loss that moves by less is told in no number
MOST = 2.0  # nats: from here on the shade is full
FULL = 45  # per cent of the colour in a full shade: text on it stays readable
FINE = ".2f"


@dataclass(frozen=True)
class Cost:
    """A piece of the text and its loss, in nats: the sum of its tokens'. The first has none."""

    text: str
    before: float | None
    after: float | None

    @property
    def change(self) -> float:
        return 0.0 if self.before is None or self.after is None else self.after - self.before


def costs_of(effect: Effect, reading: Reading, raw: bool) -> tuple[Cost, ...]:
    """What every piece that is shown costs, before and after."""
    units, pieces = reading.merged(raw), reading.shown(raw)
    starts = np.arange(len(reading.ids)) if units is None else np.asarray(units.starts)[:-1]
    found = []
    for told in (effect.before, effect.after):
        each = np.concatenate([[0.0], told.losses[0].double().cpu().numpy()])  # [n_tokens]
        found.append(np.add.reduceat(each, starts))
    before, after = found
    first = Cost(pieces[0], None, None)
    rest = zip(pieces[1:], before[1:].tolist(), after[1:].tolist(), strict=True)
    return (first, *(Cost(*each) for each in rest))


def strip_html(
    effect: Effect, costs: Sequence[Cost], token: str, causal: bool, words: Words
) -> str:
    """The loss, every piece shaded by how much its own moved, and what may follow the chosen
    token, before and after."""
    values = {
        "before": words.number(effect.before.loss, FINE),
        "after": words.number(effect.after.loss, FINE),
        "change": signed(effect.after.loss - effect.before.loss, words),
    }
    said = [words("off.loss", **values), _most(costs, words)]
    if not causal:
        said.append(words("off.causal"))
    pieces = "".join(_piece(cost, words) for cost in costs)
    tables = _bars(effect.before.top, words("off.before", token=isolated(token)), words)
    tables += _bars(effect.after.top, words("off.after", token=isolated(token)), words)
    return (
        f'<div class="hc-effect" lang="{words.lang}"><div><p role="status">'
        f'{escape(" ".join(said))}</p><p class="hc-costs" dir="auto">{pieces}</p>'
        f'<p class="hc-cost-scale"><span class="hc-rise">{escape(words("off.harder"))}</span> '
        f'<span class="hc-fall">{escape(words("off.easier"))}</span> {escape(words("off.unit"))}'
        f'</p></div><div class="hc-tops">{tables}</div></div>'
    )


def costs_css(theme: Theme) -> str:
    """The colours of a loss that rose and of one that fell, and of the bars."""
    return (
        f"<style>.hc-effect{{--hc-rise:{theme.looked};--hc-fall:{theme.looks};"
        f"--hc-bar:{theme.looks};--hc-line:{theme.line}}}</style>"
    )


def pushes_html(up: Sequence[Push], down: Sequence[Push], words: Words) -> str:
    """The next tokens that a head pushes, up and down, with how far."""
    lists = [_pushed(up, "off.up", words), _pushed(down, "off.down", words)]
    return f'<div class="hc-effect hc-pushes" lang="{words.lang}">{"".join(lists)}</div>'


def tops_html(tops: Sequence[Sequence[Prediction]], titles: Sequence[str], words: Words) -> str:
    """What may follow a text, by several models, as bars."""
    tables = (_bars(top, title, words) for top, title in zip(tops, titles, strict=True))
    return f'<div class="hc-effect hc-tops" lang="{words.lang}">{"".join(tables)}</div>'


def _most(costs: Sequence[Cost], words: Words) -> str:
    """The piece that needed these heads most; or that none did."""
    most = max(costs, key=lambda cost: cost.change)
    if most.change < SEEN:
        return words("off.unneeded", least=words.number(SEEN, ".1f"))
    return words("off.most", token=isolated(most.text), change=signed(most.change, words))


def _piece(cost: Cost, words: Words) -> str:
    name = f"<bdi>{escape(cost.text)}</bdi>"
    if cost.before is None or cost.after is None:
        return f'<i title="{escape(words("off.first"), quote=True)}">{name}</i> '
    share = round(FULL * min(1.0, abs(cost.change) / MOST))
    told = words(
        "off.token",
        token=isolated(cost.text),
        before=words.number(cost.before, FINE),
        after=words.number(cost.after, FINE),
    )
    marks = "hc-rise" if cost.change > 0 else "hc-fall"
    number = f"<small>{signed(cost.change, words)}</small>" if abs(cost.change) >= SEEN else ""
    style = f"--hc-share:{share}%"
    title = escape(told, quote=True)
    return f'<i class="{marks}" style="{style}" title="{title}">{name}{number}</i> '


def _bars(top: Sequence[Prediction], title: str, words: Words) -> str:
    rows = "".join(
        f'<tr><th scope="row"><bdi>{escape(choice.text)}</bdi></th>'
        f"<td>{bar_html(choice.probability, words)}</td></tr>"
        for choice in top
    )
    return (
        f'<table class="hc-keys hc-choices"><caption>{escape(title)}</caption>'
        f"<tbody>{rows}</tbody></table>"
    )


def _pushed(pushes: Sequence[Push], key: str, words: Words) -> str:
    rows = "".join(
        f'<tr><th scope="row"><bdi>{escape(push.text)}</bdi></th>'
        f"<td>{signed(push.logit, words)}</td></tr>"
        for push in pushes
    )
    return (
        f'<table class="hc-keys"><caption>{escape(words(key))}</caption><tbody>{rows}</tbody>'
        "</table>"
    )


def signed(value: float, words: Words) -> str:
    """With its sign, to two places."""
    sign = "+" if value >= 0 else "\u2212"
    return f"{sign}{words.number(abs(value), FINE)}"
