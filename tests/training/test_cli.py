"""Training from the command line: where it runs, and what it refuses."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from attention.__main__ import main
from attention.models.layouts import cards, load
from attention.training import cli
from attention.training.tasks import FAMILY


@pytest.fixture
def begun(monkeypatch, tmp_path):
    """What is trained, instead of training it."""
    begun = []

    class Pool(ThreadPoolExecutor):
        def __init__(self, n, *, mp_context, **_):
            begun.append((n, mp_context.get_start_method()))
            super().__init__(n)

    def train(tasks, text, places, device, n_beside, pool, progress, done):
        begun.append([task.name for task in tasks])
        for task in tasks:
            done(task, cards.load_card(*task.layout))

    monkeypatch.setattr(cli, "ProcessPoolExecutor", Pool)
    monkeypatch.setattr(cli, "open_text", lambda *_: None)
    monkeypatch.setattr(cli, "train", train)
    monkeypatch.setattr(cli.os, "cpu_count", lambda: 2)
    return begun


OUT = ("--device", "cpu", "--out")


def test_layouts_are_trained_in_spawned_processes_after_the_embedding(begun, capsys, tmp_path):
    """One that is forked cannot use CUDA once its parent has looked for it."""
    assert main(["train", "--layouts", "8x2,4x1", *OUT, str(tmp_path)]) == 0
    assert begun == [(2, "spawn"), ["embedding"], ["8x2", "4x1"]]
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["8x2", "4x1"]


def test_an_embedding_that_is_there_is_taken(begun, tmp_path):
    (tmp_path / load.EMBEDDING).touch()
    assert main(["train", "--layouts", "1x1", "--jobs", "1", *OUT, str(tmp_path)]) == 0
    assert begun == [(1, "spawn"), ["1x1"]]


def test_letters_need_no_embedding_of_the_family(begun, tmp_path):
    given = ["train", "letters", "layouts", "--layouts", "8x2,4x1"]
    assert main([*given, *OUT, str(tmp_path)]) == 0
    assert begun[1:] == [["embedding"], ["8x2", "4x1"], ["8x2-letters"]]


def test_figures_are_put_beside_the_layouts(begun, tmp_path, monkeypatch):
    (tmp_path / load.EMBEDDING).touch()
    assert main(["train", "sharing", "--layouts", "8x2", *OUT, str(tmp_path)]) == 0
    assert begun[1] == ["8x2-seed1", "8x2-seed2", "8x2-wide"]
    # All three stand for the same card here.
    (row,) = json.loads((tmp_path / "sharing.json").read_text("utf-8"))
    assert (row["n_heads"], row["n_kv_heads"]) == (8, 2)


def test_the_gate_is_a_table_of_what_the_cards_say(tmp_path, capsys):
    card = {
        "gate": {
            "induction": {"value": 0.55, "wanted": 0.6, "n": None, "chance": 0.1},
            "resumed en, everyday": {"value": 0.7, "wanted": None, "n": 24, "chance": 0.5},
        }
    }
    for name in ("8x2", "8x8"):
        (tmp_path / f"{name}.safetensors").touch()
        (tmp_path / f"{name}.json").write_text(json.dumps(card), "utf-8")
    card["gate"]["induction"]["value"] = 0.65
    (tmp_path / "8x8.json").write_text(json.dumps(card), "utf-8")
    table = tmp_path / "gate.json"
    given = ["train", "gate", "--layouts", "8x8,8x2", "--json", str(table)]
    assert main([*given, *OUT, str(tmp_path)]) == 0
    lines = [line.split("  ") for line in capsys.readouterr().out.splitlines()]
    assert [[cell.strip() for cell in line if cell.strip()] for line in lines] == [
        ["wanted", "8x8", "8x2"],
        ["induction", "0.6", "0.650", "0.550*"],
        ["resumed en, everyday", "0.700", "0.700"],
    ]
    assert json.loads(table.read_text("utf-8"))["8x2"]["induction"]["value"] == 0.55


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--steps", "0"), "steps 0 is too few: choose 1 or more."),
        (("--rows", "-2"), "rows -2 is too few: choose 1 or more."),
        (("--layouts", "3x1"), "layout '3x1' is not in the family: choose 1x1, "),
        (
            ("all",),
            "train 'all' is unknown: choose layouts, sharing, forming, letters, cards, gate, "
            "trial.",
        ),
    ],
)
def test_what_cannot_be_trained_is_one_line(given, said, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["train", *given])
    assert capsys.readouterr().err.split(": ", 1)[-1].startswith(said)


def test_all_layouts_are_the_family(begun, tmp_path):
    (tmp_path / load.EMBEDDING).touch()
    assert main(["train", *OUT, str(tmp_path)]) == 0
    assert len(begun[1]) == len(FAMILY)
