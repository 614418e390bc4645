"""What "Next token" shows, as HTML. Pure; no Streamlit.

Every token and the text itself are escaped here, at the one place where they become markup.
"""

from collections.abc import Sequence
from html import escape

import numpy as np

from app.i18n import Words
from attention.models.outlook import Choice
from attention.text.tokens import isolated
from attention.theme import Theme

LEVELS = 32  # shades of a cell, from weight 0 to weight 1
READABLE = 4.5  # contrast of text, WCAG 2.2, 1.4.3
NAMED = 3  # keys that the sentence names
NARROW = "\u202f"


def paragraph(text: str, words: Words, style: str) -> str:
    """A line of plain text."""
    role = ' role="status"' if style == "hc-state" else ""  # read out when it changes
    return f'<p class="{style}"{role} lang="{words.lang}">{escape(text)}</p>'


def text_html(prompt: str, written: str, words: Words) -> str:
    """The text as typed and, marked, what the model wrote."""
    label = escape(words("generate.written"), quote=True)
    mark = f'<mark title="{label}">{escape(written)}</mark>' if written else ""
    # The outer box turns upwards, so that its end is in sight without a script.
    return f'<div class="hc-written"><p dir="auto">{escape(prompt)}{mark}</p></div>'


def choices_html(
    choices: Sequence[Choice], chosen: Choice | None, temperature: float, words: Words
) -> str:
    """The likeliest tokens as bars; with a temperature also the chance that it gives each.

    Args:
        choices: the likeliest first.
        chosen: the token that was taken from them, where that is told.
    """
    if chosen is not None and all(choice.token != chosen.token for choice in choices):
        choices = (*choices, chosen)
    titles = [words("generate.token"), words("generate.probability")]
    if temperature:
        titles.append(words("generate.chance", temperature=words.number(temperature, ".1f")))
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in titles)
    taken = None if chosen is None else chosen.token
    body = "".join(
        _choice(choice, choice.token == taken, bool(temperature), words) for choice in choices
    )
    caption = words("generate.choices" if chosen is None else "generate.choices_done")
    return (
        f'<table class="hc-keys hc-choices" lang="{words.lang}"><caption>{escape(caption)}'
        f"</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def row_html(
    tokens: Sequence[str],
    row: np.ndarray,
    n_prompt: int,
    head: int,
    layer: int,
    words: Words,
    keys: Sequence[str] | None = None,
) -> str:
    """The newest query over the cached keys: one cell a key, its shade the weight.

    Args:
        tokens: readable, every token of the text so far.
        row: ``[kv_len]``, the weights on the last so many of them. Keys before were let go by a
            sliding window and are drawn so.
        n_prompt: tokens from this one on were generated.
        head, layer: whose query it is.
        keys: what is looked at, where that is another text, of which nothing is generated.
    """
    shown, n_prompt = (tokens, n_prompt) if keys is None else (keys, len(keys))
    first = len(shown) - len(row)
    cells = "".join(
        _cell(index, token, None if index < first else float(row[index - first]), n_prompt, words)
        for index, token in enumerate(shown)
    )
    title = escape(words.count("generate.row_title", len(row), head=head, layer=layer))
    said = row_sentence(tokens, row, words, keys)
    new = f"<span>{escape(words('generate.new'))}</span>" if len(shown) > n_prompt else ""
    return (
        f'<div class="hc-newest" lang="{words.lang}"><h2>{title}</h2><p>{escape(said)}</p>'
        f'<div class="hc-cells"><div role="img" dir="auto" aria-label="{title}">{cells}</div></div>'
        f'<p class="hc-scale-line"><span>0</span><span class="hc-ramp"></span>'
        f"<span>1 {escape(words('picture.scale_label'))}</span>{new}</p></div>"
    )


