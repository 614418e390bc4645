"""Settings of engines as options of a command."""

import argparse
from collections.abc import Iterable

from attention.cli.parser import OneLineParser, whole_number
from attention.kv.checks import LARGEST_NUMBER
from attention.kv.settings import AnySetting, Choice, Count, Ratio, Switch, Value


def add_setting(parser: OneLineParser, setting: AnySetting, engines: Iterable[str] = ()) -> None:
    """The option of one setting; whose it is stands before what it means."""
    names = ", ".join(engines)
    words = f"{names}: {setting.help}" if names else setting.help
    name, flag = setting.name, setting.flag
    if isinstance(setting, Switch):
        parser.add_argument(
            flag, dest=name, action="store_const", const=not setting.default, help=words
        )
    elif isinstance(setting, Count):
        kind = whole_number(setting.least, LARGEST_NUMBER)
        parser.add_argument(flag, dest=name, type=kind, metavar="N", help=words)
    elif isinstance(setting, Ratio):
        parser.add_argument(flag, dest=name, type=float, metavar="R", help=words)
    else:
        letter = "F" if isinstance(setting, Choice) else "T"
        parser.add_argument(flag, dest=name, metavar=letter, help=words)


def given(args: argparse.Namespace, settings: Iterable[AnySetting]) -> dict[AnySetting, Value]:
    """The settings that the command line has, with their values."""
    found = {setting: getattr(args, setting.name) for setting in settings}
    return {setting: value for setting, value in found.items() if value is not None}
