"""``train``: reproduce any layout of the family."""

from attention.cli.parser import OneLineParser
from attention.devices import DeviceError
from attention.training.cli import TrainError, add_arguments, run


def main(argv: list[str]) -> int:
    parser = OneLineParser("train", "Train layouts of the family, from the seeded text on.")
    add_arguments(parser)
    try:
        return run(parser.parse_args(argv))
    except (TrainError, DeviceError) as error:
        parser.error(str(error))
