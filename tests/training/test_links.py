import numpy as np

from attention.training import links
from attention.training.links import distances, link_looks, link_probes
from attention.training.sentences import KINDS
from tests.training import small


def test_a_subjects_head_finds_it_before_the_verb_and_from_it(monkeypatch):
    monkeypatch.setattr(links, "A_KIND", 4)
    asked = link_probes(small.encoder(), 0)
    decoder, corpus = small.trainer().decoder, small.corpus(5)
    found = link_looks(decoder, corpus, asked)["en", "subject"]
    before = link_looks(decoder, corpus, {("en", "agreement"): asked["en", "agreement"]})
    verb = link_looks(decoder, corpus, {("en", "pronoun"): asked["en", "verb"]})
    np.testing.assert_allclose(
        found.weights,
        np.minimum(before["en", "agreement"].weights, verb["en", "pronoun"].weights),
        rtol=1e-5,
    )


def test_distances_are_means_over_the_text():
    decoder = small.trainer().decoder
    found = distances(decoder, small.corpus(5))
    assert found.shape == (2, 4, 128)
    # Layer 0 begins by looking one token back.
    assert (found[0, :, 1] > 0.5).all()
    assert (found[0, :, 3:] < 0.05).all()


def test_every_kind_of_link_is_measured(monkeypatch):
    monkeypatch.setattr(links, "A_KIND", 4)
    asked = link_probes(small.encoder(), 0)
    assert not any(0 in probe.keys for some in asked.values() for probe in some)
    found = link_looks(small.trainer().decoder, small.corpus(5), asked)
    assert {kind for _, kind in found} == {*KINDS, "subject"}
    assert {language for language, _ in found} == {"en", "hi"}
    for each in found.values():
        assert each.weights.shape == each.chance.shape == (2, 4)
        assert 1 <= each.n <= 8
        assert (each.chance >= 0).all()
