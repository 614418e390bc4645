import json
import subprocess
import sys

import numpy as np
import pytest

from attention.__main__ import main
from attention.cli import trace_given
from attention.models.continued import continued
from attention.models.layouts.load import load_layout
from tests.cli.run import ROOT
from tests.models.layouts.test_decoder import TEXT, oracle

TRACE = ("trace", "--device", "cpu")
LAYOUT = ("--heads", "8", "--kv-heads", "2")


def trace(capsys, *arguments):
    assert main([*TRACE, *arguments]) == 0
    shown = capsys.readouterr()
    return json.loads(shown.out), shown.err


def test_json_has_the_fields_and_the_weights_of_plain_numpy(capsys):
    answer, note = trace(capsys, "--text", TEXT, *LAYOUT, "--layer", "1", "--json")
    assert note == ""
    ids = load_layout(8, 2, device="cpu").encode(TEXT)
    weights = np.asarray(answer.pop("weights"))
    tokens = answer.pop("tokens")
    assert len(tokens) == len(ids)
    assert {"key", "cabinet"} <= set(tokens)
    assert len(answer.pop("next")) == 20
    np.testing.assert_allclose(weights, oracle((8, 2), ids)[0][1], atol=1e-4)
    assert np.array_equal(weights, weights.astype(np.float32).astype(np.float64))  # unrounded
    assert answer == {
        "n_layers": 3,
        "n_heads": 8,
        "n_kv_heads": 2,
        "head_dim": 24,
        "d_model": 192,
        "kv_cache_bytes": 2 * 3 * 2 * 24 * len(ids) * 4,
        "kv_cache_bytes_formula": 2 * 3 * 2 * 24 * len(ids) * 4,
        "validation_loss": load_layout(8, 2, device="cpu").card["validation_loss"],
        "device": "cpu",
        "truncated": False,
        "n_generated": 0,
    }


@pytest.mark.parametrize("mask", ["causal", "bidirectional"])
def test_next_is_what_plain_numpy_finds_most_probable(capsys, mask):
    answer, _ = trace(capsys, "--text", TEXT, *LAYOUT, "--mask", mask, "--json")
    model = load_layout(8, 2, device="cpu")
    ids = model.encode(TEXT)
    logits = oracle((8, 2), ids, causal=mask == "causal")[1][-1]
    probabilities = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    found = [probability for _, probability in answer["next"]]
    np.testing.assert_allclose(found, np.sort(probabilities)[::-1][:20], atol=1e-5)
    assert found == sorted(found, reverse=True)
    likeliest = model.token_texts([int(probabilities.argmax())])
    assert [answer["next"][0][0]] == likeliest


def test_layer_0_and_causal_unless_told_otherwise(capsys):
    plain, _ = trace(capsys, "--text", TEXT, *LAYOUT, "--json")
    told, _ = trace(capsys, "--text", TEXT, *LAYOUT, "--layer", "0", "--mask", "causal", "--json")
    assert plain == told
    weights = np.asarray(plain["weights"])
    assert weights.shape == (8, len(plain["tokens"]), len(plain["tokens"]))
    assert not np.triu(weights, 1).any()


def test_bidirectional_looks_ahead(capsys):
    answer, _ = trace(capsys, "--text", TEXT, *LAYOUT, "--mask", "bidirectional", "--json")
    assert np.triu(np.asarray(answer["weights"]), 1).any()


def test_a_long_text_is_cut_and_says_so(capsys):
    text = "the keys near the cabinet are here " * 400
    n_tokens = len(load_layout(1, 1, device="cpu").encode(text))
    answer, note = trace(capsys, "--text", text, "--heads", "1", "--kv-heads", "1", "--json")
    assert answer["truncated"] is True
    assert len(answer["tokens"]) == 1024
    assert note == f"The text has {n_tokens} tokens: the first 1024 are kept.\n"


@pytest.mark.parametrize(
    "text",
    ["-5 degrees", "--layers", "-", "a", " ", "🙂", "שלום", "किताब", "<b>*x*</b>", "a\nb\tc"],
)
def test_any_text_is_taken_as_it_is(capsys, text):
    answer, _ = trace(capsys, "--text", text, *LAYOUT, "--json")
    ids = load_layout(8, 2, device="cpu").encode(text)
    assert len(answer["tokens"]) == len(ids) == len(answer["weights"][0])
    assert all(token and token.isprintable() for token in answer["tokens"])


def test_a_text_spelt_like_an_option_is_taken_with_an_equals_sign(capsys):
    answer, _ = trace(capsys, "--text=--json", *LAYOUT, "--json")
    assert "".join(answer["tokens"]).endswith("json")


