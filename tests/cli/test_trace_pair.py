"""``trace --target``: the three attentions of an encoder–decoder on the command line."""

import numpy as np
import pytest
import torch

from attention.__main__ import main
from attention.atlas import quick
from tests.cli.test_trace import LAYOUT, TRACE, trace
from tests.models import tiny

SOURCE, TARGET = "The keys near the old cabinet are lost.", "the cat sat on the mat"


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch):
    monkeypatch.setattr(quick, "keep", lambda *_, **__: None)  # on this machine's disk


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return str(tiny.make("t5", tmp_path_factory.mktemp("t5")))


def test_cross_attention_as_json_has_rows_of_the_target_over_the_source(capsys, folder):
    answer, _ = trace(
        capsys, "--model", folder, "--text", SOURCE, "--target", TARGET, "--layer", "2", "--json"
    )
    tokenizer = tiny.make_tokenizer("bytes")
    source, target = tokenizer(SOURCE)["input_ids"], [0, *tokenizer(TARGET)["input_ids"]]
    with torch.inference_mode():
        theirs = tiny.eager("t5")(
            input_ids=torch.tensor([source]),
            decoder_input_ids=torch.tensor([target]),
            output_attentions=True,
        ).cross_attentions[2][0]
    np.testing.assert_allclose(answer["weights"], theirs, atol=1e-5)
    assert (len(answer["tokens"]), len(answer["keys"])) == (len(target), len(source))
    assert (answer["attention"], answer["target_generated"]) == ("cross", False)
    a_token = 2 * 3 * 4 * 12 * 4
    assert answer["caches"] == {
        "decoder": {"bytes": a_token * len(target), "bytes_formula": a_token * len(target)}
        | {"bytes_per_target_token": a_token},
        "cross": {"bytes": a_token * len(source), "bytes_formula": a_token * len(source)}
        | {"bytes_per_target_token": 0},
    }
    assert len(answer["next"]) == 20


@pytest.mark.parametrize("attention", ["encoder", "decoder", "cross"])
def test_each_attention_has_its_table(capsys, folder, attention):
    given = ("--model", folder, "--text", SOURCE, "--attention", attention)
    assert main([*TRACE, *given]) == 0
    out = capsys.readouterr().out
    assert ("target      the model's own, greedily" in out) == (attention != "encoder")
    assert ("look at     " in out) == (attention == "cross")
    assert len(out.split("\nhead ")[1].strip().splitlines()) == 5


def test_a_target_is_for_two_stacks(capsys):
    with pytest.raises(SystemExit) as ended:
        main([*TRACE, *LAYOUT, "--text", "a", "--target", "b"])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert "is one stack: a target and a part are for an encoder with a decoder." in told


def test_words_of_the_target(capsys, folder, tmp_path):
    path, words = tmp_path / "head.svg", ("--pieces", "words", "--part", "head")
    given = ("--model", folder, "--text", SOURCE, "--target", "mattresses")
    assert main([*TRACE, *given, *words, "--attention", "decoder", "--svg", str(path)]) == 0
    assert ">mattress…<" in path.read_text("utf-8")
