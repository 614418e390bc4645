import json
import re

import pytest
import torch
from safetensors.torch import load_file

from attention.__main__ import main
from attention.interventions.sharing import Sharing
from attention.models.huggingface.checkpoint import load
from attention.models.layouts.load import load_layout
from attention.models.losses import losses
from attention.uptraining.schedule import Schedule
from attention.uptraining.twin import load_twin
from tests.models.tiny import make

STORY = "The keys near the old cabinet are lost. The boys who saw the teacher are tired. " * 20


@pytest.fixture
def story(tmp_path):
    file = tmp_path / "story.txt"
    file.write_text(STORY)
    return file


def test_json_has_the_losses_and_the_bytes(capsys, story):
    small = ("--windows", "2", "--window", "64", "--device", "cpu", "--json")
    assert main(["share", "8x4", "--kv-heads", "1", "--text-file", str(story), *small]) == 0
    found = json.loads(capsys.readouterr().out)
    model = load_layout(8, 4, device="cpu")
    rows = torch.tensor(model.encode(STORY)[:128]).view(2, 64)
    shared = model.shared(Sharing(kv_heads=1))
    assert found["loss_before"] == pytest.approx(losses(model, rows).mean().item(), abs=1e-6)
    assert found["loss_after"] == pytest.approx(losses(shared, rows).mean().item(), abs=1e-6)
    assert found["loss_after"] > found["loss_before"] + 0.1
    assert found["cache_bytes_before"] == 2 * 64 * 2 * 3 * 4 * model.config.head_dim * 4
    assert found["cache_bytes_after"] == found["cache_bytes_before"] // 4
    assert (found["by"], found["grouping"], found["kv_heads"]) == ("mean", "contiguous", 1)
    assert found["kv_heads_before"] == [4, 4, 4]
    assert "torch" in found["versions"]


def test_lines_for_people(capsys, story):
    small = ("--windows", "1", "--window", "64", "--device", "cpu")
    arguments = ("--kv-heads", "2", "--grouping", "similar", "--text-file", str(story))
    assert main(["share", "8x4", *arguments, *small]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [
        "model     Headcount 8/4, on cpu",
        "KV heads  4 → 2 a layer, by mean, similar groups",
    ]
    assert lines[2].startswith("loss      ") and lines[2].endswith(" nats a token, 63 tokens")
    assert lines[3].startswith("KV cache  ") and lines[3].endswith(" bytes")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["--kv-heads", "3"],
            "kv_heads 3 does not divide the 4 KV heads of layer 0: choose 1, 2, 4.",
        ),
        (
            ["--kv-heads", "0"],
            "argument --kv-heads: 0 is not a whole number from 1 to 65536.",
        ),
        (
            ["--kv-heads", "1", "--by", "median"],
            "argument --by: invalid choice: median (choose from mean, first, random)",
        ),
        (
            ["--kv-heads", "1", "--steps", "3"],
            "argument --steps: it goes with --uptrain.",
        ),
        (
            ["--kv-heads", "1", "--passes", "3"],
            "argument --passes: it goes with --uptrain.",
        ),
        (
            ["--kv-heads", "1", "--uptrain", "--portion", "200"],
            "argument --portion: 200 of 192 rows: choose 192 or fewer.",
        ),
        (
            ["--kv-heads", "1", "--windows", "40"],
            "argument --windows: the text has {n} tokens, and 40 of 256 need 10240: choose fewer.",
        ),
    ],
)
def test_a_bad_argument_is_one_line_and_exit_code_2(capsys, story, arguments, line):
    with pytest.raises(SystemExit) as left:
        main(["share", "8x4", "--text-file", str(story), "--device", "cpu", *arguments])
    shown = capsys.readouterr()
    n_tokens = len(load_layout(8, 4, device="cpu").encode(STORY))
    assert (left.value.code, shown.out) == (2, "")
    # Python 3.12 on quotes the choices no more.
    assert shown.err.replace("'", "") == (f"python -m attention share: {line.format(n=n_tokens)}\n")


def test_a_layout_is_trained_on_and_kept(capsys, story, tmp_path):
    small = ("--windows", "2", "--window", "64", "--device", "cpu", "--json")
    arguments = ("share", "4x4", "--kv-heads", "2", "--text-file", str(story), *small)
    assert main([*arguments, "--uptrain", "--steps", "3", "--out", str(tmp_path / "new")]) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert found["loss_uptrained"] < found["loss_after"]
    assert [point["stage"] for point in found["uptraining"]["curve"]] == ["text"] * 3
    assert found["uptraining"]["recipe"]["steps"] == 3
    assert said.err.splitlines()[-1].startswith("text  update 3 of 3  2,304 tokens  loss ")
    file = tmp_path / "new" / "4x4-kv2.safetensors"
    assert found.pop("file") == str(file)
    assert json.loads(file.with_suffix(".json").read_text("utf-8")) == found
    assert "embedding.weight" not in load_file(file)


def test_a_language_model_is_taught_by_itself_and_goes_on_after_a_break(
    capsys, story, tmp_path, monkeypatch
):
    monkeypatch.setattr(Schedule, "window", 16)
    folder = make("llama", tmp_path / "tiny")
    small = ("--windows", "2", "--window", "64", "--device", "cpu", "--json")
    arguments = ("share", str(folder), "--kv-heads", "1", "--text-file", str(story), *small)
    taught = ("--uptrain", "--rows", "16", "--portion", "8", "--passes", "3", "--steps", "2")
    taught += ("--out", str(tmp_path / "new"))
    assert main([*arguments, *taught]) == 0
    found = json.loads(capsys.readouterr().out)
    curve = found["uptraining"]["curve"]
    assert [point["stage"] for point in curve] == ["layers"] * 12 + ["logits"] * 2
    twin = load_twin(load(str(folder), device="cpu"), tmp_path / "new" / "tiny-kv1.safetensors")
    rows = torch.tensor(twin.encode(STORY, special=False)[:128]).view(2, 64)
    assert found["loss_uptrained"] == pytest.approx(losses(twin, rows).mean().item(), abs=1e-6)
    assert (tmp_path / "new" / "tiny-kv1" / "checkpoint.pt").is_file()
    assert main([*arguments, *taught]) == 0  # nothing is left to do
    said = capsys.readouterr()
    assert json.loads(said.out) == found
    assert said.err == ""


def test_lines_of_a_training_for_people(capsys, story, tmp_path):
    small = ("--windows", "1", "--window", "64", "--device", "cpu")
    arguments = ("share", "4x4", "--kv-heads", "2", "--text-file", str(story), *small)
    assert main([*arguments, "--uptrain", "--steps", "1", "--out", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"uptrained [\d.]+ nats a token, after 768 tokens in \d+ s", lines[3])
    assert lines[4] == f"file      {tmp_path / '4x4-kv2.safetensors'}"


def test_a_file_is_needed(capsys):
    with pytest.raises(SystemExit) as left:
        main(["share", "8x4", "--kv-heads", "1"])
    shown = capsys.readouterr().err
    assert left.value.code == 2
    assert shown == (
        "python -m attention share: the following arguments are required: --text-file\n"
    )
