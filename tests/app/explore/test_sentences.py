"""The sentence about the controls, in both languages, with the right forms of number."""

import re

import pytest

from app.explore.sentences import explain, footer_html, percent
from app.i18n import load_words
from app.markup import heading_html
from app.parameters import Notice
from attention.config import AttentionConfig

CARD = {
    "validation_loss": 1.6993,
    "steps": 5000,
    "seed": 0,
    "agreement": {
        "en": {"accuracy": 0.9975, "accuracy_new_subjects": 0.635, "majority": 0.5},
        "hi": {"accuracy": 1.0, "accuracy_new_subjects": 0.5733, "majority": 1 / 3},
    },
}


def text_of(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html)


def said(lang: str, width: int, n_heads: int, n_kv_heads: int, **more: bool) -> str:
    config = AttentionConfig(d_model=width, n_heads=n_heads, n_kv_heads=n_kv_heads)
    return text_of(explain(config, load_words(lang), **more))


@pytest.mark.parametrize(
    ("layout", "sentence"),
    [
        (
            (128, 8, 2),
            "8 query heads of 16 numbers; every 4 share a key–value head, so the cache holds 2, "
            "not 8.",
        ),
        (
            (192, 32, 32),
            "32 query heads of 6 numbers; each has a key–value head of its own, so the cache "
            "holds all 32.",
        ),
        (
            (192, 4, 1),
            "4 query heads of 48 numbers; all 4 share one key–value head, so the cache holds 1, "
            "not 4.",
        ),
        (
            (192, 1, 1),
            "1 query head of 192 numbers with 1 key–value head: nothing is split, nothing is "
            "shared.",
        ),
        (
            (4, 4, 2),
            "4 query heads of 1 number; every 2 share a key–value head, so the cache holds 2, "
            "not 4.",
        ),
    ],
)
def test_english(layout: tuple[int, int, int], sentence: str) -> None:
    assert said("en", *layout) == sentence


@pytest.mark.parametrize(
    ("layout", "sentence"),
    [
        (
            (128, 8, 2),
            "8 क्वेरी हेड, हर एक में 16 संख्याएँ; हर 4 क्वेरी हेड एक ही KV हेड साझा करते हैं, "
            "इसलिए कैश में 8 के बजाय 2 KV हेड ही रखने पड़ते हैं।",
        ),
        (
            (192, 1, 1),
            "1 क्वेरी हेड, उसमें 192 संख्याएँ, और 1 KV हेड (कुंजी–मान): न कुछ बँटता है, न साझा होता है।",
        ),
        (
            (4, 4, 1),
            "4 क्वेरी हेड, हर एक में 1 संख्या; सभी 4 क्वेरी हेड एक ही KV हेड साझा करते हैं, "
            "इसलिए कैश में 4 के बजाय 1 KV हेड ही रखना पड़ता है।",
        ),
    ],
)
def test_hindi(layout: tuple[int, int, int], sentence: str) -> None:
    assert said("hi", *layout) == sentence


def test_a_width_that_is_only_a_shape_says_so() -> None:
    assert said("en", 4096, 32, 8, shape_only=True).startswith(
        "Shape only, 4,096 wide: 32 query heads of 128 numbers;"
    )


def test_notices_escape_what_was_given() -> None:
    told = {"name": "heads", "given": "<img src=x>", "value": 8}
    html = heading_html("x", [Notice("notice.url_changed", told)], load_words("en"))
    assert "<img" not in html
    assert "heads=&lt;img src=x&gt;: 8 is the nearest that works." in html


def test_no_notice_no_line() -> None:
    assert "hc-notice" not in heading_html("x", [], load_words("en"))


def test_the_footer_tells_how_it_began_and_where_it_ran() -> None:
    text = text_of(footer_html(CARD, "cuda", "float32", load_words("en")))
    assert "validation loss 1.699" in text
    assert "right in 99.8\u202f% of English and 100\u202f% of Hindi" in text
    assert "63.5\u202f% and 57.3\u202f% where the subject never was one in training" in text
    assert "50\u202f% and 33.3\u202f%" in text
    assert "layer 0 started with heads that look one token back" in text
    assert "Computed on CUDA in float32" in text


def test_percent() -> None:
    assert percent(0.973, load_words("en")) == "97.3\u202f%"
    assert percent(1, load_words("en")) == "100\u202f%"
