"""``trace --svg``, ``--png`` and ``--csv``: a part of the picture as a file."""

from argparse import Namespace
from collections.abc import Mapping

from attention.cli.parser import OneLineParser, whole_number
from attention.models.base import Model
from attention.models.blocks import number_of
from attention.models.look import Reading
from attention.picture.compose import opened_scene
from attention.picture.page import look_at
from attention.picture.still import COLOURS, KINDS, PARTS, Still
from attention.words import languages, load_words

__all__ = ("KINDS", "add_stills", "write_stills")
COUNT = whole_number(0, 2**31 - 1)


def add_stills(parser: OneLineParser) -> None:
    """The options of files, and of what is in them."""
    for kind in KINDS:
        parser.add_argument(
            f"--{kind}",
            metavar=f"FILE.{kind}",
            help=f"write --part of the picture as {kind.upper()}",
        )
    parser.add_argument("--part", choices=PARTS, default="all", help="of the picture; all of it")
    parser.add_argument("--head", type=COUNT, default=0, metavar="N", help="counts from 0")
    parser.add_argument("--token", type=COUNT, metavar="I", help="whose lines are drawn; the last")
    parser.add_argument("--colours", choices=COLOURS, default="light", help="light, as for paper")
    parser.add_argument("--lang", choices=languages(), default="en", help="of the words around")


def write_stills(
    files: Mapping[str, str],
    args: Namespace,
    model: Model,
    reading: Reading,
    causal: bool | None,
    parser: OneLineParser,
) -> None:
    """Write each file; a line says what it holds, but beside JSON.

    Raises:
        TextError, SceneError, StillError: there is no such layer, head, token or part.
    """
    place = {"layer": args.layer, "head": args.head}
    _, look = look_at(model, reading, causal=causal, **place)
    words = load_words(args.lang)
    scene = opened_scene(model, reading, look, words, token=args.token, **place)
    still = Still(scene, args.part, args.colours)
    for kind, path in files.items():
        try:
            size = still.write(kind, path)
        except OSError as error:
            parser.error(f"argument --{kind}: {path!r} cannot be written: {error.strerror}.")
        if not args.json:
            number = number_of(args.layer, model.blocks)
            print(f"{path}: {args.part}, layer {number}, head {args.head}, {size / 1e3:,.0f} kB.")
