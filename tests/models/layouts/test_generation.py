"""A text goes on with a trained layout as with any model: against whole passes, and its cache."""

import pytest
import torch

from attention.models.generate import Generation
from attention.models.layouts import cards, load
from attention.models.limits import Cancelled, TextError
from attention.models.outlook import GenerationError

TEXT = "the dog saw the cat"
LAYOUTS = cards.available_layouts()
ENDS = sorted({LAYOUTS[0], LAYOUTS[-1], max(LAYOUTS, key=lambda one: (one[0], -one[1]))})


@pytest.mark.parametrize("layout", ENDS)
def test_every_step_is_what_a_whole_pass_says_and_the_cache_what_the_formula_says(
    layout: tuple[int, int],
) -> None:
    model = load.load_layout(*layout, device="cpu")
    generation = Generation(model, model.encode(TEXT))
    for _ in range(6):
        outlook = generation.outlook(compare=True)
        whole = model.decoder(torch.tensor([generation.ids]))[0, -1]
        torch.testing.assert_close(outlook.logits, whole, atol=2e-4, rtol=1e-4)
        assert outlook.whole.largest_difference < 1e-4
        assert outlook.cache_bytes == outlook.formula_bytes == model.measure_cache(generation.ids)
        assert [row.shape for row in outlook.rows] == [(layout[0], len(generation.ids))] * (
            model.n_layers
        )
        last = model.look(generation.ids, layer=model.n_layers - 1, head=0).chosen[-1]
        assert outlook.row(model.n_layers - 1, 0) == pytest.approx(last, abs=1e-5)
        step = generation.step()
        assert step.chosen.token == int(whole.argmax())
    assert generation.tokens()[: generation.n_prompt] == tuple(
        model.token_texts(model.encode(TEXT))
    )
    assert generation.written()


def test_fewer_kv_heads_make_a_smaller_cache() -> None:
    held = {}
    for layout in LAYOUTS:
        model = load.load_layout(*layout, device="cpu")
        held[layout] = Generation(model, model.encode(TEXT)).outlook().cache_bytes
    compared = [(heads, kv) for heads, kv in LAYOUTS if (heads, heads) in held]
    assert compared
    for heads, kv in compared:
        assert held[heads, kv] * heads == held[heads, heads] * kv


def test_what_does_not_fit_is_told() -> None:
    model = load.load_layout(*LAYOUTS[0], device="cpu")
    with pytest.raises(GenerationError, match="The text has no tokens: give at least one"):
        Generation(model, [])
    with pytest.raises(TextError, match=f"and {model.title} takes {model.max_tokens}: cut it"):
        model.next_logits([0] * (model.max_tokens + 1))
    with pytest.raises(Cancelled):
        model.next_logits([0, 1], cancelled=lambda: True)
