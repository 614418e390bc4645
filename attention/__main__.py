"""The command line: ``python -m attention COMMAND --help`` explains each command.

Installed, it is called ``headcount``, and without a command it starts the page.
"""

import importlib
import io
import os
import sys
from collections.abc import Callable

import attention
from attention.cli.parser import OneLineParser, program
from attention.errors import HeadcountError
from attention.extras import named_if_missing

COMMANDS = {
    "kv": ("attention.cli.kv", "bytes of a key-value cache"),
    "fit": ("attention.cli.fit", "what fits on a GPU, and how fast it can be at most"),
    "check-log": ("attention.cli.check_log", "cache lines of an engine's log, recomputed"),
    "trace": ("attention.cli.trace", "attention weights of a model on a text"),
    "off": ("attention.cli.off", "what a text costs a model with heads off"),
    "prune": ("attention.cli.prune", "what a text costs a model while its heads go"),
    "share": ("attention.cli.share", "what a text costs a model with fewer KV heads"),
    "heads": ("attention.cli.heads", "what every head of a model does, beside its chance"),
    "models": ("attention.cli.models", "the models that are at hand"),
    "fetch": ("attention.cli.fetch", "get a language model onto this machine"),
    "layouts": ("attention.cli.layouts", "the trained family and its cards"),
    "train": ("attention.cli.train", "train layouts of the family"),
}
PAGE = "attention.cli.page"


def main(argv: list[str]) -> int:
    """Run one command; only its own module is loaded, so that ``kv`` never waits for torch."""
    name, *rest = argv or [""]
    if name in ("-h", "--help"):
        print(f"usage: {program()} COMMAND [--help]\n")
        print("\n".join(f"  {command:8} {what}" for command, (_, what) in COMMANDS.items()))
        return 0
    if name == "--version":
        print(f"headcount {attention.__version__}")
        return 0
    if name not in COMMANDS:
        print(f"command {name!r} is unknown: choose {', '.join(COMMANDS)}.", file=sys.stderr)
        return 2
    module, _ = COMMANDS[name]
    return _run(module, name, rest)


def page_or_command(argv: list[str]) -> int:
    """As :func:`main`; without a command it starts the page."""
    if argv and (not argv[0].startswith("-") or argv[0] in ("-h", "--help", "--version")):
        code = main(argv)
        if argv[0] in ("-h", "--help"):
            print("\nWithout a command it starts the page: --port N, and options of streamlit run.")
        return code
    return _run(PAGE, "", argv)


def _run(module: str, name: str, argv: list[str]) -> int:
    """What the library refuses is one line on stderr and exit code 2, whichever command it is."""
    try:
        with named_if_missing():
            return importlib.import_module(module).main(argv)
    except HeadcountError as error:
        OneLineParser(name, "").error(str(error))


def _exit(run: Callable[[list[str]], int]) -> None:
    for stream, errors in ((sys.stdout, "strict"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)
    try:
        code = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except KeyboardInterrupt:
        print(file=sys.stderr)  # the line that was being written over stays
        code = 130  # as shells say it: 128 + SIGINT
    sys.exit(code)


def headcount() -> None:
    """The entry point that is installed."""
    _exit(page_or_command)


if __name__ == "__main__":
    _exit(main)
