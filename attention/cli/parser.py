"""What the commands share: errors of one line, and numbers that say what they may be."""

import argparse
from collections.abc import Callable
from typing import NoReturn


class OneLineParser(argparse.ArgumentParser):
    """An argparse parser that answers a bad argument with one line on stderr and exit code 2."""

    def __init__(self, command: str, description: str) -> None:
        super().__init__(
            prog=f"python -m attention {command}", description=description, allow_abbrev=False
        )

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
