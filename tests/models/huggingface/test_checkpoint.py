"""Loading: from a folder, by a short name, and what is refused with a sentence."""

import json
import pickle
import re

import pytest
import torch
import transformers
from safetensors.torch import load_file
from transformers import AutoTokenizer

from attention.models.huggingface import checkpoint
from attention.models.huggingface.checkpoint import CheckpointError, wrap
from attention.models.huggingface.quiet import quiet
from attention.models.store import inventory
from tests.models import small, tiny
from tests.models.huggingface.saved import change_config, load, refusal

VERSION = transformers.__version__


@pytest.fixture
def folder(tmp_path):
    return tiny.make("llama", tmp_path / "tiny-llama")


def test_a_folder_is_loaded_as_it_was_saved(folder):
    model = load(str(folder))
    assert (model.title, model.source) == ("tiny-llama", str(folder))
    assert (model.architecture, model.n_layers, model.d_model) == ("LlamaForCausalLM", 3, 48)
    assert model.max_tokens == 256
    assert not model.model.training
    assert not any(p.requires_grad for p in model.model.parameters())
    saved = load_file(folder / "model.safetensors")
    torch.testing.assert_close(
        model.model.state_dict()["model.norm.weight"].cpu().float(), saved["model.norm.weight"]
    )


def test_nothing_is_said_while_loading_and_asking(folder, capfd, recwarn):
    level = transformers.utils.logging.get_verbosity()
    model = load(str(folder))
    model.look(model.encode("the cat " * 20), layer=0, head=0)
    model.encode("the cat " * 500)  # longer than the model takes
    assert capfd.readouterr() == ("", "")
    assert not recwarn.list
    assert transformers.utils.logging.get_verbosity() == level
    assert transformers.utils.logging.is_progress_bar_enabled()


def test_several_files_of_weights(folder):
    model = transformers.AutoModelForCausalLM.from_pretrained(folder)
    (folder / "model.safetensors").unlink()
    model.save_pretrained(folder, max_shard_size="40KB")
    assert len(list(folder.glob("model-*.safetensors"))) > 1
    ids = [50, 60, 70]
    torch.testing.assert_close(load(str(folder)).run(ids), tiny.load_tiny("llama").run(ids))


def test_a_short_name_is_looked_up_in_the_store(folder, monkeypatch):
    monkeypatch.setattr(inventory, "path", lambda name: folder)
    model = load("smollm2")
    assert (model.title, model.source) == ("SmolLM2-135M-Instruct", "smollm2")


def test_a_short_name_that_was_not_fetched(monkeypatch, tmp_path):
    monkeypatch.setenv("HEADCOUNT_CACHE", str(tmp_path))
    told = "smollm2 is not on this machine yet: run python -m attention fetch smollm2."
    assert refusal("smollm2") == told


def test_a_name_that_is_neither_folder_nor_hub_id():
    assert refusal("no such/model/here") == "'no such/model/here' is no folder on this machine."


@pytest.mark.parametrize("beside", [False, True])
def test_pickled_weights_are_never_opened(folder, beside, tmp_path):
    mark = tmp_path / "ran"
    code = type("Code", (), {"__reduce__": lambda self: (open, (str(mark), "w"))})
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(code()))
    if beside:
        load(str(folder))
    else:
        (folder / "model.safetensors").unlink()
        assert refusal(folder) == (
            "The weights are pickled (pytorch_model.bin), which can run code when they are opened: "
            "only safetensors are read."
        )
    assert not mark.exists()


@pytest.mark.parametrize("kind", ["unheard-of", "llama"])
def test_code_of_the_checkpoint_is_refused_and_never_run(folder, tmp_path, kind):
    mark = tmp_path / "ran"
    (folder / "modeling_own.py").write_text(f"open({str(mark)!r}, 'w')\nclass Own: pass\n")
    auto = {"AutoConfig": "modeling_own.Own", "AutoModelForCausalLM": "modeling_own.Own"}
    change_config(folder, model_type=kind, architectures=["OwnForCausalLM"], auto_map=auto)
    assert refusal(folder) == (
        "The model brings Python code of its own (auto_map in config.json), and code from a "
        f"checkpoint is never run: transformers {VERSION} must know model_type {kind!r} and its "
        "architecture by itself."
    )
    assert not mark.exists()


def test_where_transformers_has_the_architecture_the_checkpoints_code_is_left_alone(
    folder, tmp_path
):
    mark = tmp_path / "ran"
    (folder / "modeling_own.py").write_text(f"open({str(mark)!r}, 'w')\n")
    auto = {"AutoConfig": "modeling_own.Own", "AutoModelForCausalLM": "modeling_own.Own"}
    change_config(folder, auto_map=auto)
    path = folder / "tokenizer_config.json"
    settings = json.loads(path.read_text()) | {"auto_map": {"AutoTokenizer": ["own.Own", None]}}
    path.write_text(json.dumps(settings))
    assert load(str(folder)).architecture == "LlamaForCausalLM"
    assert not mark.exists()


