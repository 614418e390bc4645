import importlib
import subprocess
import sys

import pytest

import attention
from attention.__main__ import COMMANDS, main
from attention.errors import HeadcountError
from tests.cli.run import ROOT, run


@pytest.mark.parametrize(
    ("argv", "named"), [([], "''"), (["kvv"], "'kvv'"), (["--json"], "'--json'")]
)
def test_an_unknown_command_is_one_line_and_exit_code_2(capsys, argv, named):
    assert main(argv) == 2
    shown = capsys.readouterr()
    assert shown.err == f"command {named} is unknown: choose {', '.join(COMMANDS)}.\n"
    assert shown.out == ""


def test_help_names_every_command(capsys):
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"\n  {command} " in shown for command in COMMANDS)


def test_exit_code_reaches_the_shell():
    assert run("kvv").returncode == 2
    assert run("kv", "--help").returncode == 0


def test_a_reader_that_leaves_early_is_no_error():
    piped = f"{sys.executable} -m attention --help | true; exit ${{PIPESTATUS[0]}}"
    for _ in range(3):
        result = subprocess.run(["bash", "-c", piped], cwd=ROOT, capture_output=True, check=False)
        assert (result.returncode, result.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("raised", "line"),
    [
        (HeadcountError("no\nsuch thing."), "no such thing."),
        (ModuleNotFoundError(name="gguf"), "this needs gguf: pip install 'headcount[models]'"),
    ],
)
def test_what_any_command_refuses_is_one_line_and_exit_code_2(capsys, monkeypatch, raised, line):
    def refuse(argv):
        raise raised

    monkeypatch.setattr(importlib.import_module("attention.cli.layouts"), "main", refuse)
    with pytest.raises(SystemExit) as left:
        main(["layouts"])
    shown = capsys.readouterr()
    assert left.value.code == 2
    assert (shown.out, shown.err) == ("", f"python -m attention layouts: {line}\n")


def test_version():
    shown = run("--version")
    assert (shown.returncode, shown.stdout) == (0, f"headcount {attention.__version__}\n")
