"""Cross entropy some tokens at a time, against torch's of whole logits."""

import pytest
import torch
import torch.nn.functional as F

from attention.training.cross_entropy import TOKENS, cross_entropy
from tests.training.small import text, trainer


@pytest.mark.parametrize("trained", [True, False])
@pytest.mark.parametrize("tokens", [1, TOKENS, 2 * TOKENS + 5])
def test_value_and_slopes_are_those_of_torch(tokens, trained):
    generator = torch.Generator().manual_seed(tokens)
    hidden = 3 * torch.randn(tokens, 16, generator=generator, requires_grad=True)
    unembedding = torch.randn(50, 16, generator=generator).requires_grad_(trained)
    targets = torch.randint(50, (tokens,), generator=generator)
    asked = [hidden, unembedding] if trained else [hidden]

    ours = cross_entropy(hidden, unembedding, targets)
    theirs = F.cross_entropy(F.linear(hidden, unembedding), targets)

    assert ours.item() == pytest.approx(theirs.item(), rel=1e-6)
    for mine, slope in zip(
        torch.autograd.grad(2 * ours, asked), torch.autograd.grad(2 * theirs, asked), strict=True
    ):
        assert mine.shape == slope.shape
        torch.testing.assert_close(mine, slope, rtol=1e-4, atol=1e-7)


def test_an_update_changes_weights_as_with_whole_logits(monkeypatch):
    ours, theirs = trainer(), trainer()
    loss = ours.train_step(text())
    monkeypatch.setattr(
        "attention.training.trainer.cross_entropy",
        lambda hidden, unembedding, targets: F.cross_entropy(hidden @ unembedding.T, targets),
    )
    assert loss.item() == pytest.approx(theirs.train_step(text()).item(), rel=1e-6)
    for mine, other in zip(ours.decoder.parameters(), theirs.decoder.parameters(), strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-3, atol=1e-4)
