import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast

from attention.__main__ import main
from attention.language import store
from attention.models import load_layout
from tests.cli.run import ROOT, run
from tests.language import fetching
from tests.language.real import fetched
from tests.test_decoder import TEXT, oracle

LAYOUT = ("--heads", "8", "--kv-heads", "2")


def trace(capsys, *arguments):
    assert main(["trace", *arguments]) == 0
    shown = capsys.readouterr()
    return json.loads(shown.out), shown.err


def test_json_has_the_fields_and_the_weights_of_plain_numpy():
    result = run("trace", "--text", TEXT, *LAYOUT, "--layer", "1", "--json", "--device", "cpu")
    assert (result.returncode, result.stderr) == (0, "")
    answer = json.loads(result.stdout)
    ids = load_layout(8, 2, device="cpu").encode(TEXT)
    weights = np.asarray(answer.pop("weights"))
    tokens = answer.pop("tokens")
    assert len(tokens) == len(ids)
    assert {"keys", "cabinet"} <= set(tokens)
    np.testing.assert_allclose(weights, oracle((8, 2), ids)[0][1], atol=1e-4)
    assert np.array_equal(weights, weights.astype(np.float32).astype(np.float64))  # unrounded
    assert answer == {
        "n_layers": 2,
        "n_heads": 8,
        "n_kv_heads": 2,
        "head_dim": 24,
        "d_model": 192,
        "kv_cache_bytes": 2 * 2 * 2 * 24 * len(ids) * 4,
        "kv_cache_bytes_formula": 2 * 2 * 2 * 24 * len(ids) * 4,
        "validation_loss": load_layout(8, 2, device="cpu").card["validation_loss"],
        "device": "cpu",
        "truncated": False,
    }


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


def test_bytes_that_are_no_utf_8_are_no_stack_trace():
    command = [sys.executable, "-m", "attention", "trace", "--text", b"a\xffb", *LAYOUT]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert (result.returncode, result.stderr) == (0, b"")


def test_a_table_for_people(capsys):
    assert main(["trace", "--text", TEXT, *LAYOUT]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[1].startswith("layout      8 heads of 24, d_model 192, 2 KV heads, 2 layers, on ")
    assert shown[5].startswith("head  KV head  mostly      value  previous  first  itself")
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
        (["--text", "a", "--layer", "2"], "argument --layer: 2 does not exist: choose 0 to 1."),
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
        main(["trace", *LAYOUT, *arguments])
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


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A small random Llama with GQA, as save_pretrained writes it."""
    place = tmp_path_factory.mktemp("llama") / "tiny"
    fetching.network().save_pretrained(place)
    PreTrainedTokenizerFast(tokenizer_object=fetching.tokenizer()).save_pretrained(place)
    return place


def eager(folder, auto, text):
    """transformers' own eager attention in float32: (token ids, weights of every layer)."""
    model = auto.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32)
    ids = AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt").input_ids
    with torch.inference_mode():
        weights = model(ids, output_attentions=True).attentions
    return ids[0].tolist(), [layer[0].numpy() for layer in weights]


@pytest.mark.parametrize("layer", [0, 1])
def test_a_folder_gives_transformers_own_weights(capsys, folder, layer):
    answer, _ = trace(
        capsys, "--text", TEXT, "--model", str(folder), "--layer", str(layer), "--json"
    )
    ids, weights = eager(folder, AutoModelForCausalLM, TEXT)
    np.testing.assert_allclose(answer.pop("weights"), weights[layer], atol=1e-5)
    assert len(answer.pop("tokens")) == len(ids)
    assert answer == {
        "n_layers": 2,
        "n_heads": 4,
        "n_kv_heads": 2,
        "head_dim": 16,
        "d_model": 64,
        "kv_cache_bytes": 2 * 2 * 2 * 16 * len(ids) * 4,
        "kv_cache_bytes_formula": 2 * 2 * 2 * 16 * len(ids) * 4,
        "validation_loss": None,
        "device": answer["device"],
        "truncated": False,
    }


def test_both_kinds_of_model_give_the_same_fields(capsys, folder):
    layout, _ = trace(capsys, "--text", TEXT, *LAYOUT, "--json")
    language, _ = trace(capsys, "--text", TEXT, "--model", str(folder), "--json")
    assert list(layout) == list(language)


def test_a_text_longer_than_the_model_takes_is_cut_and_says_so(capsys, folder):
    answer, note = trace(capsys, "--text", "a" * 200, "--model", str(folder), "--json")
    assert (answer["truncated"], len(answer["tokens"])) == (True, 128)
    assert note == "The text has 200 tokens: the first 128 are kept.\n"


