"""Fewer KV heads in a layout of the family, against plain numpy."""

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from attention.interventions.sharing import Sharing, SharingError
from attention.models.layouts.cards import LAYOUTS
from attention.models.layouts.load import EMBEDDING, load_layout
from attention.models.losses import losses
from tests import numpy_oracle
from tests.models.layouts.test_decoder import TEXT


def state_of(name, regroup):
    """The arrays of a layout's file; what belongs to KV heads through ``regroup``."""
    file = load_file(LAYOUTS / f"{name}.safetensors") | load_file(LAYOUTS / EMBEDDING)
    wide = {key: array.astype(np.float64) for key, array in file.items()}
    return {
        key: regroup(array) if "w_k" in key or "w_v" in key else array
        for key, array in wide.items()
    }


@pytest.mark.parametrize("kv_heads", [1, 2])
@pytest.mark.parametrize("by", ["mean", "first"])
def test_it_is_the_same_decoder_with_the_groups_heads(kv_heads, by):
    model = load_layout(8, 4, device="cpu")
    ids = model.encode(TEXT)

    def regroup(array):
        groups = array.reshape(kv_heads, 4 // kv_heads, -1, *array.shape[1:])
        one = groups.mean(1) if by == "mean" else groups[:, 0]
        return one.reshape(-1, *array.shape[1:])

    shared = model.shared(Sharing(kv_heads=kv_heads, by=by))
    bases = model.card["rope_bases"]
    expected = numpy_oracle.decoder(state_of("8x4", regroup), ids, 8, kv_heads, bases)[1]
    np.testing.assert_allclose(shared.logits(torch.tensor([ids]))[0], expected, atol=1e-3)
    assert shared.measure_cache(ids) == model.measure_cache(ids) * kv_heads // 4
    assert shared.validation_loss is None
    assert shared.title == f"Headcount 8/4 with n_kv_heads {kv_heads}"


@pytest.mark.parametrize(
    ("grouping", "twins"), [("contiguous", [(0, 1), (2, 3)]), ("similar", [(0, 3), (1, 2)])]
)
def test_the_mean_of_twins_changes_nothing(grouping, twins):
    model = load_layout(8, 4, device="cpu")
    with torch.no_grad():
        for layer in model.decoder.layers:
            for weight in (layer.w_k.weight, layer.w_k.bias, layer.w_v.weight):
                heads = weight.unflatten(0, (4, -1))
                for first, second in twins:
                    heads[second] = heads[first]
    rows = torch.tensor([model.encode(TEXT)])
    shared = model.shared(Sharing(kv_heads=2, grouping=grouping))
    torch.testing.assert_close(losses(shared, rows), losses(model, rows), rtol=1e-5, atol=1e-5)


def test_the_original_is_as_it_was_and_shares_its_memory():
    model = load_layout(8, 4, device="cpu")
    rows = torch.tensor([model.encode(TEXT)])
    before = model.logits(rows)
    shared = model.shared(Sharing(kv_heads=1))
    assert not torch.equal(shared.logits(rows), before)
    assert torch.equal(model.logits(rows), before)
    new = dict(shared.decoder.named_parameters())
    for name, weight in model.decoder.named_parameters():
        own = "w_k" in name or "w_v" in name
        assert (new[name].data_ptr() == weight.data_ptr()) != own, name


def test_what_does_not_divide_is_refused():
    with pytest.raises(SharingError) as refused:
        load_layout(8, 4, device="cpu").shared(Sharing(kv_heads=3))
    assert str(refused.value) == (
        "kv_heads 3 does not divide the 4 KV heads of layer 0: choose 1, 2, 4."
    )
