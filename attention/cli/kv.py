"""``kv``: how many bytes a key-value cache takes. Loads neither torch nor numpy."""

import argparse
import json
from dataclasses import replace

from attention.cli.kv_text import table
from attention.cli.parser import OneLineParser, whole_number
from attention.cli.settings import add_setting, given
from attention.cli.shapes import COUNT, add_model_arguments, names_a_model, shape_of
from attention.kv import engines
from attention.kv.allocation import Allocation, LayerBytes
from attention.kv.checks import ShapeError
from attention.kv.engines.logical import bytes_per_token, ratio_to_mha
from attention.kv.formats import STORED_FORMATS
from attention.kv.settings import WorkloadError
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload

LARGEST = 2**40


def main(argv: list[str]) -> int:
    parser = _parser()
    args = parser.parse_args(argv)
    try:
        shape = shape_of(args, parser)
        workload = _workload(args, shape, parser)
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
    names = ", ".join(known.name for known in STORED_FORMATS)
    parser.add_argument("--context", type=COUNT, metavar="N", help="seq_len, tokens in a sequence")
    parser.add_argument("--batch", type=COUNT, default=1, metavar="N", help="sequences")
    parser.add_argument("--kv-dtype", default="float16", metavar="T", help=names)
    parser.add_argument("--v-dtype", metavar="T", help="number format of V, if not that of K")
    parser.add_argument(
        "--shared-prefix",
        type=whole_number(0, LARGEST),
        default=0,
        metavar="N",
        help="tokens common to all sequences",
    )
    parser.add_argument("--engine", default="logical", metavar="E", help=", ".join(engines.ENGINES))
    parser.add_argument(
        "--tp", type=COUNT, default=1, metavar="N", help="devices that share the heads"
    )
    for setting in engines.all_settings():
        heeding = engines.heeding(setting)
        add_setting(parser, setting, heeding if len(heeding) < len(engines.ENGINES) else ())
    parser.add_argument("--per-layer", action="store_true", help="every layer, in --json as well")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _workload(args: argparse.Namespace, shape: ModelShape, parser: OneLineParser) -> Workload:
    engine = engines.ENGINES[engines.find(args.engine)]
    settings = given(args, engines.all_settings())
    for setting in settings:
        if setting not in engine.settings:
            choices = " or ".join(engines.heeding(setting))
            raise WorkloadError(
                f"{setting.flag} is no setting of {engine.name}: choose --engine {choices}."
            )
    return engine.workload(
        context=_context(args, shape, parser),
        batch=args.batch,
        k_format=args.kv_dtype,
        v_format=args.v_dtype,
        shared_prefix=args.shared_prefix,
        tp=args.tp,
        **{setting.name: value for setting, value in settings.items()},
    )


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
        answer["per_layer"] = [_layer(layer) for layer in allocation.per_layer]
    return answer


def _layer(layer: LayerBytes) -> dict:
    return {
        "layer": layer.index,
        "kind": str(layer.kind),
        "k_bytes": layer.k_bytes,
        "v_bytes": layer.v_bytes,
        "other_bytes": layer.other_bytes,
        "tokens_held": layer.tokens_held,
        "steps": layer.steps,
    }
