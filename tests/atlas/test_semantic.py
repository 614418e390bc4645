import numpy as np
import pytest
import torch

from attention.atlas import semantic
from attention.atlas.passes import Pass
from attention.atlas.texts import Text

N, VOCAB = 60, 200


@pytest.fixture
def text() -> Text:
    ids = tuple(range(N))
    return Text(
        ids=ids,
        words=tuple(f"w{i}" for i in ids),
        spans=tuple(range(i, i + 1) for i in ids),
        sentences=(0,) * N,
        language="en",
    )


@pytest.fixture
def embedding() -> torch.Tensor:
    return torch.randn(VOCAB, 16, generator=torch.Generator().manual_seed(0))


def masked(scores: torch.Tensor) -> torch.Tensor:
    hidden = torch.full_like(scores, -torch.inf).triu(1)
    return torch.softmax(scores + hidden, -1)


def test_a_head_that_weighs_by_meaning_stands_out_of_its_shuffles(text, embedding) -> None:
    unit = torch.nn.functional.normalize(embedding[:N], dim=1)
    by_meaning = masked(2 * unit @ unit.T)
    steps = torch.arange(N, dtype=torch.float32)
    near = masked(-(steps[:, None] - steps).abs())
    looks = Pass(torch.stack([by_meaning, near]), None)
    taken = semantic.take(looks, text, True, embedding, frozenset())["semantic_en"]
    value, chance = taken.values, taken.chance
    assert value[0] > 0.4 and abs(chance[0]) < 0.1
    assert abs(value[1] - chance[1]) < 0.1
    assert taken.n == sum(min(i - 1, semantic.FAR) for i in range(1, N))


def test_too_few_content_words_say_nothing(text, embedding) -> None:
    looks = Pass(torch.full((1, N, N), 1 / N), None)
    known = frozenset(text.words[5:])
    assert semantic.take(looks, text, True, embedding, known) == {}


def test_correlation_is_pearsons() -> None:
    random = np.random.default_rng(0)
    rows, columns = random.normal(size=(2, 30)), random.normal(size=(3, 30))
    found = semantic.correlation(rows, columns)
    np.testing.assert_allclose(found, np.corrcoef(rows, columns)[:2, 2:])
    assert semantic.correlation(np.ones((1, 30)), columns).tolist() == [[0, 0, 0]]


def test_shuffles_stay_within_a_distance() -> None:
    cosines, apart = np.arange(6.0), np.array([1, 1, 1, 2, 2, 2])
    for row in semantic._shuffled(cosines, apart):
        assert sorted(row[:3]) == [0, 1, 2] and sorted(row[3:]) == [3, 4, 5]
