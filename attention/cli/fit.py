"""``fit``: whether a model and its cache fit on a GPU, how much does, and how fast it can be.

Loads neither torch nor numpy.
"""

import argparse
import json

from attention.cli.fit_text import table
from attention.cli.kv import layer_of
from attention.cli.parser import OneLineParser, whole_number
from attention.cli.question import add_question, heed, told
from attention.cli.shapes import COUNT, add_model_arguments, shape_of
from attention.cli.workload import add_workload_arguments, workload_of
from attention.kv import engines
from attention.kv.fit import largest
from attention.kv.fit.budget import GIB, USABLE, Budget, Deployment, FitError, drafted, hit_note
from attention.kv.fit.division import Ways
from attention.kv.fit.gpus import Gpu, find_gpu, list_gpus
from attention.kv.fit.mend import changes
from attention.kv.fit.predicted import predicted_log
from attention.kv.fit.total import Fit, at_average, fits
from attention.kv.fit.weights import NAMES, weights_of
from attention.kv.shape import ModelShape
from attention.kv.speed.roofline import Bound, attention_points, speed_limit

DEFAULT_CONTEXT = 8192


def main(argv: list[str]) -> int:
    parser = _parser()
    args = parser.parse_args(argv)
    if args.list:
        gpus = [_gpu(gpu) for gpu in list_gpus()]
        print(json.dumps(gpus, ensure_ascii=False) if args.json else _names())
        return 0
    try:
        answer = _answer(args, parser)
    except ValueError as error:  # Gpu-, Fit-, Weight-, Shape-, Workload-, Format-, AllocationError
        parser.error(str(error))
    print(json.dumps(answer, ensure_ascii=False) if args.json else table(answer))
    return 0 if answer["holds"] else 1


def _parser() -> OneLineParser:
    parser = OneLineParser(
        "fit",
        "Whether a model and its cache fit on a GPU, and how fast it can be at most. Exit code 1: "
        "it does not fit.",
    )
    add_question(parser)
    add_model_arguments(parser)
    add_workload_arguments(parser, "--users")
    parser.add_argument("--gpu", metavar="NAME", help="a GPU of the table; --list prints it")
    parser.add_argument("--gpus", type=COUNT, metavar="N", help="how many of them")
    parser.add_argument("--pp", type=COUNT, metavar="N", help="stages of layers (pipeline)")
    parser.add_argument("--dp", type=COUNT, metavar="N", help="groups with users of their own")
    parser.add_argument("--ep", action="store_true", help="whole experts on each GPU")
    parser.add_argument(
        "--weights", metavar="T", help=f"{', '.join(NAMES)}, or a size; else the checkpoint's own"
    )
    parser.add_argument("--parameters", type=COUNT, metavar="N", help="if no source says them")
    parser.add_argument("--mtp", type=COUNT, default=0, metavar="N", help="MTP layers held")
    parser.add_argument(
        "--average-context", type=COUNT, metavar="N", help="tokens of a user; else half of them"
    )
    parser.add_argument(
        "--prefix-hit", type=float, metavar="R", help="part of a context that all have in common"
    )
    parser.add_argument(
        "--kv-offload", type=float, default=0.0, metavar="GIB", help="of the cache, in host memory"
    )
    parser.add_argument("--usable", type=float, default=USABLE, metavar="R", help="of the memory")
    parser.add_argument(
        "--overhead-bytes",
        type=whole_number(0, 2**50),
        metavar="N",
        help="on each GPU, beside weights and cache; else estimated",
    )
    parser.add_argument("--list", action="store_true", help="the GPUs, and nothing else")
    return parser


def _answer(args: argparse.Namespace, parser: OneLineParser) -> dict:
    question = heed(args, parser)
    if args.gpu is None:
        parser.error("the following arguments are required: --gpu (--list prints what there is)")
    gpu = find_gpu(args.gpu)
    shape = shape_of(args, parser)
    if args.parameters is not None:
        shape = shape.with_(parameters=args.parameters)
    asked = _deployment(args, shape, gpu)
    division = asked.division
    limit = speed_limit(shape, asked.workload, gpu, division=division, weights=asked.weights)
    points = attention_points(shape, asked.workload, gpu)
    answer = _sum(asked, args.average_context)
    if args.context is None:
        answer["notes"].append(f"No context was given: {asked.workload.context} tokens are taken.")
    if args.per_layer:
        layers = fits(asked).allocation.per_layer
        answer["per_layer"] = [layer_of(layer) for layer in layers]
    return {
        **(told(question) if question else {}),
        **answer,
        "speed": _speed(limit),
        "attention": [
            {
                "heads": str(point.heads),
                "intensity": point.intensity,
                "flops_per_second": point.flops_per_second,
            }
            for point in points
        ],
    }


