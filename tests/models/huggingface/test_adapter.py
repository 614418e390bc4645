"""Adapters: a folder that peft wrote is put onto its base as peft itself merges it."""

import json
import re

import peft
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import LlamaForSequenceClassification

from attention.interventions.off import Off
from attention.models.huggingface.checkpoint import CheckpointError, wrap
from attention.models.huggingface.difference import weight_change
from attention.models.huggingface.quiet import quiet
from tests.models import tiny
from tests.models.adapted import write
from tests.models.huggingface.saved import load, refusal

TEXT = "The keys near the old cabinet are lost."


def change(folder, **changes):
    path = folder / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("llama", {}),
        ("llama", {"use_rslora": True}),
        ("llama", {"target_modules": "all-linear"}),
        ("llama", {"rank_pattern": {"v_proj": 2}, "alpha_pattern": {"1.self_attn.q_proj": 9}}),
        ("llama", {"target_modules": ["embed_tokens", "k_proj"], "modules_to_save": ["lm_head"]}),
        ("llama", {"modules_to_save": ["norm"]}),
        ("qwen2", {"lora_bias": True}),
        ("qwen2", {"bias": "lora_only"}),
        ("gpt2", {"target_modules": ["c_attn"], "fan_in_fan_out": True}),
        ("bert", {"target_modules": ["query", "dense"]}),
    ],
)  # fmt: skip
def test_the_weights_are_those_that_peft_merges(tmp_path, name, settings):
    folder, made = write(tmp_path, name, **settings)
    found = load(str(folder))
    with quiet():
        merged = made.merge_and_unload().state_dict()
    ours = found.model.state_dict()
    assert ours.keys() == merged.keys()
    for key, weight in merged.items():
        torch.testing.assert_close(ours[key], weight, atol=1e-6, rtol=0, msg=key)
    plain = found.without_adapter().model.state_dict()
    original = tiny.make_model(name).state_dict()
    assert all(torch.equal(plain[key], original[key]) for key in original)


def test_a_loaded_adapter_is_what_the_folder_says(tmp_path):
    folder, made = write(tmp_path)
    found = load(str(folder))
    assert (found.title, found.source) == ("adapter", str(folder))
    assert (found.adapter.base, found.adapter.r) == (str(tmp_path / "base"), 4)
    assert found.without_adapter().source == str(tmp_path / "base")
    ids = found.encode(TEXT)
    with torch.no_grad():
        theirs = made(torch.tensor([ids])).logits[0, -1]
    torch.testing.assert_close(found.run(ids), theirs, atol=1e-4, rtol=1e-4)
    assert found.fingerprint() != found.without_adapter().fingerprint()
    # The split into heads is that of x W_Q with the adapter's share in W_Q.
    trace = found.trace(ids, layer=1)
    assert found.split_error(trace, layer=1) < 1e-5
    # What is not changed is the same memory.
    a, b = (dict(model.model.named_parameters()) for model in (found, found.without_adapter()))
    assert a["lm_head.weight"].data_ptr() == b["lm_head.weight"].data_ptr()
    changed = {key.split(".")[-2] for key in a if a[key].data_ptr() != b[key].data_ptr()}
    assert changed == {"q_proj", "v_proj"}


def test_an_adapter_brings_its_own_tokenizer_where_the_base_knows_its_tokens(tmp_path):
    folder, _ = write(tmp_path)
    assert load(str(folder)).encode(TEXT) == load(str(folder)).base.encode(TEXT)
    own = tiny.make_tokenizer("wordpiece")
    own.save_pretrained(folder)
    found = load(str(folder))
    assert found.encode(TEXT) == own(TEXT).input_ids
    assert found.base.encode(TEXT) == tiny.make_tokenizer("bytes")(TEXT).input_ids
    # One that was enlarged is for a base that was, too.
    own.add_tokens([f"<extra{n}>" for n in range(tiny.VOCAB)])
    own.save_pretrained(folder)
    found = load(str(folder))
    assert found.encode(TEXT) == found.base.encode(TEXT)


def test_a_tokenizer_of_its_own_that_is_broken_gets_a_sentence(tmp_path):
    folder, _ = write(tmp_path)
    tiny.make_tokenizer("bytes").save_pretrained(folder)
    (folder / "tokenizer.json").write_text("{")
    assert re.fullmatch(
        r"The adapter has a tokenizer of its own that cannot be read \(.+\): mend it, or take its "
        r"files out of the folder for that of the base\.",
        refusal(folder),
    )


