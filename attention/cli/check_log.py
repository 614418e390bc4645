"""``check-log``: find the cache lines of an engine's log and recompute them.

Exit code 0: what could be compared agrees; 1: something differs, or nothing could be compared;
2: no log, or no cache line in it. Loads neither torch nor numpy.
"""

import argparse
import json
import sys
from pathlib import Path

from attention.cli.parser import OneLineParser
from attention.cli.settings import add_setting, given
from attention.cli.shapes import COUNT, add_model_arguments, has_bare_numbers, names_a_model
from attention.cli.shapes import shape_of as shape_from
from attention.kv.engines import LOGS
from attention.kv.engines.log_check import LogCheck, check_log
from attention.kv.engines.log_reading import LARGEST_LOG, Finding, LogError
from attention.kv.settings import Value
from attention.kv.shape import ModelShape

SETTINGS = tuple(dict.fromkeys(setting for log in LOGS for setting in log.settings))


def main(argv: list[str]) -> int:
    parser = _parser()
    args = parser.parse_args(argv)
    try:
        shape = _shape(args, parser)
        found = check_log(_read(args.log), shape, **_settings(args))
    except ValueError as error:  # LogError, ShapeError, WorkloadError, AllocationError
        parser.error(str(error))
    print(json.dumps(_answer(found), ensure_ascii=False) if args.json else _table(found))
    return 0 if found.agrees else 1


def _parser() -> OneLineParser:
    *titles, last = (log.title for log in LOGS)
    parser = OneLineParser(
        "check-log", f"Cache lines of {', '.join(titles)} and {last}, recomputed."
    )
    parser.add_argument("log", nargs="?", default="-", metavar="FILE", help="a log; - reads stdin")
    add_model_arguments(parser)
    parser.add_argument("--tp", type=COUNT, metavar="N", help="devices that share the heads")
    parser.add_argument("--context", type=COUNT, metavar="N", help="tokens in a sequence")
    for setting in SETTINGS:
        heeding = (log.engine for log in LOGS if setting in log.settings)
        add_setting(parser, setting, heeding)
    parser.add_argument("--kv-dtype", metavar="T", help="number format, where the log has none")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _shape(args: argparse.Namespace, parser: OneLineParser) -> ModelShape | None:
    if not names_a_model(args) and not has_bare_numbers(args):
        return None
    return shape_from(args, parser)


def _settings(args: argparse.Namespace) -> dict[str, Value]:
    asked = {"tp": args.tp, "context": args.context, "k_format": args.kv_dtype}
    asked |= {setting.name: value for setting, value in given(args, SETTINGS).items()}
    return {name: value for name, value in asked.items() if value is not None}


def _read(name: str) -> str:
    """No more of the log than can be checked, and a character more, so that it is refused."""
    most = LARGEST_LOG + 1
    try:
        if name == "-":
            data = sys.stdin.buffer.read(4 * most)
        else:
            with Path(name).open("rb") as file:
                data = file.read(4 * most)
    except (OSError, ValueError) as error:
        raise LogError(f"{name!r} cannot be read: give a log, or - for standard input.") from error
    return data.decode("utf-8", "replace")[:most]


def _answer(found: LogCheck) -> dict:
    return {
        "agrees": found.agrees,
        "engines": found.engines,
        "findings": [vars(finding) for finding in found.findings],
        "facts": found.facts,
        "model": found.model,
        "starts": found.starts,
        "left_out": found.cut,
    }


def _table(found: LogCheck) -> str:
    words = {True: "agrees", False: "DIFFERS", None: "unknown"}
    lines = [f"Recomputed with the numbers of {found.model}."] if found.model else []
    last: Finding | None = None
    for finding in found.findings:
        starts = found.starts[finding.engine]
        if starts > 1 and (last is None or last.start_of != finding.start_of):
            lines.append(f"{finding.engine}, start {finding.start} of {starts}:")
        if last is None or (finding.line, finding.start_of) != (last.line, last.start_of):
            lines.append(finding.line)
        last = finding
        computed = finding.computed or "nothing to compare with"
        lines.append(f"  {words[finding.agrees]:8} {finding.what}: {finding.printed}; {computed}")
        lines += [f"           {text}" for text in (finding.formula, finding.cause) if text]
    if found.cut:
        lines.append(f"{found.cut} further figures are left out.")
    return "\n".join(lines)
