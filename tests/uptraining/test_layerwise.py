import copy

import pytest
import torch

from attention.uptraining.layerwise import seen
from tests.models.tiny import eager, load_tiny

ROWS = torch.randint(10, 300, (2, 9), generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("name", ["llama", "qwen3", "gemma2", "phi"])
def test_what_a_layer_gave_out_is_what_transformers_own_attention_gives(name):
    calls, own = seen(load_tiny(name), ROWS), []
    network = copy.deepcopy(eager(name))
    for layer in network.model.layers:
        layer.self_attn.register_forward_hook(lambda *call: own.append(call[-1][0]))
    with torch.no_grad():
        network(ROWS)
    assert len(calls) == len(own) == 3
    for call, output in zip(calls, own, strict=True):
        assert torch.allclose(call.output, output, atol=1e-5)


def test_the_error_is_a_share_of_what_the_layer_gives_out():
    model = load_tiny("llama")
    for part, call in zip(model.parts, seen(model, ROWS), strict=True):
        assert call.error(part.attention).item() == 0
        silent, half = copy.deepcopy(part.attention), copy.deepcopy(part.attention)
        silent.v_proj.weight.data.zero_()
        half.o_proj.weight.data.mul_(0.5)
        assert call.error(silent).item() == pytest.approx(1)
        assert call.error(half).item() == pytest.approx(0.25)


def test_no_hook_stays_behind():
    model = load_tiny("llama")
    before = [len(part.attention._forward_hooks) for part in model.parts]
    seen(model, ROWS)
    assert [len(part.attention._forward_hooks) for part in model.parts] == before
