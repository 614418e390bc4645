"""Where generation ends, what it refuses, and that what breaks it off leaves it whole."""

import pytest
from transformers import BertConfig, BertModel

from attention.models.generate import End, Generation, GenerationError
from attention.models.huggingface.limits import end_tokens
from attention.models.huggingface.model import LanguageModel
from attention.models.limits import Cancelled
from tests.models.generating import TEXT, VOCAB, steps_of, theirs, wrapped


def test_an_end_token_ends_the_text(tiny: LanguageModel) -> None:
    ids = tiny.encode(TEXT)
    end = theirs(tiny, ids, 3)[2]
    settings = tiny.model.generation_config
    settings.eos_token_id = [end, 299]
    try:
        assert end_tokens(tiny.model, tiny.tokenizer) == {end, 299}
        generation = Generation(tiny, ids)
        first, second = steps_of(generation, 2)
        before = generation.written()
        third = generation.step()
    finally:
        settings.eos_token_id = None
    assert [step.ended for step in (first, second, third)] == [None, None, End.END_OF_TEXT]
    assert third.chosen.ends
    assert generation.written() == before  # the end is no text
    with pytest.raises(GenerationError) as caught:
        generation.outlook()
    assert str(caught.value) == "The model ended the text: start again to generate another."


def test_without_settings_the_tokenizer_names_the_end(tiny: LanguageModel) -> None:
    tiny.tokenizer.eos_token = "z"
    try:
        assert end_tokens(tiny.model, tiny.tokenizer) == {tiny.tokenizer.eos_token_id}
    finally:
        tiny.tokenizer.eos_token = None
    assert end_tokens(tiny.model, tiny.tokenizer) == frozenset()


def test_it_stops_after_as_many_tokens_as_were_asked_for(tiny: LanguageModel) -> None:
    generation = Generation(tiny, tiny.encode(TEXT), max_new_tokens=2)
    assert [step.ended for step in steps_of(generation, 2)] == [None, End.ENOUGH]
    with pytest.raises(GenerationError) as caught:
        generation.step()
    assert str(caught.value) == (
        "2 tokens were generated, as many as were asked for: start again to generate others."
    )


@pytest.mark.parametrize(("limit", "fits"), [(None, 64), (13, 13), (1000, 64)])
def test_it_stops_where_the_context_is_full(
    tiny: LanguageModel, limit: int | None, fits: int
) -> None:
    generation = Generation(tiny, tiny.encode(TEXT), max_tokens=limit)
    steps = steps_of(generation, fits - len(TEXT) + 1)
    assert [step.ended for step in steps] == [None] * (len(steps) - 1) + [End.CONTEXT]
    assert steps[-1].outlook.kv_len == fits
    with pytest.raises(GenerationError) as caught:
        generation.step()
    assert str(caught.value) == f"The text has {fits} tokens and no more fit: shorten it."


def test_texts_that_cannot_be_continued(tiny: LanguageModel) -> None:
    with pytest.raises(GenerationError) as caught:
        Generation(tiny, [])
    assert str(caught.value) == "The text has no tokens: give at least one character."
    with pytest.raises(GenerationError) as caught:
        Generation(tiny, [1] * 65)
    assert str(caught.value) == "The text has 65 tokens; at most 64 fit: cut it."


def test_a_model_without_an_lm_head_is_refused() -> None:
    config = BertConfig(
        vocab_size=VOCAB, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=48, max_position_embeddings=64,
    )  # fmt: skip
    encoder = wrapped(BertModel(config))
    with pytest.raises(GenerationError) as caught:
        Generation(encoder, [1, 2])
    assert str(caught.value) == "tiny predicts no next token: choose a model with an LM head."


@pytest.mark.parametrize("temperature", [-0.5, float("nan")])
def test_a_temperature_below_zero_is_refused(tiny: LanguageModel, temperature: float) -> None:
    generation = Generation(tiny, tiny.encode(TEXT))
    with pytest.raises(GenerationError) as caught:
        generation.step(temperature=temperature)
    assert str(caught.value) == f"temperature {temperature} is negative: choose 0 or more."
    assert len(generation.ids) == len(TEXT)


def test_cancelling_leaves_the_text_as_it_was(tiny: LanguageModel) -> None:
    generation = Generation(tiny, tiny.encode(TEXT))
    asked = iter((False, True))
    with pytest.raises(Cancelled):
        generation.step(cancelled=lambda: next(asked))
    assert (len(generation.ids), generation.held_bytes) == (len(TEXT), 0)
    assert generation.step().chosen.token == theirs(tiny, tiny.encode(TEXT), 1)[0]


def test_cancelling_the_comparison_keeps_the_step(tiny: LanguageModel) -> None:
    generation = Generation(tiny, tiny.encode(TEXT))
    generation.step()
    step = generation.step(compare=True, cancelled=lambda: True)
    assert step.outlook.whole is None
    assert len(generation.ids) == len(TEXT) + 2


def test_a_pass_that_breaks_leaves_no_half_filled_cache(
    tiny: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = Generation(tiny, tiny.encode(TEXT))
    first = generation.step()
    with monkeypatch.context() as broken:
        broken.setattr(tiny.model.model.layers[2], "forward", _break)
        with pytest.raises(RuntimeError, match="out of memory"):
            generation.step()
    assert generation.held_bytes == 0
    after = generation.step().outlook
    assert after.kv_len == first.outlook.kv_len + 1
    assert after.cache_bytes == after.formula_bytes


def _break(*_: object, **__: object) -> None:
    raise RuntimeError("out of memory")
