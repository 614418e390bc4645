"""Entries of the table of "Memory" that are more than a parameter. Pure; no Streamlit here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from app.kinds import LONGEST_COUNT, Choice, Found, Kind, Line
from app.memory.dropped import parse_dropped
from app.memory.fitting import COLUMNS, cell, gpus
from app.memory.keys import Keys
from app.memory.packing import LONGEST_CONFIG, pack, unpack
from app.memory.settings import (
    DEFAULT_MODEL,
    FILE,
    LIST,
    MOST_KEPT,
    NAMED,
    PASTE,
    Configuration,
    FitChoice,
    Source,
)
from app.parameters import Entry, Moves, Notice, Parameter, Values, changed
from app.table import Table
from attention.kv.fit.gpus import Gpu
from attention.kv.fit.named import named_format
from attention.kv.read.catalog import find_named

Cells = tuple[tuple[int, str, float], ...]  # row, column, number
MOST_OF_A_GPU = 10**9  # GB, GB/s or TFLOPS

SOURCE_KEYS = {
    Keys.SOURCE: "kind",
    Keys.MODEL: "model",
    Keys.TEXT: "text",
    Keys.PLACE: "place",
}


def known_as(typed: str) -> str:
    """The catalog's name of a model, by any of its names. A name that says how the weights are
    stored stays as it is, and so does one that is not known."""
    found = find_named(typed)
    return typed if found is None or found[1] else found[0].name


@dataclass(frozen=True)
class ModelName(Choice):
    """A model of the catalog, by any of its names."""

    def read(self, raw: str) -> Found | None:
        return super().read(raw) if find_named(raw) is None else Found(known_as(raw))


@dataclass(frozen=True)
class SourceEntry(Entry):
    """The model of a configuration: from the catalog, a config in the address, a place, a file."""

    name: str
    models: Kind

    @property
    def triggers(self) -> tuple[str, ...]:
        return (Keys.DROP,)

    def read(self, params: Mapping[str, str], values: Values) -> list[Notice]:
        notices, start = [], Source()
        if "config" in params:
            text = unpack(params["config"])
            if text is not None:
                values[self.name] = replace(start, kind=PASTE, text=text)
                return []
            notices.append(changed("config", params["config"], None, Kind.dropped))
        found: Values = {}
        notices += Parameter("place", Line(), "").read(params, found)
        if found["place"]:
            values[self.name] = replace(start, kind=NAMED, place=found["place"])
            return notices
        notices += Parameter("model", self.models, start.model).read(params, found)
        values[self.name] = replace(start, model=found["model"])
        return notices

    def write(self, values: Values) -> dict[str, str]:
        source: Source = values[self.name]
        if source.kind == LIST:
            return {} if source.model == DEFAULT_MODEL else {"model": source.model}
        if source.kind == NAMED:
            return {"place": source.place}
        if source.kind == FILE and source.data[:1] != b"{":
            return {}
        text = source.text if source.kind == PASTE else source.data.decode("utf-8", "replace")
        packed = pack(text)
        return {"config": packed} if len(packed) <= LONGEST_CONFIG else {}

    def shown(self, values: Values) -> dict[str, Any]:
        source: Source = values[self.name]
        return {
            Keys.SOURCE: source.kind,
            Keys.MODEL: source.model,
            Keys.TEXT: source.text,
            Keys.PLACE: source.place,
        }

    def hear(self, values: Values, moves: Moves) -> None:
        source: Source = values[self.name]
        said = {name: moves.now.get(key) for key, name in SOURCE_KEYS.items()}
        given = {name: value for name, value in said.items() if value}
        for key in (Keys.TEXT, Keys.PLACE):  # a field that was emptied
            if key in moves.now:
                given[SOURCE_KEYS[key]] = moves.now[key] or ""
        if "model" in given:
            given["model"] = known_as(given["model"])
        if "place" in given:
            given["place"] = given["place"].strip()
        dropped = parse_dropped(moves.now.get(Keys.DROP))
        if dropped is not None:
            given |= {"kind": FILE, "file": dropped.name, "data": dropped.data}
        values[self.name] = replace(source, **given)


class Devices(Parameter):
    """How many devices; links of before have the number of those that share the heads."""

    def read(self, params: Mapping[str, str], values: Values) -> list[Notice]:
        old = {self.name: params["tp"]} if "tp" in params else {}
        return super().read({**old, **params}, values)


class WeightName(Kind):
    """How weights are stored: any name or size that the library understands."""

    def read(self, raw: str) -> Found | None:
        try:
            named_format(raw)
        except ValueError:
            return None
        return Found(raw)


@dataclass(frozen=True)
class Kept(Entry):
    """The configurations that stand beside: each an address of its own, with | between them."""

    name: str
    table: Table[Configuration]

    def read(self, params: Mapping[str, str], values: Values) -> list[Notice]:
        parts = [part for part in params.get("beside", "").split("|") if part][:MOST_KEPT]
        found = [self.table.read(dict(parse_qsl(part))) for part in parts]
        values[self.name] = tuple(one for one, _ in found)
        return [notice for _, notices in found for notice in notices]

    def write(self, values: Values) -> dict[str, str]:
        if not values[self.name]:
            return {}
        # The usual configuration has no parameters, and would leave nothing between two |.
        usual = {"model": DEFAULT_MODEL}
        kept = (urlencode(self.table.write(one) or usual) for one in values[self.name])
        return {"beside": "|".join(kept)}  # a | inside is written %7C


@dataclass(frozen=True)
class Edited(Entry):
    """Cells of the table of GPUs that were changed: row, column, number.

    In the address each row that was changed is one of its own, with | between them: the GPU's name,
    and the numbers that differ from the table's.
    """

    name: str

    @property
    def triggers(self) -> tuple[str, ...]:
        return (Keys.TABLE,)

    def read(self, params: Mapping[str, str], values: Values) -> list[Notice]:
        names = [gpu.name for gpu in _table()]
        cells: dict[tuple[int, str], float] = {}
        notices = []
        for part in filter(None, params.get("gpus", "").split("|")):
            given = dict(parse_qsl(part))
            gpu = given.pop("gpu", "")
            read = {column: _number(raw) for column, raw in given.items() if column in COLUMNS}
            found = {column: number for column, number in read.items() if number is not None}
            if gpu not in names or not found or len(found) < len(given):
                notices.append(changed("gpus", part, None, Kind.dropped))
                continue
            cells |= {(names.index(gpu), column): number for column, number in found.items()}
        values[self.name] = _differing(cells)
        return notices

    def write(self, values: Values) -> dict[str, str]:
        rows: dict[int, dict[str, str]] = {}
        for row, column, number in values[self.name]:
            rows.setdefault(row, {"gpu": _table()[row].name})[column] = _written(number)
        return {"gpus": "|".join(map(urlencode, rows.values()))} if rows else {}

    def hear(self, values: Values, moves: Moves) -> None:
        values[self.name] = with_said(values[self.name], moves.now.get(Keys.TABLE))


def with_said(edited: Cells, said: object) -> Cells:
    """Cells that were changed, and those that the widget says of itself."""
    rows = said.get("edited_rows") if isinstance(said, Mapping) else None
    if not isinstance(rows, Mapping):
        return edited
    cells = {(row, column): value for row, column, value in edited}
    for row, changes in rows.items():
        for column, value in changes.items():
            if isinstance(value, int | float) and value > 0:
                cells[int(row), str(column)] = float(_written(value))  # as an address has it
    return _differing(cells)


def _table() -> tuple[Gpu, ...]:
    return gpus(FitChoice())


def _written(number: float) -> str:
    """As an address has it, in any language."""
    return format(number, ".12g")


def _number(raw: str) -> float | None:
    """Above 0 and no larger than any GPU will have; else None."""
    try:
        number = float(_written(float(raw))) if len(raw) <= LONGEST_COUNT else 0.0
    except ValueError:
        return None
    return number if 0 < number <= MOST_OF_A_GPU else None


def _differing(cells: Mapping[tuple[int, str], float]) -> Cells:
    """Without those that are as the table has them."""
    table = _table()
    changes = ((row, column, number) for (row, column), number in sorted(cells.items()))
    return tuple(each for each in changes if cell(table[each[0]], each[1]) != each[2])
