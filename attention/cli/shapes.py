"""A model on the command line: from the catalog, a config, a GGUF file or bare numbers."""

import argparse
import importlib

from attention.cli.parser import OneLineParser, whole_number
from attention.kv.checks import LARGEST_NUMBER
from attention.kv.shape import ModelShape, uniform

BARE = {
    "--layers": "n_layers",
    "--heads": "n_heads, the query heads of a layer",
    "--kv-heads": "n_kv_heads, the key-value heads of a layer",
    "--head-dim": "head_dim, numbers in a key",
}
COUNT = whole_number(1, LARGEST_NUMBER)
_FIELDS = {
    "layers": "n_layers",
    "heads": "n_heads",
    "kv_heads": "n_kv_heads",
    "head_dim": "head_dim",
    "v_head_dim": "v_head_dim",
    "window": "window",
}


def add_model_arguments(parser: OneLineParser) -> None:
    """--model, --config or --gguf, and numbers that stand alone or change the model's."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--model", metavar="NAME", help="a model of the catalog")
    source.add_argument("--config", metavar="FILE", help="a config.json")
    source.add_argument("--gguf", metavar="FILE", help="a GGUF file; its header is read")
    for flag, meaning in BARE.items():
        parser.add_argument(flag, type=COUNT, metavar="N", help=meaning)
    parser.add_argument(
        "--v-head-dim", type=COUNT, metavar="N", help="numbers in a value, if not as in a key"
    )
    parser.add_argument("--window", type=COUNT, metavar="N", help="tokens that window layers keep")


def names_a_model(args: argparse.Namespace) -> bool:
    """Whether the model comes from somewhere, and numbers only change it."""
    return any((args.model, args.config, args.gguf))


def has_bare_numbers(args: argparse.Namespace) -> bool:
    """Whether any number of a shape is given."""
    return any(getattr(args, name) is not None for name in _FIELDS)


def shape_of(args: argparse.Namespace, parser: OneLineParser) -> ModelShape:
    """The shape that the arguments describe, as changed by the numbers given.

    Raises:
        ValueError: one sentence: no such model or file, or numbers that do not fit.
    """
    numbers = {field: getattr(args, name) for name, field in _FIELDS.items()}
    if args.model is not None:
        found = _of("catalog").find_model(args.model)
    elif args.config is not None:
        found = _of("config_json").read_config(args.config)
    elif args.gguf is not None:
        found = _of("gguf.shape").from_gguf(args.gguf)
    else:
        missing = [flag for flag in BARE if getattr(args, flag[2:].replace("-", "_")) is None]
        if missing:
            parser.error(f"the following arguments are required: {', '.join(missing)}")
        return uniform(**numbers)
    return found.with_(**numbers) if has_bare_numbers(args) else found


def _of(name: str):
    """Only what is asked for is loaded: ``kv`` answers in a fraction of a second."""
    return importlib.import_module(f"attention.kv.read.{name}")
