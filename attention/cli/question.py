"""A line of text on the command line: it stands for the options that are not given."""

import argparse

from attention.cli.parser import OneLineParser
from attention.kv.question.parse import Question, parse

# What a question says -> the option of ``fit`` that says the same.
OPTIONS = {
    "model": "model",
    "weights": "weights",
    "context": "context",
    "users": "batch",
    "gpu": "gpu",
    "n_gpus": "gpus",
    "engine": "engine",
    "k_format": "kv_dtype",
}
OF_A_MODEL = ("model", "config", "gguf", "layers")


def add_question(parser: OneLineParser) -> None:
    """``fit "Qwen3-30B-A3B, 32k, 20 users, 2×4090, vLLM, fp8 kv"``."""
    parser.add_argument(
        "question",
        nargs="*",
        metavar="TEXT",
        help="the question in a line: model, context, users, GPUs, engine and formats in any order",
    )


def heed(args: argparse.Namespace, parser: OneLineParser) -> Question | None:
    """Fill in what the line says and no option does; None where there is no line.

    Leaves with exit code 2 where no model was named, in the line or by an option.
    """
    if not args.question:
        return None
    asked = parse(" ".join(args.question))
    if asked.problem and not any(getattr(args, name) for name in OF_A_MODEL):
        parser.error(asked.problem)
    for name, option in OPTIONS.items():
        value = getattr(asked, name)
        if value is not None and getattr(args, option) == parser.get_default(option):
            setattr(args, option, value)
    return asked


def told(asked: Question) -> dict[str, list[str]]:
    """What was understood, and the words that were not, for the answer."""
    return {"understood": list(asked.understood), "not_understood": list(asked.missed)}
