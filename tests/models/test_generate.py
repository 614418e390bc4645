"""Generation with the cache: the tokens that transformers generates, and a whole pass gives."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM

from attention.models.generate import End, Generation
from attention.models.huggingface.checkpoint import load
from attention.models.huggingface.model import LanguageModel
from attention.models.store import inventory
from tests.models.generating import BUILDERS, TEXT, VOCAB, llama, steps_of, theirs, wrapped
from tests.models.real import fetched
from tests.models.tiny import DECODERS, eager, load_tiny, make


@pytest.fixture(scope="module", params=BUILDERS)
def model(request: pytest.FixtureRequest) -> LanguageModel:
    torch.manual_seed(1)
    return wrapped(BUILDERS[request.param]())


def test_greedy_gives_the_tokens_of_transformers_generate(model: LanguageModel) -> None:
    ids = model.encode(TEXT)
    generation = Generation(model, ids)
    steps = steps_of(generation, 12)
    assert [step.chosen.token for step in steps] == theirs(model, ids, 12)
    assert generation.ids == (*ids, *(step.chosen.token for step in steps))


def test_a_temperature_draws_what_transformers_draws_from_the_same_seed(
    model: LanguageModel,
) -> None:
    ids = model.encode(TEXT)
    steps = steps_of(Generation(model, ids, seed=7), 12, temperature=1.5)
    torch.manual_seed(7)
    drawn = theirs(model, ids, 12, do_sample=True, temperature=1.5)
    assert [step.chosen.token for step in steps] == drawn
    assert drawn != theirs(model, ids, 12)


def test_the_seed_decides(tiny: LanguageModel) -> None:
    ids = tiny.encode(TEXT)

    def drawn(seed: int) -> list[int]:
        steps = steps_of(Generation(tiny, ids, seed=seed), 8, temperature=1.0)
        return [step.chosen.token for step in steps]

    assert drawn(1) == drawn(1) != drawn(2)


@pytest.mark.slow
def test_draws_follow_the_chances_that_are_told(tiny: LanguageModel) -> None:
    drawn = []
    for seed in range(400):
        generation = Generation(tiny, tiny.encode("a"), seed=seed)
        best = generation.choices(generation.outlook(), temperature=0.7)[0]
        drawn.append(generation.step(temperature=0.7).chosen.token)
    spread = (best.chance * (1 - best.chance) / len(drawn)) ** 0.5
    assert best.chance > best.probability  # below 1, a temperature sharpens
    assert abs(drawn.count(best.token) / len(drawn) - best.chance) < 4 * spread


def test_a_step_equals_a_whole_pass(model: LanguageModel) -> None:
    for step in steps_of(Generation(model, model.encode(TEXT)), 6, compare=True):
        whole = step.outlook.whole
        assert whole.largest_difference < 1e-5
        assert whole.same_token
        assert whole.seconds > 0


def test_the_predictions_are_those_of_the_models_own_forward(model: LanguageModel) -> None:
    ids = model.encode(TEXT)
    generation = Generation(model, ids)
    steps_of(generation, 2)
    top = generation.choices(generation.outlook(), temperature=0)
    chosen = generation.step().chosen
    with torch.inference_mode():
        fed = torch.tensor([[*ids, *(0, 0)]])
        fed[0, len(ids) :] = torch.tensor(theirs(model, ids, 2))
        logits = model.model(input_ids=fed, use_cache=False).logits[0, -1]
    expected = logits.softmax(-1).topk(10)
    assert [choice.token for choice in top] == expected.indices.tolist()
    assert [c.probability for c in top] == pytest.approx(expected.values.tolist(), abs=1e-5)
    assert chosen == top[0]
    assert [choice.chance for choice in top] == [1.0] + [0.0] * 9


def test_the_row_is_the_last_row_of_the_models_eager_attention(model: LanguageModel) -> None:
    ids = model.encode(TEXT)
    generation = Generation(model, ids)
    for _ in range(4):
        fed = list(generation.ids)
        outlook = generation.step().outlook
        rows = eager_rows(model, fed)
        for layer, config in enumerate(model.configs):
            for head in range(config.n_heads):
                row = outlook.row(layer, head)
                first = outlook.kv_len - len(row)
                assert row == pytest.approx(rows[layer][head, first:], abs=1e-5)
                assert row.sum() == pytest.approx(1, abs=1e-5)
                assert not np.any(rows[layer][head, :first])  # the window hid what was let go


def eager_rows(model: LanguageModel, ids: list[int]) -> list[np.ndarray]:
    own = model.model.config._attn_implementation
    model.model.set_attn_implementation("eager")
    try:
        with torch.inference_mode():
            out = model.model(torch.tensor([ids]), output_attentions=True, use_cache=False)
    finally:
        model.model.set_attn_implementation(own)
    return [weights[0, :, -1].numpy() for weights in out.attentions]


def test_the_cache_is_as_large_as_the_formula_says_and_grows_by_the_same_each_step(
    model: LanguageModel,
) -> None:
    steps = [step.outlook for step in steps_of(Generation(model, model.encode(TEXT)), 5)]
    assert [step.cache_bytes for step in steps] == [step.formula_bytes for step in steps]
    assert [step.kv_len for step in steps] == list(range(len(TEXT), len(TEXT) + 5))
    # Windows of 6 are full by now, so only layers without one grow: K, V x KV heads x head_dim x 4.
    grows = [
        2 * config.n_kv_heads * config.head_dim * 4
        for config, window in zip(model.configs, model.windows, strict=True)
        if window is None
    ]
    assert {b.cache_bytes - a.cache_bytes for a, b in pairwise(steps)} == {sum(grows)}


def test_the_cache_is_that_of_transformers_own_generate(tiny: LanguageModel) -> None:
    ids = tiny.encode(TEXT)
    generation = Generation(tiny, ids)
    steps_of(generation, 4)
    out = tiny.model.generate(
        torch.tensor([ids]), max_new_tokens=4, do_sample=False, pad_token_id=0,
        return_dict_in_generate=True,
    )  # fmt: skip
    for ours, own in zip(generation._cache.layers, out.past_key_values.layers, strict=True):
        torch.testing.assert_close(ours.keys, own.keys)
        torch.testing.assert_close(ours.values, own.values)


def test_a_cache_that_was_given_back_is_filled_again(tiny: LanguageModel) -> None:
    kept, released = (Generation(tiny, tiny.encode(TEXT), seed=3) for _ in range(2))
    for index in range(6):
        if index % 2:
            released.release()
            assert released.held_bytes == 0
        one, other = (g.step(temperature=1.0) for g in (kept, released))
        assert one.chosen.token == other.chosen.token
        sizes = {one.outlook.cache_bytes, other.outlook.cache_bytes, released.held_bytes}
        assert len(sizes) == 1
        assert (other.outlook.fill_seconds is None) == (index in (2, 4))


def test_one_token_is_enough_to_begin(tiny: LanguageModel) -> None:
    outlook = Generation(tiny, tiny.encode("a")).outlook(compare=True)
    assert outlook.kv_len == len(outlook.row(0, 0)) == 1
    assert outlook.whole.largest_difference < 1e-5


def test_written_text_leaves_out_a_character_that_is_not_whole(tiny: LanguageModel) -> None:
    generation = Generation(tiny, tiny.encode("ab"))
    for ids, written in (
        ("c", "c"),
        ("cé", "cé"),
        ("c🙂", "c🙂"),
    ):
        generation._ids = tiny.encode("ab" + ids)
        assert generation.written() == written
    generation._ids = tiny.encode("abc🙂")[:-1]
    assert generation.written() == "c"


def test_written_text_where_the_first_token_completes_a_character_of_the_prompt(
    tiny: LanguageModel,
) -> None:
    whole = tiny.encode("a🙂")
    generation = Generation(tiny, whole[:-1])
    generation._ids = [*whole, *tiny.encode("b")]
    assert generation.written().endswith("b")


def test_tokens_are_readable_one_each(tiny: LanguageModel) -> None:
    generation = Generation(tiny, tiny.encode("a 🙂"))
    assert generation.tokens() == ("a", "␣", "🙂₁", "🙂₂", "🙂₃", "🙂₄")
    generation.step()
    assert len(generation.tokens()) == 7


def test_a_candidate_that_ends_a_character_is_told_by_it(tiny: LanguageModel) -> None:
    *begin, end = tiny.encode("the 🙂")
    generation = Generation(tiny, begin)
    choices = generation.choices(generation.outlook(), 0, count=VOCAB)
    assert next(choice.text for choice in choices if choice.token == end) == "🙂₄"
    (letter,) = tiny.encode("a")
    assert next(choice.text for choice in choices if choice.token == letter) == "a"


def test_looking_twice_runs_the_model_once(
    tiny: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes = []
    run = tiny.run
    monkeypatch.setattr(tiny, "run", lambda ids, **how: passes.append(len(ids)) or run(ids, **how))
    generation = Generation(tiny, tiny.encode(TEXT))
    first = generation.outlook()
    assert generation.outlook() is first
    assert generation.step().outlook is first
    assert passes == [len(TEXT) - 1, 1]
    generation.outlook(compare=True)
    generation.outlook(compare=True)
    assert passes == [len(TEXT) - 1, 1, 1, len(TEXT) + 1]


def test_the_same_model_loaded_again_goes_on(tiny: LanguageModel) -> None:
    torch.manual_seed(1)
    again = wrapped(llama())
    moved, stayed = (Generation(tiny, tiny.encode(TEXT), seed=3) for _ in range(2))
    for generation in (moved, stayed):
        steps_of(generation, 2, temperature=1.0)
    moved.rebind(again)
    assert moved.held_bytes == 0
    one, other = (g.step(temperature=1.0).chosen for g in (moved, stayed))
    assert (one.token, one.chance) == (other.token, pytest.approx(other.chance, abs=1e-5))


@pytest.mark.parametrize("temperature", [1e-30, 0.1, 1.0, 2.0])
def test_chances_are_a_distribution_that_sharpens_as_it_cools(
    tiny: LanguageModel, temperature: float
) -> None:
    outlook = Generation(tiny, tiny.encode(TEXT)).outlook()
    chances = outlook.probabilities(temperature)
    assert float(chances.sum()) == pytest.approx(1, abs=1e-5)
    assert torch.equal(chances.argmax(), outlook.logits.argmax())
    warmer = outlook.probabilities(temperature * 1.5)
    assert chances.max() >= warmer.max() >= outlook.probabilities(100.0).max()


@pytest.mark.parametrize("name", DECODERS)
def test_every_architecture_goes_on_as_its_own_eager_model(name: str) -> None:
    model, ids = load_tiny(name), load_tiny(name).encode("the cat sat on the mat")
    own = eager(name)
    out = own.generate(torch.tensor([ids]), max_new_tokens=8, do_sample=False, pad_token_id=0)
    expected = out[0, len(ids) :].tolist()
    generation = Generation(model, ids, max_new_tokens=8)
    steps = steps_of(generation, len(expected), compare=True)
    assert [step.chosen.token for step in steps] == expected
    assert generation.ended in (End.ENOUGH, End.END_OF_TEXT)
    for step in steps:
        assert step.outlook.cache_bytes == step.outlook.formula_bytes
        assert step.outlook.whole.largest_difference < 1e-4
        assert step.outlook.whole.same_token


@pytest.mark.gpu
@pytest.mark.parametrize("name", ["llama", "gemma3"])
def test_an_accelerator_gives_the_same_tokens(gpu: str, name: str, tmp_path: Path) -> None:
    here = load_tiny(name)
    there = load(str(make(name, tmp_path / name)), device=gpu, dtype="float32")
    ids = here.encode(TEXT)
    one, other = (
        steps_of(Generation(m, ids, max_new_tokens=8), 8, compare=True) for m in (here, there)
    )
    assert [step.chosen.token for step in one] == [step.chosen.token for step in other]
    for step in other:
        assert step.outlook.whole.largest_difference < 1e-4
        assert step.outlook.cache_bytes == step.outlook.formula_bytes


@pytest.fixture(scope="module")
def smollm2() -> LanguageModel:
    fetched("smollm2")
    return load("smollm2", device="cpu")


@pytest.mark.slow
def test_smollm2_writes_what_transformers_alone_would_write(smollm2: LanguageModel) -> None:
    ids = smollm2.encode("The capital of France is")
    alone = AutoModelForCausalLM.from_pretrained(
        inventory.path("smollm2"), dtype=smollm2.model.dtype, attn_implementation="sdpa"
    ).eval()
    out = alone.generate(torch.tensor([ids]), max_new_tokens=12, do_sample=False, pad_token_id=0)
    steps = steps_of(Generation(smollm2, ids), 12, compare=True)
    assert [step.chosen.token for step in steps] == out[0, len(ids) :].tolist()
    assert steps[0].chosen.text == "Paris"
    assert max(step.outlook.whole.largest_difference for step in steps) < 1e-3
    assert all(step.outlook.whole.same_token for step in steps)


def test_smollm2_keeps_as_many_bytes_as_its_shape_says(smollm2: LanguageModel) -> None:
    generation = Generation(smollm2, smollm2.encode("The keys near the cabinet"))
    steps = [step.outlook for step in steps_of(generation, 3)]
    # K and V x 30 layers x 3 KV heads x 64 numbers
    a_token = 2 * 30 * 3 * 64 * smollm2.model.dtype.itemsize
    assert [step.cache_bytes for step in steps] == [a_token * step.kv_len for step in steps]
    assert all(step.row(layer, 8).shape == (step.kv_len,) for step in steps for layer in range(30))
