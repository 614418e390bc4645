"""``kv``: how many bytes a key-value cache takes. Loads neither torch nor numpy."""

import argparse
import json
from dataclasses import replace

from attention.cli.kv_text import table
from attention.cli.parser import OneLineParser
from attention.cli.shapes import add_model_arguments, names_a_model, shape_of
from attention.cli.workload import add_workload_arguments, workload_of
from attention.kv import engines
from attention.kv.allocation import Allocation, LayerBytes
from attention.kv.checks import ShapeError
from attention.kv.engines.logical import bytes_per_token, ratio_to_mha
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload


def main(argv: list[str]) -> int:
    parser = _parser()
    args = parser.parse_args(argv)
    try:
        shape = shape_of(args, parser)
        workload = workload_of(args, context=_context(args, shape, parser), tp=args.tp or 1)
        allocation = engines.get(args.engine)(shape, workload)
        more = []
        if args.context is None and args.cells is None:
            more = [f"The context is all that the model was made for: {workload.context} tokens."]
        answer = _answer(shape, workload, allocation, more, per_layer=args.per_layer)
    except ValueError as error:  # ShapeError, WorkloadError, FormatError, AllocationError
        parser.error(str(error))
    print(json.dumps(answer, ensure_ascii=False) if args.json else table(answer))
    return 0


def _parser() -> OneLineParser:
    parser = OneLineParser("kv", "Bytes of a key-value cache, from the shape of the model.")
    add_model_arguments(parser)
    add_workload_arguments(parser)
    return parser


def _context(args: argparse.Namespace, shape: ModelShape, parser: OneLineParser) -> int:
    """As asked for, else the cells that are there, else all that the model was made for."""
    if args.context is not None:
        return args.context
    if args.cells is not None:
        return max(1, args.cells // args.batch)
    if not names_a_model(args):
        parser.error("the following arguments are required: --context")
    if shape.max_context is None:
        raise ShapeError(f"{shape.name!r} does not say its context: give --context.")
    return shape.max_context


def _answer(
    shape: ModelShape,
    workload: Workload,
    allocation: Allocation,
    more: list[str],
    *,
    per_layer: bool,
) -> dict:
    answer: dict[str, object] = {
        "bytes_per_token": allocation.bytes_per_token,
        "bytes_total": allocation.bytes_total,
        "ratio_to_mha": ratio_to_mha(shape),
        "formula": allocation.formula,
        "assumptions": [*allocation.assumptions, *more],
        "model": shape.name,
        "layers": {str(kind): n for kind, n in shape.kinds.items()},
        "windows": sorted({layer.window for layer in shape.layers if layer.window}),
        "engine": allocation.engine,
        "devices": allocation.tp,
        "ideal_bytes": allocation.ideal_bytes,
        "allocated_bytes": allocation.allocated_bytes,
        "state_bytes": allocation.state_bytes,
        "asked_tokens": allocation.asked_tokens,
        "usable_tokens": allocation.usable_tokens,
        "bytes_per_token_at_first": bytes_per_token(
            shape, replace(workload, context=1, shared_prefix=0)
        ),
        "gaps": allocation.gaps,
        "sources": allocation.sources,
    }
    if per_layer:
        answer["per_layer"] = [layer_of(layer) for layer in allocation.per_layer]
    return answer


def layer_of(layer: LayerBytes) -> dict:
    """One layer of an allocation, for JSON."""
    return {
        "layer": layer.index,
        "kind": str(layer.kind),
        "k_bytes": layer.k_bytes,
        "v_bytes": layer.v_bytes,
        "other_bytes": layer.other_bytes,
        "tokens_held": layer.tokens_held,
        "steps": layer.steps,
    }
