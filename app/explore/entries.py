"""Entries and kinds of the page "Explore" that are more than one value of one widget. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.explore.keys import Keys
from app.explore.real import find_real
from app.explore.settings import PARTS, TEMPERATURES, VIEWS
from app.kinds import MANY, Choice, Found, Kind, Number
from app.parameters import Entry, Moves, Notice, Values, changed
from app.picture import MOST_TOKENS, Click, parse_clicks
from attention.config import AttentionConfig
from attention.interventions.off import Off, OffError
from attention.kv.shape import ModelShape
from attention.picture.scene import MEASURES


@dataclass(frozen=True)
class Width(Number):
    """The first option is the trained width, which a setting has as None."""

    def read(self, raw: str) -> Found | None:
        found = super().read(raw) or Found(self.options[0], self.options[0])
        return replace(found, value=None) if found.value == self.options[0] else found


class Tokens(Entry):
    """The chosen token, and those chosen beside it, as ``3,5``: the first is the one."""

    def read(self, params: Mapping[str, str], values: Values) -> list[Notice]:
        raw = params.get("token")
        values |= {"token": None, "also": ()}
        if raw is None:
            return []
        found = [Number(MANY).read(each) for each in raw.split(",")[:MOST_TOKENS]]
        numbers = [each.value for each in found if each is not None]
        if not numbers:
            return [changed("token", raw, None, Number.dropped)]
        values |= {"token": numbers[0], "also": tuple(numbers[1:])}
        if len(numbers) == len(found) and all(each and each.used is None for each in found):
            return []
        used = self.write(values)["token"] if values["also"] else values["token"]
        return [changed("token", raw, used, Number.dropped)]

    def write(self, values: Values) -> dict[str, str]:
        if values["token"] is None:
            return {}
        return {"token": ",".join(map(str, (values["token"], *values["also"])))}


class Picture(Entry):
    """Layer, head, token, the map's measure and the part presented, as chosen in the picture.

    The picture repeats the last choice of each kind, so only one made since the last run counts.
    """

    def hear(self, values: Values, moves: Moves) -> None:
        now, was = (parse_clicks(said.get(Keys.PICTURE)) for said in (moves.now, moves.was))

        def fresh(click: Click | None, before: Click | None) -> int | None:
            return click.value if click is not None and click != before else None

        layer, head = fresh(now.layer, was.layer), fresh(now.head, was.head)
        if layer is not None and head is None:  # one layer on, by keyboard: the head stays
            head = moves.drawn.head
        chosen = {"layer": layer, "head": head, "token": fresh(now.token, was.token)}
        values |= {name: value for name, value in chosen.items() if value is not None}
        if chosen["token"] is not None:
            values["also"] = ()
        if now.tokens is not None and now.tokens != was.tokens:
            values["token"], *also = now.tokens.values
            values["also"] = tuple(also)
        if (head := fresh(now.off, was.off)) is not None:
            values["off"] = values["off"].turned(moves.drawn.layer, head)
        measure = fresh(now.measure, was.measure)
        if measure is not None and measure < len(MEASURES):
            values["measure"] = MEASURES[measure]
        part = fresh(now.part, was.part)
        if part is not None and part < len(PARTS):
            values["part"] = PARTS[part]
        if fresh(now.leave, was.leave) is not None:
            values |= {"view": VIEWS[0], "part": PARTS[0]}


@dataclass(frozen=True)
class Heads(Kind):
    """Heads of a model, as ``1.3,1.5``; those that it does not have are left out.

    Args:
        configs: of the model's layers; None where they are not known yet.
    """

    configs: tuple[AttentionConfig, ...] | None

    def read(self, raw: str) -> Found | None:
        try:
            off = Off.parse(raw)
        except OffError:
            return None
        there = off if self.configs is None else off.among(self.configs)
        return Found(there, None if there == off else str(there))


@dataclass(frozen=True)
class Real(Choice):
    """A real model by its name."""

    def read(self, raw: str) -> Found | None:
        found = super().read(raw)
        return found and replace(found, value=find_real(found.value))

    def write(self, value: ModelShape) -> str:
        return value.name


@dataclass(frozen=True)
class Degree(Kind):
    """A temperature; another number becomes the nearest."""

    dropped = Number.dropped

    def read(self, raw: str) -> Found | None:
        try:
            wanted = float(raw)
        except ValueError:
            return None
        if not math.isfinite(wanted):
            return None
        value = min(TEMPERATURES, key=lambda degree: abs(degree - wanted))
        return Found(value, None if value == wanted else value)
