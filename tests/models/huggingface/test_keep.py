"""What is kept of a pass where nobody looks, against what a look keeps."""

import pytest
import torch

from attention.atlas.passes import writers_of
from attention.models.huggingface.checkpoint import wrap
from attention.models.layouts.load import load_layout
from attention.models.limits import Cancelled, TextError
from tests.models import tiny

IDS = torch.randint(10, 300, (24,), generator=torch.Generator().manual_seed(2)).tolist()


def model_of(name):
    return load_layout(8, 2, device="cpu") if name == "8x2" else tiny.load_tiny(name)


@pytest.mark.parametrize("name", ["llama", "gpt2", "gemma2", "bert", "8x2"])
def test_every_layer_as_a_look_keeps_it(name):
    model = model_of(name)
    kept, looked = model.keep(IDS), model.look(IDS).kept
    assert len(kept) == len(looked) == model.n_layers
    for each, other in zip(kept, looked, strict=True):
        for part in ("q", "k", "v"):
            torch.testing.assert_close(getattr(each, part), getattr(other, part))
        torch.testing.assert_close(each.every_weight(), other.every_weight())


@pytest.mark.parametrize("name", ["llama", "gpt2", "8x2"])
def test_what_stands_for_w_o_makes_vectors_of_the_same_length(name):
    model = model_of(name)
    for layer, writer, kept in zip(
        range(model.n_layers), writers_of(model), model.keep(IDS), strict=True
    ):
        weights = kept.every_weight()
        torch.testing.assert_close(
            kept.written(weights, writer), kept.written(weights, model.w_o(layer))
        )


def test_a_model_of_somebody_else_is_as_he_left_it_though_the_pass_was_broken_off():
    own = tiny.make_model("llama")
    before = own.config._attn_implementation
    ids = torch.tensor([IDS])
    expected = own(input_ids=ids).logits
    assert len(wrap(own, tiny.make_tokenizer("bytes")).keep(IDS)) == 3
    assert own.config._attn_implementation == before
    torch.testing.assert_close(own(input_ids=ids).logits, expected)


def test_it_stops_between_two_layers_and_refuses_no_tokens():
    model, asked = tiny.load_tiny("llama"), []

    def cancelled():
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(Cancelled):
        model.keep(IDS, cancelled=cancelled)
    assert len(asked) == 3
    with pytest.raises(TextError):
        model.keep([])
