"""``heads``: what every head of a model does, each score beside its chance."""

import json
import sys
from collections.abc import Iterator, Sequence

from attention import atlas
from attention.atlas import Atlas, Head, Progress
from attention.cli.named import HELP, named_model
from attention.cli.parser import OneLineParser, add_jobs, whole_number
from attention.models.blocks import numbers_of

MOST_SEEDS = 100
#: Scores of the table; the JSON has all.
COLUMNS = (
    *("previous", "first", "self", "induction", "copying"),
    *("positional", "spread", "output_norm"),
)


def main(argv: list[str]) -> int:
    parser = OneLineParser(
        "heads", "What every head of a model does, each score beside its chance."
    )
    parser.add_argument("--model", required=True, metavar="M", help=HELP)
    parser.add_argument(
        "--seed", type=whole_number(0, 2**31 - 1), default=0, metavar="S",
        help="of the first set of probes",
    )  # fmt: skip
    parser.add_argument(
        "--seeds", type=whole_number(1, MOST_SEEDS), default=atlas.SEEDS, metavar="N",
        help=f"sets of probes, over which each score has its spread; left out: {atlas.SEEDS}",
    )  # fmt: skip
    add_jobs(parser, "sets of probes")
    parser.add_argument("--device", default="auto", metavar="D", help="auto, cuda, mps or cpu")
    parser.add_argument("--json", action="store_true", help="print JSON, with every score")
    args = parser.parse_args(argv)
    model = named_model(args.model, args.device)
    which = {"seed": args.seed, "seeds": args.seeds}
    found = atlas.kept(model, **which)
    if found is None:
        found = atlas.measure(model, **which, progress=_tell, jobs=args.jobs)
        atlas.keep(model, found)
    numbers = numbers_of(model.n_layers, model.blocks)
    if args.json:
        print(json.dumps(found.json() | {"layers": numbers}, ensure_ascii=False, indent=1))
    else:
        print("\n".join(_table(found, numbers)))
    return 0


def _tell(progress: Progress) -> None:
    """On a terminal, over the line before."""
    if sys.stderr.isatty():
        end = "\n" if progress.done == progress.total else ""
        print(f"\r{progress.done} of {progress.total} passes", end=end, file=sys.stderr)


def _table(found: Atlas, numbers: Sequence[int]) -> Iterator[str]:
    yield f"{found.model}, protocol {found.protocol}"
    yield f"seed {found.seed}, {found.seeds} sets of probes"
    for name, why in found.missing.items():
        yield f"{name}: not measured. {why}"
    first = found.heads[0][0].scores
    columns = [name for name in COLUMNS if name in first]
    yield ""
    yield "layer.head  role        score  ordinary    same  " + "  ".join(columns)
    for number, heads in zip(numbers, found.heads, strict=True):
        for at, head in enumerate(heads):
            values = [head.scores[name].value for name in columns]
            yield _row(f"{number}.{at}", _words(head), columns, values)
    yield _row("chance", " " * len(_words(found.heads[0][0])), columns,
               [first[name].chance for name in columns])  # fmt: skip


def _words(head: Head) -> str:
    """Its roles on made and on ordinary text, and whether they are one."""
    same = {True: "yes", False: "no", None: "-"}[head.agrees]
    return f"{head.role.name:10}  {head.role.score:5.2f}  {head.ordinary_role.name:10}  {same:4}"


def _row(place: str, words: str, columns: list[str], values: list[float]) -> str:
    cells = [f"{value:>{len(name)}.2f}" for name, value in zip(columns, values, strict=True)]
    return f"{place:>10}  {words}  " + "  ".join(cells)
