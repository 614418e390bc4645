"""``trace --beside``: another model, another layer, or the model without its adapter."""

import json

import pytest

from attention.__main__ import main
from tests.models.adapted import write
from tests.models.tiny import make

TEXT = "The Keys are lost."


def trace(capsys, *arguments):
    assert main(["trace", "--device", "cpu", "--text", TEXT, *arguments]) == 0
    return capsys.readouterr().out


def test_two_language_models_as_json_and_as_a_table(capsys, tmp_path):
    one = str(make("llama", tmp_path / "one"))
    other = str(make("bert", tmp_path / "other", tokenizer="wordpiece"))
    asked = ("--model", one, "--layer", "1", "--beside", other)
    beside = json.loads(trace(capsys, *asked, "--json"))["beside"]
    assert (beside["model"], beside["compared_by"]) == ("other", "pieces")
    assert beside["alone"] == ["[CLS]", "[SEP]"]
    assert (beside["kv_cache_bytes"], beside["next"], beside["truncated"]) == (0, None, False)
    assert len(beside["heads"]) == 4
    assert all(-1 <= head["correlation"] <= 1 for head in beside["heads"])
    fixed = trace(capsys, *asked, "--json", "--beside-layer", "2", "--beside-head", "same")
    heads = json.loads(fixed)["beside"]["heads"]
    assert [(each["layer"], each["head"]) for each in heads] == [(2, n) for n in range(4)]
    table = trace(capsys, *asked)
    assert "beside      other, compared by characters; one alone has [CLS] [SEP]" in table
    page = tmp_path / "page.html"
    trace(capsys, *asked, "--out", str(page))
    assert page.read_text("utf-8").count('class="packed"') == 2


def test_with_and_without_the_adapter(capsys, tmp_path):
    folder = str(write(tmp_path)[0])
    answer = json.loads(trace(capsys, "--model", folder, "--json", "--beside", "base"))
    assert answer["beside"]["model"] == "base"
    assert answer["beside"]["compared_by"] == "tokens"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--beside-layer", "1"], "argument --beside-layer: it goes with --beside."),
        (["--beside-head", "1"], "argument --beside-head: it goes with --beside."),
        (["--beside", "same", "--beside-layer", "9"], "layer 9 does not exist: choose 0 to 2."),
        (["--beside", "base"], "Headcount 8/2 has no adapter that could be left out."),
        (
            ["--beside", "8x8", "--beside-head", "x"],
            "There is no head 'x': choose likest, same or a number.",
        ),
    ],
)
def test_what_cannot_be_put_beside(capsys, arguments, line):
    with pytest.raises(SystemExit) as left:
        main(["trace", "--device", "cpu", "--text", TEXT, "--model", "8x2", *arguments])
    assert (left.value.code, capsys.readouterr().err) == (
        2,
        f"python -m attention trace: {line}\n",
    )