def _deployment(args: argparse.Namespace, shape: ModelShape, gpu: Gpu) -> Deployment:
    context = args.context or min(DEFAULT_CONTEXT, shape.max_context or DEFAULT_CONTEXT)
    notes: tuple[str, ...] = ()
    prefix = args.shared_prefix
    if args.prefix_hit is not None:
        if not 0 <= args.prefix_hit <= 1:
            raise FitError("prefix_hit {hit} is not from 0 to 1.", hit=args.prefix_hit)
        prefix = max(prefix, int(args.prefix_hit * context))
        notes = (hit_note(args.prefix_hit),)
    if not 0 <= args.kv_offload <= 2**30:
        raise FitError("kv_offload {gib} is not from 0 to 2^30 GiB.", gib=args.kv_offload)
    workload = workload_of(args, context=context, shared_prefix=prefix)
    ways = Ways(tp=args.tp, pp=args.pp, dp=args.dp, ep=args.ep)
    return Deployment(
        shape=shape,
        workload=workload,
        budget=Budget(
            gpu=gpu,
            n_gpus=args.gpus or ways.named,
            usable=args.usable,
            overhead_bytes=args.overhead_bytes,
        ),
        engine=engines.find(args.engine),
        weights=weights_of(shape, args.weights, mtp=args.mtp or drafted(workload)),
        ways=ways,
        offload_bytes=int(args.kv_offload * GIB),
        assumptions=notes,
    )


def _sum(asked: Deployment, average: int | None) -> dict:
    shape, workload, budget = asked.shape, asked.workload, asked.budget
    fit, context, users = fits(asked), largest.largest_context(asked), largest.most_users(asked)
    needed, smallest = largest.gpus_needed(asked), largest.smallest_gpu(asked)
    usual = at_average(asked, average)
    at_half = largest.most_users(usual)
    notes = [context.note, needed.note]
    if smallest and smallest.budget.gpu.note:
        notes.append(f"{smallest.budget.gpu.name}: {smallest.budget.gpu.note}")
    return {
        "model": shape.name,
        "gpu": _gpu(budget.gpu),
        "gpus": budget.n_gpus,
        "division": vars(fit.division),
        "divided": fit.division.text,
        "engine": asked.engine,
        "context": workload.context,
        "users": workload.batch,
        "weights": fit.weights.name,
        "bits_per_weight": fit.weights.bits,
        "holds": fit.holds,
        **_bytes(fit),
        "largest_context": None if context.is_unbounded else context.value,
        "most_users": None if users.is_unbounded else users.value,
        "average_context": usual.workload.context,
        "most_users_at_average": None if at_half.is_unbounded else at_half.value,
        "gpus_needed": needed.value,
        "gpus_divided": needed.fit.division.text,
        "smallest_gpu": smallest and smallest.budget.gpu.name,
        "log": list(predicted_log(asked)),
        "would_fit": [change.text for change in changes(asked)],
        "notes": [note for note in notes if note],
        "assumptions": list(fit.assumptions),
    }


def _bytes(fit: Fit) -> dict:
    terms = {f"{term.name}_bytes": term.n_bytes for term in (*fit.terms, fit.usable)}
    steps = {term.name: term.text for term in (*fit.terms, fit.usable)}
    return {
        **terms,
        "needed_bytes": fit.needed_bytes,
        "left_bytes": fit.left_bytes,
        "steps": {**steps, "sum": fit.text},
    }


def _speed(limit: Bound) -> dict:
    return {
        "tokens_per_second": limit.tokens_per_second,
        "tokens_per_second_each": limit.tokens_per_second_each,
        "binds": limit.binds,
        "seconds": limit.seconds,
        "intensity": limit.intensity,
        "attention_intensity": limit.attention_intensity,
        "steps": {term.name: term.text for term in limit.terms},
        "assumptions": list(limit.assumptions),
        "sources": list(limit.sources),
    }


def _gpu(gpu: Gpu) -> dict:
    return {
        "name": gpu.name,
        "memory_bytes": gpu.memory_bytes,
        "memory": gpu.memory_text,
        "bandwidth_bytes_per_s": gpu.bandwidth_bytes_per_s,
        "flops_16bit": gpu.flops_16bit,
        "flops_8bit": gpu.flops_8bit,
        "note": gpu.note,
        "sources": list(gpu.sources),
    }


def _names() -> str:
    return "\n".join(f"{gpu.name:32}{gpu.memory_text}" for gpu in list_gpus())
