"""The cards of the layouts at hand: how each was made, and which there are not."""

import json
import re

import pytest

from attention.models.layouts.cards import (
    LAYOUTS,
    LayoutError,
    all_cards,
    available_layouts,
    load_card,
)
from attention.models.layouts.load import load_layout
from attention.training.tasks import FAMILY


def test_what_is_at_hand_belongs_to_the_family():
    assert set(available_layouts()) <= set(FAMILY)
    assert (8, 2) in available_layouts()


@pytest.mark.parametrize("card", all_cards(), ids=lambda c: f"{c['n_heads']}x{c['n_kv_heads']}")
def test_a_card_tells_how_its_layout_was_made(card):
    assert card["n_heads"] * card["head_dim"] == card["d_model"]
    assert "look one token back" in card["initialisation"]
    assert card["tokens"] > 1_000_000
    assert card["steps"] == all_cards()[0]["steps"]  # one recipe, one budget, one seed
    assert card["seed"] == 0
    assert set(card["versions"]) == {"torch", "tokenizers", "safetensors"}
    assert len(card["heads"]) == card["n_layers"]
    assert {len(layer) for layer in card["heads"]} == {card["n_heads"]}
    for language in ("en", "hi"):
        verbs = card["agreement"][language]
        assert 0 <= verbs["accuracy"] <= 1
        assert verbs["majority"] == pytest.approx({"en": 1 / 2, "hi": 1 / 3}[language], abs=1e-3)
        assert any(role["role"] != "mixed" for layer in card["roles"] for role in layer)
        best = verbs["best_head"]
        assert best["score"] == card["heads"][best["layer"]][best["head"]][f"agreement_{language}"]


def test_seeds_and_wider_mlps_stand_beside_the_cards():
    """Three seeds of each layout with 8 heads, and one with as many numbers as 8/8 has."""
    rows = json.loads((LAYOUTS / "sharing.json").read_text("utf-8"))
    plain = {kv: load_card(8, kv) for kv in (8, 4, 2, 1)}
    for kv, card in plain.items():
        of_layout = [row for row in rows if (row["n_heads"], row["n_kv_heads"]) == (8, kv)]
        assert all(row["steps"] == card["steps"] for row in of_layout)
        seeds = [row for row in of_layout if row["mlp_dim"] == card["mlp_dim"]]
        assert [row["seed"] for row in seeds] == [1, 2]
        losses = [card["validation_loss"], *(row["validation_loss"] for row in seeds)]
        assert max(losses) - min(losses) < 0.02
        wide = [row for row in of_layout if row["mlp_dim"] > card["mlp_dim"]]
        assert len(wide) == (kv < 8)
        assert all(abs(row["parameters"] - plain[8]["parameters"]) < 1000 for row in wide)


def test_a_layout_that_was_not_trained_is_refused():
    heads = sorted({n_heads for n_heads, _ in available_layouts()})
    listed = ", ".join(map(str, heads[:-1])) + f" or {heads[-1]}"
    said = f"No layout was trained with n_heads 3: choose {listed}."
    with pytest.raises(LayoutError, match=re.escape(said) + "$"):
        load_layout(3, 1, device="cpu")


def test_kv_heads_that_do_not_divide_are_refused():
    kv_heads = [kv for n_heads, kv in available_layouts() if n_heads == 8]
    listed = ", ".join(map(str, kv_heads[:-1])) + f" or {kv_heads[-1]}" if kv_heads[1:] else "2"
    said = f"No layout was trained with n_heads 8 and n_kv_heads 3: choose n_kv_heads {listed}."
    with pytest.raises(LayoutError, match=re.escape(said) + "$"):
        load_card(8, 3)


def test_without_any_layout_it_says_how_to_train_one(tmp_path):
    said = f"No trained layout is in {tmp_path}: run python -m attention train."
    with pytest.raises(LayoutError, match=re.escape(said) + "$"):
        load_card(8, 2, tmp_path)


def test_weights_and_cards_come_in_pairs_and_stay_under_45_mb():
    weights = {path.stem for path in LAYOUTS.glob("*x*.safetensors")}
    assert weights == {path.stem for path in LAYOUTS.glob("*x*.json")}
    files = [path for path in LAYOUTS.parent.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 45_000_000
    assert all(json.loads(path.read_text("utf-8")) for path in LAYOUTS.glob("*.json"))
