"""What ``trace`` is given: a text, two, a chat, a target, a picture, as the model reads them."""

import json
from argparse import Namespace
from dataclasses import replace
from typing import Any

from attention.cli.parser import OneLineParser
from attention.cli.texts import clean
from attention.models.base import Model
from attention.models.blocks import layer_of
from attention.models.continued import continued
from attention.models.images import seen
from attention.models.look import Reading
from attention.models.parts import Chosen, chosen
from attention.models.reading import given, in_pieces


def read_given(args: Namespace, model: Model, most: int | None, parser: OneLineParser) -> Chosen:
    """What is shown; read, and gone on with, once.

    Args:
        most: tokens that are kept, of each text; None: as many as the model takes.

    Raises:
        TextError, GenerationError, ImageError: the model does not take it.
    """
    shown = _seen(args, model, parser) if args.image else _read(args, model, most, parser)
    args.layer = _layer(args.layer, shown.model, parser)
    return shown


def _seen(args: Namespace, model: Model, parser: OneLineParser) -> Chosen:
    """A picture, which stands by itself."""
    for option in ("--text-b", "--target", "--attention", "--generate"):
        if getattr(args, option[2:].replace("-", "_")) is not None:
            parser.error(f"argument {option}: not with --image: it goes with a text.")
    return seen(model, args.image)


def _read(args: Namespace, model: Model, most: int | None, parser: OneLineParser) -> Chosen:
    """A text, of an encoder–decoder with a target."""
    target = None if args.target is None else clean(args.target, parser, "--target")
    reading = _reading(args, model, most, parser)
    shown = chosen(model, reading, target=target, part=args.attention, most=most)
    return replace(shown, reading=in_pieces(shown.reading, args.pieces))


def _reading(args: Namespace, model: Model, most: int | None, parser: OneLineParser) -> Reading:
    """What is given, and what the model goes on with where that is asked for."""
    reading = _given(args, model, most, parser)
    if args.generate is None:
        return reading
    if args.mask == "bidirectional":
        parser.error("argument --generate: not with --mask bidirectional: it is done causal.")
    return continued(model, reading, args.generate)


def _given(args: Namespace, model: Model, most: int | None, parser: OneLineParser) -> Reading:
    """The text, two of them, or a chat."""
    second = None if args.text_b is None else clean(args.text_b, parser, "--text-b")
    if args.chat is not None and second is not None:
        parser.error("argument --text-b: not with --chat: it goes with --text.")
    if args.chat is not None:
        return given(model, None, most, messages=_messages(args.chat, parser))
    return given(model, clean(args.text, parser), most, second=second)


def _layer(number: int | None, model: Model, parser: OneLineParser) -> int:
    """The attention layer of this number; the first where none was given."""
    layer = 0 if number is None else layer_of(number, model.blocks)
    if layer >= model.n_layers:
        last = model.n_layers - 1
        parser.error(f"argument --layer: {number} does not exist: choose 0 to {last}.")
    return layer


def _messages(chat: str, parser: OneLineParser) -> list[dict[str, Any]]:
    """``--chat``: one thing that a user says, or JSON messages with role and content."""
    text = clean(chat, parser, "--chat")
    if not text.lstrip().startswith("["):
        return [{"role": "user", "content": text}]
    try:
        messages = json.loads(text)
    except ValueError as error:
        parser.error(f"argument --chat: it is no valid JSON: {error}.")
    if not all(isinstance(m, dict) and {"role", "content"} <= m.keys() for m in messages):
        parser.error('argument --chat: each message needs a "role" and a "content".')
    return messages
