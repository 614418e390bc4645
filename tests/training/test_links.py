import numpy as np
import pytest

from attention.training import roles
from attention.training.evaluation import Scores
from attention.training.roles import Looks, distances, link_looks, link_probes, stable_roles
from attention.training.sentences import KINDS
from tests.training import small


def looks(weight: float, chance: float) -> Looks:
    return Looks(np.array([[weight]]), np.array([[chance]]), 50)


def role(links: dict, previous: float = 0.1, spread: float = 0.5) -> dict:
    places = {"previous": Scores(np.array([[previous]]), 0.03)}
    return stable_roles(links, places, np.array([[spread]]))[0][0]


def test_a_head_is_named_after_what_lies_furthest_above_its_chance():
    links = {("en", "subject"): looks(0.8, 0.1), ("en", "determiner"): looks(0.9, 0.4)}
    assert role(links) == {
        "role": "subject", "language": "en", "score": 0.8, "chance": 0.1, "n": 50,
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["pronoun", "sense", "resumed"])
def test_each_way_to_a_referent_is_one_role(kind):
    assert role({("hi", kind): looks(0.5, 0.05)})["role"] == "referent"


def test_a_head_that_looks_so_far_back_anyway_has_no_such_role():
    assert role({("en", "adjective"): looks(0.9, 0.5)}) == {"role": "mixed", "score": 0.9}
    assert role({("en", "adjective"): looks(0.39, 0.0)}) == {"role": "mixed", "score": 0.39}


def test_a_head_that_a_rule_of_one_distance_matches_has_no_such_role():
    found = Looks(np.array([[0.6]]), np.array([[0.1]]), 50, fixed=0.6)
    assert role({("en", "determiner"): found}) == {"role": "mixed", "score": 0.1}


def test_a_subjects_head_finds_it_before_the_verb_and_from_it(monkeypatch):
    monkeypatch.setattr(roles, "A_KIND", 4)
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


def test_a_place_is_a_role_too():
    assert role({}, previous=0.7) == {"role": "previous", "score": 0.7, "chance": 0.03}


def test_even_attention_is_broad_whatever_else_it_is():
    assert role({}, previous=0.7, spread=0.9) == {"role": "broad", "score": 0.9}


def test_distances_are_means_over_the_text():
    decoder = small.trainer().decoder
    found = distances(decoder, small.corpus(5))
    assert found.shape == (2, 4, 128)
    # Layer 0 begins by looking one token back.
    assert (found[0, :, 1] > 0.5).all()
    assert (found[0, :, 3:] < 0.05).all()


def test_every_kind_of_link_is_measured(monkeypatch):
    monkeypatch.setattr(roles, "A_KIND", 4)
    asked = link_probes(small.encoder(), 0)
    assert not any(0 in probe.keys for some in asked.values() for probe in some)
    found = link_looks(small.trainer().decoder, small.corpus(5), asked)
    assert {kind for _, kind in found} == {*KINDS, "subject"}
    assert {language for language, _ in found} == {"en", "hi"}
    for each in found.values():
        assert each.weights.shape == each.chance.shape == (2, 4)
        assert 1 <= each.n <= 8
        assert (each.chance >= 0).all()
