"""What is measured, on layouts whose answers are known."""

import numpy as np
import pytest
import torch

from attention.training import evaluation
from attention.training.evaluation import ask, best_head, scores_of
from attention.training.probes import Probe
from tests.training import small


class Oracle:
    """Stands for a decoder: says token 7 next; head 0 looks at itself, head 1 at token 1."""

    def __init__(self) -> None:
        self.embedding = torch.nn.Embedding(1, 1)

    def trace(self, ids):
        batch, n = ids.shape
        weights = torch.zeros(batch, 2, n, n)
        weights[:, 0] = torch.eye(n)
        weights[:, 1, :, 1] = 1.0
        layer = type("Layer", (), {"weights": weights})
        return type("Trace", (), {"layers": (layer,), "hidden": torch.zeros(batch, n, 8)})

    def logits(self, hidden):
        logits = torch.zeros(*hidden.shape[:-1], 10)
        logits[..., 7] = 1.0
        return logits


PROBES = [
    Probe(ids=(1, 2, 3, 4), keys=(1,), others=((3,),), options=(7, 8), answer=0),
    Probe(ids=(1, 2), keys=(0,), others=((1,),), options=(7, 8), answer=1),
    Probe(ids=(1, 2, 3), keys=(0, 1, 2), options=(8, 7), answer=1),
]


def test_answers_stand_in_the_order_of_the_probes():
    found = ask(Oracle(), PROBES)
    assert found.right.tolist() == [True, False, True]
    assert found.accuracy == pytest.approx(2 / 3)
    assert found.looks[:, 0].tolist() == [[0, 1], [0, 0], [1, 1]]
    assert found.most[:, 0].tolist() == [[False, True], [False, False], [True, True]]
    assert found.usual.tolist() == [0.25, 0.5, 1.0]
    assert found.weights.tolist() == [[pytest.approx(1 / 3), pytest.approx(2 / 3)]]


def test_a_text_answers_the_same_alone_and_beside_longer_ones(monkeypatch):
    decoder = small.trainer().decoder
    probes = [Probe(ids=tuple(range(5, 5 + n)), keys=(1,)) for n in (9, 3, 30, 4)]
    together = ask(decoder, probes).looks
    monkeypatch.setattr(evaluation, "BESIDE", 1)
    np.testing.assert_allclose(together, ask(decoder, probes).looks, atol=1e-6)


def test_without_probes_there_is_no_answer():
    with pytest.raises(ValueError, match="no probe to ask"):
        ask(Oracle(), [])


def test_scores_have_what_even_attention_gets_beside_them():
    found = scores_of(Oracle(), [[1, 2, 3, 4]], ("self", "previous"))
    assert found["self"].heads.tolist() == [[pytest.approx(1), pytest.approx(1 / 3)]]
    assert found["previous"].heads.tolist() == [[0, pytest.approx(1 / 3)]]
    # Even attention gives the token before 1/2, 1/3 and 1/4.
    assert found["previous"].chance == pytest.approx((1 / 2 + 1 / 3 + 1 / 4) / 3)


def test_losses_of_a_decoder_that_knows_nothing_are_the_logarithm_of_the_vocabulary():
    decoder = small.trainer().decoder
    stories, repeats = evaluation.losses(decoder, small.corpus(9), n_stories=4)
    assert stories == pytest.approx(np.log(small.vocab_size()), abs=0.2)
    assert repeats == pytest.approx(np.log(small.vocab_size()), abs=0.2)


def test_the_best_head_is_the_one_with_the_largest_score():
    scores = np.array([[0.1, 0.2], [0.7, 0.3]])
    assert best_head(scores) == {"layer": 1, "head": 0, "score": 0.7}
