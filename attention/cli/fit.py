"""``fit``: whether a model and its cache fit on a GPU, how much does, and how fast it can be.

Loads neither torch nor numpy.
"""

import argparse
import json

from attention.cli.fit_text import table
from attention.cli.parser import OneLineParser, whole_number
from attention.cli.question import add_question, heed, told
from attention.cli.shapes import COUNT, add_model_arguments, shape_of
from attention.kv import engines
from attention.kv.fit import largest
from attention.kv.fit.budget import GIB, OVERHEAD, USABLE, Budget, Deployment
from attention.kv.fit.gpus import Gpu, find_gpu, list_gpus
from attention.kv.fit.mend import changes
from attention.kv.fit.predicted import predicted_log
from attention.kv.fit.total import Fit, fits
from attention.kv.fit.weights import NAMES, weights_of
from attention.kv.speed.roofline import Bound, attention_points, speed_limit
from attention.kv.workload import Workload

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
    parser.add_argument("--gpu", metavar="NAME", help="a GPU of the table; --list prints it")
    parser.add_argument("--gpus", type=COUNT, default=1, metavar="N", help="how many of them")
    parser.add_argument("--context", type=COUNT, metavar="N", help="tokens in a sequence")
    parser.add_argument("--users", type=COUNT, default=1, metavar="N", help="sequences at once")
    parser.add_argument("--weights", metavar="T", help=", ".join(NAMES))
    parser.add_argument("--parameters", type=COUNT, metavar="N", help="if no source says them")
    parser.add_argument("--kv-dtype", default="float16", metavar="T", help="the cache's format")
    parser.add_argument("--engine", default="logical", metavar="E", help=", ".join(engines.ENGINES))
    parser.add_argument("--usable", type=float, default=USABLE, metavar="R", help="of the memory")
    parser.add_argument(
        "--overhead-bytes",
        type=whole_number(0, 2**50),
        default=OVERHEAD,
        metavar="N",
        help=f"on each GPU, beside weights and cache; else {OVERHEAD // GIB} GiB",
    )
    parser.add_argument("--list", action="store_true", help="the GPUs, and nothing else")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _answer(args: argparse.Namespace, parser: OneLineParser) -> dict:
    question = heed(args, parser)
    if args.gpu is None:
        parser.error("the following arguments are required: --gpu (--list prints what there is)")
    gpu = find_gpu(args.gpu)
    shape = shape_of(args, parser)
    if args.parameters is not None:
        shape = shape.with_(parameters=args.parameters)
    weights = weights_of(shape, args.weights)
    context = args.context or min(DEFAULT_CONTEXT, shape.max_context or DEFAULT_CONTEXT)
    workload = Workload(context=context, batch=args.users, k_format=args.kv_dtype)
    budget = Budget(
        gpu=gpu, n_gpus=args.gpus, usable=args.usable, overhead_bytes=args.overhead_bytes
    )
    engine = engines.find(args.engine)
    limit = speed_limit(shape, workload, gpu, n_gpus=args.gpus, weights=weights)
    points = attention_points(shape, workload, gpu)
    answer = _sum(Deployment(shape, workload, budget, engine, weights))
    if args.context is None:
        answer["notes"].append(f"No context was given: {context} tokens are taken.")
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


def _sum(asked: Deployment) -> dict:
    shape, workload, budget = asked.shape, asked.workload, asked.budget
    fit, context, users = fits(asked), largest.largest_context(asked), largest.most_users(asked)
    needed, smallest = largest.gpus_needed(asked), largest.smallest_gpu(asked.over(1))
    notes = [context.note, needed.note]
    if smallest and smallest.budget.gpu.note:
        notes.append(f"{smallest.budget.gpu.name}: {smallest.budget.gpu.note}")
    return {
        "model": shape.name,
        "gpu": _gpu(budget.gpu),
        "gpus": budget.n_gpus,
        "engine": asked.engine,
        "context": workload.context,
        "users": workload.batch,
        "holds": fit.holds,
        **_bytes(fit),
        "largest_context": None if context.is_unbounded else context.value,
        "most_users": None if users.is_unbounded else users.value,
        "gpus_needed": needed.value,
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