def test_a_table_of_a_language_model(capsys, folder):
    assert main(["trace", "--text", TEXT, "--model", str(folder)]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[1].startswith("tiny        4 heads of 16, d_model 64, 2 KV heads, 2 layers, on ")
    assert not any("validation" in line for line in shown)
    assert [line.split()[:2] for line in shown[5:]] == [
        [str(head), str(head // 2)] for head in range(4)
    ]


@pytest.mark.parametrize(
    ("name", "auto", "layer"), [("smollm2", AutoModelForCausalLM, 16), ("minilm", AutoModel, 3)]
)
def test_real_models_give_transformers_own_weights(name, auto, layer):
    folder, text = fetched(name), f"{TEXT} नमस्ते, 2024 🙂"
    result = run("trace", "--text", text, "--model", name, "--layer", str(layer), "--json")
    assert (result.returncode, result.stderr) == (0, "")
    answer = json.loads(result.stdout)
    ids, weights = eager(folder, auto, text)
    found = np.asarray(answer["weights"])
    np.testing.assert_allclose(found, weights[layer], atol=1e-4)
    np.testing.assert_allclose(found.sum(-1), 1, atol=1e-5)
    assert len(answer["tokens"]) == len(ids)
    assert all(token and token.isprintable() for token in answer["tokens"])
    assert answer["kv_cache_bytes"] == answer["kv_cache_bytes_formula"]
    shape = [answer[key] for key in ("n_layers", "n_heads", "n_kv_heads", "head_dim", "d_model")]
    assert shape == {"smollm2": [30, 9, 3, 64, 576], "minilm": [6, 12, 12, 32, 384]}[name]
    if name == "smollm2":  # float32 on the CPU
        assert answer["kv_cache_bytes"] == 2 * 30 * 3 * 64 * len(ids) * 4
        assert not np.triu(found, 1).any()
    else:
        assert answer["kv_cache_bytes"] == 0  # an encoder keeps none
        assert np.triu(found, 1).any()


def test_a_model_that_was_not_fetched_says_how_to_get_it(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("HEADCOUNT_CACHE", str(tmp_path))
    with pytest.raises(SystemExit) as left:
        main(["trace", "--text", "a", "--model", "smollm2"])
    assert left.value.code == 2
    assert capsys.readouterr().err == (
        "python -m attention trace: smollm2 is not on this machine yet: "
        "run python -m attention fetch smollm2.\n"
    )
    assert store.state("smollm2") == "absent"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--heads", "8"], "argument --heads: not with --model, which has its own: leave it out."),
        (
            ["--kv-heads", "2"],
            "argument --kv-heads: not with --model, which has its own: leave it out.",
        ),
        (
            ["--mask", "causal"],
            "argument --mask: not with --model, which has its own: leave it out.",
        ),
        (["--layer", "2"], "argument --layer: 2 does not exist: choose 0 to 1."),
        (["--layer", "2", "--out", "x"], "argument --layer: 2 does not exist: choose 0 to 1."),
        (["--device", "tpu"], "device 'tpu' is unknown: choose auto, cuda, mps, cpu."),
        (["--model", "./nothing"], "'./nothing' is no folder on this machine."),
        (
            ["--out", "nothing/there.html"],
            "argument --out: 'nothing/there.html' cannot be written: No such file or directory.",
        ),
    ],
)
def test_a_bad_argument_beside_a_model_is_one_line_and_exit_code_2(capsys, folder, arguments, line):
    with pytest.raises(SystemExit) as left:
        main(["trace", "--text", "a", "--model", str(folder), *arguments])
    shown = capsys.readouterr()
    assert left.value.code == 2
    assert (shown.out, shown.err) == ("", f"python -m attention trace: {line}\n")


def test_without_a_model_a_layout_has_to_be_named(capsys):
    with pytest.raises(SystemExit) as left:
        main(["trace", "--text", "a", "--heads", "8"])
    assert left.value.code == 2
    assert capsys.readouterr().err == (
        "python -m attention trace: the following arguments are required: --kv-heads\n"
    )


@pytest.mark.parametrize("kind", ["layout", "language"])
def test_out_writes_a_page(capsys, folder, tmp_path, kind):
    which = LAYOUT if kind == "layout" else ("--model", str(folder))
    file = tmp_path / "page.html"
    assert main(["trace", "--text", TEXT, *which, "--layer", "1", "--out", str(file)]) == 0
    size = file.stat().st_size
    assert capsys.readouterr().out == (
        f"{file}: every layer and head, {size / 1e6:.1f} MB, opens without a network.\n"
    )
    assert file.read_text("utf-8").startswith("<!doctype html>")
    answer, _ = trace(capsys, "--text", TEXT, *which, "--json", "--out", str(file))
    assert file.stat().st_size > 1000
    assert answer["n_layers"] == 2  # and nothing but JSON was printed


def test_a_reader_that_leaves_early_is_no_error():
    command = f"{sys.executable} -m attention trace --text '{TEXT * 5}' --heads 8 --kv-heads 2"
    piped = f"{command} --json | head -c 10; exit ${{PIPESTATUS[0]}}"
    result = subprocess.run(["bash", "-c", piped], cwd=ROOT, capture_output=True, check=False)
    assert (result.returncode, result.stderr) == (0, b"")
