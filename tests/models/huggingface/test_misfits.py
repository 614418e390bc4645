"""Configs and weights that do not fit together, or are broken: each is refused with a sentence."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.models import tiny
from tests.models.huggingface.saved import change_config, load, refusal


@pytest.fixture
def folder(tmp_path):
    return tiny.make("llama", tmp_path / "tiny-llama")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"num_hidden_layers": 10**9},
            "config.json says num_hidden_layers 1000000000: a whole number from 1 to 1000 is "
            "needed.",
        ),
        (
            {"vocab_size": 10**12},
            "config.json says vocab_size 1,000,000,000,000 and hidden_size 48, which does not fit "
            "the 87,120 numbers in the weights.",
        ),
        (
            {"intermediate_size": 10**9},
            "config.json says intermediate_size 1,000,000,000 and hidden_size 48, which does not "
            "fit the 87,120 numbers in the weights.",
        ),
        (
            {"hidden_size": 10**9, "head_dim": 12},
            "config.json says vocab_size 400 and hidden_size 1,000,000,000, which does not fit the "
            "87,120 numbers in the weights.",
        ),
    ],
)
def test_sizes_that_do_not_fit_the_weights_cost_no_memory(folder, changes, told):
    change_config(folder, **changes)
    assert refusal(folder) == told


UNFIT = "its config.json and its weights do not fit together."


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"hidden_size": 96}, UNFIT),
        ({"num_key_value_heads": 3}, UNFIT),
        ({"hidden_size": "48"}, "Validation error for field 'hidden_size': TypeError: "),
        ({"num_attention_heads": 0}, "ZeroDivisionError: integer modulo by zero."),
        ({"num_attention_heads": 10**9}, "Class validation error for validator "),
        ({"rope_parameters": {"rope_type": "no such"}}, "KeyError: 'no such'."),
        ({"hidden_act": "__import__('os')"}, "KeyError: \"__import__('os')\"."),
        ({"quantization_config": {"quant_method": "gptq", "bits": 4}}, "Loading a GPTQ quantized"),
        ({"architectures": 5, "vocab_size": None}, "Validation error for field 'vocab_size': "),
    ],
)
def test_a_config_that_makes_no_sense_gets_a_sentence(folder, changes, told):
    change_config(folder, **changes)
    said = refusal(folder)
    assert said.startswith(f"tiny-llama cannot be loaded: {told}") and said.endswith((".", "…."))


def test_weights_that_are_not_there_are_not_made_up(folder):
    path = folder / "model.safetensors"
    tensors = load_file(path)
    del tensors["model.layers.1.self_attn.k_proj.weight"]
    save_file(tensors, path, metadata={"format": "pt"})
    assert refusal(folder) == (
        "The checkpoint lacks 1 of the model's weights, model.layers.1.self_attn.k_proj.weight "
        "among them: they would be random numbers."
    )


def rewrite(folder, change):
    path = folder / "model.safetensors"
    save_file(change(load_file(path)), path, metadata={"format": "pt"})


def test_weights_that_the_architecture_has_no_place_for(folder, tmp_path):
    told = (
        "The checkpoint has {}, for which LlamaForCausalLM has no place: config.json is another "
        "model's, or the weights are quantised and it does not say how."
    )
    qwen = tiny.make("qwen2", tmp_path / "qwen2")
    change_config(qwen, model_type="llama", architectures=["LlamaForCausalLM"])
    assert refusal(qwen) == told.format("model.layers.0.self_attn.k_proj.bias")
    scales = {"model.layers.1.mlp.up_proj.weight_scale": torch.ones(1)}
    rewrite(folder, lambda found: found | scales)
    assert refusal(folder) == told.format("model.layers.1.mlp.up_proj.weight_scale")


def test_what_lies_beside_weights_and_is_no_part_of_them(folder):
    beside = ("layers.0.self_attn.rotary_emb.inv_freq", "layers.0.self_attn.k_scale",
              "layers.3.eh_proj.weight")  # fmt: skip
    rewrite(folder, lambda found: found | {f"model.{key}": torch.ones(1) for key in beside})
    rewrite(folder, lambda found: found | {"score.weight": torch.ones(2, 48)})
    ids = [50, 60, 70]
    torch.testing.assert_close(load(str(folder)).run(ids), tiny.load_tiny("llama").run(ids))


def test_whole_numbers_that_nobody_explains(folder):
    rewrite(folder, lambda found: {k: v.to(torch.int8) for k, v in found.items()})
    assert refusal(folder) == (
        "The weights are whole numbers (I8), and config.json has no quantization_config that says "
        "what they stand for: add it, as the tool that made them wrote it."
    )


def test_weights_that_are_no_numbers(folder):
    rewrite(folder, lambda found: {k: v * (torch.nan if "s.1." in k else 1)
                                   for k, v in found.items()})  # fmt: skip
    assert refusal(folder) == (
        "LlamaForCausalLM gives numbers that are none (nan) in layer 1: its weights hold such, or "
        "are too large for float32."
    )


@pytest.mark.parametrize("content", [b"", b"not safetensors at all", b"\xff" * 64])
def test_a_broken_file_of_weights(folder, content):
    (folder / "model.safetensors").write_bytes(content)
    told = "model.safetensors is no safetensors file: the download may be broken."
    assert refusal(folder) == told


def test_a_file_of_weights_that_was_cut_off(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    told = "model.safetensors is no safetensors file: the download may be broken."
    assert refusal(folder) == told
