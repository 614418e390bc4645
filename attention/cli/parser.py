"""What the commands share: errors of one line, and numbers that say what they may be."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn


def program() -> str:
    """What was typed to get here: ``headcount`` where that was installed."""
    installed = Path(sys.argv[0]).stem == "headcount"
    return "headcount" if installed else "python -m attention"


class OneLineParser(argparse.ArgumentParser):
    """An argparse parser that answers a bad argument with one line on stderr and exit code 2."""

    def __init__(self, command: str, description: str) -> None:
        super().__init__(
            prog=f"{program()} {command}".rstrip(), description=description, allow_abbrev=False
        )

    @property
    def options(self) -> frozenset[str]:
        """Everything that is an option here, but those that ask for help."""
        return frozenset(self._option_string_actions) - {"-h", "--help"}

    def error(self, message: str) -> NoReturn:
        line = " ".join(message.split())  # a value given may have line breaks in it
        self.exit(2, f"{self.prog}: {line}\n")


def whole_number(smallest: int, largest: int) -> Callable[[str], int]:
    """An argparse type: whole numbers from ``smallest`` to ``largest``."""

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = None
        if value is None or not smallest <= value <= largest:
            raise argparse.ArgumentTypeError(
                f"{text!r} is not a whole number from {smallest} to {largest}."
            )
        return value

    return parse


def add_jobs(parser: argparse.ArgumentParser, of: str) -> None:
    """``--jobs``, see :func:`attention.sweep.sweep`.

    Args:
        of: what is done beside each other.
    """
    parser.add_argument(
        "--jobs", type=whole_number(1, 2**10), metavar="J",
        help=f"{of} at a time, each in a process of its own that holds the model, too",
    )  # fmt: skip
