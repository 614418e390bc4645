"""``trace --model``: language models on the command line, against transformers' own weights."""

import json

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast

from attention.__main__ import main
from attention.atlas import quick
from attention.models.store import inventory
from tests.cli.test_trace import LAYOUT, TEXT, TRACE, trace
from tests.models import tiny
from tests.models.real import fetched
from tests.models.store import fetching


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch):
    monkeypatch.setattr(quick, "keep", lambda *_, **__: None)  # on this machine's disk


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
    assert len(answer.pop("next")) == 20
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
        "n_generated": 0,
    }


def test_next_is_what_transformers_finds_most_probable(capsys, folder):
    answer, _ = trace(capsys, "--text", TEXT, "--model", str(folder), "--json")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    with torch.inference_mode():
        logits = model(**tokenizer(TEXT, return_tensors="pt")).logits[0, -1]
    expected = logits.softmax(-1).sort(descending=True).values[:20]
    np.testing.assert_allclose([chance for _, chance in answer["next"]], expected, atol=1e-5)
    assert answer["next"][0][0] == tokenizer.decode([int(logits.argmax())]).strip()


def test_a_model_that_predicts_no_token_says_null(capsys, tmp_path):
    folder = tiny.make("bert", tmp_path)
    answer, _ = trace(capsys, "--text", TEXT, "--model", str(folder), "--json")
    assert answer["next"] is None


def test_both_kinds_of_model_give_the_same_fields(capsys, folder):
    layout, _ = trace(capsys, "--text", TEXT, *LAYOUT, "--json")
    language, _ = trace(capsys, "--text", TEXT, "--model", str(folder), "--json")
    assert list(layout) == list(language)


def test_a_text_longer_than_the_model_takes_is_cut_and_says_so(capsys, folder):
    answer, note = trace(capsys, "--text", "a" * 200, "--model", str(folder), "--json")
    assert (answer["truncated"], len(answer["tokens"])) == (True, 128)
    assert note == "The text has 200 tokens: the first 128 are kept.\n"


def test_a_table_of_a_language_model(capsys, folder):
    assert main([*TRACE, "--text", TEXT, "--model", str(folder)]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[1].startswith("tiny        4 heads of 16, d_model 64, 2 KV heads, 2 layers, on ")
    assert not any("validation" in line for line in shown)
    assert [line.split()[:2] for line in shown[5:]] == [
        [str(head), str(head // 2)] for head in range(4)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "auto", "layer"), [("smollm2", AutoModelForCausalLM, 16), ("minilm", AutoModel, 3)]
)
def test_real_models_give_transformers_own_weights(capsys, name, auto, layer):
    folder, text = fetched(name), f"{TEXT} नमस्ते, 2024 🙂"
    capsys.readouterr()
    assert main([*TRACE, "--text", text, "--model", name, "--layer", str(layer), "--json"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    answer = json.loads(said.out)
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
    assert inventory.state("smollm2") == "absent"


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
        main([*TRACE, "--text", "a", "--model", str(folder), *arguments])
    shown = capsys.readouterr()
    assert left.value.code == 2
    assert (shown.out, shown.err) == ("", f"python -m attention trace: {line}\n")


@pytest.mark.parametrize("kind", ["layout", "language"])
def test_out_writes_a_page(capsys, folder, tmp_path, kind):
    which = LAYOUT if kind == "layout" else ("--model", str(folder))
    file = tmp_path / "page.html"
    assert main([*TRACE, "--text", TEXT, *which, "--layer", "1", "--out", str(file)]) == 0
    size = file.stat().st_size
    assert capsys.readouterr().out == (
        f"{file}: every layer and head, {size / 1e6:.1f} MB, opens without a network.\n"
    )
    assert file.read_text("utf-8").startswith("<!doctype html>")
    answer, _ = trace(capsys, "--text", TEXT, *which, "--json", "--out", str(file))
    assert file.stat().st_size > 1000
    assert (
        answer["n_layers"] == {"layout": 3, "language": 2}[kind]
    )  # and nothing but JSON was printed


@pytest.mark.parametrize("name", ["bloom", "deberta-v2"])
def test_a_model_that_hands_over_its_weights_alone(capsys, tmp_path, name):
    folder = tiny.make(name, tmp_path)
    answer, said = trace(capsys, "--text", TEXT, "--model", str(folder), "--layer", "1", "--json")
    auto = AutoModelForCausalLM if name == "bloom" else AutoModel
    _, weights = eager(folder, auto, TEXT)
    np.testing.assert_array_equal(answer["weights"], weights[1])
    assert "hands over its weights and nothing that they are" in said
    assert (answer["next"] is None) == (name != "bloom")
    assert main([*TRACE, "--text", TEXT, "--model", str(folder)]) == 0
    assert "4 heads of 12, d_model 48" in capsys.readouterr().out


def test_heads_of_such_a_model_are_not_switched_off(capsys, tmp_path):
    folder = tiny.make("bloom", tmp_path / "bloom")
    with pytest.raises(SystemExit) as left:
        main(["off", "--model", str(folder), "--heads", "0.1", "--text", TEXT, "--device", "cpu"])
    told = "its heads cannot be switched off."
    assert left.value.code == 2 and told in capsys.readouterr().err


def test_a_layer_of_a_hybrid_is_called_by_its_block(capsys, tmp_path):
    folder = tiny.make("lfm2", tmp_path / "lfm2")
    answer, said = trace(capsys, "--text", TEXT, "--model", str(folder), "--layer", "3", "--json")
    assert said.splitlines()[-2:] == [
        "Layer 3 of 4; those without attention count, too.",
        "Blocks without attention, which stand in the map alone: convolution (0, 2).",
    ]
    assert answer["kv_cache_bytes"] == answer["kv_cache_bytes_formula"]
    _, weights = eager(folder, AutoModelForCausalLM, TEXT)
    np.testing.assert_allclose(answer["weights"], weights[1], atol=1e-5)
