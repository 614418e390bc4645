"""The three attentions of encoder–decoders, against transformers' own eager attention."""

import re

import pytest
import torch
import transformers
from transformers import EncoderDecoderCache

from attention.interventions.off import Off
from attention.models.huggingface.checkpoint import CheckpointError, load, wrap
from attention.models.limits import TextError
from attention.models.parts import PARTS, Parted, chosen
from attention.models.reading import read
from tests.models import tiny

SOURCE, TARGET = "The keys near the old cabinet are lost.", "the cat sat on the mat"
TOKENIZER = tiny.make_tokenizer("bytes")
FEW = ("t5", "bart")
MORE = [pytest.param(name, marks=pytest.mark.slow) for name in tiny.PAIRS if name not in FEW]


def shown(name, part, source=SOURCE, target=TARGET):
    model = tiny.load_tiny(name)
    return chosen(model, read(model, source), target=None if part == "encoder" else target,
                  part=part)  # fmt: skip


def eager(name, source, target):
    with torch.inference_mode():
        return tiny.eager(name)(
            input_ids=torch.tensor([source]),
            decoder_input_ids=torch.tensor([target]),
            output_attentions=True,
            return_dict=True,
        )


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("name", [*FEW, *MORE])
def test_weights_are_transformers_own(name, part):
    one, source = shown(name, part), shown(name, "encoder").reading.ids
    ids = one.reading.ids
    theirs = eager(name, source, source[:5] if part == "encoder" else ids)[f"{part}_attentions"]
    look = one.model.look(ids)
    assert one.model.n_layers == len(theirs) == (2 if part == "encoder" else 3)
    for layer, weights in enumerate(theirs):
        traced = one.model.trace(ids, layer=layer)
        torch.testing.assert_close(traced.weights, weights, atol=1e-5, rtol=0)
        for head in range(weights.shape[1]):
            mine = torch.from_numpy(look.weights(layer, head))
            torch.testing.assert_close(mine, weights[0, head], atol=1e-5, rtol=0)
    keys = len(ids if part == "decoder" else source)
    assert look.layers[0].tiles.shape[1:] == (len(ids), keys)


@pytest.mark.parametrize("name", [*FEW, *MORE])
def test_the_split_of_every_part_is_checked(name):
    for part in PARTS:
        one = shown(name, part)
        traced = one.model.trace(one.reading.ids, layer=1)
        assert one.model.split_error(traced, layer=1) <= 1e-4
        assert traced.output.shape == traced.x.shape == (1, len(one.reading.ids), 48)


@pytest.mark.parametrize("name", FEW)
def test_one_cache_grows_and_the_other_does_not(name):
    model, source = tiny.load_tiny(name), shown(name, "encoder").reading.ids
    decoder, cross = model.of("decoder", source), model.of("cross", source)
    ids = decoder.encode(TARGET)
    heads = decoder.configs[0].n_kv_heads * decoder.configs[0].head_dim
    for n in (1, 4, len(ids)):
        cache = theirs(name, source, ids[:n])
        halves = (cache.self_attention_cache, cache.cross_attention_cache)
        own, others = map(nbytes, halves)
        assert decoder.measure_cache(ids[:n]) == decoder.cache_formula(n) == own
        assert cross.measure_cache(ids[:n]) == cross.cache_formula(n) == others
        assert own == 2 * 3 * heads * n * 4
        assert others == 2 * 3 * heads * len(source) * 4
    look = cross.look(ids)
    assert (look.cache.measured, look.beside.measured) == (others, own)
    assert shown(name, "encoder").model.look(source).cache is None


def nbytes(cache):
    return sum(layer.keys.nbytes + layer.values.nbytes for layer in cache.layers)


def theirs(name, source, target):
    """The cache that transformers fills by itself."""
    given = {"input_ids": torch.tensor([source]), "decoder_input_ids": torch.tensor([target])}
    with torch.inference_mode():
        cache = tiny.eager(name)(**given, use_cache=True).past_key_values
    assert isinstance(cache, EncoderDecoderCache)
    return cache


@pytest.mark.parametrize("name", [*FEW, *MORE])
def test_without_a_target_the_model_answers_greedily(name):
    model = tiny.load_tiny(name)
    source = read(model, SOURCE)
    if not model.has_head:
        told = f"{model.title} predicts no next token: give the target as well."
        with pytest.raises(TextError, match=f"^{re.escape(told)}$"):
            chosen(model, source, part="cross")
        return
    one = chosen(model, source, part="cross")
    assert one.reading.is_own and one.reading.over.tokens == source.tokens
    ids = [0]  # by hand, without a cache
    while len(ids) < 41 and ids[-1] != 3:
        ids.append(int(eager(name, source.ids, ids).logits[0, -1].argmax()))
    settings = tiny.eager(name).generation_config
    if settings.forced_bos_token_id is None and settings.forced_eos_token_id is None:
        assert list(one.reading.ids) == (ids[:-1] if ids[-1] == 3 else ids)
    assert len(one.reading.ids) <= 41


def test_the_target_is_read_as_in_training():
    decoder = tiny.load_tiny("bart").of("decoder", [5, 6])
    labels = torch.tensor([[*TOKENIZER(TARGET)["input_ids"], 3]])
    shifted = tiny.eager("bart").prepare_decoder_input_ids_from_labels(labels)
    assert [decoder.encode(TARGET)] == shifted.tolist()


