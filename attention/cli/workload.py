"""What is asked of a cache, as options that ``kv`` and ``fit`` have in common."""

import argparse
from typing import Any

from attention.cli.parser import OneLineParser, whole_number
from attention.cli.settings import add_setting, given
from attention.cli.shapes import COUNT
from attention.kv import engines
from attention.kv.formats import STORED_FORMATS
from attention.kv.settings import WorkloadError
from attention.kv.workload import Workload

LARGEST = 2**40


def add_workload_arguments(parser: OneLineParser, *sequences: str) -> None:
    """Context, sequences, formats, engine and every setting that an engine has.

    Args:
        sequences: more names of ``--batch``.
    """
    names = ", ".join(known.name for known in STORED_FORMATS)
    parser.add_argument("--context", type=COUNT, metavar="N", help="seq_len, tokens in a sequence")
    parser.add_argument(
        *sequences, "--batch", dest="batch", type=COUNT, default=1, metavar="N",
        help="sequences at once",
    )  # fmt: skip
    parser.add_argument("--kv-dtype", default="float16", metavar="T", help=names)
    parser.add_argument("--v-dtype", metavar="T", help="number format of V, if not that of K")
    parser.add_argument(
        "--shared-prefix",
        type=whole_number(0, LARGEST),
        default=0,
        metavar="N",
        help="tokens common to all sequences",
    )
    parser.add_argument("--engine", default="logical", metavar="E", help=", ".join(engines.ENGINES))
    parser.add_argument("--tp", type=COUNT, metavar="N", help="devices that share the heads")
    for setting in engines.all_settings():
        heeding = engines.heeding(setting)
        add_setting(parser, setting, heeding if len(heeding) < len(engines.ENGINES) else ())
    parser.add_argument("--per-layer", action="store_true", help="every layer, in --json as well")
    parser.add_argument("--json", action="store_true", help="print JSON")


def workload_of(args: argparse.Namespace, **asked: Any) -> Workload:
    """The workload that the arguments describe.

    Args:
        asked: fields of a workload, in place of those of the arguments.

    Raises:
        WorkloadError: a setting that the engine has not, or a value that cannot be.
        FormatError: an unknown number format.
    """
    engine = engines.ENGINES[engines.find(args.engine)]
    settings = given(args, engines.all_settings())
    for setting in settings:
        if setting not in engine.settings:
            choices = " or ".join(engines.heeding(setting))
            raise WorkloadError(
                f"{setting.flag} is no setting of {engine.name}: choose --engine {choices}."
            )
    fields = {
        "context": args.context,
        "batch": args.batch,
        "k_format": args.kv_dtype,
        "v_format": args.v_dtype,
        "shared_prefix": args.shared_prefix,
        **asked,
    }
    return engine.workload(**fields, **{s.name: value for s, value in settings.items()})
