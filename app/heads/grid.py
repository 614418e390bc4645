"""The atlas as layers × heads: what its script is handed, and the table of roles. Pure."""

from collections import Counter
from html import escape
from typing import Any

from app.explore.offer import ModelFacts
from app.heads.scores import ROLES
from app.i18n import Words
from attention.atlas.heads import Atlas, Head
from attention.config import AttentionConfig
from attention.theme import LIGHT, Theme, kv_color, role_color

FINE = ".2f"
Place = tuple[int, int]  # layer, head


def grid_data(
    atlas: Atlas, facts: ModelFacts, chosen: Place | None, theme: Theme, words: Words
) -> dict[str, Any]:
    """What ``atlas.js`` draws: a row a layer, in it a list of KV heads, in these their heads; and
    the legend of a file of it."""
    differ = any(head.agrees is False for row in atlas.heads for head in row)
    return {
        "lang": words.lang,
        "label": words("heads.atlas.label", title=facts.title),
        "layer": words("heads.atlas.layer"),
        "hint": words("heads.atlas.hint"),
        "touch_hint": words("heads.atlas.touch_hint"),
        "line": theme.line,
        "ring": theme.text,
        "chosen": list(chosen) if chosen else None,
        "roles": [_legend(role, theme, words) for role in role_counts(atlas)],
        "cut": words("heads.atlas.cut") if differ else "",
        "numbers": [facts.number_of(layer) for layer in range(facts.n_layers)],
        "rows": [
            [
                {
                    "name": words("heads.atlas.kv", n=kv_head),
                    "color": kv_color(theme, kv_head, config.n_kv_heads),
                    "cells": [
                        _cell(row[head], layer, head, kv_head, facts, theme, words)
                        for head in heads_of(config, kv_head)
                    ],
                }
                for kv_head in range(config.n_kv_heads)
            ]
            for layer, (row, config) in enumerate(zip(atlas.heads, facts.configs, strict=True))
        ],
    }


def role_counts(atlas: Atlas) -> dict[str, int]:
    """How many heads have each role that there is, the most frequent first."""
    counts = Counter(head.role.name for row in atlas.heads for head in row)
    order = sorted(counts, key=lambda role: (-counts[role], ROLES.index(role)))
    return {role: counts[role] for role in order}


def _legend(role: str, theme: Theme, words: Words) -> dict[str, str]:
    """Its letters, its name, and its colour on the screen and on paper."""
    short, long = (words(f"role.{role}.{form}") for form in ("short", "long"))
    return {
        "code": words(f"heads.code.{role}"),
        "name": words("heads.atlas.legend", name=short, what=long),
        "color": role_color(theme, role),
        "paper": role_color(LIGHT, role),
    }


def heads_of(config: AttentionConfig, kv_head: int) -> range:
    """The query heads that read a KV head."""
    first = kv_head * config.group_size
    return range(first, first + config.group_size)


def _cell(
    head: Head, layer: int, number: int, kv_head: int, facts: ModelFacts, theme: Theme, words: Words
) -> dict[str, Any]:
    role = head.role.name
    said = words(
        "heads.atlas.cell",
        layer=facts.number_of(layer),
        head=number,
        kv=kv_head,
        role=words(f"role.{role}.short"),
        value=words.number(head.role.score, FINE),
    )
    other = ""
    if head.agrees is False:
        other = words(f"role.{head.ordinary_role.name}.short")
        said = f"{said} {words('heads.atlas.differs', role=other)}"
    return {
        "layer": layer,
        "head": number,
        "word": words(f"role.{role}.short"),
        "code": words(f"heads.code.{role}"),
        "color": role_color(theme, role),
        "score": round(head.role.score, 4),
        "other": other,
        "says": said,
    }


def cell_of(heard: object, facts: ModelFacts) -> Place | None:
    """The head that the script says was chosen; None where the model has no such head."""
    if not isinstance(heard, dict):
        return None
    layer, head = heard.get("layer"), heard.get("head")
    if type(layer) is not int or type(head) is not int or not 0 <= layer < facts.n_layers:
        return None
    return (layer, head) if 0 <= head < facts.configs[layer].n_heads else None


def roles_html(atlas: Atlas, theme: Theme, words: Words) -> str:
    """How many heads have each role, and how many of these have another one on ordinary text."""
    heads = [head for row in atlas.heads for head in row]
    differ = Counter(head.role.name for head in heads if head.agrees is False)
    body = "".join(
        f'<tr><th scope="row">{chip_html(role, theme, words)}'
        f"<span>{escape(words(f'role.{role}.long'))}</span></th>"
        f"<td>{words.number(count)}</td><td>{words.number(differ[role])}</td></tr>"
        for role, count in role_counts(atlas).items()
    )
    titles = "".join(
        f'<th scope="col">{escape(words(f"heads.atlas.{name}"))}</th>'
        for name in ("role", "count", "elsewhere")
    )
    total = words("heads.atlas.total")
    return (
        f'<table class="hc-keys hc-roles" lang="{words.lang}"><thead><tr>{titles}</tr></thead>'
        f'<tbody>{body}</tbody><tfoot><tr><th scope="row">{escape(total)}</th>'
        f"<td>{words.number(len(heads))}</td><td>{words.number(differ.total())}</td></tr></tfoot>"
        "</table>"
    )


def chip_html(role: str, theme: Theme, words: Words) -> str:
    """A role's colour, its letters as they stand in narrow cells, and its word."""
    style = f"background:{role_color(theme, role)};color:{theme.text};border-color:{theme.line}"
    code = escape(words(f"heads.code.{role}"))
    return (
        f'<i class="hc-chip" style="{style}" aria-hidden="true">{code}</i>'
        f"<b>{escape(words(f'role.{role}.short'))}</b>"
    )


def agreement_said(atlas: Atlas, words: Words) -> str:
    """How far the roles of made texts hold on ordinary text."""
    found = Counter(head.agrees for row in atlas.heads for head in row)
    said = words.count("heads.atlas.agree", found[True])
    if found[False]:
        said = f"{said} {words.count('heads.atlas.disagree', found[False])}"
    if found[None]:
        said = f"{said} {words.count('heads.atlas.unknown', found[None])}"
    return said
