"""Models that have blocks without attention, or something beside it."""

import copy
import json
import re

import numpy as np
import pytest
import torch

from attention.interventions.off import Off
from attention.interventions.sharing import Sharing
from attention.models.blocks import Block, number_of
from attention.models.effect import foretell
from attention.models.huggingface.checkpoint import CheckpointError
from attention.models.reading import read
from attention.picture.blocks import rows_of, told
from attention.picture.compose import opened_scene
from attention.picture.page import page_html
from attention.picture.payload import decode, encode
from attention.words import load_words
from tests.models import tiny

IDS = list(range(50, 70))
LINEAR, CONV, MAMBA = (Block(kind, None) for kind in ("linear", "conv", "mamba"))
FIRST, SECOND = Block("", 0), Block("", 1)
BLOCKS = {
    "qwen3_next": (LINEAR, FIRST, LINEAR, SECOND),
    "qwen3_5_text": (LINEAR, FIRST, LINEAR, SECOND),
    "lfm2": (CONV, FIRST, CONV, SECOND),
    "lfm2_moe": (CONV, FIRST, CONV, SECOND),
    "jamba": (MAMBA, FIRST, MAMBA, SECOND),
    "nemotron_h": (MAMBA, FIRST, Block("mlp", None), Block("moe", None)),
    "olmo_hybrid": (LINEAR, FIRST, LINEAR, SECOND),
    "bamba": (MAMBA, FIRST, MAMBA, SECOND),
    "minimax": (LINEAR, FIRST, LINEAR, SECOND),
    "falcon_h1": tuple(Block("mamba", layer) for layer in range(4)),
    "granitemoehybrid": (MAMBA, FIRST, MAMBA, SECOND),
    "zamba": (MAMBA, Block("mamba", 0), MAMBA, Block("mamba", 1)),
    "zamba2": (MAMBA, Block("mamba", 0), MAMBA, Block("mamba", 1)),
    "recurrent_gemma": (Block("recurrent", None), FIRST, Block("recurrent", None), SECOND),
}
EN = load_words("en")


def own(name):
    """What transformers' own eager pass gives out: logits, and weights of attention layers."""
    model = tiny.make_model(name)
    model.set_attn_implementation("eager")
    with torch.inference_mode():
        out = model(input_ids=torch.tensor([IDS]), output_attentions=True, use_cache=False)
    weights = out.attentions
    return out.logits[0], weights[1::2] if name == "minimax" else weights  # lightning's too


def held(cache):
    """Bytes of every tensor that a cache has anywhere."""
    found = {}

    def walk(each):
        if isinstance(each, torch.Tensor) and each.is_floating_point():
            found[id(each)] = each.numel() * each.element_size()
        elif isinstance(each, dict):
            list(map(walk, each.values()))
        elif isinstance(each, list):
            list(map(walk, each))

    for each in [vars(layer) for layer in cache.layers] + [getattr(cache, "linear_cache", [])]:
        walk(each)
    return sum(found.values())


def in_modules(model):
    """Bytes of the states that RecurrentGemma's recurrent blocks keep themselves."""
    blocks = [layer.temporal_block for layer in model.model.layers[::2]]
    states = [(block.conv1d_state, block.rg_lru.recurrent_states) for block in blocks]
    return sum(t.numel() * t.element_size() for pair in states for t in pair)


@pytest.mark.parametrize("name", tiny.HYBRIDS)
def test_attention_layers_are_shown_and_the_others_named(name):
    model, (logits, weights) = tiny.load_tiny(name), own(name)
    assert model.blocks == BLOCKS[name] and model.n_layers == len(weights)
    look = model.look(IDS, layer=len(weights) - 1, head=2)
    for layer, theirs in enumerate(weights):
        np.testing.assert_allclose(look.layers[layer].tiles, theirs[0], atol=1e-5)
        torch.testing.assert_close(model.trace(IDS, layer=layer).weights, theirs, atol=1e-5, rtol=0)
    np.testing.assert_allclose(look.logits, logits[-1], atol=1e-4)
    assert look.blocks == model.blocks


@pytest.mark.parametrize("name", tiny.HYBRIDS)
def test_states_are_counted_in_the_cache(name):
    model = tiny.load_tiny(name)
    cache = model.new_cache()
    model.next_logits(IDS, cache=cache)
    look = model.look(IDS)
    states = in_modules(model.model) if name == "recurrent_gemma" else 0
    assert (
        model.cache_bytes(cache)
        == held(cache) + states
        == look.cache.measured
        == look.cache.formula
    )
    assert model.measure_cache(IDS[:9]) == model.cache_formula(9)
    assert look.cache.state > 0
    assert look.cache.mqa <= look.cache.formula <= look.cache.mha


@pytest.mark.parametrize("name", tiny.HYBRIDS)
def test_a_step_goes_on_where_the_pass_ended(name):
    model, (logits, weights) = tiny.load_tiny(name), own(name)
    cache = model.new_cache()
    model.next_logits(IDS[:-1], cache=cache)
    last, rows = model.step(IDS[-1], cache)
    torch.testing.assert_close(last, logits[-1], atol=2e-3, rtol=1e-3)
    for row, theirs in zip(rows(), weights, strict=True):
        seen = theirs[0, :, -1, -row.shape[1] :]
        np.testing.assert_allclose(row, seen, atol=1e-3)


