"""``off`` against transformers with a hook by hand, and against plain numpy."""

import json

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from transformers import AutoModelForCausalLM, AutoTokenizer

from attention.__main__ import main
from attention.models.layouts.load import load_layout
from tests.models import tiny, tiny_pictures
from tests.models.hand_made import heads_off
from tests.models.layouts.test_decoder import oracle

OFF = ("off", "--device", "cpu")
LAYOUT = (*OFF, "--model", "8x2")
TEXT = "The keys near the old cabinet are lost."
HEADS = "0.0,0.1,0.2,0.3,1.3"


def off(capsys, *arguments):
    assert main([*arguments, "--json"]) == 0
    shown = capsys.readouterr()
    return json.loads(shown.out), shown.err


def surprise(logits, ids):
    logs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    return -logs[np.arange(len(ids) - 1), ids[1:]]


def test_a_layout_as_plain_numpy_has_it(capsys):
    found, note = off(capsys, *LAYOUT, "--heads", HEADS, "--text", TEXT)
    model = load_layout(8, 2, device="cpu")
    ids = model.encode(TEXT)
    places = {tuple(map(int, head.split("."))): 0.0 for head in HEADS.split(",")}
    logits = {"before": oracle((8, 2), ids)[1], "after": oracle((8, 2), ids, off=places)[1]}
    for name, expected in logits.items():
        losses = surprise(expected, ids)
        assert found[f"loss_{name}"] == pytest.approx(losses.mean(), abs=1e-5)
        np.testing.assert_allclose([row[name] for row in found["per_token"]], losses, atol=1e-4)
        chances = np.exp(expected[-1]) / np.exp(expected[-1]).sum()
        best = np.argsort(-chances)[:5]
        assert [text for text, _ in found[f"top_{name}"]] == model.token_texts(best.tolist())
        np.testing.assert_allclose([p for _, p in found[f"top_{name}"]], chances[best], atol=1e-5)
    assert [row["token"] for row in found["per_token"]] == model.token_texts(ids)[1:]
    assert [row["position"] for row in found["per_token"]] == list(range(1, len(ids)))
    # Layer 0's first KV head has no query head any more: one of 3 layers × 2 KV heads.
    assert found["cache_bytes_before"] == 2 * 3 * 2 * 24 * 4 * len(ids)
    assert found["cache_bytes_after"] == found["cache_bytes_before"] * 5 // 6
    assert (found["model"], found["kind"]) == ("Headcount 8/2", "zero")
    assert found["heads"] == HEADS.split(",")
    assert found["versions"]["torch"] == torch.__version__
    assert note == ""


@pytest.mark.parametrize("name", ["llama", "gpt2"])
def test_windows_of_a_file_as_transformers_has_them(capsys, tmp_path, name):
    folder = tiny.make(name, tmp_path / "model", tokenizer="sentencepiece")
    file = tmp_path / "text.txt"
    file.write_text("the cat sat on the mat, " * 20)
    windows = ("--window", "16", "--windows", "3")
    found, _ = off(
        capsys,
        *OFF,
        "--model",
        str(folder),
        "--heads",
        "0.1,2.3",
        "--text-file",
        str(file),
        *windows,
    )
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = tokenizer(file.read_text(), add_special_tokens=False)["input_ids"]
    assert tokenizer(file.read_text())["input_ids"] != ids  # there is one to be left out
    rows = torch.tensor(ids[:48]).view(3, 16)
    own = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager")
    for heads, key in (([], "loss_before"), ([(0, 1), (2, 3)], "loss_after")):
        with torch.inference_mode(), heads_off(own, heads, 3, 4):
            logits = own(input_ids=rows).logits
        expected = F.cross_entropy(logits[:, :-1].flatten(0, 1), rows[:, 1:].flatten())
        assert found[key] == pytest.approx(expected.item(), abs=1e-5)
    assert (found["windows"], found["window"], len(found["per_token"])) == (3, 16, 45)
    assert found["per_token"][15] | {"window": 1, "position": 1} == found["per_token"][15]


