"""The page: Streamlit's server on the app, with the app's own theme and settings."""

import importlib
import sys

from attention.assets import PAGE_ROOT
from attention.cli.parser import OneLineParser, whole_number


def main(argv: list[str]) -> int:
    """Serve until it is interrupted.

    Args:
        argv: ``--port``, and whatever else ``streamlit run`` takes.
    """
    parser = OneLineParser("", "The page. Every other option is one of: streamlit run --help.")
    parser.add_argument(
        "--port", type=whole_number(1, 65535), metavar="N", help="where it is served, else 8501"
    )
    args, rest = parser.parse_known_args(argv)
    if args.port is not None:
        rest += ["--server.port", str(args.port)]
    streamlit = importlib.import_module("streamlit.web.cli")
    sys.path.insert(0, str(PAGE_ROOT))  # in front, so that ``app`` is ours
    # The settings lie beside the script, in .streamlit.
    streamlit.main(["run", str(PAGE_ROOT / "app" / "main.py"), *rest], prog_name="streamlit")
    return 0