def row_sentence(
    tokens: Sequence[str], row: np.ndarray, words: Words, keys: Sequence[str] | None = None
) -> str:
    """Which keys the newest query, of the last token, looks at most, as plain text; ``keys`` where
    they are another text's."""
    keys = tokens if keys is None else keys
    first, query = len(keys) - len(row), len(tokens) - 1
    best = np.argsort(-row, kind="stable")[:NAMED]
    keys = ", ".join(
        f"“{isolated(keys[first + at])}” ({first + at}) {percent(row[at], words)}" for at in best
    )
    return words("generate.looks", token=isolated(tokens[query]), i=query, keys=keys)


def cells_css(theme: Theme) -> str:
    """The shades of :func:`row_html`: the same scale as the picture's, from 0 to 1."""
    # On the middle of a scale only black or white can be read.
    inks = (theme.text, theme.background, "#000000", "#ffffff")
    rules = []
    for level in range(LEVELS + 1):
        color = shade(theme, level / LEVELS)
        ink = next(ink for ink in inks if contrast(ink, color) >= READABLE)
        rules.append(f".hc-cells .w{level}{{background:{color};color:{ink}}}")
    rules.append(f".hc-ramp{{background:linear-gradient(90deg,{','.join(theme.scale)})}}")
    return f"<style>{''.join(rules)}{bars_css(theme)}</style>"


def bars_css(theme: Theme) -> str:
    """The colours of bars in a table."""
    return f".hc-choices{{--hc-bar:{theme.looks};--hc-line:{theme.line}}}"


def shade(theme: Theme, weight: float) -> str:
    """The picture's colour of a weight from 0 to 1, between the two nearest steps of the scale."""
    place = min(max(weight, 0.0), 1.0) * (len(theme.scale) - 1)
    left = min(int(place), len(theme.scale) - 2)
    low, high = (_rgb(theme.scale[index]) for index in (left, left + 1))
    mixed = (round(a + (b - a) * (place - left)) for a, b in zip(low, high, strict=True))
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two hex colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def percent(share: float, words: Words) -> str:
    """Two significant digits where they matter: 83 %, 4.1 %, 0.02 %; below that, < 0.01 %."""
    value = float(share) * 100
    if 0 < value < 0.01:
        return f"<{NARROW}{words.number(0.01, '.2f')}{NARROW}%"
    digits = 0 if value >= 10 or value == 0 else 1 if value >= 1 else 2
    return f"{words.number(value, f'.{digits}f')}{NARROW}%"


def milliseconds(seconds: float, words: Words) -> str:
    """``0.0123`` as ``12 ms``; below 10 ms with a decimal."""
    value = seconds * 1000
    shown = words.number(value, f",.{1 if value < 10 else 0}f")
    return f"{shown}{NARROW}{words('generate.ms')}"


def _choice(choice: Choice, taken: bool, warm: bool, words: Words) -> str:
    name = f"<bdi>{escape(choice.text)}</bdi>"
    if choice.ends:
        name += f" <small>{escape(words('generate.end_token'))}</small>"
    if taken:
        name += f" <small>{escape(words('generate.taken'))}</small>"
    chance = f"<td>{percent(choice.chance, words)}</td>" if warm else ""
    row = '<tr class="hc-strongest">' if taken else "<tr>"
    return (
        f'{row}<th scope="row">{name}</th>'
        f"<td>{bar_html(choice.probability, words)}</td>{chance}</tr>"
    )


def bar_html(share: float, words: Words) -> str:
    """A share as a bar, and its number."""
    bar = f'<span class="hc-bar"><i style="width:{share:.2%}"></i></span>'
    return f"<div>{bar}<b>{percent(share, words)}</b></div>"


def _cell(index: int, token: str, weight: float | None, n_prompt: int, words: Words) -> str:
    if weight is None:
        title = escape(words("generate.gone", i=index), quote=True)
        return f'<i class="gone" title="{title}">{escape(token)}</i>'
    marks = f"w{round(weight * LEVELS)}" + (" new" if index >= n_prompt else "")
    return f'<i class="{marks}" title="{index}: {percent(weight, words)}">{escape(token)}</i>'


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(color: str) -> float:
    linear = [c / 3294 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in _rgb(color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
