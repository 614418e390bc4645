"""Training from the command line: where it runs, and that what it writes can be loaded."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from attention.__main__ import main
from attention.models.layouts import load
from attention.models.layouts.model import TOKENIZER
from attention.training import cli
from tests.cli.run import run


def test_layouts_are_trained_in_spawned_processes(monkeypatch, capsys):
    """One that is forked cannot use CUDA once its parent has looked for it."""
    begun = []

    class Pool(ThreadPoolExecutor):
        def __init__(self, n, *, mp_context):
            begun.append((n, mp_context.get_start_method()))
            super().__init__(n)

    monkeypatch.setattr(cli, "ProcessPoolExecutor", Pool)
    monkeypatch.setattr(cli, "_train_alone", lambda layout, *_: load.load_card(*layout))
    assert main(["train", "--layouts", "8x2,4x1", "--device", "cpu", "--jobs", "3"]) == 0
    assert begun == [(2, "spawn")]
    lines = capsys.readouterr().out.splitlines()
    assert sorted(line.split()[0] for line in lines) == ["4/1", "8/2"]


@pytest.mark.slow
def test_what_was_trained_is_a_layout(tmp_path):
    shutil.copy(TOKENIZER, tmp_path)
    folder = tmp_path / "layouts"
    there = ("--out", str(folder), "--checkpoints", str(tmp_path / "checkpoints"))
    done = run("train", "--layouts", "2x1", "--steps", "2", "--device", "cpu", *there)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("2/1  loss 7.")
    assert load.available_layouts(folder) == ((2, 1),)
    card = load.load_card(2, 1, folder)
    assert (card["steps"], card["device"], card["n_layers"]) == (2, "cpu", 2)
