"""What transformers' own caches hold, in scaled-down models of many architectures."""

import pytest
import torch
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    DynamicCache,
    EncoderDecoderCache,
    StaticCache,
)

from attention.kv import engines
from attention.kv.allocation import AllocationError
from attention.kv.layer import Layer, LayerKind
from attention.kv.read.config_json import from_config
from attention.kv.shape import ModelShape, uniform
from attention.kv.workload import Workload
from tests.kv.tiny_models import MODELS, tiny

PROMPT, STEPS, ENCODED, BATCH = 8, 3, 9, 2
# Their caches cannot be made in advance, or their encoder needs a cache of its own.
NOT_STATIC = {"bart", "t5", "deepseek_v4", "mamba"}


def tensors_of(layer):
    """Every tensor that a cache layer holds, K and V that are one tensor once."""
    found = {}
    for value in vars(layer).values():
        for tensor in value.values() if isinstance(value, dict) else [value]:
            if isinstance(tensor, torch.Tensor) and tensor.dim() > 1:
                found[(tensor.data_ptr(), tensor.shape) if tensor.numel() else id(tensor)] = tensor
    return list(found.values())


def bytes_of(tensors):
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def bytes_behind(tensors):
    storages = {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in tensors}
    return sum(storages.values())


def layers_of(cache):
    if isinstance(cache, EncoderDecoderCache):
        both = zip(cache.self_attention_cache.layers, cache.cross_attention_cache.layers,
                   strict=True)  # fmt: skip
        return [tensors_of(own) + tensors_of(cross) for own, cross in both]
    return [tensors_of(layer) for layer in cache.layers]


def together(layers):
    return [tensor for tensors in layers for tensor in tensors]


def run(model, cache, n_tokens):
    ids = torch.randint(3, 60, (BATCH, n_tokens))
    with torch.no_grad():
        if model.config.is_encoder_decoder:
            text = torch.randint(3, 60, (BATCH, ENCODED))
            model(input_ids=text, decoder_input_ids=ids, cache=cache, use_cache=True)
        else:
            model(input_ids=ids, cache=cache, use_cache=True)


def ours(model, context, **settings):
    shape = from_config(model.config.to_dict())
    workload = engines.ENGINES["transformers"].workload(
        context=context, batch=BATCH, k_format="float32", encoder_tokens=ENCODED, **settings
    )
    return engines.get("transformers")(shape, workload)


@pytest.mark.parametrize("model_type", MODELS)
def test_a_dynamic_cache_layer_by_layer(model_type):
    """After the prompt and after each step; windows are 5 to 7 tokens, the prompt has 8."""
    torch.manual_seed(0)
    model = tiny(model_type)
    config = model.config
    cache = DynamicCache(config=config)
    if config.is_encoder_decoder:
        cache = EncoderDecoderCache(cache, DynamicCache(config=config))
    run(model, cache, PROMPT)
    for context in range(PROMPT, PROMPT + STEPS + 1):
        if context > PROMPT:
            run(model, cache, 1)
        if model_type == "deepseek_v4" and context < PROMPT + STEPS:
            continue  # tokens that wait for an entry are counted as if all places were taken
        held, allocation = layers_of(cache), ours(model, context)
        assert [layer.bytes_total for layer in allocation.per_layer] == [
            bytes_of(tensors) for tensors in held
        ]
        if context > PROMPT and model_type != "deepseek_v4":
            assert allocation.allocated_bytes == bytes_behind(together(held))


@pytest.mark.parametrize("model_type", sorted(MODELS.keys() - NOT_STATIC))
def test_a_static_cache_layer_by_layer(model_type):
    torch.manual_seed(0)
    model = tiny(model_type)
    cache = StaticCache(config=model.config, max_cache_len=PROMPT + STEPS)
    run(model, cache, 3)
    allocation = ours(model, PROMPT + STEPS, static=True)
    held = [bytes_of(tensors) for tensors in layers_of(cache)]
    assert [layer.bytes_total for layer in allocation.per_layer] == held
    run(model, cache, PROMPT + STEPS - 3)  # no more once it is full
    assert allocation.allocated_bytes == bytes_behind(together(layers_of(cache))) == sum(held)


