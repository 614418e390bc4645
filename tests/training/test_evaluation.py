import pytest
import torch
from tokenizers import Tokenizer

from attention.models.layouts.model import TOKENIZER
from attention.training import evaluation, lexicon
from attention.training.evaluation import agreement, agreement_probes, majority

TOKENS = Tokenizer.from_file(str(TOKENIZER))


def encode(text: str) -> list[int]:
    return TOKENS.encode(text).ids


class Oracle:
    """Stands for a decoder: always prefers ``word``, looks at the first token with head 1."""

    def __init__(self, word: str) -> None:
        self.embedding = torch.nn.Embedding(1, 1)
        self.word = encode(word)[0]

    def trace(self, ids):
        n = ids.shape[1]
        weights = torch.zeros(1, 2, n, n)
        weights[0, 1, :, 0] = 1.0
        layer = type("Layer", (), {"weights": weights})
        return type("Trace", (), {"layers": (layer,), "hidden": torch.zeros(1, n, 8)})

    def logits(self, hidden):
        logits = torch.zeros(*hidden.shape[:-1], TOKENS.get_vocab_size())
        logits[..., self.word] = 1.0
        return logits


@pytest.mark.parametrize("language,forms", [("en", 2), ("hi", 3)])
def test_every_form_is_right_equally_often(language, forms):
    probes = agreement_probes(language, encode, 20, "combinations", seed=0)
    assert len(probes) == 20 * forms
    assert majority(probes) == pytest.approx(1 / forms)


def test_a_probe_points_at_its_subject():
    for probe in agreement_probes("en", encode, 30, "combinations", seed=1):
        subject = TOKENS.decode([probe.ids[probe.subject]])
        plural = subject in {noun[1] for noun in lexicon.PEOPLE + lexicon.THINGS + lexicon.ANIMALS}
        assert probe.answer == int(plural)


def test_a_decoder_that_always_says_are_is_right_half_of_the_time():
    probes = [
        probe
        for probe in agreement_probes("en", encode, 60, "combinations", seed=2)
        if encode("are")[0] in probe.options
    ]
    plural = sum(probe.answer for probe in probes) / len(probes)
    accuracy, looked = agreement(Oracle("are"), probes)
    assert accuracy == pytest.approx(plural)
    first = sum(probe.subject == 0 for probe in probes) / len(probes)
    assert looked.tolist() == [[0, pytest.approx(first)]]


def test_evaluation_covers_both_languages():
    assert set(evaluation.LANGUAGES) == {"en", "hi"}
