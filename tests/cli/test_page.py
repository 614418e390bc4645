"""``headcount``: without a command it starts the page, else it is ``python -m attention``."""

import sys
from pathlib import Path

import pytest

from attention.__main__ import main, page_or_command

MAIN = str(Path(__file__).resolve().parents[2] / "app" / "main.py")


@pytest.fixture
def served(monkeypatch) -> list[list[str]]:
    """What Streamlit is asked to run, instead of running it."""
    asked: list[list[str]] = []
    monkeypatch.setattr("streamlit.web.cli.main", lambda args, prog_name: asked.append(args))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "argv", ["/usr/bin/headcount"])
    return asked


@pytest.mark.parametrize(
    ("argv", "passed"),
    [
        ([], []),
        (["--port", "8600"], ["--server.port", "8600"]),
        (["--server.headless", "true"], ["--server.headless", "true"]),
        (["--server.headless=true", "--port=1"], ["--server.headless=true", "--server.port", "1"]),
    ],
)
def test_without_a_command_it_starts_the_page(served, argv, passed) -> None:
    assert page_or_command(argv) == 0
    assert served == [["run", MAIN, *passed]]
    assert sys.path[0] == str(Path(MAIN).parents[1])


def test_a_port_that_is_none_is_one_line_and_exit_code_2(served, capsys) -> None:
    with pytest.raises(SystemExit) as left:
        page_or_command(["--port", "70000"])
    assert left.value.code == 2
    assert capsys.readouterr().err == (
        "headcount: argument --port: '70000' is not a whole number from 1 to 65535.\n"
    )
    assert served == []


def test_with_a_command_it_is_the_command_line(served, capsys) -> None:
    assert page_or_command(["--version"]) == main(["--version"]) == 0
    one, other = capsys.readouterr().out.splitlines()
    assert one == other
    assert page_or_command(["kvv"]) == 2
    assert capsys.readouterr().err.startswith("command 'kvv' is unknown: choose kv, ")
    assert page_or_command(["--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("usage: headcount COMMAND [--help]\n")
    assert "starts the page" in shown
    with pytest.raises(SystemExit):
        page_or_command(["kv"])
    assert capsys.readouterr().err.startswith("headcount kv: the following arguments are required")
    assert served == []
