"""What the page "Memory" computes, kept for all visitors: each cache is bounded.

Every function raises ValueError, with one sentence, where the library does.
"""

import importlib
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import streamlit as st

from app.memory.settings import LIST, NAMED, PASTE, Changes, Configuration, Source
from attention.errors import HeadcountError
from attention.kv import engines
from attention.kv.allocation import Allocation
from attention.kv.checks import shortened
from attention.kv.fit.division import Division
from attention.kv.fit.gpus import OWN_GPU, list_gpus
from attention.kv.fit.largest import Heads, heads_as
from attention.kv.fit.share import caches_of_stages
from attention.kv.read.catalog import find_model, list_models
from attention.kv.read.config_json import LARGEST_FILE, parse_config, read_config
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload

MHA, AS_IS, MQA = ROLES = ("mha", "as_is", "mqa")
KEPT_S = 300  # that an answer of the Hub, or its failure, is kept


class SourceError(HeadcountError):
    """A model that cannot be had: one sentence."""


@lru_cache(maxsize=1)
def model_names() -> tuple[str, ...]:
    """Names of the catalog."""
    return tuple(row.name for row in list_models())


@lru_cache(maxsize=1)
def gpu_names() -> tuple[str, ...]:
    """Names of the table of GPUs, the visitor's own last."""
    return (*(gpu.name for gpu in list_gpus()), OWN_GPU.name)


def built(source: Source, *, local: bool) -> ModelShape:
    """The model as it was built.

    Args:
        local: whether the visitor may name files of this machine.

    Raises:
        ValueError: nothing entered yet, or what was entered cannot be read.
    """
    if source.kind == LIST:
        return _known(source.model)
    if source.kind == PASTE:
        if not source.text.strip():
            raise SourceError("Paste the text of a config.json.")
        return _parsed(source.text)
    if source.kind == NAMED:
        return _named(source.place, local=local)
    return _dropped(source.file, source.data)


@lru_cache(maxsize=128)
def changed(shape: ModelShape, changes: Changes) -> ModelShape:
    """The model with fields set by hand."""
    return shape.with_(**dict(changes)) if changes else shape


@lru_cache(maxsize=256)
def regrouped(shape: ModelShape, role: str) -> ModelShape:
    """The model as MHA, as it is, or as MQA."""
    return heads_as(shape, Heads(role))


@lru_cache(maxsize=1024)
def allocation(shape: ModelShape, workload: Workload, engine: str) -> Allocation:
    """A model's cache in one engine."""
    return engines.get(engine)(shape, workload)


@lru_cache(maxsize=96)
def curve(
    shape: ModelShape,
    workload: Workload,
    engine: str,
    division: Division,
    contexts: tuple[int, ...],
) -> tuple[int | float, ...]:
    """Bytes that the engine takes at each context, on the device that has most.

    Args:
        workload: its context does not matter, and its common prefix is cut where it is longer.
    """
    allocate = engines.get(engine)
    asked = (
        replace(workload, context=n, shared_prefix=min(workload.shared_prefix, n)) for n in contexts
    )
    return tuple(max(caches_of_stages(allocate(shape, one), division, engine)) for one in asked)


def whole(one: Configuration, *, local: bool) -> tuple[ModelShape, Allocation]:
    """The model of a configuration, and its cache."""
    shape = changed(built(one.source, local=local), one.changes)
    return shape, allocation(shape, one.workload(shape), one.engine)


@lru_cache(maxsize=160)
def _known(name: str) -> ModelShape:
    return find_model(name)


@lru_cache(maxsize=32)
def _parsed(text: str | bytes) -> ModelShape:
    return parse_config(text)


@lru_cache(maxsize=16)
def _dropped(name: str, data: bytes) -> ModelShape:
    """A config, or a GGUF header as the browser cut it."""
    if not data:
        raise SourceError("Drop a config.json or a GGUF file.")
    _refuse_problem(shortened(name), data)
    if not data.startswith(b"GGUF"):
        return parse_config(data)
    shape = importlib.import_module("attention.kv.read.gguf.shape").from_cut_header(data, name)
    return replace(shape, sources=(f"{shortened(name)} (GGUF)",))


def _refuse_problem(name: str, data: bytes) -> None:
    """What the browser sends instead of a file (drop.js)."""
    if data == b"!too_large":
        raise SourceError(
            "{name} is no GGUF file and too large for a config.json: 1 MB at most.", name=name
        )
    if data == b"!no_header":
        raise SourceError(
            "{name} begins like a GGUF file, but its header is damaged or cut short.", name=name
        )
    if data == b"!unreadable":
        raise SourceError("{name} could not be read by the browser.", name=name)


def _named(place: str, *, local: bool) -> ModelShape:
    """A path on this machine, or a Hub id."""
    if not place:
        raise SourceError("Type a Hub id, such as Qwen/Qwen3-0.6B.")
    folder = importlib.import_module("attention.models.huggingface.folder")
    path = Path(place).expanduser()
    if local and (folder.looks_like_path(place) or path.exists()):
        path = path / "config.json" if path.is_dir() else path
        if path.suffix == ".gguf":
            return _gguf(str(path), *_stamp(path))
        return read_config(path)
    if not folder.is_hub_id(place):
        raise SourceError(
            "{place} is no Hub id: it has the form owner/model."
            if local
            else "{place} is no Hub id: paths are read only at the machine itself.",
            place=shortened(place),
        )
    text, sentence = _from_hub(place)
    if sentence:
        raise SourceError(sentence)
    return replace(_parsed(text), sources=(f"https://huggingface.co/{place}, config.json",))


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise SourceError("{path} cannot be read.", path=shortened(str(path))) from error
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=16)
def _gguf(path: str, changed_at: int, size: int) -> ModelShape:
    return importlib.import_module("attention.kv.read.gguf.shape").from_gguf(path)


@st.cache_data(max_entries=32, ttl=KEPT_S, show_spinner=False)
def _from_hub(hub_id: str) -> tuple[str, str]:
    """The text of a config.json on the Hub, or a sentence; asked once in a while."""
    return importlib.import_module("attention.models.store.hub_config").config_text(
        hub_id, LARGEST_FILE
    )
