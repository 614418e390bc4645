"""Terms in the pages' HTML, and the sentences that they open."""

import re

import pytest

from app.glossary import TERM, definitions_html, explained, glossary_html, plain_of, with_terms
from app.i18n import languages, load_words
from attention.models.roles import LINKS
from attention.picture.words import TERMS

WORDS = load_words("en")


def test_a_term_is_a_button_that_opens_its_sentence() -> None:
    html = "one <t kv_head>key–value head</t>, one <t kv_head>more</t>"
    assert with_terms(html, "top").startswith(
        'one <button type="button" class="hc-term" popovertarget="hc-term-top-kv_head">'
        "key–value head</button>, one <button"
    )
    definitions = definitions_html(html, WORDS, "top")
    assert definitions.count("<div popover") == 1
    assert definitions.startswith('<div popover id="hc-term-top-kv_head" class="hc-definition">')
    assert WORDS("glossary.kv_head.says") in definitions


def test_two_places_open_one_term_each_with_a_definition_of_its_own() -> None:
    html = "a <t softmax>softmax</t>"
    both = explained(html, WORDS, "steps") + explained(html, WORDS, "total")
    targets, ids = re.findall('popovertarget="([^"]*)"', both), re.findall(' id="([^"]*)"', both)
    assert targets == ids == ["hc-term-steps-softmax", "hc-term-total-softmax"]
    assert plain_of(html) == "a softmax"


def test_what_a_visitor_typed_is_no_term() -> None:
    assert "<button" not in with_terms("&lt;t kv_head&gt;x&lt;/t&gt;", "steps")


@pytest.mark.parametrize("lang", languages())
def test_every_term_that_a_string_marks_is_in_the_glossary(lang: str) -> None:
    words = load_words(lang)
    marked = {name for key in words.keys() for name, _ in TERM.findall(words(key))}  # noqa: SIM118
    wanted = (
        "attention mha mqa softmax weight kv_head kv_cache head head_dim token layer qkv w_q w_o"
    )
    assert {*wanted.split(), "causal", "context"} <= marked
    drawn = {name for text in words.section("picture").values() for name, _ in TERM.findall(text)}
    assert drawn <= set(TERMS)
    for name in marked | set(TERMS) | {"gqa", "mqa", "single"}:
        word, says = words.term(name)
        assert word and says[-1] in ".।)", name


@pytest.mark.parametrize("lang", languages())
def test_every_role_has_its_words_and_its_sentence(lang: str) -> None:
    words = load_words(lang)
    roles = {key.split(".")[0] for key in words.section("role")}
    assert roles >= {*LINKS, "previous", "induction", "first", "self", "broad", "mixed"}
    assert roles <= set(TERMS)


@pytest.mark.parametrize("lang", languages())
def test_the_page_lists_every_term(lang: str) -> None:
    words = load_words(lang)
    listed = glossary_html(words)
    assert len(re.findall("<dt>", listed)) == len(words.section("glossary")) // 2
    assert words("glossary.softmax.says") in listed
