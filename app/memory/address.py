"""The address of the page "Memory": query parameters to settings and back. Pure.

Every parameter is optional and only what differs from the default is written. A value that cannot
be used becomes the default, and a notice says so. The parameters of one configuration are those
that ``beside`` holds for each configuration that stands beside it.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from app.explore.address import Notice
from app.memory.packing import LONGEST_CONFIG, pack, unpack
from app.memory.settings import (
    CHANGES,
    DEFAULT_MODEL,
    ENGINE_SETTINGS,
    ENGINES,
    FILE,
    FORMATS,
    LIST,
    MOST_GPUS,
    MOST_KEPT,
    MOST_OVERHEAD,
    NAMED,
    PASTE,
    SECTIONS,
    UNITS,
    WORKLOADS,
    Configuration,
    EngineSetting,
    FitChoice,
    MemorySettings,
    Source,
)
from attention.kv.checks import LARGEST_NUMBER
from attention.kv.fit.weights import NAMES

SHOWN_CHARS = 24  # of a bad value, in the sentence about it
LONGEST_NAME = 300
FIELD_PARAMS = {  # of the model, as they are called in the address
    "n_heads": "heads",
    "n_kv_heads": "kv_heads",
    "n_layers": "layers",
}
COUNTS = {"context": "context", "users": "users", "prefix": "shared_prefix", "tp": "tp"}


def write(settings: MemorySettings) -> dict[str, str]:
    """The query parameters of these settings, which read back as they are.

    A file that was dropped, and a config too long for an address, are not in it.
    """
    start, params = MemorySettings(), write_configuration(settings.now)
    if settings.kept:
        # The usual configuration has no parameters, and would leave nothing between two |.
        usual_one = {"model": DEFAULT_MODEL}
        kept = (urlencode(write_configuration(one) or usual_one) for one in settings.kept)
        params["beside"] = "|".join(kept)  # a | inside is written %7C
    fit, usual = settings.fit, start.fit
    for name in ("gpu", "n_gpus", "weights", "overhead", "share", "workload"):
        if getattr(fit, name) != getattr(usual, name):
            params[name] = str(getattr(fit, name))
    for name in ("units", "section", "lang"):
        if getattr(settings, name) != getattr(start, name):
            params[name] = str(getattr(settings, name))
    return params


def write_configuration(one: Configuration) -> dict[str, str]:
    """The query parameters of one configuration."""
    start, source = Configuration(), one.source
    params = {}
    if source.kind == LIST and source.model != start.source.model:
        params["model"] = source.model
    elif source.kind == PASTE and len(packed := pack(source.text)) <= LONGEST_CONFIG:
        params["config"] = packed
    elif source.kind == NAMED:
        params["place"] = source.place
    elif source.kind == FILE and source.data[:1] == b"{":
        packed = pack(source.data.decode("utf-8", "replace"))
        if len(packed) <= LONGEST_CONFIG:
            params["config"] = packed
    params |= {FIELD_PARAMS.get(name, name): str(value) for name, value in one.changes}
    for name, param in COUNTS.items():
        if getattr(one, name) != getattr(start, name):
            params[param] = str(getattr(one, name))
    if one.k_format != start.k_format:
        params["k"] = one.k_format
    if one.v_format is not None:
        params["v"] = one.v_format
    if one.engine != start.engine:
        params["engine"] = one.engine
    return params | {name: _text(value) for name, value in one.engine_settings}


def is_whole(one: Configuration) -> bool:
    """Whether the address says all of it: a dropped file, or a long config, is not in it."""
    if one.source.kind == FILE:
        return "config" in write_configuration(one)
    return one.source.kind != PASTE or not one.source.text or "config" in write_configuration(one)


def read(
    params: Mapping[str, str],
    languages: Sequence[str],
    models: Sequence[str],
    gpus: Sequence[str],
) -> tuple[MemorySettings, tuple[Notice, ...]]:
    """Settings from query parameters, with a notice for every value that could not be used.

    Args:
        models, gpus: names of the catalog and of the table of GPUs.
    """
    reader = _Reader(params)
    start = MemorySettings()
    parts = [part for part in params.get("beside", "").split("|") if part][:MOST_KEPT]
    others = [_Reader(dict(parse_qsl(part))) for part in parts]
    kept = tuple(other.configuration(models) for other in others)
    usual = FitChoice()
    fit = FitChoice(
        gpu=reader.word("gpu", gpus, usual.gpu),
        n_gpus=min(reader.count("n_gpus", usual.n_gpus), MOST_GPUS),
        weights=reader.word("weights", NAMES, usual.weights),
        overhead=min(reader.count("overhead", usual.overhead, least=0), MOST_OVERHEAD),
        share=min(reader.count("share", usual.share), 100),
        workload=reader.word("workload", WORKLOADS, usual.workload),
    )
    settings = MemorySettings(
        now=reader.configuration(models),
        kept=kept,
        lang=reader.word("lang", languages, start.lang),
        units=reader.word("units", UNITS, start.units),
        section=reader.word("section", SECTIONS, None),
        fit=fit,
    )
    notices = [notice for other in (reader, *others) for notice in other.notices]
    return settings, tuple(notices)


class _Reader:
    """Parameters by name; what cannot be used is told in ``notices``."""

    def __init__(self, params: Mapping[str, str]) -> None:
        self.params, self.notices = params, []

    def configuration(self, models: Sequence[str]) -> Configuration:
        """One configuration, each part of it checked."""
        start = Configuration()
        one = replace(
            start,
            source=self._source(models),
            k_format=self.word("k", FORMATS, start.k_format),
            v_format=self.word("v", FORMATS, None),
            engine=self.word("engine", ENGINES, start.engine),
            **{
                name: self.count(param, getattr(start, name), least=0 if name == "prefix" else 1)
                for name, param in COUNTS.items()
            },
        )
        for name in CHANGES:
            one = one.change(name, self.count(FIELD_PARAMS.get(name, name), None))
        for setting in ENGINE_SETTINGS:
            one = one.set_engine(setting.name, self._setting(setting))
        return one

    def _source(self, models: Sequence[str]) -> Source:
        start = Source()
        if "config" in self.params:
            text = unpack(self.params["config"])
            if text is not None:
                return replace(start, kind=PASTE, text=text)
            self._tell("config", self.params["config"], None)
        if place := self.text("place", LONGEST_NAME):
            return replace(start, kind=NAMED, place=place)
        return replace(start, model=self.word("model", models, start.model))

    def _setting(self, setting: EngineSetting) -> int | float | str | bool | None:
        if setting.kind == "switch":
            word = self.word(setting.name, ("on", "off"), None)
            return None if word is None else word == "on"
        if setting.kind == "choice":
            return self.word(setting.name, setting.options, setting.default)
        if setting.kind == "ratio":
            return self._ratio(setting)
        return self.count(setting.name, None)

    def _ratio(self, setting: EngineSetting) -> float | None:
        raw = self.params.get(setting.name)
        try:
            value = None if raw is None else float(raw)
        except ValueError:
            value = -1.0
        if value is None or 0 < value <= 1:
            return value
        self._tell(setting.name, raw, setting.default)
        return None

    def count(self, name: str, default: int | None, *, least: int = 1) -> int | None:
        """A whole number up to the largest that the library takes."""
        raw = self.params.get(name)
        if raw is None:
            return default
        try:
            value = int(raw) if len(raw) <= SHOWN_CHARS else None
        except ValueError:
            value = None
        if value is None or not least <= value <= LARGEST_NUMBER:
            self._tell(name, raw, default)
            return default
        return value

    def word(self, name: str, options: Sequence[str], default: str | None) -> str | None:
        """One of a few words; another becomes the nearest."""
        raw = self.params.get(name)
        if raw is None or raw in options:
            return default if raw is None else raw
        by_lower = {option.lower(): option for option in options}
        close = difflib.get_close_matches(raw[:LONGEST_NAME].lower(), by_lower, n=1, cutoff=0.6)
        value = by_lower[close[0]] if close else default
        self._tell(name, raw, value)
        return value

    def text(self, name: str, most: int) -> str:
        """Text that something else will look at."""
        raw = self.params.get(name, "")
        if len(raw) <= most and raw.isprintable():
            return raw
        self._tell(name, raw, None)
        return ""

    def _tell(self, name: str, raw: str, value: object) -> None:
        given = raw if len(raw) <= SHOWN_CHARS else f"{raw[:SHOWN_CHARS]}…"
        if value is None:
            self.notices.append(Notice("memory.notice.dropped", {"name": name, "given": given}))
        else:
            values = {"name": name, "given": given, "value": value}
            self.notices.append(Notice("notice.url_changed", values))


def _text(value: object) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)
