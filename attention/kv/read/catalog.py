"""Known models, read from ``assets/models.json``; each row names the public files it was read in.

A row holds what a ``config.json`` would say, so that there is one way from numbers to a shape. What
sources disagree on is kept beside what was taken, with the reason.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from typing import Any

from attention.assets import asset
from attention.kv.checks import ShapeError, shortened
from attention.kv.read.config_json import from_config
from attention.kv.shape import ModelShape, Stored
from attention.sentence import Sentence, joined

TABLE = asset("models.json")
SUFFIXES = re.compile(r"(instruct|chat|it|base|hf|pt|v1|fp8|bf16)$")
MOST_SUGGESTED = 5


@dataclass(frozen=True, kw_only=True)
class Row:
    """One known model.

    Args:
        name: what people call it.
        config: fields as in its ``config.json``; null where no source says.
        sources: public files and pages that say so.
        aliases: other names.
        parameters: all of them, where a source says how many.
        conflicts: what sources disagree on: the field, the value kept, the others, and why.
        published: other checkpoints of its makers, by the format's name: fields of their configs
            that differ.
    """

    name: str
    config: Mapping[str, Any]
    sources: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    parameters: int | None = None
    conflicts: tuple[Mapping[str, Any], ...] = ()
    published: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def shape(self) -> ModelShape:
        """The row as a shape, its sources and conflicts with it."""
        return _shape(self)


@cache
def list_models() -> tuple[Row, ...]:
    """Every known model, by name."""
    rows = json.loads(TABLE.read_text(encoding="utf-8"))["models"]
    return tuple(
        Row(
            name=row["name"],
            config=row["config"],
            sources=tuple(row["sources"]),
            aliases=tuple(row.get("aliases", ())),
            parameters=row.get("parameters"),
            conflicts=tuple(row.get("conflicts", ())),
            published=row.get("published", {}),
        )
        for row in rows
    )


def find_model(name: str) -> ModelShape:
    """The shape of the model of that name.

    Case, spaces, dashes, the owner in front and endings such as ``-Instruct`` do not matter:
    ``meta-llama/Llama-3.1-8B-Instruct`` is Llama-3.1-8B.

    Raises:
        ShapeError: no such model; the message names those that are near.
    """
    if not isinstance(name, str) or not name.strip():
        raise ShapeError("no model was named.")
    names = _names()
    wanted = _plain(name)
    for form in (wanted, SUFFIXES.sub("", wanted)):
        if form in names:
            return names[form].shape
    near = search_models(name)
    hint = (
        Sentence("did you mean {choices}?", choices=", ".join(row.name for row in near))
        if near
        else "give a config.json."
    )
    raise ShapeError("model {name} is not known: {hint}", name=shortened(name), hint=hint)


def search_models(text: str) -> tuple[Row, ...]:
    """Models whose name contains the text, else those whose name is near; at most five."""
    wanted, names = SUFFIXES.sub("", _plain(text[:200])), _names()
    # Names that begin so before those that merely contain it, short ones first.
    forms = sorted(names, key=lambda form: (not form.startswith(wanted), len(form), form))
    rows = [names[form] for form in forms if wanted and wanted in form]
    if not rows:
        near = get_close_matches(wanted, names, n=MOST_SUGGESTED, cutoff=0.6)
        rows = [names[form] for form in near]
    return tuple({row.name: row for row in rows}.values())[:MOST_SUGGESTED]


@cache
def _names() -> dict[str, Row]:
    """Every plain name -> its row."""
    return {_plain(name): row for row in list_models() for name in (row.name, *row.aliases)}


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-]+", "", name.rpartition("/")[2].casefold())


def _shape(row: Row) -> ModelShape:
    shape = from_config(row.config, name=row.name, parameters=row.parameters)
    conflicts = tuple(
        Sentence(
            "Sources disagree on its {entry}: {entry_2} was taken, not {choices}. {entry_3}",
            entry=Sentence(entry["field"]),
            entry_2=entry["kept"],
            choices=joined(", ", (Sentence("{n}", n=other) for other in entry["others"])),
            entry_3=Sentence(entry["why"]),
        )
        for entry in row.conflicts
    )
    return replace(
        shape,
        assumptions=(*shape.assumptions, *conflicts),
        sources=row.sources,
        published=tuple((name, _stored(row, fields)) for name, fields in row.published.items()),
    )


def _stored(row: Row, fields: Mapping[str, Any]) -> Stored:
    """Every matrix of another checkpoint of the model, with how it is stored."""
    other = from_config({**row.config, **fields})
    held = (matrix for matrix in other.matrices if not matrix.is_mtp)
    return other.checkpoint.stores(held) if other.checkpoint else ()