@pytest.mark.slow
def test_bytes_that_are_no_utf_8_are_no_stack_trace():
    command = [sys.executable, "-m", "attention", *TRACE, "--text", b"a\xffb", *LAYOUT]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert (result.returncode, result.stderr) == (0, b"")


def test_a_table_for_people(capsys):
    assert main([*TRACE, "--text", TEXT, *LAYOUT]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[1].startswith("layout      8 heads of 24, d_model 192, 2 KV heads, 3 layers, on ")
    assert shown[5].startswith(
        "head  KV head  role        held out  here         value  previous  first"
    )
    assert [line.split()[:2] for line in shown[6:]] == [
        [str(head), str(head // 4)] for head in range(8)
    ]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--text", ""], "argument --text: '' is empty: give at least one character."),
        (
            ["--text", "--json"],
            "argument --text: no text is given: write --text=--json to mean that.",
        ),
        (["--text"], "argument --text: expected one argument"),
        (["--text", "a", "--layer", "3"], "argument --layer: 3 does not exist: choose 0 to 2."),
        (
            ["--text", "a", "--layer", "-1"],
            "argument --layer: '-1' is not a whole number from 0 to 2147483647.",
        ),
        (
            ["--text", "a", "--kv-heads", "3"],
            "No layout was trained with n_heads 8 and n_kv_heads 3: "
            "choose n_kv_heads 1, 2, 4 or 8.",
        ),
        (
            ["--text", "a", "--mask", "none"],
            "argument --mask: invalid choice: 'none' (choose from 'causal', 'bidirectional')",
        ),
        (
            ["--text", "a", "--device", "tpu"],
            "device 'tpu' is unknown: choose auto, cuda, mps, cpu.",
        ),
    ],
)
def test_a_bad_argument_is_one_line_and_exit_code_2(capsys, arguments, line):
    with pytest.raises(SystemExit) as left:
        main([*TRACE, *LAYOUT, *arguments])
    shown = capsys.readouterr()
    assert left.value.code == 2
    assert shown.out == ""
    # Python 3.12 on quotes the choices no more.
    assert shown.err.replace("'", "") == f"python -m attention trace: {line}\n".replace("'", "")


def test_a_head_count_that_was_not_trained_is_refused_with_those_that_were(capsys):
    with pytest.raises(SystemExit) as left:
        main(["trace", "--text", "a", "--heads", "3", "--kv-heads", "1"])
    assert left.value.code == 2
    shown = capsys.readouterr().err
    assert shown.startswith(
        "python -m attention trace: No layout was trained with n_heads 3: choose 1, 2, 4, 8"
    )
    assert shown.count("\n") == 1


def test_without_a_model_a_layout_has_to_be_named(capsys):
    with pytest.raises(SystemExit) as left:
        main(["trace", "--text", "a", "--heads", "8"])
    assert left.value.code == 2
    assert capsys.readouterr().err == (
        "python -m attention trace: the following arguments are required: --kv-heads\n"
    )


@pytest.mark.slow
def test_a_reader_that_leaves_early_is_no_error():
    command = f"{sys.executable} -m attention {' '.join((*TRACE, *LAYOUT))} --text '{TEXT * 5}'"
    piped = f"{command} --json | head -c 10; exit ${{PIPESTATUS[0]}}"
    result = subprocess.run(["bash", "-c", piped], cwd=ROOT, capture_output=True, check=False)
    assert (result.returncode, result.stderr) == (0, b"")


def test_generated_tokens_stand_behind_the_text(capsys, tmp_path, monkeypatch):
    asked = []
    once = lambda *given: asked.append(given) or continued(*given)  # noqa: E731
    monkeypatch.setattr(trace_given, "continued", once)
    model, path = load_layout(8, 2, device="cpu"), tmp_path / "page.html"
    prompt = len(model.encode(TEXT))
    given = ("--text", TEXT, *LAYOUT, "--generate", "3", "--json")
    answer, _ = trace(capsys, *given, "--out", str(path), "--svg", str(tmp_path / "all.svg"))
    assert (len(answer["tokens"]), answer["n_generated"]) == (prompt + 3, 3)
    assert "The last 3 of these tokens were generated by the model" in path.read_text("utf-8")
    drawn = (tmp_path / "all.svg").read_text("utf-8")
    assert f"tokens {prompt} to {prompt + 2} were generated by the model" in drawn
    assert len(asked) == 1  # for the page, the drawing and the numbers


def test_a_page_of_words(capsys, tmp_path):
    path = tmp_path / "all.svg"
    given = ("--text", TEXT, *LAYOUT, "--pieces", "words", "--json", "--svg", str(path))
    answer, _ = trace(capsys, *given)
    assert "keys" not in answer["tokens"]  # a stem and its ending; JSON has every token
    assert ">keys</text>" in path.read_text("utf-8")
