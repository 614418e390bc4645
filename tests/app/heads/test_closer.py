"""A head looked at closely, as HTML."""

import re

import numpy as np
import pytest

from app.heads.closer import bar_name, distances_html, examples_html, tokens_html
from app.i18n import load_words
from attention.atlas.closer import Bar, Seen, look_closer

WORDS = load_words("en")
TOKENS = ("A", "<b>", "un", "able", *"abcdefghijklmnop")
PREVIOUS = np.eye(len(TOKENS), k=-1)
PREVIOUS[0, 0] = 1
FOUND = look_closer([Seen(TOKENS, PREVIOUS, frozenset({3}))], True)


def plain(html: str) -> str:
    return re.sub(r"<[^>]*>", "", html)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (None, None, "the first token"), (0, 0, "the token itself"), (1, 1, "1 back"),
        (3, 4, "3–4 back"), (65, None, "65 and more back"), (-3, -4, "3–4 ahead"),
    ],
)  # fmt: skip
def test_bars_are_named(first: int | None, last: int | None, said: str) -> None:
    assert bar_name(Bar(first, last, 0, 0), WORDS) == said


def test_every_distance_has_its_bar_beside_even_attention() -> None:
    html = distances_html(FOUND, WORDS)
    assert 'style="width:94.74%"' in html  # 18 of 19 tokens
    assert "How far it looks, from 19 tokens" in html
    assert html.count('class="hc-bar"') == len(FOUND.bars)


def test_tokens_are_escaped_and_counted() -> None:
    html = tokens_html(FOUND, WORDS)
    assert "<bdi>a</bdi>" in html and "<b>" not in html.replace("<bdi>", "")
    still = look_closer([Seen(TOKENS[:2], np.array([[1.0, 0], [1, 0]]))], True)
    assert plain(tokens_html(still, WORDS)) == (
        "It asks from no token more surely than from others."
        "It looks at no token more than even attention would."
    )


def test_an_example_shows_both_tokens_and_a_word_as_one() -> None:
    html = examples_html(FOUND, WORDS)
    assert html.count('class="hc-query"') == html.count('class="hc-key"') == 10
    assert "unable a" in plain(html)
    assert "&lt;b&gt;" in html
    assert 'title="From “un” to “&lt;b&gt;”: 1.00"' in html


def test_what_lies_between_two_tokens_far_apart_is_left_out() -> None:
    far = np.zeros((20, 20))
    far[:, 1] = 1
    html = examples_html(look_closer([Seen(TOKENS, far)], True), WORDS)
    assert "A &lt;b&gt; un … g h i j k l m n o p" in plain(html)
