"""Two models on one text: what stands beside a head, what is cut, and what is refused."""

import re

import pytest

from attention.models.comparison import compare
from attention.models.continued import continued
from attention.models.huggingface.checkpoint import load
from attention.models.images import seen
from attention.models.limits import TextError
from attention.models.parts import chosen
from attention.models.reading import read
from attention.notebook import trace
from tests.models.adapted import write
from tests.models.tiny import load_tiny
from tests.models.tiny_pictures import load_tiny as load_tiny_vision
from tests.models.tiny_pictures import picture

TEXT = "The Keys are lost."


def test_another_layer_of_the_same_model_is_of_the_same_pass():
    model = load_tiny("llama")
    comparison = compare(model, read(model, TEXT), "same", its_layer=2)
    found, missing = comparison.beside(0, 1)
    assert (found.layer, missing) == (2, False)
    assert not comparison.cut and comparison.both.by == "tokens"
    with pytest.raises(TextError) as caught:
        compare(model, read(model, TEXT), "same", its_layer=3)
    assert str(caught.value) == "layer 3 does not exist: choose 0 to 2."


def test_a_head_that_the_other_lacks_is_the_likest_and_said_to_be():
    model = load_tiny("llama")
    comparison = compare(model, read(model, TEXT), "same", like=7)
    found, missing = comparison.beside(0, 1)
    assert missing and (found.layer, found.head) != (0, 1)
    page = trace(TEXT, model=model, beside="same", beside_head=7)._page
    assert "has no head 7 in layer 0." in page


def test_a_text_that_the_other_takes_in_part_is_cut_for_both():
    one, other = load_tiny("bloom"), load_tiny("llama")
    text = "keys and " * 200
    comparison = compare(one, read(one, text), other)
    assert comparison.cut and comparison.theirs.total > other.max_tokens
    assert comparison.both.one.text == comparison.theirs.text
    assert len(comparison.both.one.ids) < len(read(one, text).ids)


def test_its_own_continuation_is_read_by_the_other_too():
    one, other = load_tiny("llama"), load_tiny("bert", "wordpiece")
    grown = continued(one, read(one, TEXT), 3)
    comparison = compare(one, grown, other)
    assert len(comparison.theirs.ids) > len(read(other, TEXT).ids)


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ({"other": "base"}, r"\S+ has no adapter that could be left out\."),
        (
            {"other": "same", "like": "first"},
            r"There is no head 'first': choose likest, same or a number\.",
        ),
    ],
)
def test_what_cannot_stand_beside_it_gets_a_sentence(choices, told):
    model = load_tiny("llama")
    with pytest.raises(TextError) as caught:
        compare(model, read(model, TEXT), **choices)
    assert re.fullmatch(told, str(caught.value))


def test_nothing_stands_beside_cross_attention():
    model = load_tiny("t5")
    shown = chosen(model, read(model, TEXT), target="lost")
    with pytest.raises(TextError) as caught:
        compare(shown.model, shown.reading, load_tiny("llama"))
    assert str(caught.value) == (
        "In cross-attention rows and columns are two texts: nothing can stand beside it."
    )


def test_a_saved_page_holds_both_models_and_says_how_they_are_compared():
    one, other = load_tiny("llama"), load_tiny("bert", "wordpiece")
    page = trace(TEXT, model=one, layer=1, head=2, beside=other)._page
    assert page.count('<script type="text/plain" class="packed">') == 2
    options = re.findall(r"<option[^>]*>([^<]*)", page)
    assert options == [one.title, other.title]
    assert "compared by characters, in pieces that both have whole" in page
    assert "One of them alone has [CLS], [SEP]" in page
    assert "Correlation of their weights on this text: " in page and "&lt;b&gt;" not in page
    plain = trace(TEXT, model=one, layer=1, head=2)._page
    assert "<select>" not in plain


def test_with_and_without_an_adapter_on_one_page(tmp_path):
    model = load(str(write(tmp_path)[0]), device="cpu")
    page = trace(TEXT, model=model, beside="base", beside_head="same", layer=1)._page
    assert re.findall(r"<option[^>]*>([^<]*)", page) == ["adapter", "base"]
    assert "beside it head 0 of layer 1 in base, which has the same number." in page


def test_beside_a_picture_stands_another_head_of_the_same_model():
    shown = seen(load_tiny_vision("vit"), picture())
    found, missing = compare(shown.model, shown.reading, "same").beside(0, 1)
    assert found is not None and not missing and (found.layer, found.head) != (0, 1)
    with pytest.raises(TextError) as caught:
        compare(shown.model, shown.reading, load_tiny("llama"))
    assert str(caught.value) == "Beside a picture only another head of the same model can stand."