def test_the_comparison_costs_two_passes_and_makes_no_weights_beside_its_own(tmp_path, monkeypatch):
    """Against plain weights of two traces; and no more is run than once through each network."""
    found = load(str(write(tmp_path)[0]))
    ids = found.encode(TEXT)
    expected = [
        (
            found.trace(ids, layer=layer).weights[0] - found.base.trace(ids, layer=layer).weights[0]
        ).abs()
        for layer in range(3)
    ]
    passes = []
    forward = type(found.model).forward
    monkeypatch.setattr(
        type(found.model), "forward", lambda *a, **k: (passes.append(1), forward(*a, **k))[1]
    )
    change = weight_change(found, found.base, ids)
    assert len(passes) == 2
    for layer, apart in enumerate(expected):
        torch.testing.assert_close(torch.tensor(change.mean[layer]), apart.mean((1, 2)))
        torch.testing.assert_close(torch.tensor(change.largest[layer]), apart.amax((1, 2)))


def test_an_adapter_of_the_class_with_another_head(tmp_path):
    """Classifiers are trained most: their network is the same, and their head is not shown."""
    causal = tiny.make_model("llama")
    with quiet():
        classifier = LlamaForSequenceClassification(causal.config)
        classifier.model.load_state_dict(causal.model.state_dict())
    folder, made = write(tmp_path, base=classifier, task_type="SEQ_CLS")
    assert any("score" in key for key in load_file(folder / "adapter_model.safetensors"))
    found = load(str(folder))
    with quiet():
        merged = made.merge_and_unload().model.state_dict()
    ours = found.model.model.state_dict()
    assert all(torch.allclose(ours[key], merged[key], atol=1e-6) for key in merged)


def test_an_adapter_of_the_network_without_a_head(tmp_path):
    bare = tiny.make_model("llama").model
    folder, made = write(tmp_path, base=bare)
    found = load(str(folder))
    with quiet():
        merged = made.merge_and_unload().state_dict()
    ours = found.model.model.state_dict()
    assert all(torch.allclose(ours[key], merged[key], atol=1e-6) for key in merged)


def test_heads_that_are_off_are_off_without_the_adapter_too(tmp_path):
    found = load(str(write(tmp_path)[0]))
    off, ids = Off.parse("1.2"), found.encode(TEXT)
    view = found.without(off).without_adapter()
    torch.testing.assert_close(view.run(ids), found.without_adapter().without(off).run(ids))


def test_a_model_without_an_adapter_has_none_to_leave_out():
    with pytest.raises(CheckpointError) as caught:
        tiny.load_tiny("llama").without_adapter()
    assert re.fullmatch(r"\S+ has no adapter that could be left out\.", str(caught.value))


OTHERWISE = (
    "The LoRA was made with {}, which adds something else than B A to its base's weights: load it "
    "with peft and save what merge_and_unload() gives."
)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"use_dora": True}, OTHERWISE.format("use_dora")),
        ({"init_lora_weights": "olora"}, OTHERWISE.format("init_lora_weights='olora'")),
        ({"trainable_token_indices": [1, 2]}, OTHERWISE.format("trainable_token_indices")),
    ],
)
def test_what_is_no_plain_lora_gets_a_sentence(tmp_path, settings, told):
    assert refusal(write(tmp_path, **settings)[0]) == told


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"peft_type": "IA3"},
            "It is an adapter of the kind IA3: only LoRA is put onto its base here. Load it with "
            "peft and show that model, or save what merge_and_unload() gives.",
        ),
        (
            {"base_model_name_or_path": None},
            "adapter_config.json lacks base_model_name_or_path, r or lora_alpha: write them in, "
            "as peft's save_pretrained does.",
        ),
        (
            {"base_model_name_or_path": "/nowhere/base"},
            "adapter is an adapter for /nowhere/base (base_model_name_or_path in "
            "adapter_config.json), which cannot be had: '/nowhere/base' is no folder on this "
            "machine.",
        ),
        (
            {"alpha_pattern": {"(a+)+b": 3}},
            "adapter_config.json has the alpha_pattern '(a+)+b': only paths of modules are read.",
        ),
        (
            {"alpha_pattern": [1]},
            "adapter_config.json has the alpha_pattern '[1]': only paths of modules are read.",
        ),
        (
            {"peft_type": "PREFIX_TUNING"},
            "The adapter puts vectors of its own before the text, which are no tokens: only those "
            "that change the model's matrices can be shown, such as LoRA.",
        ),
    ],
)
def test_an_adapters_settings_that_cannot_be_followed(tmp_path, changes, told):
    folder, _ = write(tmp_path)
    change(folder, **changes)
    assert refusal(folder) == told