def test_next_token_and_steps_are_those_of_the_whole_model():
    one = shown("t5", "decoder")
    ids = list(one.reading.ids)
    logits = eager("t5", one.model.given, ids).logits[0, -1]
    assert one.model.top(ids, 1)[0].id == int(logits.argmax())
    for part in ("decoder", "cross"):
        model = one.model.of(part, one.model.given)
        cache = model.new_cache()
        model.next_logits(ids[:-1], cache=cache)
        stepped, weights = model.step(ids[-1], cache)
        torch.testing.assert_close(stepped, logits, atol=1e-4, rtol=0)
        last = eager("t5", one.model.given, ids)[f"{part}_attentions"][1][0, :, -1]
        torch.testing.assert_close(torch.from_numpy(weights()[1]), last, atol=1e-5, rtol=0)


@pytest.mark.parametrize("part", ["decoder", "cross"])
def test_a_head_that_is_off_is_off_in_its_own_attention(part):
    one = shown("bart", part)
    off = one.model.without(Off([(1, 0)]))
    ids = one.reading.ids
    assert off.trace(ids, layer=1).context[:, 0].abs().max() == 0
    assert off.trace(ids, layer=1).context[:, 1].abs().max() > 0
    other = off.of("cross" if part == "decoder" else "decoder", off.given)
    assert other.trace(ids, layer=1).context[:, 0].abs().max() > 0


def test_a_model_in_memory_stays_as_it_was():
    model = tiny.make_model("t5")
    model.set_attn_implementation("sdpa")
    model.train()
    known = wrap(model, TOKENIZER)
    chosen(known, read(known, SOURCE), part="cross").model.look([0, 5, 6])
    assert model.config._attn_implementation == "sdpa" and model.training
    assert {stack.config._attn_implementation for stack in (model.encoder, model.decoder)} == {
        "sdpa"
    }
    assert isinstance(known, Parted)


@pytest.mark.slow
def test_roles_are_the_encoders():
    assert [len(layer) for layer in shown("t5", "encoder").model.roles()] == [4, 4]
    assert shown("t5", "cross").model.roles() == shown("t5", "decoder").model.roles_known() == ()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"part": "encoder", "target": "a"}, "The encoder reads the source alone: leave the "
         "target out."),
        ({"part": "all"}, "There is no part 'all': choose encoder, decoder, cross."),
    ],
)  # fmt: skip
def test_what_fits_no_part_is_named(given, told):
    model = tiny.load_tiny("t5")
    with pytest.raises(TextError, match=f"^{re.escape(told)}$"):
        chosen(model, read(model, SOURCE), **given)


def test_one_stack_takes_no_target():
    model = tiny.load_tiny("llama")
    told = f"{model.title} is one stack: a target and a part are for an encoder with a decoder."
    with pytest.raises(TextError, match=f"^{re.escape(told)}$"):
        chosen(model, read(model, SOURCE), target=TARGET)


def test_the_target_is_one_text():
    with pytest.raises(TextError, match=r"^The target is one text: leave the second one out\.$"):
        tiny.load_tiny("t5").of("cross", [5]).encode("a", "b")


def test_an_encoder_of_sound_is_refused():
    sizes = {"num_mel_bins": 8, "max_source_positions": 20, "max_target_positions": 20}
    config = transformers.WhisperConfig(vocab_size=400, **(tiny.BART | sizes))
    told = "The encoder of WhisperForConditionalGeneration reads no tokens: only models of text"
    with pytest.raises(CheckpointError, match=told):
        wrap(transformers.WhisperForConditionalGeneration(config), TOKENIZER)


def test_a_class_that_bypasses_the_interface_is_refused(tmp_path):
    config = transformers.LEDConfig(
        vocab_size=400, attention_window=[4, 4], max_encoder_position_embeddings=64, **tiny.BART
    )
    transformers.LEDForConditionalGeneration(config).save_pretrained(tmp_path)
    TOKENIZER.save_pretrained(tmp_path)
    told = "LEDForConditionalGeneration does its attention by itself, not through transformers'"
    with pytest.raises(CheckpointError, match=told):
        load(str(tmp_path), device="cpu")


def test_two_stacks_of_different_classes_and_widths():
    size = {"vocab_size": 400, "num_hidden_layers": 2, "num_attention_heads": 4}
    config = transformers.EncoderDecoderConfig.from_encoder_decoder_configs(
        transformers.BertConfig(hidden_size=48, intermediate_size=64, **size),
        transformers.BertConfig(hidden_size=32, intermediate_size=64, **size),
        decoder_start_token_id=2, pad_token_id=0,
    )  # fmt: skip
    model = wrap(transformers.EncoderDecoderModel(config).eval(), TOKENIZER)
    assert [model.of(part, [5]).d_model for part in PARTS] == [48, 32, 32]
    source = read(model, SOURCE)
    one = chosen(model, source, target=TARGET)
    assert (one.model.part, one.reading.is_own) == ("cross", False)
    model.model.set_attn_implementation("eager")
    with torch.inference_mode():
        theirs = model.model(
            input_ids=torch.tensor([source.ids]),
            decoder_input_ids=torch.tensor([one.reading.ids]),
            output_attentions=True,
        ).cross_attentions
    for layer in range(2):
        mine = one.model.trace(one.reading.ids, layer=layer).weights
        torch.testing.assert_close(mine, theirs[layer], atol=1e-5, rtol=0)