def test_heads_of_its_attention_layers_can_be_off():
    model = tiny.load_tiny("lfm2")
    changed = foretell(model.without(Off.parse("1.0,1.2")), torch.tensor([IDS])).losses
    assert not torch.allclose(changed, foretell(model, torch.tensor([IDS])).losses)


def test_logits_are_not_split_into_the_parts_of_a_hybrid():
    told = (
        "Lfm2ForCausalLM has blocks without attention, which add to its residual stream as well: "
        "its logits cannot be split into parts."
    )
    with pytest.raises(CheckpointError, match=f"^{re.escape(told)}$"):
        tiny.load_tiny("lfm2").residual(IDS, token=3)


def test_blocks_in_words():
    blocks = (LINEAR, LINEAR, LINEAR, FIRST, CONV, Block("mamba", 1), Block("sparse_thing", None))
    assert rows_of(blocks, EN) == (
        "linear attention", "linear attention", "linear attention", 0, "convolution", 1,
        "sparse thing",
    )  # fmt: skip
    assert told(blocks, EN) == [
        "Blocks without attention, which stand in the map alone: linear attention (0–2), "
        "convolution (4), sparse thing (6).",
        "Blocks with something beside their attention, which is not drawn: Mamba (5).",
    ]
    assert rows_of(BLOCKS["falcon_h1"], EN) == () and told((), EN) == []
    assert [number_of(layer, blocks) for layer in (0, 1)] == [3, 5]
    assert number_of(2, ()) == 2


@pytest.mark.parametrize("name", ["lfm2", "falcon_h1"])
def test_the_picture_has_every_block(name):
    model = tiny.load_tiny(name)
    reading = read(model, tiny.TEXTS[0])
    look = model.look(reading.ids)
    header, *_ = decode(encode(opened_scene(model, reading, look, EN, layer=1, head=0)))
    rows = ["convolution", 0, "convolution", 1]
    assert header["map"].get("rows") == (rows if name == "lfm2" else None)
    assert f"{look.cache.state:,} bytes for a text of any length" in header["cache"]["formula"]
    page = page_html(model, tiny.TEXTS[0], layer=1)
    assert f"<output>{3 if name == 'lfm2' else 1}</output>" in page
    assert told(model.blocks, EN)[0] in page and json.dumps(rows) not in page


def own_without(name, heads):
    """The logits of transformers' own eager pass with heads off by a hook on W_O.

    Args:
        heads: ``(attention layer, head)``.
    """
    model = tiny.make_model(name)
    model.set_attn_implementation("eager")
    outputs = [
        getattr(module, "o_proj", None) or module.out_proj
        for module in model.modules()
        if "Attention" in type(module).__name__ and hasattr(module, "q_proj")
    ]

    def hook_of(layer):
        def hook(_, args):
            lanes = args[0].unflatten(-1, (4, -1)).clone()
            lanes[..., [head for of, head in heads if of == layer], :] = 0
            return (lanes.flatten(-2), *args[1:])

        return hook

    for layer, output in enumerate(outputs):
        output.register_forward_pre_hook(hook_of(layer))
    with torch.inference_mode():
        return model(input_ids=torch.tensor([IDS]), use_cache=False).logits


# Zamba's layers share one W_O, where a hook cannot tell them apart.
@pytest.mark.parametrize("name", sorted({*tiny.HYBRIDS} - {"zamba", "zamba2"}))
def test_a_pass_without_heads_is_transformers_own_with_a_hook(name):
    model = tiny.load_tiny(name)
    last = model.n_layers - 1
    theirs = own_without(name, [(0, 1), (last, 0), (last, 2)])
    ours = model.without(Off.parse(f"0.1,{last}.0,{last}.2")).logits(torch.tensor([IDS]))
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)
    assert (model.logits(torch.tensor([IDS])) - ours).abs().max() > 1e-3


@pytest.mark.parametrize("name", ["lfm2", "qwen3_next", "jamba", "bamba", "granitemoehybrid"])
def test_shared_kv_heads_are_the_mean_by_hand(name):
    own = tiny.make_model(name)
    model = tiny.load_tiny(name).shared(Sharing(kv_heads=1))
    config = copy.deepcopy(own.config)
    config.num_key_value_heads = 1
    theirs, state = type(own)(config).eval(), own.state_dict()
    for key, weight in state.items():
        if key.endswith(("k_proj.weight", "v_proj.weight")):
            state[key] = weight.unflatten(0, (2, -1)).mean(0)
    theirs.load_state_dict(state)
    theirs.set_attn_implementation("eager")
    with torch.inference_mode():
        expected = theirs(input_ids=torch.tensor([IDS]), use_cache=False).logits
    torch.testing.assert_close(model.logits(torch.tensor([IDS])), expected, rtol=1e-4, atol=1e-4)
    assert {each.n_kv_heads for each in model.configs} == {1}
