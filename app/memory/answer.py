"""The page's main answer: one sentence that changes with the controls. Pure HTML."""

from dataclasses import dataclass, replace
from html import escape

from app.i18n import Words
from app.memory.amounts import Amounts
from app.memory.compute import AS_IS, MHA, MQA, ROLES, allocation, changed, regrouped
from app.memory.settings import Configuration
from attention.kv.allocation import Allocation
from attention.kv.fit.division import Division
from attention.kv.fit.share import caches_of_stages
from attention.kv.layer import Layer
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload


@dataclass(frozen=True)
class Answer:
    """What everything on the page is about.

    Args:
        configuration: what was asked; shape: its model, changed by hand.
        built: the same before that.
        allocation: its cache in the engine, on one device that has every layer.
        division: over the devices.
        first: bytes that a token adds while every window grows.
        totals: bytes as MHA, as it is and as MQA, on the device that has most; a role is missing
            where it cannot be counted.
    """

    configuration: Configuration
    workload: Workload
    shape: ModelShape
    built: ModelShape
    allocation: Allocation
    division: Division
    first: int | float
    totals: dict[str, int | float]


def answer(one: Configuration, built: ModelShape) -> Answer:
    """Count everything.

    Raises:
        ValueError: the library's sentence.
    """
    shape = changed(built, one.changes)
    workload = one.workload(shape)
    found = allocation(shape, workload, one.engine)
    begun = replace(workload, context=1, shared_prefix=0)
    first = allocation(shape, begun, one.engine).bytes_per_token
    division = one.division(shape)
    totals = _totals(shape, workload, division, one.engine)
    return Answer(one, workload, shape, built, found, division, first, totals)


def _totals(
    shape: ModelShape, workload: Workload, division: Division, engine: str
) -> dict[str, int | float]:
    totals = {}
    for role in ROLES:
        try:
            found = allocation(regrouped(shape, role), workload, engine)
        except ValueError:
            if role == AS_IS:
                raise
            continue  # such as heads that cannot be divided over the devices
        totals[role] = max(caches_of_stages(found, division, engine))
    return totals


def schemes(shape: ModelShape, words: Words) -> str:
    """The full name of how its heads share, or names where layers differ; as HTML with terms."""
    found = dict.fromkeys(
        _scheme(layer) for layer in shape.layers if layer.grows and not layer.latent_rank
    )
    return ", ".join(f"<t {name}>{escape(words.term(name)[0])}</t>" for name in found)


def _scheme(layer: Layer) -> str:
    if layer.n_heads == 1:
        return "single"
    if layer.n_kv_heads == layer.n_heads:
        return "mha"
    return "mqa" if layer.n_kv_heads == 1 else "gqa"


def sentence(told: Answer, amounts: Amounts, words: Words, weights: int | None = None) -> str:
    """Model, bytes a token, bytes in all, and what other KV heads would make of it; as HTML.

    Args:
        weights: bytes of them on each of several devices; None where they are not known.
    """
    said = f"{_keeps(told, amounts, words)}{words('memory.answer.colon')} "
    said += _takes(told, amounts, words)
    if weights is not None:
        said += " " + words("memory.answer.weights", size=amounts.size(weights))
    if compared := _compared(told, amounts, words):
        said += f"{words('memory.answer.then')} {compared}"
    return f"{said}{words('memory.answer.stop')}"


def _keeps(told: Answer, amounts: Amounts, words: Words) -> str:
    name, now = escape(told.shape.name), told.allocation.bytes_per_token
    if told.shape.keeps_nothing:
        return words("memory.answer.encoder", name=name)
    if not told.first:
        return words("memory.answer.keeps_none", name=name)
    if now == told.first or not told.shape.largest_window:
        return words("memory.answer.keeps", name=name, size=amounts.size(told.first))
    values = {"first": amounts.size(told.first), "size": amounts.size(now)}
    key = "keeps_now" if now else "keeps_full"
    return words(f"memory.answer.{key}", name=name, **values)


def _takes(told: Answer, amounts: Amounts, words: Words) -> str:
    one = told.configuration
    tokens = words.count("memory.tokens", one.context)
    if one.users > 1:
        tokens = words.count("memory.answer.users", one.users, tokens=tokens)
    total = amounts.size(told.totals[AS_IS])
    said = words("memory.answer.take", tokens=tokens, total=total)
    if one.engine != "logical":
        said += " " + words("memory.answer.engine", engine=words(f"memory.engine.{one.engine}"))
    if one.n_gpus > 1:
        way = words.told(told.division.text)
        said += " " + words("memory.answer.each", n=words.number(one.n_gpus), way=way)
    return said


def _compared(told: Answer, amounts: Amounts, words: Words) -> str:
    totals = told.totals
    as_is, mha, mqa = totals[AS_IS], totals.get(MHA), totals.get(MQA)
    if mha is not None and mha > as_is:
        return words("memory.answer.mha", total=amounts.size(mha))
    if mqa is not None and mqa < as_is:
        return words("memory.answer.mqa", total=amounts.size(mqa))
    return ""
