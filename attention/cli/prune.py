"""``prune``: what a text costs a model while its heads go, the least useful first."""

import argparse
import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from typing import cast

from torch import Tensor

from attention import pruning
from attention.cli.named import HELP, named_model
from attention.cli.parser import OneLineParser, add_jobs, whole_number
from attention.cli.texts import WINDOW, WINDOWS, add_text, rows_of, text_of, with_text_joined
from attention.models.base import Model
from attention.models.blocks import head_named
from attention.models.predictor import Predictor
from attention.models.roles import Roles
from attention.pruning import Curve, Point
from attention.steps import Progress
from attention.version import versions

FIRST = 12  # heads that the table names


def main(argv: list[str]) -> int:
    parser = _parser()
    args = parser.parse_args(with_text_joined(argv, parser))
    model = cast(Predictor, named_model(args.model, args.device))
    curve = pruning.prune(
        model,
        _rows(args, model, parser),
        args.by,
        shares=args.share or pruning.SHARES,
        seed=args.seed,
        progress=_tell,
        jobs=args.jobs,
    )
    roles = model.roles()
    if args.json:
        print(json.dumps(_json(curve, model, roles, args.seed), ensure_ascii=False))
    else:
        print("\n".join(_table(curve, model, roles)))
    return 0


def _rows(args: Namespace, model: Predictor, parser: OneLineParser) -> Tensor:
    if args.text is not None or args.text_file is not None:
        text = text_of(args, parser)
    elif args.window is None and args.windows is None:
        return pruning.held_out(model)
    else:
        text = model.reference_text
    return rows_of(model, text, args.window or WINDOW, args.windows or WINDOWS, parser)


def _json(curve: Curve, model: Model, roles: Roles, seed: int) -> dict:
    found = curve.json()
    for point in found["curve"]:
        point["roles"] = pruning.roles_gone(roles, point["heads"], model.blocks)
    return found | {"device": model.device, "seed": seed, "versions": versions()}


def _table(curve: Curve, model: Model, roles: Roles) -> Iterator[str]:
    how: str = curve.by
    if curve.seeds:
        how += f", seeds {curve.seeds[0]} to {curve.seeds[-1]}; loss: of the first, and of all"
    if curve.candidates is not None and curve.candidates < len(curve.order):
        how += f", each step among the {curve.candidates} heads of least importance"
    yield f"model   {curve.model}, on {model.device}"
    yield f"text    {curve.windows} × {curve.window} tokens"
    yield f"order   {how}"
    yield f"all on  {_costs(curve.loss_before)}"
    yield ""
    yield "share  heads off     loss  perplexity      ×  KV bytes freed  parameters freed"
    for point in curve.points:
        yield _line(curve, point)
    yield ""
    first = ((name, head_named(name, model.blocks)) for name in curve.order[:FIRST])
    yield "first   " + ", ".join(f"{name} {roles[layer][at].name}" for name, (layer, at) in first)


def _costs(loss: float) -> str:
    return f"loss {loss:.4f} nats a token, perplexity {_figure(pruning.perplexity(loss))}"


def _line(curve: Curve, point: Point) -> str:
    ratio = pruning.perplexity(point.loss - curve.loss_before)
    bytes_freed = curve.cache_bytes_before - point.cache_bytes
    freed = "unknown"
    if curve.parameters_before is not None and point.parameters is not None:
        freed = f"{curve.parameters_before - point.parameters:,}"
    line = (
        f"{point.share:<5g}  {len(point.heads):>9}  {point.loss:>7.4f}  "
        f"{_figure(point.perplexity):>10}  {_figure(ratio):>5}  {bytes_freed:>14,}  {freed:>16}"
    )
    if len(point.losses) > 1:
        line += f"  {min(point.losses):.4f} to {max(point.losses):.4f}"
    return line


def _figure(value: float | None) -> str:
    """Three figures or all before the point."""
    if value is None:
        return "beyond"
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}" if value < 1e6 else f"{value:.2g}"


def _tell(progress: Progress) -> None:
    """On a terminal, over the line before."""
    if sys.stderr.isatty():
        end = "\n" if progress.done == progress.total else ""
        print(f"\r{progress.done} of {progress.total} passes", end=end, file=sys.stderr)


def _shares(text: str) -> list[float]:
    """An argparse type: ``0.2`` or ``0.1,0.2``."""
    found = []
    for part in text.split(","):
        try:
            share = float(part)
        except ValueError:
            share = -1
        if not 0 <= share <= 1:
            raise argparse.ArgumentTypeError(
                f"{part!r} is not a share from 0 to 1: write 0.2, or more with commas: 0.1,0.2."
            )
        found.append(share)
    return found


def _parser() -> OneLineParser:
    parser = OneLineParser(
        "prune", "Loss of a text while the heads of a model go, one after other."
    )
    parser.add_argument("--model", required=True, metavar="M", help=HELP)
    parser.add_argument(
        "--by",
        choices=pruning.BY,
        default=pruning.BY[0],
        help="what goes first: the head of least gradient importance (Michel et al. 2019), that "
        "which writes least, a random one, or greedily that whose loss costs least, which reads "
        "the text hundreds of times",
    )
    parser.add_argument(
        "--share",
        type=_shares,
        action="extend",
        metavar="S,…",
        help="of all heads, from 0 to 1; left out: 0, 0.1, … 1",
    )
    parser.add_argument(
        "--seed",
        type=whole_number(0, 2**31 - 1),
        default=0,
        metavar="S",
        help="of the first of five random orders",
    )
    add_jobs(parser, "random orders")
    add_text(parser, ours=True)
    parser.add_argument("--device", default="auto", metavar="D", help="auto, cuda, mps or cpu")
    parser.add_argument("--json", action="store_true", help="print JSON, with the heads of a share")
    return parser
