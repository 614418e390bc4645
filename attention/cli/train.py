"""``train``: reproduce any layout of the family."""

from attention.cli.parser import OneLineParser
from attention.training.cli import add_arguments, run


def main(argv: list[str]) -> int:
    parser = OneLineParser("train", "Train layouts of the family, from the seeded text on.")
    add_arguments(parser)
    return run(parser.parse_args(argv))
