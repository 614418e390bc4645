"""A text on the command line: given or in a file, whole or in windows."""

import sys
from argparse import Namespace
from pathlib import Path

import torch
from torch import Tensor

from attention.cli.parser import OneLineParser, whole_number
from attention.models.base import Model
from attention.models.layouts.network import MAX_TOKENS
from attention.models.losses import require_prediction
from attention.models.predictor import Predictor
from attention.pruning.curve import WINDOW, WINDOWS, text_rows


def add_text(parser: OneLineParser, *, file_only: bool = False, ours: bool = False) -> None:
    """``--text``, ``--text-file`` and the windows.

    Args:
        ours: a text may be left out, for there is one of ours.
    """
    file = "a file of UTF-8"
    if file_only:
        parser.add_argument("--text-file", required=True, metavar="FILE", help=file)
    else:
        given = parser.add_mutually_exclusive_group(required=not ours)
        given.add_argument(
            "--text", metavar="T", help="a text" + "; left out: a short one of ours" * ours
        )
        given.add_argument("--text-file", metavar="FILE", help=file)
    size = whole_number(2, 2**20)
    in_windows = file_only or ours
    whole = f"; without both the text is one row of at most {MAX_TOKENS} tokens"
    if in_windows:
        whole = f"; without both at most {WINDOWS} of {WINDOW}, as few as hold the text"
    parser.add_argument(
        "--window",
        type=size,
        metavar="W",
        help=f"tokens a row, no special ones added (with --windows: {WINDOW}){whole}",
    )
    parser.add_argument(
        "--windows",
        type=whole_number(1, 2**20),
        metavar="N",
        help=f"rows, from the start of the text (with --window: {WINDOWS if in_windows else 1})",
    )


def text_of(args: Namespace, parser: OneLineParser) -> str:
    """What ``--text`` or ``--text-file`` gives."""
    if args.text_file is None:
        return clean(args.text, parser)
    try:
        text = Path(args.text_file).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        parser.error(
            f"argument --text-file: {args.text_file!r} is no text in UTF-8 (byte {error.start}): "
            "save it as that."
        )
    except (OSError, ValueError) as error:  # a name with a null byte is a ValueError
        reason = getattr(error, "strerror", None) or error
        parser.error(f"argument --text-file: {args.text_file!r} cannot be read: {reason}.")
    if not text.strip():
        parser.error(f"argument --text-file: {args.text_file!r} is empty: give a text.")
    return text


def clean(text: str, parser: OneLineParser, option: str = "--text") -> str:
    """Bytes that are no UTF-8 reach Python as lone surrogates, which no tokenizer takes."""
    if not text:
        parser.error(f"argument {option}: '' is empty: give at least one character.")
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def rows_of(
    model: Model, text: str, window: int | None, windows: int | None, parser: OneLineParser
) -> Tensor:
    """Token ids ``[windows, window]``: the text in windows, or without them as one row.

    Raises:
        TextError: the model predicts no next token, so that rows have no loss.
    """
    require_prediction(model)
    if window is None and windows is None:
        return _one_row(model, text)
    window, windows = window or WINDOW, windows or 1
    if window > model.max_tokens:
        parser.error(
            f"argument --window: {window} tokens are more than the {model.max_tokens} that "
            f"{model.title} takes."
        )
    ids = model.encode(text, special=False)
    if len(ids) < window * windows:
        parser.error(
            f"argument --windows: the text has {len(ids)} tokens, and {windows} of {window} need "
            f"{window * windows}: choose fewer."
        )
    return torch.tensor(ids[: window * windows]).view(windows, window)


def few_rows_of(model: Predictor, text: str, args: Namespace, parser: OneLineParser) -> Tensor:
    """The same, but where nothing is said of windows as few as hold the text, and no more than 4 of
    256."""
    if args.window is None and args.windows is None:
        require_prediction(model)
        return text_rows(model, text)
    return rows_of(model, text, args.window or WINDOW, args.windows or WINDOWS, parser)


def _one_row(model: Model, text: str) -> Tensor:
    ids = model.encode(text)
    kept = ids[: min(MAX_TOKENS, model.max_tokens)]
    if len(kept) < len(ids):
        print(f"The text has {len(ids)} tokens: the first {len(kept)} are kept.", file=sys.stderr)
    return torch.tensor([kept], dtype=torch.long)


def with_text_joined(argv: list[str], parser: OneLineParser) -> list[str]:
    """``--text -5 degrees``: argparse would take it for an option, unless ``=`` binds it.

    What is spelt like an option of ours is one, and the text was forgotten.
    """
    joined, rest = [], iter(argv)
    for argument in rest:
        text = next(rest, None) if argument == "--text" else None
        if text in parser.options:
            parser.error(f"argument --text: no text is given: write --text={text} to mean that.")
        joined.append(argument if text is None else f"--text={text}")
    return joined
