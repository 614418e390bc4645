"""``prune`` against plain numpy, and what it refuses."""

import json
import math

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from attention.__main__ import main
from attention.models.layouts.load import load_layout
from attention.pruning import held_out, rank
from tests.cli.test_off import surprise
from tests.models import tiny
from tests.models.layouts.test_decoder import oracle
from tests.pruning.by_hand import loss

PRUNE = ("prune", "--device", "cpu")
LAYOUT = (*PRUNE, "--model", "8x2")
TEXT = "The keys near the old cabinet are lost. The boys who saw the teacher are tired."
ROWS = ("--windows", "2", "--window", "8")


def prune(capsys, *arguments):
    assert main([*arguments, "--json"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    return json.loads(shown.out)


def test_a_layout_as_plain_numpy_has_it(capsys):
    found = prune(capsys, *LAYOUT, "--text", TEXT, *ROWS, "--share", "0.5", "--share", "0.2,0")
    model = load_layout(8, 2, device="cpu")
    ids = model.encode(TEXT)[:16]
    order = rank(model, torch.tensor(ids).view(2, 8)).order
    assert [point["share"] for point in found["curve"]] == [0, 0.2, 0.5]
    for point, gone in zip(found["curve"], (0, 5, 12), strict=True):
        assert point["heads"] == [f"{layer}.{head}" for layer, head in order[:gone]]
        off = dict.fromkeys(order[:gone], 0.0)
        rows = [surprise(oracle((8, 2), row, off=off)[1], row) for row in (ids[:8], ids[8:])]
        assert point["loss"] == pytest.approx(sum(map(sum, rows)) / 14, abs=1e-5)
        assert point["perplexity"] == pytest.approx(math.exp(point["loss"]))
        assert sum(gone for gone, _ in point["roles"].values()) == len(point["heads"])
        assert sum(of for _, of in point["roles"].values()) == 24
    assert found["cache_bytes_before"] == 2 * 3 * 2 * 24 * 4 * 16
    assert found["loss_before"] == found["curve"][0]["loss"]
    assert found["versions"]["torch"] == torch.__version__
    told = {name: found[name] for name in ("model", "protocol", "by", "seed", "windows", "window")}
    assert told == {
        "model": "Headcount 8/2",
        "protocol": "2",
        "by": "importance",
        "seed": 0,
        "windows": 2,
        "window": 8,
    }


def test_a_file_in_rows_without_special_tokens_as_transformers_reads_it(capsys, tmp_path):
    folder, file = tiny.make("llama", tmp_path, tokenizer="sentencepiece"), tmp_path / "text.txt"
    file.write_text(TEXT, encoding="utf-8")
    found = prune(
        capsys, *PRUNE, "--model", str(folder), "--text-file", str(file), *ROWS, "--by", "norm"
    )
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = tokenizer(TEXT, add_special_tokens=False)["input_ids"][:16]
    assert ids != tokenizer(TEXT)["input_ids"][:16]
    own = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager")
    for point in found["curve"]:
        off = [tuple(map(int, head.split("."))) for head in point["heads"]]
        assert point["loss"] == pytest.approx(
            loss(own, torch.tensor(ids).view(2, 8), off), abs=1e-5
        )


def test_eleven_shares_of_a_text_of_ours_where_nothing_else_is_said(capsys):
    found = prune(capsys, *LAYOUT)
    assert [point["share"] for point in found["curve"]] == [n / 10 for n in range(11)]
    rows = held_out(load_layout(8, 2, device="cpu"))
    assert (found["windows"], found["window"]) == tuple(rows.shape)
    cut = prune(capsys, *LAYOUT, "--window", "10", "--share", "0")
    assert (cut["windows"], cut["window"]) == (4, 10)


def test_a_short_text_is_a_row_of_its_own(capsys):
    found = prune(capsys, *LAYOUT, "--text", TEXT, "--share", "0")
    ids = load_layout(8, 2, device="cpu").encode(TEXT)
    assert (found["windows"], found["window"]) == (1, len(ids)) == (1, 20)
    expected = surprise(oracle((8, 2), ids)[1], ids).mean()
    assert found["loss_before"] == pytest.approx(expected, abs=1e-5)


def test_random_heads_are_those_of_the_seed_and_four_seeds_more_give_a_band(capsys):
    found = [
        prune(capsys, *LAYOUT, "--by", "random", "--seed", seed, "--share", "0.2")
        for seed in ("5", "6")
    ]
    assert [each["seed"] for each in found] == [5, 6]
    assert found[0]["seeds"] == [5, 6, 7, 8, 9]
    one, other = (each["curve"][0] for each in found)
    assert one["heads"] != other["heads"]
    assert one["loss"] == one["losses"][0]
    assert other["losses"][:4] == one["losses"][1:]


def test_without_json_it_is_a_table(capsys):
    assert main([*LAYOUT, "--text", TEXT, *ROWS, "--share", "0,1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    found = prune(capsys, *LAYOUT, "--text", TEXT, *ROWS, "--share", "0,1")
    whole, none = found["curve"]
    assert lines[:3] == [
        "model   Headcount 8/2, on cpu",
        "text    2 × 8 tokens",
        "order   importance",
    ]
    assert lines[6].split()[:3] == ["0", "0", f"{whole['loss']:.4f}"]
    assert lines[7].split()[:3] == ["1", "24", f"{none['loss']:.4f}"]
    assert lines[7].split()[-2:] == ["18,432", "276,480"]
    roles = load_layout(8, 2, device="cpu").roles()
    layer, head = map(int, found["order"][0].split("."))
    assert lines[9].startswith(f"first   {layer}.{head} {roles[layer][head].name}, ")


def test_the_table_of_random_orders_has_the_band(capsys):
    arguments = (*LAYOUT, "--text", TEXT, *ROWS, "--share", "0.5", "--by", "random")
    assert main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    losses = prune(capsys, *arguments)["curve"][0]["losses"]
    assert lines[2] == "order   random, seeds 0 to 4; loss: of the first, and of all"
    assert lines[6].endswith(f"  {min(losses):.4f} to {max(losses):.4f}")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["--share", "1.5"],
            "argument --share: '1.5' is not a share from 0 to 1: write 0.2, or more with commas: "
            "0.1,0.2.",
        ),
        (
            ["--share", "0.1,", "--text", TEXT],
            "argument --share: '' is not a share from 0 to 1: write 0.2, or more with commas: "
            "0.1,0.2.",
        ),
        (
            ["--share", "nan"],
            "argument --share: 'nan' is not a share from 0 to 1: write 0.2, or more with commas: "
            "0.1,0.2.",
        ),
        (
            ["--by", "luck"],
            "argument --by: invalid choice: 'luck' (choose from 'importance', 'norm', 'random', "
            "'greedy')",
        ),
        (
            ["--seed", "-1"],
            "argument --seed: '-1' is not a whole number from 0 to 2147483647.",
        ),
        (
            ["--text", TEXT, "--window", "8"],
            "argument --windows: the text has 20 tokens, and 4 of 8 need 32: choose fewer.",
        ),
        (
            ["--window", "2000"],
            "argument --window: 2000 tokens are more than the 1024 that Headcount 8/2 takes.",
        ),
        (
            ["--text", TEXT, "--text-file", "nowhere.txt"],
            "argument --text-file: not allowed with argument --text",
        ),
        (
            ["--text-file", "nowhere.txt"],
            "argument --text-file: 'nowhere.txt' cannot be read: No such file or directory.",
        ),
        (["--text", ""], "argument --text: '' is empty: give at least one character."),
    ],
)
def test_a_bad_argument_is_one_line_and_exit_code_2(capsys, arguments, line):
    with pytest.raises(SystemExit) as left:
        main([*LAYOUT, *arguments])
    shown = capsys.readouterr()
    assert (left.value.code, shown.out, shown.err.count("\n")) == (2, "", 1)
    # Python 3.12 on quotes choices no more.
    told = shown.err.strip().removeprefix("python -m attention prune: ").replace("'", "")
    assert told == line.replace("'", "")


def test_an_encoder_is_refused(capsys, tmp_path):
    folder = tiny.make("bert", tmp_path)
    with pytest.raises(SystemExit) as left:
        main([*PRUNE, "--model", str(folder)])
    assert left.value.code == 2
    assert capsys.readouterr().err.endswith(
        " predicts no next token: choose a model with an LM head.\n"
    )


@pytest.mark.parametrize("by", ["importance", "norm", "random"])
def test_what_hands_over_its_weights_alone_is_refused_by_any_order(capsys, tmp_path, by):
    folder = tiny.make("bloom", tmp_path / "bloom")
    with pytest.raises(SystemExit) as left:
        main([*PRUNE, "--model", str(folder), "--by", by, "--text", TEXT])
    assert left.value.code == 2
    assert capsys.readouterr().err == (
        "python -m attention prune: bloom hands over its weights and nothing that they are made "
        "of: its heads cannot be switched off.\n"
    )