def test_falcon_copies_its_kv_heads_before_it_caches_them():
    config = AutoConfig.for_model(
        "falcon", new_decoder_architecture=True, num_kv_heads=2, num_attention_heads=8,
        hidden_size=64, num_hidden_layers=2, vocab_size=64,
    )  # fmt: skip
    model = AutoModelForCausalLM.from_config(config).eval()
    cache = DynamicCache(config=config)
    run(model, cache, PROMPT)
    allocation = ours(model, PROMPT)
    held = [bytes_of(tensors) for tensors in layers_of(cache)]
    assert [layer.bytes_total for layer in allocation.per_layer] == held
    assert allocation.bytes_total == 4 * allocation.ideal_bytes
    assert allocation.gaps == (
        "Falcon's KV heads are copied for all 8 query heads before they are cached, so that "
        "sharing them saves nothing here.",
    )


def test_right_after_a_prompt_windows_hold_on_to_all_of_it():
    model = tiny("mistral")
    cache = DynamicCache(config=model.config)
    run(model, cache, 40)
    held = together(layers_of(cache))
    allocation = ours(model, 40)
    assert allocation.bytes_total == bytes_of(held)
    more = bytes_behind(held) - bytes_of(held)
    assert f"hold on to {more / 1024:.0f} KiB more, until the next step." in allocation.gaps[1]


def test_a_window_of_one_keeps_every_token():
    """``[-window + 1:]`` is then ``[0:]``."""
    model = tiny("mistral")
    model.config.sliding_window = 1
    cache = DynamicCache(config=model.config)
    run(model, cache, 6)
    assert ours(model, 6).bytes_total == bytes_of(together(layers_of(cache)))


@pytest.mark.parametrize("name", ["bfloat16", "float16"])
def test_half_the_bytes_of_a_number_make_half_the_cache(name):
    model = tiny("gemma2").to(getattr(torch, name))
    cache = DynamicCache(config=model.config)
    run(model, cache, PROMPT)
    shape = from_config(model.config.to_dict())
    workload = Workload(context=PROMPT, batch=BATCH, k_format=name)
    held = bytes_of(together(layers_of(cache)))
    assert engines.get("transformers")(shape, workload).bytes_total == held


def test_a_common_prefix_is_kept_by_every_sequence():
    shape = uniform(n_layers=2, n_heads=4, n_kv_heads=2, head_dim=8)
    allocation = engines.get("transformers")(
        shape, Workload(context=100, batch=4, shared_prefix=80)
    )
    assert allocation.bytes_total == 2 * 2 * 2 * 8 * 100 * 4 * 2
    assert allocation.ideal_bytes == 2 * 2 * 2 * 8 * (80 + 4 * 20) * 2
    assert allocation.gaps == (
        "The common prefix is kept once for each sequence: rows of a tensor share none.",
    )


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"k_format": "q8_0"},
            "transformers' caches are not counted in q8_0: choose float32, float16, bfloat16.",
        ),
        (
            {"tp": 2},
            "transformers gives whole KV heads to each device and copies none: choose a tp that "
            "divides n_kv_heads 1.",
        ),
        (
            {"k_format": "float16", "v_format": "float32"},
            "transformers keeps K and V in one format, not float16 and float32: leave out V's.",
        ),
    ],
)
def test_refuses_what_it_has_not(settings, sentence):
    layer = Layer(kind=LayerKind.GLOBAL, n_heads=2, n_kv_heads=1, k_head_dim=32, v_head_dim=32)
    shape = ModelShape(name="a", model_type="", layers=(layer,), n_heads=2)
    with pytest.raises(AllocationError) as refused:
        engines.get("transformers")(shape, Workload(context=8, **settings))
    assert str(refused.value) == sentence
