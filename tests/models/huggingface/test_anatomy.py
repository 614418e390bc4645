"""What is found out about a model by letting eight tokens through it."""

import re

import pytest
import torch
from torch import nn

from attention.models.huggingface.anatomy import dissect
from attention.models.huggingface.capture import IMPLEMENTATION
from attention.models.huggingface.checkpoint import CheckpointError, load, wrap
from tests.models import tiny

TOKENIZER = tiny.make_tokenizer("bytes")


@pytest.mark.parametrize("name", [*tiny.DECODERS, *tiny.ENCODERS])
def test_shapes_are_those_of_the_config(name):
    model = tiny.load_tiny(name)
    config = model.model.config
    assert model.n_layers == 3
    kv_heads = getattr(config, "num_key_value_heads", None) or 4
    if getattr(config, "multi_query", False):
        kv_heads = 1
    for shape in model.configs:
        assert (shape.d_model, shape.n_heads, shape.n_kv_heads) == (48, 4, kv_heads)
        assert shape.head_dim == (getattr(config, "head_dim", None) or 12) or "deepseek" in name
        assert shape.causal == (name in tiny.DECODERS)
    assert model.predicts == model.causal == (name in tiny.DECODERS)


@pytest.mark.parametrize(
    ("name", "apart"),
    [
        *((name, True) for name in ("llama", "gemma2", "bert", "albert", "opt")),
        *((name, False) for name in ("phi3", "gpt2", "gpt_neox", "deepseek_v3")),
    ],
)
def test_which_matrices_stand_alone(name, apart):
    for part in tiny.load_tiny(name).parts:
        assert [m is not None for m in (part.w_q, part.w_k, part.w_v)] == [apart] * 3
        assert part.entry is not None and part.w_o is not None
        assert not apart or part.entry is part.w_q


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            name,
            f"{cls} does its attention by itself, not through transformers' attention interface, "
            "so its weights cannot be read.",
        )
        for name, cls in [
            ("bloom", "BloomForCausalLM"),
            ("mpt", "MptForCausalLM"),
            ("falcon", "FalconForCausalLM"),
            ("mamba", "MambaForCausalLM"),
        ]
    ]
    + [
        (
            "qwen3_next",
            "Qwen3NextForCausalLM sends 1 of its 3 layers through transformers' attention "
            "interface: only models that send every layer once can be shown.",
        ),
        ("t5", "t5 is an encoder with a decoder: only models of one stack can be shown."),
    ],
)
def test_what_bypasses_the_interface_is_named_in_a_sentence(tmp_path, name, told):
    with pytest.raises(CheckpointError, match=f"^{re.escape(told)}$"):
        load(str(tiny.make(name, tmp_path)), device="cpu")


def test_an_encoder_with_a_decoder_in_memory():
    told = "T5ForConditionalGeneration is an encoder with a decoder: only models of one stack"
    with pytest.raises(CheckpointError, match=told):
        wrap(tiny.make_model("t5"), TOKENIZER)


def test_a_formula_that_is_not_ours_is_refused(monkeypatch):
    # As if Gemma 2 told its soft-cap under a name that nobody knows yet.
    module = __import__("transformers.models.gemma2.modeling_gemma2", fromlist=["x"])
    plain = module.eager_attention_forward
    monkeypatch.setattr(
        module, "eager_attention_forward", lambda *a, **k: plain(*a, **{**k, "softcap": 0.3})
    )
    with pytest.raises(CheckpointError, match="weighs tokens in a way that is not known here: in"):
        wrap(tiny.make_model("gemma2"), TOKENIZER)


def test_other_results_with_the_same_weights_are_refused(monkeypatch):
    module = __import__("transformers.models.llama.modeling_llama", fromlist=["x"])
    plain = module.eager_attention_forward

    def doubled(*given, **more):
        context, weights = plain(*given, **more)
        return 2 * context, weights

    monkeypatch.setattr(module, "eager_attention_forward", doubled)
    model = tiny.make_model("llama")
    model.model.layers = nn.ModuleList([model.model.layers[0]])  # so that no later weights differ
    model.config.num_hidden_layers = 1
    with pytest.raises(CheckpointError, match="gives other results with our attention than with"):
        wrap(model, TOKENIZER)


def test_a_sparse_attentions_choice_of_keys_is_not_passed_over(monkeypatch):
    layer = __import__("transformers.models.llama.modeling_llama", fromlist=["x"]).LlamaAttention
    plain = layer.forward
    monkeypatch.setattr(
        layer, "forward", lambda self, *a, **k: plain(self, *a, indices=torch.arange(4), **k)
    )
    told = "LlamaAttention is told 'indices' as well, which is not known here"
    with pytest.raises(CheckpointError, match=told):
        wrap(tiny.make_model("llama"), TOKENIZER)


def test_no_hook_stays_behind():
    model = tiny.make_model("llama")
    dissect(model, "Llama", with_cache=True)
    assert model.config._attn_implementation == IMPLEMENTATION
    hooks = [hook for module in model.modules() for hook in module._forward_hooks.values()]
    assert not any("attention.models.huggingface" in hook.__module__ for hook in hooks)