def test_lines_for_people(capsys):
    assert main([*LAYOUT, "--heads", "1.3,0.2", "--text", TEXT]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [
        "model        Headcount 8/2, on cpu",
        "off          0.2, 1.3, 0 in their place",
    ]
    assert [line.split()[0] for line in lines[2:6]] == ["loss", "KV", "next", "next"]
    assert len(lines) == 11


def test_no_head_off_changes_nothing(capsys):
    found, _ = off(capsys, *LAYOUT, "--heads", "", "--text", TEXT)
    assert found["heads"] == []
    assert found["loss_before"] == found["loss_after"]
    assert found["cache_bytes_before"] == found["cache_bytes_after"]


def test_a_long_text_is_cut_and_says_so(capsys):
    found, note = off(capsys, *LAYOUT, "--heads", "1.3", "--text", TEXT * 200)
    n_tokens = len(load_layout(8, 2, device="cpu").encode(TEXT * 200))
    assert found["window"] == 1024
    assert note == f"The text has {n_tokens} tokens: the first 1024 are kept.\n"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--heads", "3.0"], "head 3.0 does not exist: the model has layers 0 to 2."),
        (["--heads", "1.8"], "head 1.8 does not exist: layer 1 has heads 0 to 7."),
        (
            ["--heads", "1-3"],
            "'1-3' is no head: write its layer, a point and its number, both from 0, and a comma "
            "between heads: 1.3,1.5.",
        ),
        (
            ["--heads", "1.3", "--kind", "noise"],
            "argument --kind: invalid choice: 'noise' (choose from 'zero', 'mean')",
        ),
        (
            ["--heads", "1.3", "--window", "1"],
            "argument --window: '1' is not a whole number from 2 to 1048576.",
        ),
        (
            ["--heads", "1.3", "--window", "2000"],
            "argument --window: 2000 tokens are more than the 1024 that Headcount 8/2 takes.",
        ),
        (
            ["--heads", "1.3", "--window", "8", "--windows", "2"],
            "argument --windows: the text has 10 tokens, and 2 of 8 need 16: choose fewer.",
        ),
        (
            ["--heads", "1.3", "--text-file", "nowhere.txt"],
            "argument --text-file: not allowed with argument --text",
        ),
    ],
)
def test_a_bad_argument_is_one_line_and_exit_code_2(capsys, arguments, line):
    assert refused(capsys, "--text", TEXT, *arguments) == line.replace("'", "")


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("nowhere.txt", "'nowhere.txt' cannot be read: No such file or directory."),
        ("no\0where", "'no\\x00where' cannot be read: embedded null byte."),
        (".", "'.' cannot be read: Is a directory."),
        ("empty.txt", "'empty.txt' is empty: give a text."),
        ("blank.txt", "'blank.txt' is empty: give a text."),
        ("picture.png", "'picture.png' is no text in UTF-8 (byte 0): save it as that."),
        ("old.txt", "'old.txt' is no text in UTF-8 (byte 3): save it as that."),
    ],
)
def test_a_file_that_has_no_text_is_one_line(capsys, tmp_path, monkeypatch, file, line):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.txt").touch()
    (tmp_path / "blank.txt").write_text(" \n\n")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n")
    (tmp_path / "old.txt").write_bytes("café".encode("latin-1"))
    told = refused(capsys, "--heads", "1.3", "--text-file", file)
    assert told == f"argument --text-file: {line}".replace("'", "")


def test_text_or_file_is_needed(capsys):
    assert refused(capsys, "--heads", "1.3") == (
        "one of the arguments --text --text-file is required"
    )


def test_an_encoder_is_refused(capsys, tmp_path):
    folder = tiny.make("bert", tmp_path)
    with pytest.raises(SystemExit) as left:
        main([*OFF, "--model", str(folder), "--heads", "1.3", "--text", TEXT])
    assert left.value.code == 2
    assert capsys.readouterr().err.endswith(
        " predicts no next token: choose a model with an LM head.\n"
    )


def refused(capsys, *arguments):
    """The line on stderr, without quotes: Python 3.12 on quotes choices no more."""
    with pytest.raises(SystemExit) as left:
        main([*LAYOUT, *arguments])
    shown = capsys.readouterr()
    assert (left.value.code, shown.out, shown.err.count("\n")) == (2, "", 1)
    return shown.err.strip().removeprefix("python -m attention off: ").replace("'", "")


@pytest.mark.parametrize("command", ["off", "prune", "share"])
def test_a_model_of_pictures_is_refused_for_what_it_lacks(capsys, tmp_path, command):
    folder = tiny_pictures.make("vit", tmp_path / "vit")
    (file := tmp_path / "text.txt").write_text(TEXT)
    which = [str(folder), "--kv-heads", "1"]
    if command != "share":
        which = ["--model", str(folder)] + ["--heads", "1.1"] * (command == "off")
    with pytest.raises(SystemExit) as left:
        main([command, *which, "--text-file", str(file), "--device", "cpu"])
    assert left.value.code == 2
    assert capsys.readouterr().err == (
        f"python -m attention {command}: vit predicts no next token: choose a model with an LM "
        "head.\n"
    )
