"""The pools that SGLang may have made of a model's layers, and the size of each.

Layers of one kind have a pool of their own (``swa_memory_pool.py``): windows one, the others
another. With pipeline parallelism a device has a part of the layers; a draft head has one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from attention.kv.allocation import Part
from attention.kv.engines.sglang import ENGINE
from attention.kv.engines.sglang.log_lines import PoolLine, Server
from attention.kv.engines.sglang.settings import BLOCK_SIZE, CELLS, HYBRID, STATE_FORMAT
from attention.kv.formats import stored_format
from attention.kv.settings import Value
from attention.kv.shape import ModelShape
from attention.sentence import Sentence

PAGES = (1, 64, 128, 256)  # 1 unless set; several attention backends set theirs
FORMATS = ("float16", "fp8")
STATE_FORMATS = ("float32", "bfloat16")
_SLOTS = {"K": ("k",), "V": ("v",), "KV": ("k", "v", "other")}
_STATES = {"conv_state": "convolution", "ssm_state": "recurrent"}


@dataclass(frozen=True, kw_only=True)
class Pool:
    """One way in which the line's pool may have been made.

    Args:
        what: its layers, in a word or two.
        parts: the products of its sum.
        is_draft: whether it is of a draft head, not of the model.
        assumed: a number format that neither the log nor the engine's usual way says, or "".
    """

    what: str
    parts: tuple[Part, ...]
    is_draft: bool = False
    assumed: str = ""

    def of(self, size: str) -> tuple[Part, ...]:
        """The parts that the line's ``"K"``, ``"V"``, ``"KV"`` or a state's name adds up."""
        if name := _STATES.get(size):
            return tuple(part for part in self.parts if part.what == name)
        return tuple(part for part in self.parts if part.slot in _SLOTS[size])

    def n_bytes(self, size: str) -> Fraction:
        """Bytes of the same."""
        return sum((part.n_bytes for part in self.of(size)), Fraction())


def pools_of(
    line: PoolLine, shape: ModelShape, server: Server, asked: dict[str, Value], *, drafts: bool
) -> Iterator[Pool]:
    """Every way in which the line's pool may have been made, the likeliest first.

    Args:
        asked: settings of a workload; what is not among them is tried.
        drafts: whether the line may be of a draft head.
    """
    if line.is_state:
        yield from _of_states(line, shape, asked)
        return
    pages = [page for page in PAGES if line.count % page == 0]
    for name, assumed in _formats(asked, "k_format", FORMATS):
        # A sparse model's cache is fp8 by itself on several devices.
        assumed = "" if any(layer.indexer_dim for layer in shape.layers) else assumed
        for page in [asked[BLOCK_SIZE.name]] if asked.get(BLOCK_SIZE.name) else pages:
            settings = {**asked, "k_format": name, BLOCK_SIZE.name: page}
            settings |= {CELLS.name: max(1, line.count), HYBRID.name: False}
            per_layer = _parts_of(shape, settings)
            for what, indices, is_draft in _groups(line, shape, server, drafts=drafts):
                found = tuple(part for index in indices for part in per_layer[index])
                for parts in _by_version(found):
                    yield Pool(what=what, parts=parts, is_draft=is_draft, assumed=assumed)


def _of_states(line: PoolLine, shape: ModelShape, asked: dict[str, Value]) -> Iterator[Pool]:
    for name, assumed in _formats(asked, STATE_FORMAT.name, STATE_FORMATS):
        settings = {**asked, STATE_FORMAT.name: name, "batch": max(1, line.count)}
        per_layer = _parts_of(shape, settings)
        states = tuple(part for layer in per_layer for part in layer if part.slot == "state")
        yield Pool(what=Sentence("layers with a state"), parts=states, assumed=assumed)


def _formats(asked: dict[str, Value], name: str, usual: tuple[str, ...]) -> list[tuple[Value, str]]:
    """Number formats to try, and of each that is not usual its name once more."""
    if asked.get(name) is not None:
        return [(asked[name], "")]
    return [(usual[0], ""), *((other, other) for other in usual[1:])]


def _parts_of(shape: ModelShape, settings: dict[str, Value]) -> list[tuple[Part, ...]]:
    allocation = ENGINE.allocate(shape, ENGINE.workload(**{"context": 1, **settings}))
    return [layer.parts for layer in allocation.per_layer]


def _groups(
    line: PoolLine, shape: ModelShape, server: Server, *, drafts: bool
) -> Iterator[tuple[str, list[int], bool]]:
    """The layers of each pool: what they are called, their indices, whether of a draft head."""
    every = [index for index, layer in enumerate(shape.layers) if layer.grows]
    windows = [index for index in every if shape.layers[index].window]
    full = [index for index in every if index not in windows]
    groups = [(Sentence("all layers"), every)]
    if windows and full:
        both = [(Sentence("full layers"), full), (Sentence("window layers"), windows)]
        # Where the log says each pool's tokens, they tell which it is.
        if server.windows and line.count in server.windows:
            first = both[server.windows.index(line.count)]
            both = [first, *(one for one in both if one != first)]
        groups = both + groups if server.windows else groups + both
    stages = server.numbers.get("pp_size", 1)
    for what, indices in groups:
        if stages <= 1:
            yield what, indices, False
        for n in {-(-len(indices) // stages), len(indices) // stages} if stages > 1 else ():
            yield Sentence("layers of one stage"), indices[:n], False
    if drafts and every:
        yield Sentence("a draft head"), (full or every)[:1], True


def _by_version(parts: tuple[Part, ...]) -> Iterator[tuple[Part, ...]]:
    """A sparse model's pool: with its indexer; without, as before October 2025 (pull request
    11309); its latent without scales, as the TRT-LLM backend keeps it."""
    yield parts
    without = tuple(part for part in parts if not part.what.startswith("indexer"))
    if len(without) == len(parts):
        return
    yield without
    fp8 = stored_format("fp8")
    if any(part.stored.name == "fp8_ds_mla" for part in parts):
        yield tuple(
            replace(part, factors=((576, "latent number"), *part.factors[1:]), stored=fp8)
            if part.stored.name == "fp8_ds_mla"
            else part
            for part in parts
        )