def test_an_adapter_on_itself(tmp_path):
    folder, _ = write(tmp_path)
    change(folder, base_model_name_or_path=str(folder))
    assert refusal(folder).endswith("which cannot be had: It is an adapter as well.")


def test_an_adapter_of_another_model(tmp_path):
    folder, _ = write(tmp_path)
    change(folder, base_model_name_or_path=str(tiny.make("gpt2", tmp_path / "other")))
    assert refusal(folder) == (
        "The adapter changes model.layers.0.self_attn.q_proj, which its base has not: it is for "
        "another model."
    )


def test_an_adapter_for_another_width(tmp_path):
    folder, _ = write(tmp_path)
    change(folder, base_model_name_or_path=str(tiny.make("llama-mqa", tmp_path / "other")))
    assert refusal(folder) == (
        "The adapter has 48 × 4 for model.layers.0.self_attn.q_proj where its base has 64 × 4: it "
        "is for another model, or the vocabulary was enlarged (save what merge_and_unload() gives)."
    )


def test_pickled_matrices_are_never_opened(tmp_path):
    folder, _ = write(tmp_path)
    (folder / "adapter_model.safetensors").rename(folder / "adapter_model.bin")
    assert refusal(folder) == (
        "The weights are pickled (adapter_model.bin), which can run code when they are opened: "
        "only safetensors are read."
    )


def test_matrices_that_are_broken_or_not_there(tmp_path):
    folder, _ = write(tmp_path)
    (folder / "adapter_model.safetensors").write_bytes(b"\0" * 40)
    assert refusal(folder) == (
        "adapter_model.safetensors is no safetensors file: the download may be broken."
    )
    (folder / "adapter_model.safetensors").unlink()
    assert refusal(folder) == "The folder holds no adapter_model.safetensors."


def test_a_matrix_without_its_other_half(tmp_path):
    folder, _ = write(tmp_path)
    path = folder / "adapter_model.safetensors"
    kept = {k: v for k, v in load_file(path).items() if "layers.2.self_attn.v_proj.lora_B" not in k}
    save_file(kept, path)
    assert refusal(folder) == (
        "The adapter changes model.layers.2.self_attn.v_proj, which its base has not: it is for "
        "another model."
    )


@pytest.mark.parametrize("settings", [{}, {"use_dora": True}, {"modules_to_save": ["lm_head"]}])
def test_a_peft_model_in_memory_with_and_without_its_adapter(tmp_path, settings):
    _, made = write(tmp_path, **settings)
    trained = {key: weight.requires_grad for key, weight in made.named_parameters()}
    found = wrap(made, tiny.make_tokenizer("bytes"))
    assert (found.adapter.base, found.adapter.r) == (str(tmp_path / "base"), 4)
    ids = found.encode(TEXT)
    plain = found.without_adapter()
    with torch.no_grad():
        theirs = made(torch.tensor([ids])).logits[0, -1]
    torch.testing.assert_close(found.run(ids), theirs, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(plain.run(ids), tiny.load_tiny("llama").run(ids))
    torch.testing.assert_close(found.run(ids), theirs, atol=1e-4, rtol=1e-4)  # on again
    assert trained == {key: weight.requires_grad for key, weight in made.named_parameters()}
    change = weight_change(found, plain, ids)
    assert min(change.mean[0]) > 0
    # The same adapter from its folder moves the same heads as much.
    if not settings:
        loaded = load(str(tmp_path / "adapter"))
        again = weight_change(loaded, loaded.base, ids)
        torch.testing.assert_close(
            torch.tensor(change.mean), torch.tensor(again.mean), rtol=1e-4, atol=1e-6
        )


def test_an_adapter_of_another_kind_in_memory():
    with quiet():
        made = peft.get_peft_model(tiny.make_model("llama"), peft.IA3Config(task_type="CAUSAL_LM"))
    found = wrap(made, tiny.make_tokenizer("bytes"))
    assert found.adapter is None
    torch.testing.assert_close(
        found.without_adapter().run([50, 60]), tiny.load_tiny("llama").run([50, 60])
    )


def test_vectors_before_the_text_are_no_tokens():
    with quiet():
        settings = peft.PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=2)
        made = peft.get_peft_model(tiny.make_model("llama"), settings)
    with pytest.raises(CheckpointError) as caught:
        wrap(made, tiny.make_tokenizer("bytes"))
    assert str(caught.value) == (
        "The adapter puts vectors of its own before the text, which are no tokens: only those "
        "that change the model's matrices can be shown, such as LoRA."
    )
