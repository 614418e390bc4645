import pytest
import torch

from attention.models.layouts.load import load_layout
from attention.models.limits import TextError
from attention.models.losses import BATCH_TOKENS, losses
from tests.models import tiny


def test_rows_are_texts_of_their_own_however_many_pass_at_once():
    model = tiny.load_tiny("llama")
    rows = torch.randint(10, 300, (3 * BATCH_TOKENS // 200, 200))
    each = torch.cat([losses(model, row[None]) for row in rows])
    torch.testing.assert_close(losses(model, rows), each, rtol=1e-4, atol=1e-4)
    assert each.shape == (len(rows), 199)


@pytest.mark.parametrize("shape", [(1, 1), (0, 5)])
def test_one_token_has_no_loss(shape):
    with pytest.raises(TextError) as refused:
        losses(load_layout(8, 2, device="cpu"), torch.zeros(shape, dtype=torch.long))
    assert str(refused.value) == (
        "The loss of a text is that of its second token and on: give two or more."
    )


def test_an_encoder_has_none():
    with pytest.raises(
        TextError, match=r" predicts no next token: choose a model with an LM head\.$"
    ):
        losses(tiny.load_tiny("bert"), torch.zeros(1, 5, dtype=torch.long))


def test_rows_that_are_too_long_are_refused():
    with pytest.raises(TextError, match=r"^The text has 1025 tokens, and Headcount 8/2 takes 1024"):
        losses(load_layout(8, 2, device="cpu"), torch.zeros(1, 1025, dtype=torch.long))
