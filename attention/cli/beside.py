"""``trace --beside``: of every head of a layer the one that stands beside it."""

import math
from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from attention.cli.named import HELP, named_model
from attention.cli.parser import OneLineParser, whole_number
from attention.models.base import Model
from attention.models.beside import LIKE
from attention.models.comparison import BASE, SAME, Comparison, compare
from attention.models.look import Reading
from attention.picture.compared import alone_in


def add_beside(parser: OneLineParser) -> None:
    """The options."""
    parser.add_argument(
        "--beside",
        metavar="M",
        help=f"a second model on the same text: {HELP}; {SAME} (other layers of M) or {BASE} (M "
        "without its adapter)",
    )
    parser.add_argument(
        "--beside-layer", type=whole_number(0, 2**31 - 1), metavar="L", help="of it; left out: any"
    )
    parser.add_argument(
        "--beside-head",
        metavar="H",
        help="likest (left out), same (of the same number) or a number",
    )


def beside_of(args: Namespace, parser: OneLineParser) -> Model | str | None:
    """The model, or what it is to this one; None where none is asked for."""
    for option, given in {"layer": args.beside_layer, "head": args.beside_head}.items():
        if args.beside is None and given is not None:
            parser.error(f"argument --beside-{option}: it goes with --beside.")
    if args.beside in (None, SAME, BASE):
        return args.beside
    return named_model(args.beside, args.device)


def asked_of(args: Namespace) -> dict[str, Any]:
    """Layer and head beside, as :func:`attention.models.comparison.compare` has them."""
    like = args.beside_head or LIKE[0]
    return {"its_layer": args.beside_layer, "like": int(like) if like.isdecimal() else like}


def facts_of(
    model: Model, reading: Reading, other: Model | str, args: Namespace, causal: bool | None
) -> dict[str, Any]:
    """Of each head of the layer the one beside it, and both caches."""
    comparison = compare(model, reading, other, causal=causal, **asked_of(args))
    both, beside = comparison.both, comparison.other
    return {
        "model": beside.title,
        "compared_by": both.by,
        "units": list(both.one.shown(raw=False)),
        "alone": alone_in(both),
        "truncated": comparison.cut,
        "kv_cache_bytes": beside.measure_cache(comparison.theirs.ids),
        "next": _next(comparison),
        "heads": [
            _head(comparison, args.layer, head) for head in range(model.configs[args.layer].n_heads)
        ],
    }


def _next(comparison: Comparison) -> list[tuple[str, float]] | None:
    tokens = comparison.other.top(comparison.theirs.ids)
    return None if tokens is None else [(token.text, token.probability) for token in tokens]


def _head(comparison: Comparison, layer: int, head: int) -> dict[str, Any] | None:
    """None where there is no such head."""
    found, missing = comparison.beside(layer, head)
    if found is None or missing:
        return None
    alike = None if math.isnan(found.correlation) else found.correlation
    return {"layer": found.layer, "head": found.head, "correlation": alike}


def told_of(facts: dict[str, Any]) -> Iterator[str]:
    """The same as lines of the table."""
    by = {"tokens": "token by token", "pieces": "by characters", "words": "by words"}
    yield f"\n\nbeside      {facts['model']}, compared {by[facts['compared_by']]}"
    if facts["alone"]:
        yield f"; one alone has {' '.join(facts['alone'])}"
    if facts["kv_cache_bytes"]:
        yield f"; its KV cache {facts['kv_cache_bytes']} bytes"
    yield "\nhead  beside   correlation"
    for head, found in enumerate(facts["heads"]):
        if found is None:
            yield f"\n{head:>4}  -"
            continue
        alike = "-" if found["correlation"] is None else f"{found['correlation']:.2f}"
        yield f"\n{head:>4}  {found['layer']}.{found['head']:<6} {alike:>12}"
