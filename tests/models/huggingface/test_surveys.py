"""What a survey is told of masks: a band where it is one, numbers where it is none."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from attention.models.huggingface.surveys import Rules, band_of
from tests.models.huggingface.test_call import make_call, window_mask


@given(
    seq_len=st.integers(2, 40), width=st.integers(1, 60), causal=st.booleans(), hole=st.booleans()
)
def test_a_band_is_told_from_other_masks(seq_len, width, causal, hole):
    at = torch.arange(seq_len)
    near = (at[:, None] - at).abs() < width
    mask = (near & (at[:, None] >= at) if causal else near)[None, None]
    if hole:
        flipped = mask.clone()
        flipped[0, 0, seq_len - 1, 0] ^= True
        found = band_of(flipped)
        again = None if found is None else expand(found, seq_len)
        assert found is None or torch.equal(again, flipped[0, 0])
    else:
        assert torch.equal(expand(band_of(mask), seq_len), mask[0, 0])


def expand(band, seq_len):
    causal, window = band
    at = torch.arange(seq_len)
    allowed = (at[:, None] - at).abs() < (window or seq_len)
    return allowed & (at[:, None] >= at) if causal else allowed


def test_a_mask_that_is_no_band_is_handed_on_as_numbers():
    chunks = torch.arange(10) // 4
    mask = ((chunks[:, None] == chunks) & torch.ones(10, 10, dtype=torch.bool).tril())[None, None]
    rules = Rules().of(make_call(10, causal=False, mask=mask))
    assert rules["causal"] is True and rules["window"] is None
    assert torch.equal(rules["mask"][0] == 0, mask[0, 0])


def test_layers_of_one_kind_share_one_look_at_their_mask():
    rules, mask = Rules(), window_mask(30, 4)
    for _ in range(3):
        told = rules.of(make_call(30, causal=False, mask=mask))
        assert (told["causal"], told["window"], told["mask"]) == (True, 4, None)
    assert len(rules._seen) == 1
