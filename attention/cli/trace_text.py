"""What ``trace`` prints: one layer as JSON, or as a table."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from torch import Tensor

from attention.cli.adapter import told_of
from attention.cli.beside import told_of as told_of_beside
from attention.config import AttentionConfig
from attention.models.base import Model
from attention.models.look import Reading
from attention.models.parts import Chosen, Parted
from attention.models.patches import Patches
from attention.models.predictions import TOP
from attention.models.roles import Role
from attention.scores import SCORES, Pairs, occasions, of_weights, strongest, told

ROLE_OF = {kind.name: kind.role for kind in SCORES if kind.role}


def facts_of(shown: Chosen, config: AttentionConfig) -> dict[str, Any]:
    """The fields of the JSON, but the weights."""
    model, reading = shown.model, shown.reading
    return {
        "tokens": list(reading.tokens),
        "n_layers": model.n_layers,
        "n_heads": config.n_heads,
        "n_kv_heads": config.n_kv_heads,
        "head_dim": config.head_dim,
        "d_model": config.d_model,
        "kv_cache_bytes": model.measure_cache(reading.ids),
        "kv_cache_bytes_formula": model.cache_formula(len(reading.ids)),
        "validation_loss": model.validation_loss,
        "device": model.device,
        "truncated": reading.cut,
        "n_generated": reading.n_generated,
        **_of_pair(shown),
        **_of_picture(reading.patches),
    }


def _of_picture(patches: Patches | None) -> dict[str, Any]:
    """How a picture is cut; "first" is the token of the patch at the top left."""
    if patches is None:
        return {}
    return {"patches": {name: getattr(patches, name) for name in ("rows", "columns", "first")}}


def _of_pair(shown: Chosen) -> dict[str, Any]:
    """Of an encoder–decoder what others have not."""
    model, reading = shown.model, shown.reading
    if not isinstance(model, Parted):
        return {}
    facts: dict[str, Any] = {"attention": model.part}
    if reading.over is not None:
        facts["keys"] = list(reading.over.tokens)
    if model.part != "encoder":
        facts["target_generated"] = reading.is_own
        facts["caches"] = {
            part: _cache(model.of(part, model.given), reading) for part in ("decoder", "cross")
        }
    return facts


def _cache(model: Model, reading: Reading) -> dict[str, int]:
    """One of the decoder's two: the other does not grow with the target."""
    n_tokens = len(reading.ids)
    return {
        "bytes": model.measure_cache(reading.ids),
        "bytes_formula": model.cache_formula(n_tokens),
        "bytes_per_target_token": model.cache_formula(n_tokens + 1) - model.cache_formula(n_tokens),
    }


def next_of(model: Model, reading: Reading, causal: bool | None) -> list[tuple[str, float]] | None:
    """The most probable next tokens with their probabilities; None where none is predicted."""
    tokens = model.top(reading.ids, TOP, causal=causal)
    return None if tokens is None else [(token.text, token.probability) for token in tokens]


def as_json(facts: dict[str, Any], weights: Tensor) -> Iterator[str]:
    """The facts and every weight, a query's row at a time: 1,024 tokens make hundreds of MB."""
    yield json.dumps(facts, ensure_ascii=False)[:-1] + ', "weights": ['
    for head, rows in enumerate(weights.float().cpu()):
        yield ("[" if head == 0 else ", [")
        for query, row in enumerate(rows):
            yield ("" if query == 0 else ", ") + json.dumps(row.tolist())
        yield "]"
    yield "]}"


def as_table(
    facts: dict[str, Any],
    shown: Chosen,
    weights: Tensor,
    config: AttentionConfig,
    roles: Sequence[Role] | None,
) -> Iterator[str]:
    """A line a head.

    Args:
        weights: of the layer, ``[n_heads, n_queries, n_keys]``; config: its shape.
        roles: of the layer's heads; None where they have none.
    """
    model, reading = shown.model, shown.reading
    yield _tokens(reading) + "\n"
    if "keys" in facts:
        yield "look at     " + " ".join(facts["keys"]) + "\n"
    if facts.get("target_generated"):
        yield "target      the model's own, greedily\n"
    yield f"{model.label:10}  {facts['n_heads']} heads of {facts['head_dim']}, "
    yield f"d_model {facts['d_model']}, {facts['n_kv_heads']} KV heads, "
    yield f"{facts['n_layers']} layers, on {facts['device']}\n"
    yield f"KV cache    {facts['kv_cache_bytes']} bytes measured, "
    yield f"{facts['kv_cache_bytes_formula']} by the formula\n"
    for part, cache in facts.get("caches", {}).items():
        grows = cache["bytes_per_target_token"]
        yield f"  {part:10}{cache['bytes']} bytes, {grows} more for each token of the target\n"
    if facts["validation_loss"] is not None:
        yield f"validation  loss {facts['validation_loss']:.3f}\n"
    if "adapter" in facts:
        yield told_of(facts["adapter"]) + "\n"
    columns, pairs = _columns(reading.patches), _pairs(reading.patches)
    yield "\nhead  KV head  role        held out  here         value  " + "  ".join(
        columns.values()
    )
    causal = config.causal
    across = reading.over is not None
    places = occasions(reading.ids, causal, pairs, parts=reading.parts)
    held = weights.float().cpu().numpy()
    for head, every in enumerate(of_weights(held, reading.ids, causal, pairs, across=across)):
        scores = {name: value for name, value in told(every, places).items() if name in columns}
        name, value = strongest(scores)
        role, held_out = (roles[head].name, roles[head].score) if roles else ("-", None)
        yield f"\n{head:>4}  {config.kv_head_of(head):>7}  {role:10}  "
        yield f"{_number(held_out):>8}"
        yield f"  {_role(name, reading.patches):10}  {value:>6.2f}"
        for score, column in columns.items():
            yield f"  {_number(scores.get(score)):>{len(column)}}"
    if "beside" in facts:
        yield from told_of_beside(facts["beside"])


def _tokens(reading: Reading) -> str:
    patches = reading.patches
    if patches is None:
        return "tokens      " + " ".join(reading.tokens)
    beside = " ".join((*patches.before, *patches.after))
    said = f"{patches.rows} rows of {patches.columns} patches"
    return f"picture     {reading.text}: {said}" + (f", and {beside}" if beside else "")


def _columns(patches: Patches | None) -> dict[str, str]:
    """The headings of the scores that are told, by their names."""
    if patches is None:
        return {score.name: score.column or score.name for score in SCORES if score.from_text}
    headings = {"agreement": "left", "first": "[CLS]"}
    return {
        score.name: headings.get(score.name, score.column or score.name)
        for score in SCORES
        if score.name in patches.roles
    }


def _pairs(patches: Patches | None) -> Pairs | None:
    return None if patches is None else patches.left


def _role(score: str, patches: Patches | None) -> str:
    return ROLE_OF.get(score, score) if patches is None else patches.roles.get(score, score)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
