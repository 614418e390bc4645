"""Heads of a hybrid on the command line: a head has the number of its block, wherever it is named.

In the tiny Lfm2 blocks 0 and 2 are convolutions, blocks 1 and 3 have attention.
"""

import json

import pytest
import torch

from attention import atlas
from attention.__main__ import main
from attention.interventions.off import Off
from attention.models.huggingface.checkpoint import load
from attention.models.losses import losses
from attention.pruning import rank
from tests.models import tiny

TEXT = "the cat sat on the mat, and the cat slept"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny.make("lfm2", tmp_path_factory.mktemp("lfm2"), tokenizer="sentencepiece")


@pytest.fixture(scope="module")
def model(folder):
    return load(str(folder), device="cpu")


def run(capsys, command, *arguments):
    assert main([command, *arguments, "--device", "cpu"]) == 0
    return capsys.readouterr().out


def test_off_takes_the_heads_that_it_is_told(capsys, folder, model):
    given = ("--model", str(folder), "--heads", "3.1,1.2", "--text", TEXT)
    found = json.loads(run(capsys, "off", *given, "--json"))
    assert found["heads"] == ["1.2", "3.1"]
    rows = torch.tensor([model.encode(TEXT)])
    expected = losses(model.without(Off.parse("1.1,0.2")), rows).mean().item()
    assert found["loss_after"] == pytest.approx(expected, abs=1e-6)
    assert run(capsys, "off", *given).splitlines()[1] == ("off          1.2, 3.1, 0 in their place")


def test_prune_names_the_heads_that_off_takes(capsys, folder, model):
    given = ("--model", str(folder), "--text", TEXT, "--windows", "1", "--window", "16")
    found = json.loads(run(capsys, "prune", *given, "--share", "0.25", "--json"))
    order = rank(model, torch.tensor([model.encode(TEXT, special=False)[:16]])).order
    assert found["order"] == [f"{(1, 3)[layer]}.{head}" for layer, head in order]
    point = found["curve"][0]
    assert point["heads"] == found["order"][:2]
    assert sum(gone for gone, _ in point["roles"].values()) == 2
    roles, (layer, head) = model.roles(), order[0]
    assert (
        run(capsys, "prune", *given, "--share", "0.25")
        .splitlines()[-1]
        .startswith(f"first   {found['order'][0]} {roles[layer][head].name}, ")
    )


def test_heads_have_the_rows_of_their_blocks(capsys, folder, monkeypatch, tmp_path):
    monkeypatch.setenv("HEADCOUNT_CACHE", str(tmp_path))
    monkeypatch.setattr(atlas, "kept", lambda *_, **__: None)
    given = ("--model", str(folder), "--seeds", "1")
    names = [line.split()[0] for line in run(capsys, "heads", *given).splitlines() if "." in line]
    rows = [name for name in names if name[0].isdigit()]
    assert rows == [f"{block}.{head}" for block in (1, 3) for head in range(4)]
    assert json.loads(run(capsys, "heads", *given, "--json"))["layers"] == [1, 3]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["off", "--heads", "0.1"], "block 0 of 4 has no attention: choose 1, 3."),
        (["off", "--heads", "1.1,4.1"], "block 4 of 4 has no attention: choose 1, 3."),
        (["off", "--heads", "3.9"], "head 3.9 does not exist: layer 3 has heads 0 to 3."),
        (["trace", "--layer", "2"], "block 2 of 4 has no attention: choose 1, 3."),
        (
            ["share", "--kv-heads", "3"],
            "kv_heads 3 does not divide the 2 KV heads of layer 1: choose 1, 2.",
        ),
    ],
)
def test_what_is_refused_is_named_by_its_block(capsys, folder, tmp_path, arguments, line):
    (file := tmp_path / "text.txt").write_text(TEXT)
    command, *rest = arguments
    which = [str(folder), "--text-file", str(file)]
    if command != "share":
        which = ["--model", str(folder), "--text", TEXT]
    with pytest.raises(SystemExit) as left:
        main([command, *which, *rest, "--device", "cpu"])
    shown = capsys.readouterr()
    assert (left.value.code, shown.out) == (2, "")
    assert shown.err == f"python -m attention {command}: {line}\n"
