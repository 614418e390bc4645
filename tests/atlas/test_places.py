import numpy as np
import pytest
import torch

from attention.atlas import places, repeats
from attention.atlas.passes import Pass
from attention.atlas.places import even_weights
from attention.atlas.texts import Text
from tests.models.tiny import load_tiny


def one_place(keys: list[int]) -> Pass:
    """A head that puts all of each query's weight on one key."""
    weights = torch.nn.functional.one_hot(torch.tensor(keys), len(keys)).float()
    return Pass(weights[None], None)


def value(looks: Pass, ids: list[int], name: str, causal: bool = True) -> float:
    return float(places.take(looks, Text(ids=tuple(ids)), causal)[name].values[0])


SEGMENT = list(range(100, 125))
IDS = SEGMENT * 4


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("previous", [max(i - 1, 0) for i in range(100)]),
        ("self", list(range(100))),
        ("first", [0] * 100),
        ("duplicate", [i - 25 if i >= 25 else 0 for i in range(100)]),
        ("induction", [i - 24 if i >= 25 else 0 for i in range(100)]),
        ("positional", [max(i - 3, 0) if i > 3 else 0 for i in range(100)]),
    ],
)
def test_a_perfect_head_has_1(name: str, keys: list[int]) -> None:
    least = 0.96 if name == "positional" else 1.0  # its first queries have no such place
    assert value(one_place(keys), IDS, name) >= least


def test_the_next_token_behind_no_mask() -> None:
    keys = [min(i + 1, 99) for i in range(100)]
    assert value(one_place(keys), IDS, "next", causal=False) == 1.0


def test_a_head_of_a_fixed_offset_passes_at_one_length_alone() -> None:
    def keys(n: int) -> list[int]:
        return [i - 24 if i >= 24 else 0 for i in range(n)]

    other = list(range(100, 137)) * 3
    assert value(one_place(keys(100)), IDS, "induction") == 1.0
    assert value(one_place(keys(111)), other, "induction") == 0.0


@pytest.mark.parametrize("causal", [True, False])
def test_even_attention_has_the_chance(causal: bool) -> None:
    looks = Pass(torch.from_numpy(even_weights(100, causal)), None)
    taken = places.take(looks, Text(ids=tuple(IDS)), causal)
    names = {"previous", "self", "first", "duplicate", "induction", "positional", "spread"}
    assert names <= taken.keys() and ("next" in taken) == (not causal)
    for name, each in taken.items():
        assert each.values[0] == pytest.approx(each.chance, rel=1e-4), name
    assert taken["previous"].chance == pytest.approx(
        np.mean([1 / (i + 1) for i in range(1, 100)]) if causal else 0.01, rel=1e-4
    )


def test_what_repeats_is_said_four_times_behind_what_begins_a_text() -> None:
    model = load_tiny("bert", "wordpiece")
    text = repeats.repeated(model, 3)
    before, after = text.ids[0], text.ids[-1]
    assert model.token_bytes([before, after]) == [b"", b""]
    said = text.ids[1:-1]
    assert len(said) == 100 and said == said[:25] * 4
    assert len(set(said)) == 25
    assert text == repeats.repeated(model, 3) != repeats.repeated(model, 4)
