"""What a person gives, as the tokens and segments that transformers itself would make of it."""

import re

import pytest
import torch
import transformers
from transformers import PreTrainedTokenizerFast

from attention.models.huggingface.checkpoint import wrap
from attention.models.limits import TextError
from attention.models.reading import given
from tests.models import tiny

FIRST, SECOND = "the cat sat", "the old keys"
TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'tool' %}{{ raise_exception('no') }}"
    "{% endif %}<{{ m['role'] }}>{{ m['content'] }}{% endfor %}"
)


def with_pairs(kind="wordpiece"):
    """BERT's tokenizer: two texts, and which token is whose."""
    backend = tiny.make_tokenizer(kind).backend_tokenizer
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]",
        sep_token="[SEP]", model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )  # fmt: skip


@pytest.fixture(scope="module")
def bert():
    return wrap(tiny.make_model("bert"), with_pairs())


def own_weights(ids, types):
    with torch.inference_mode():
        out = tiny.eager("bert")(
            input_ids=torch.tensor([ids]),
            token_type_ids=torch.tensor([types]),
            output_attentions=True,
        )
    return out.attentions[0]


def test_two_texts_are_two_segments(bert):
    ids = bert.encode(FIRST) + bert.encode(SECOND)[1:]  # [CLS] first [SEP] second [SEP]
    types = [0] * len(bert.encode(FIRST)) + [1] * (len(bert.encode(SECOND)) - 1)
    ours = bert.trace(ids, layer=0).weights
    torch.testing.assert_close(ours, own_weights(ids, types), rtol=0, atol=1e-5)
    assert (ours - own_weights(ids, [0] * len(ids))).abs().max() > 0.01


def test_a_separator_that_was_typed_is_one(bert):
    assert bert.encode(f"{FIRST} [SEP] {SECOND}") == bert.encode(FIRST) + bert.encode(SECOND)[1:]


def test_one_text_is_one_segment(bert):
    ids = bert.encode(FIRST)
    ours = bert.trace(ids, layer=0).weights
    torch.testing.assert_close(ours, own_weights(ids, [0] * len(ids)), rtol=0, atol=1e-5)


def test_a_second_text_goes_behind_the_separator(bert):
    tokenizer = bert.tokenizer
    assert bert.encode(FIRST, SECOND) == tokenizer(FIRST, SECOND)["input_ids"]
    assert bert.encode(FIRST, SECOND) == bert.encode(f"{FIRST} [SEP] {SECOND}")
    types = tokenizer(FIRST, SECOND)["token_type_ids"]
    ids = torch.tensor([bert.encode(FIRST, SECOND)])
    assert bert._beside(ids)["token_type_ids"].tolist() == [types]
    reading = given(bert, FIRST, second=SECOND)
    assert list(reading.ids) == bert.encode(FIRST, SECOND)


def test_a_decoder_reads_one_text():
    model = tiny.load_tiny("llama")
    told = (
        f"{model.title} reads one text: a second one is for encoders that have a separator, such "
        "as BERT."
    )
    with pytest.raises(TextError, match=f"^{re.escape(told)}$"):
        model.encode(FIRST, SECOND)


def test_a_chat_has_one_beginning_of_text():
    tokenizer = tiny.make_tokenizer("sentencepiece").__class__(
        tokenizer_object=tiny.make_tokenizer("sentencepiece").backend_tokenizer,
        bos_token="<s>",
        chat_template=TEMPLATE,
    )
    model = wrap(tiny.make_model("llama"), tokenizer)
    messages = [{"role": "user", "content": "the cat"}]
    reading = given(model, None, messages=messages)
    theirs = tokenizer.apply_chat_template(messages, tokenize=True, return_dict=True)["input_ids"]
    assert list(reading.ids) == theirs
    assert reading.tokens.count("<s>") == 1
    told = f"The chat template of {model.title} refuses these messages: no."
    with pytest.raises(TextError, match=f"^{re.escape(told)}$"):
        given(model, None, messages=[{"role": "tool", "content": "x"}])


def test_a_model_without_a_template():
    model = tiny.load_tiny("llama")
    told = f"{model.title} has no chat template: give its text as it is."
    with pytest.raises(TextError, match=f"^{re.escape(told)}$"):
        given(model, None, messages=[{"role": "user", "content": "x"}])


def test_ids_as_they_are():
    model = tiny.load_tiny("llama")
    reading = given(model, None, ids=[50, 60, 70])
    assert reading.ids == (50, 60, 70) and reading.text == model.decode([50, 60, 70])
    told = f"400 is no token id of {model.title}: they are 0 to 399."
    with pytest.raises(TextError, match=f"^{re.escape(told)}$"):
        given(model, None, ids=[50, 400])


@pytest.mark.parametrize("text", [["a", "b"], [1, 2], ("a", "b"), 7])
def test_what_is_no_text(text):
    told = (
        f"The text is a {type(text).__name__}: give a string (text_b= takes a second one, ids= "
        "takes token ids, messages= a chat)."
    )
    with pytest.raises(TextError, match=f"^{re.escape(told)}$"):
        given(tiny.load_tiny("llama"), text)


def test_one_thing_is_given():
    model = tiny.load_tiny("llama")
    told = r"^Give one of these: a text, ids=, messages= or, for models of pictures, image=\.$"
    for choice in ({"text": None}, {"text": "a", "ids": [1]}):
        with pytest.raises(TextError, match=told):
            given(model, **choice)


def test_a_tokenizer_that_is_larger_than_the_embedding():
    config = tiny.make_model("llama").config.__class__(
        **tiny.GQA, vocab_size=100, bos_token_id=2, eos_token_id=3
    )
    model = wrap(transformers.LlamaForCausalLM(config).eval(), tiny.make_tokenizer("bytes"))
    ids = model.encode("the keys")
    told = (
        f"Token {max(ids)} is none of the 100 that {model.title} knows: its tokenizer is another "
        "model's, or the embedding was not resized to it."
    )
    with pytest.raises(TextError, match=f"^{re.escape(told)}$"):
        model.look(ids)