def test_an_unknown_architecture(folder):
    change_config(folder, model_type="unheard-of")
    told = f"model_type 'unheard-of' is not known to transformers {VERSION}."
    assert refusal(folder) == told


def test_without_a_tokenizer(folder):
    for path in folder.glob("tokenizer*"):
        path.unlink()
    assert refusal(folder) == (
        "The folder holds no tokenizer: put the model's own beside it (tokenizer.json, or what "
        "tokenizer.save_pretrained writes)."
    )


def test_a_tokenizer_that_needs_a_package(folder, monkeypatch):
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer.model").write_bytes(b"")

    def read(*given, **more):
        raise ValueError("Couldn't instantiate the backend tokenizer: install sentencepiece.")

    monkeypatch.setattr(AutoTokenizer, "from_pretrained", read)
    assert refusal(folder) == (
        "Its tokenizer is kept in a format that needs the package sentencepiece: install that, or "
        "put the model's tokenizer.json into the folder."
    )


def test_a_tokenizer_that_is_broken(folder):
    (folder / "tokenizer.json").write_text("{")
    assert refusal(folder) == (
        "Its tokenizer cannot be read: Expecting property name enclosed in double quotes: line 1 "
        "column 2 (char 1). Put the model's own files beside it (tokenizer.json, or what "
        "tokenizer.save_pretrained writes)."
    )


def test_a_package_that_tokenizer_json_does_not_need(folder, monkeypatch):
    def read(*given, **more):
        raise ImportError("You need to install sacremoses to use XLMTokenizer.")

    monkeypatch.setattr(AutoTokenizer, "from_pretrained", read)
    text = "the cat sat"
    assert load(str(folder)).encode(text) == tiny.load_tiny("llama").encode(text)


@pytest.mark.parametrize("kind", ["T5", "UMT5"])
def test_the_encoder_of_an_encoder_decoder_by_itself(tmp_path, kind):
    size = {"d_model": 48, "d_kv": 12, "d_ff": 64, "num_layers": 2, "num_heads": 4}
    named = getattr(transformers, f"{kind}EncoderModel")
    theirs = named(named.config_class(vocab_size=tiny.VOCAB, **size)).eval()
    with quiet():
        theirs.save_pretrained(tmp_path)
        tiny.make_tokenizer("bytes").save_pretrained(tmp_path)
    model, ids = load(str(tmp_path)), list(range(50, 60))
    assert (model.architecture, model.n_layers, model.causal) == (f"{kind}EncoderModel", 2, False)
    theirs.set_attn_implementation("eager")
    with torch.inference_mode():
        out = theirs(input_ids=torch.tensor([ids]), output_attentions=True)
    for layer in range(2):
        weights = model.trace(ids, layer=layer).weights
        torch.testing.assert_close(weights, out.attentions[layer], rtol=0, atol=1e-5)


def test_double_precision():
    model = wrap(tiny.make_model("llama").double(), tiny.make_tokenizer("bytes"))
    assert model.number_format == "float64"
    assert model.look(list(range(50, 60))).chosen.dtype == "float32"


def test_encoders_are_loaded_without_a_head_and_need_no_pooler(tmp_path):
    model = load(str(tiny.make("bert-mlm", tmp_path)))
    assert (model.architecture, model.predicts, model.causal) == ("BertModel", False, False)


