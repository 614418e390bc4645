"""What is found out about a model by letting eight tokens through it."""

import re
from dataclasses import replace

import pytest
import torch
import transformers
from torch import nn

from attention.models.huggingface import probe
from attention.models.huggingface.anatomy import dissect
from attention.models.huggingface.capture import IMPLEMENTATION
from attention.models.huggingface.checkpoint import CheckpointError, load, wrap
from attention.models.huggingface.quiet import quiet
from tests.models import small, tiny

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
    "name",
    [
        "PaliGemmaForConditionalGeneration",  # without a mask it would say that it is not causal
        "DeepseekV32ForCausalLM",  # an index chooses 6 keys a query
    ],
)
def test_masks_are_those_of_its_own_attention(name):
    theirs = small.first(name)
    model, ids = wrap(theirs, TOKENIZER), list(range(50, 70))
    theirs.set_attn_implementation("eager")
    with torch.inference_mode():
        out = theirs(input_ids=torch.tensor([ids]), output_attentions=True, use_cache=False)
    assert model.causal
    torch.testing.assert_close(model.run(ids), out.logits[0, -1], rtol=1e-4, atol=1e-5)
    for layer in range(model.n_layers):
        weights = model.trace(ids, layer=layer).weights
        torch.testing.assert_close(weights, out.attentions[layer], rtol=0, atol=1e-5)
        sees = 6 if name.startswith("Deepseek") else 20
        assert int((weights[0, 0, -1] > 0).sum()) == sees
    assert model.measure_cache(ids) == model.cache_formula(len(ids))


def test_what_bypasses_the_interface_is_named_in_a_sentence(tmp_path):
    told = (
        "MambaForCausalLM does its attention by itself, not through transformers' attention "
        "interface, so its weights cannot be read."
    )
    with pytest.raises(CheckpointError, match=f"^{re.escape(told)}$"):
        load(str(tiny.make("mamba", tmp_path)), device="cpu")


def test_a_formula_that_is_not_ours_is_refused(monkeypatch):
    # As if Gemma 2 told its soft-cap under a name that nobody knows yet.
    module = __import__("transformers.models.gemma2.modeling_gemma2", fromlist=["x"])
    plain = module.eager_attention_forward
    monkeypatch.setattr(
        module, "eager_attention_forward", lambda *a, **k: plain(*a, **{**k, "softcap": 0.3})
    )
    with pytest.raises(CheckpointError, match="weighs tokens in a way that is not known here: in"):
        wrap(tiny.make_model("gemma2"), TOKENIZER)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("name", ["llama", "gpt2", "qwen3"])
def test_a_scale_that_is_a_tenth_off_is_refused_in_half_precision(monkeypatch, dtype, name):
    model = tiny.make_model(name).to(dtype)
    wrap(model, TOKENIZER)
    plain = probe.attend
    monkeypatch.setattr(probe, "attend", lambda call: plain(replace(call, scale=1.1 * call.scale)))
    with pytest.raises(CheckpointError, match="weighs tokens in a way that is not known here: in"):
        wrap(model, TOKENIZER)


def test_a_decoder_of_another_depth_than_its_encoder():
    size = {"d_model": 48, "encoder_layers": 2, "decoder_layers": 3, "vocab_size": tiny.VOCAB}
    size |= {"encoder_attention_heads": 4, "decoder_attention_heads": 4}
    size |= {"encoder_ffn_dim": 32, "decoder_ffn_dim": 32, "max_position_embeddings": 64}
    theirs = transformers.BartForCausalLM(transformers.BartConfig(**size)).eval()
    model, ids = wrap(theirs, TOKENIZER), list(range(50, 60))
    assert (model.n_layers, model.causal) == (3, True)
    assert model.measure_cache(ids) == model.cache_formula(len(ids)) == 2 * 3 * 48 * 10 * 4


def gemma4(**changes):
    return transformers.Gemma4TextConfig(
        vocab_size=tiny.VOCAB, hidden_size=48, intermediate_size=64, num_hidden_layers=4,
        num_attention_heads=4, num_key_value_heads=2, num_global_key_value_heads=1, head_dim=8,
        global_head_dim=16, sliding_window=6, hidden_size_per_layer_input=8,
        vocab_size_per_layer_input=tiny.VOCAB, max_position_embeddings=64, pad_token_id=0,
        layer_types=["sliding_attention", "full_attention"] * 2, **changes,
    )  # fmt: skip


@pytest.mark.parametrize("shared", [0, 2])
def test_layers_of_other_widths_and_layers_that_read_anothers_keys(tmp_path, shared):
    theirs = transformers.Gemma4ForCausalLM(gemma4(num_kv_shared_layers=shared)).eval()
    with quiet():
        theirs.save_pretrained(tmp_path)
        TOKENIZER.save_pretrained(tmp_path)
    model, ids = load(str(tmp_path), device="cpu"), list(range(50, 62))
    assert [config.head_dim for config in model.configs] == [8, 16, 8, 16]
    theirs.set_attn_implementation("eager")
    with torch.inference_mode():
        out = theirs(input_ids=torch.tensor([ids]), output_attentions=True)
    for layer in range(4):
        weights = model.trace(ids, layer=layer).weights
        torch.testing.assert_close(weights, out.attentions[layer], rtol=0, atol=1e-5)
    assert model.look(ids, layer=3, head=1).chosen.shape == (12, 12)
    assert model.measure_cache(ids) == model.cache_formula(12)


def test_packed_weights_are_no_matrix_that_can_be_split():
    model = wrap(tiny.make_model("llama"), TOKENIZER)
    ids = list(range(50, 60))
    matrix = model.parts[0].w_q
    packed = torch.zeros(matrix.weight.numel() // 2, 1, dtype=torch.uint8)
    trace = model.trace(ids, layer=0)
    matrix.weight = nn.Parameter(packed, requires_grad=False)
    assert model.w_q(0) is None and model.split_error(trace, layer=0) is None


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
        layer, "forward", lambda self, *a, **k: plain(self, *a, blocks=torch.arange(4), **k)
    )
    told = "LlamaAttention is told 'blocks' as well, which is not known here"
    with pytest.raises(CheckpointError, match=told):
        wrap(tiny.make_model("llama"), TOKENIZER)


def test_no_hook_stays_behind():
    model = tiny.make_model("llama")
    dissect(model, "Llama", with_cache=True)
    assert model.config._attn_implementation == IMPLEMENTATION
    hooks = [hook for module in model.modules() for hook in module._forward_hooks.values()]
    assert not any("attention.models.huggingface" in hook.__module__ for hook in hooks)
