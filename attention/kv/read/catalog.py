"""Known models, read from ``assets/models.json``; each row names the public files it was read in.
What else people call them stands in ``assets/model_names.json``.

A row holds what a ``config.json`` would say, so that there is one way from numbers to a shape. What
sources disagree on is kept beside what was taken, with the reason.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import cache
from typing import Any

from attention.assets import asset
from attention.kv.checks import ShapeError, shortened
from attention.kv.matrices import TOWER, Matrix
from attention.kv.read.config_json import from_config
from attention.kv.read.model_name import ModelName, readings
from attention.kv.shape import ModelShape, Stored
from attention.sentence import Sentence, joined

TABLE = asset("models.json")
OTHER_NAMES = asset("model_names.json")
SIZE = re.compile(r"(\d+(?:\.\d+)?)([mbt])")
UNITS = {"m": 10**6, "b": 10**9, "t": 10**12}
SIZE_ROUNDED = 0.08  # a name's size may differ so much from its parameters
LEAST_ALIKE = 0.62
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
        tower: of those, the ones of a vision tower and of what joins it to the decoder.
        conflicts: what sources disagree on: the field, the value kept, the others, and why.
        published: other checkpoints of its makers, by the format's name: fields of their configs
            that differ.
    """

    name: str
    config: Mapping[str, Any]
    sources: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    parameters: int | None = None
    tower: int = 0
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
    other_names = json.loads(OTHER_NAMES.read_text(encoding="utf-8"))
    return tuple(
        Row(
            name=row["name"],
            config=row["config"],
            sources=tuple(row["sources"]),
            aliases=tuple(other_names.get(row["name"], ())),
            parameters=row.get("parameters"),
            tower=row.get("tower", 0),
            conflicts=tuple(row.get("conflicts", ())),
            published=row.get("published", {}),
        )
        for row in rows
    )


def find_model(name: str) -> ModelShape:
    """The shape of the model that people call so, and the weights' format that the name says.

    Hub ids, Ollama tags and names of files are seen through to the model, see
    :mod:`attention.kv.read.model_name`: ``unsloth/Llama-3.1-8B-Instruct-GGUF:Q4_K_M`` is
    Llama-3.1-8B in q4_k_m. Another version, size or variant never is.

    Raises:
        ShapeError: no such model; the message names those that are near.
    """
    if not isinstance(name, str) or not name.strip():
        raise ShapeError("no model was named.")
    found = find_named(name)
    if found is not None:
        return _as_named(*found)
    near = search_models(name)
    hint = (
        Sentence("did you mean {choices}?", choices=", ".join(row.name for row in near))
        if near
        else "give a config.json."
    )
    raise ShapeError("model {name} is not known: {hint}", name=shortened(name), hint=hint)


def find_named(name: str) -> tuple[Row, str | None] | None:
    """The row of the model, and the weights' format that the name says; None for no such model."""
    for reading in readings(name):
        row = _row_of(reading)
        if row is not None:
            return row, reading.number_format
    return None


def search_models(text: str) -> tuple[Row, ...]:
    """Models whose names are near to the text, the nearest first; at most five."""
    scores: dict[str, float] = {}
    for reading in readings(text):
        matcher = SequenceMatcher(a="", b=reading.plain, autojunk=False)
        for name, row in _names():
            matcher.set_seq1(name.plain)
            likeness = _likeness(name, reading, matcher)
            if likeness >= LEAST_ALIKE:
                scores[row.name] = max(likeness, scores.get(row.name, 0))
    rows = {row.name: row for row in list_models()}
    best = sorted(scores, key=lambda name: (-scores[name], len(name), name))
    return tuple(rows[name] for name in best[:MOST_SUGGESTED])


def _likeness(name: ModelName, asked: ModelName, matcher: SequenceMatcher[str]) -> float:
    """From 0 to some 2: the same stem before a part of it, and that before mere letters."""
    if not asked.stem or not name.stem:
        return 0.0
    likeness = 0.0
    if name.stem == asked.stem:
        likeness = 1.0
    elif name.stem in asked.stem or asked.stem in name.stem:
        likeness = 0.5
    elif matcher.real_quick_ratio() < LEAST_ALIKE or matcher.quick_ratio() < LEAST_ALIKE:
        return 0.0
    if asked.sizes & name.sizes:
        likeness += 0.25
    ratio = matcher.ratio()
    return likeness + ratio if likeness or ratio >= LEAST_ALIKE else 0.0


def _row_of(asked: ModelName) -> Row | None:
    """The row of that name; None where there is none, or several that it may be."""
    same = [(name, row) for name, row in _names() if name.stem == asked.stem]
    exact = [(name, row) for name, row in same if name.date == asked.date]
    for pairs in (exact, same):
        for fits in (_same_sizes, _fewer_sizes, _known_size):
            found = {row.name: (name, row) for name, row in pairs if fits(name, asked, row)}
            if not found:
                continue
            (name, row), *others = found.values()
            # A date is seen through where the model has none of its own.
            is_other_release = bool(pairs is same and asked.date and name.date)
            return None if others or is_other_release else row
    return None


def _same_sizes(name: ModelName, asked: ModelName, row: Row) -> bool:
    return name.sizes == asked.sizes


def _fewer_sizes(name: ModelName, asked: ModelName, row: Row) -> bool:
    """``qwen3:30b`` for Qwen3-30B-A3B, ``mistral-nemo`` for the only one there is."""
    return name.sizes > asked.sizes


def _known_size(name: ModelName, asked: ModelName, row: Row) -> bool:
    """``phi4:14b`` for Phi-4, of whose 14.7 billion parameters its name says nothing."""
    more, parameters = asked.sizes - name.sizes, row.shape.parameters
    if len(more) != 1 or name.sizes - asked.sizes or parameters is None:
        return False
    size = SIZE.fullmatch(min(more))
    if size is None:
        return False
    said = float(size[1]) * UNITS[size[2]]
    return abs(parameters - said) <= SIZE_ROUNDED * parameters


def _as_named(row: Row, number_format: str | None) -> ModelShape:
    """The row's shape with the weights' format that the name says."""
    shape = row.shape
    if number_format is None:
        return shape
    origins = {**shape.origins, "number_format": Sentence("the model's name")}
    return replace(shape, number_format=number_format, origins=origins)


@cache
def _names() -> tuple[tuple[ModelName, Row], ...]:
    """Every name and alias with its row."""
    return tuple(
        (readings(name)[0], row) for row in list_models() for name in (row.name, *row.aliases)
    )


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
    tower = Matrix(name=TOWER, rows=row.tower, columns=1)
    return replace(
        shape,
        matrices=(*shape.matrices, tower) if row.tower and shape.matrices else shape.matrices,
        assumptions=(*shape.assumptions, *conflicts),
        sources=row.sources,
        published=tuple((name, _stored(row, fields)) for name, fields in row.published.items()),
    )


def _stored(row: Row, fields: Mapping[str, Any]) -> Stored:
    """Every matrix of another checkpoint of the model, with how it is stored."""
    other = from_config({**row.config, **fields})
    held = (matrix for matrix in other.matrices if not matrix.is_mtp)
    return other.checkpoint.stores(held) if other.checkpoint else ()
