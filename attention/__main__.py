"""The command line: ``python -m attention COMMAND --help`` explains each command."""

import importlib
import os
import sys

COMMANDS = {
    "kv": ("attention.cli.kv", "bytes of a key-value cache"),
    "fit": ("attention.cli.fit", "what fits on a GPU, and how fast it can be at most"),
    "check-log": ("attention.cli.check_log", "cache lines of an engine's log, recomputed"),
    "trace": ("attention.cli.trace", "attention weights of a model on a text"),
    "models": ("attention.cli.models", "the models that are at hand"),
    "fetch": ("attention.cli.fetch", "get a language model onto this machine"),
    "layouts": ("attention.cli.layouts", "the trained family and its cards"),
    "train": ("attention.cli.train", "train layouts of the family"),
}


def main(argv: list[str]) -> int:
    """Run one command; only its own module is loaded, so that ``kv`` never waits for torch."""
    name, *rest = argv or [""]
    if name in ("-h", "--help"):
        print("usage: python -m attention COMMAND [--help]\n")
        print("\n".join(f"  {command:8} {what}" for command, (_, what) in COMMANDS.items()))
        return 0
    if name not in COMMANDS:
        print(f"command {name!r} is unknown: choose {', '.join(COMMANDS)}.", file=sys.stderr)
        return 2
    module, _ = COMMANDS[name]
    return importlib.import_module(module).main(rest)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    sys.stderr.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except KeyboardInterrupt:
        print(file=sys.stderr)  # the line that was being written over stays
        code = 130  # as shells say it: 128 + SIGINT
    sys.exit(code)