@pytest.mark.parametrize("kind", ["Gemma3", "Mistral3", "Qwen2VL"])
def test_a_model_of_text_and_pictures_is_shown_with_text(tmp_path, kind):
    text = {**tiny.GQA, "vocab_size": tiny.VOCAB}
    picture = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2}
    picture |= {"num_attention_heads": 2, "image_size": 16, "patch_size": 8}
    if kind == "Mistral3":
        text, picture = text | {"model_type": "mistral"}, picture | {"model_type": "pixtral"}
    if kind == "Qwen2VL":
        text |= {"rope_scaling": {"type": "mrope", "mrope_section": [1, 2, 3]}}
        picture = {"depth": 1, "embed_dim": 16, "hidden_size": 48, "num_heads": 2}
    config = getattr(transformers, f"{kind}Config")(text_config=text, vision_config=picture)
    theirs = getattr(transformers, f"{kind}ForConditionalGeneration")(config).eval()
    with quiet():
        theirs.save_pretrained(tmp_path)
        tiny.make_tokenizer("bytes").save_pretrained(tmp_path)
    model, ids = load(str(tmp_path)), list(range(50, 70))
    assert (model.architecture, model.n_layers) == (f"{kind}ForConditionalGeneration", 3)
    theirs.set_attn_implementation("eager")
    with torch.inference_mode():
        out = theirs(input_ids=torch.tensor([ids]), output_attentions=True)
    torch.testing.assert_close(model.run(ids), out.logits[0, -1], rtol=1e-4, atol=1e-5)
    for layer in range(3):
        weights = model.trace(ids, layer=layer).weights
        torch.testing.assert_close(weights, out.attentions[layer], rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "name", ["Llama4ForConditionalGeneration", "Kosmos2ForConditionalGeneration"]
)
def test_where_the_whole_does_not_run_on_text_its_text_network_is_shown(name):
    theirs = small.make(name)
    part = theirs.language_model if name.startswith("Llama4") else theirs.text_model
    model, ids = wrap(theirs, tiny.make_tokenizer("bytes")), list(range(50, 70))
    assert (model.architecture, model.predicts) == (type(part).__name__, True)
    part.set_attn_implementation("eager")
    with torch.inference_mode():
        out = part(input_ids=torch.tensor([ids]), output_attentions=True)
    torch.testing.assert_close(model.run(ids), out.logits[0, -1], rtol=1e-4, atol=1e-5)
    for layer in range(model.n_layers):
        weights = model.trace(ids, layer=layer).weights
        torch.testing.assert_close(weights, out.attentions[layer], rtol=0, atol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_a_number_format_can_be_asked_for(folder, dtype):
    model = load(str(folder), dtype=dtype)
    assert model.number_format == dtype
    wide = tiny.load_tiny("llama")
    ids = [50, 60, 70, 80]
    for layer in range(3):
        ours = model.trace(ids, layer=layer).weights.float()
        torch.testing.assert_close(ours, wide.trace(ids, layer=layer).weights, rtol=0, atol=0.05)
    assert (
        model.cache_formula(4)
        == model.measure_cache(ids)
        == 2 * 3 * 2 * 12 * 4 * (4 if dtype == "float32" else 2)
    )


def test_on_the_cpu_half_precision_becomes_float32(tmp_path):
    model = load(str(tiny.make("llama", tmp_path, dtype="float16")))
    assert (model.device, model.number_format) == ("cpu", "float32")


def test_a_device_that_is_not_there(folder):
    with pytest.raises(ValueError, match=re.escape("device 'tpu' is unknown: choose auto, cuda")):
        load(str(folder), device="tpu")


@pytest.mark.gpu
def test_on_the_gpu_half_precision_is_chosen(gpu, folder, monkeypatch):
    monkeypatch.delenv("HEADCOUNT_DEVICE")
    for device in ("auto", gpu):
        model = checkpoint.load(str(folder), device=device)
        assert model.device == gpu and model.number_format in ("float16", "bfloat16")
    assert load(str(folder), device=gpu, dtype="float32").number_format == "float32"


@pytest.mark.parametrize("implementation", ["sdpa", "eager"])
def test_a_model_in_memory_is_given_back_as_it_was(folder, implementation):
    theirs = transformers.AutoModelForCausalLM.from_pretrained(
        folder, attn_implementation=implementation
    ).train()
    theirs.model.layers[1].eval()
    modes = [module.training for module in theirs.modules()]
    ids = torch.tensor([[50, 60, 70, 80]])
    with torch.no_grad():
        before = theirs(ids).logits
    model = wrap(theirs, AutoTokenizer.from_pretrained(folder))
    assert (model.title, model.source) == ("tiny-llama", "memory")
    ours = model.trace([50, 60, 70, 80], layer=2).weights
    torch.testing.assert_close(
        ours, tiny.load_tiny("llama").trace([50, 60, 70, 80], layer=2).weights
    )
    with pytest.raises(ZeroDivisionError):
        model.run([50], receive=lambda call: 1 / 0)
    assert theirs.config._attn_implementation == implementation
    assert [module.training for module in theirs.modules()] == modes
    with torch.no_grad():
        torch.testing.assert_close(theirs(ids).logits, before, rtol=0, atol=0)


def test_only_models_and_tokenizers_of_transformers_can_be_wrapped():
    tokenizer = tiny.make_tokenizer("bytes")
    with pytest.raises(CheckpointError, match="Linear is no model of transformers: give one that"):
        wrap(torch.nn.Linear(2, 2), tokenizer)
    with pytest.raises(CheckpointError, match="str is no tokenizer of transformers: give the"):
        wrap(tiny.make_model("llama"), "tokenizer")
