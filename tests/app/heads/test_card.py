"""The card of a head."""

from app.heads.card import (
    Twin,
    above,
    alike_html,
    missing_html,
    number,
    role_html,
    scores_html,
    title_html,
    twins_html,
)
from app.i18n import load_words
from attention.atlas.alike import Like, likest
from attention.theme import LIGHT
from tests.app.heads.hand_made import ATLAS, FACTS, measured

WORDS = load_words("en")
HEAD = ATLAS.heads[0][1]


def cells(html: str, name: str) -> list[str]:
    """The numbers of the row that begins with ``name``."""
    row = html.split(f'<th scope="row">{name}</th>')[1].split("</tr>")[0]
    return [cell.removesuffix("</td>") for cell in row.split("<td>")[1:]]


def test_every_score_stands_beside_its_chance() -> None:
    html = scores_html(HEAD, ATLAS, WORDS)
    assert cells(html, "previous token") == ["0.70", "0.01", "0.10", "0.12", "75", "0.35"]
    assert cells(html, "subject from its verb, English") == [
        *("0.50", "0.01", "0.56", "0.12", "75", "–"),
    ]
    assert cells(html, "copying (eigenvalues of OV)")[:3] == ["0.00", "–", "0.00"]
    assert html.count('class="hc-group"') == 4


def test_marked_is_what_beats_chance_and_random_weights() -> None:
    assert above("previous", measured(0.21), ATLAS)
    assert not above("previous", measured(0.19), ATLAS)  # a head with random weights has 0.2
    assert not above("subject_en", measured(0.58, 0.56), ATLAS)  # within three spreads
    assert not above("other", measured(0.9, 0.0, None), ATLAS)  # nothing to compare it with


def test_the_title_is_escaped_and_names_the_kv_head() -> None:
    assert title_html((1, 2), FACTS, WORDS, level=2) == (
        '<h2 class="hc-card-title" lang="en">Head 2 of layer 1, KV head 1: Hand &lt;made&gt;</h2>'
    )


def test_roles_on_both_kinds_of_text_are_told() -> None:
    html = role_html(HEAD, LIGHT, WORDS)
    assert "mostly the previous token, 0.70 on 75 tokens" in html
    assert "mostly the first token, 0.50 on 20 tokens" in html
    assert "On ordinary text it does something else" in html
    assert "It has its role on ordinary text as well." in role_html(ATLAS.heads[0][0], LIGHT, WORDS)
    assert "too few places" in role_html(ATLAS.heads[0][3], LIGHT, WORDS)


def test_why_a_score_is_missing_is_said_in_the_language_of_the_page() -> None:
    assert "next token: The model sees no later token." in missing_html(ATLAS, WORDS)
    assert "मॉडल बाद का कोई टोकन नहीं देखता।" in missing_html(ATLAS, load_words("hi"))


def test_heads_alike_are_listed_with_their_distance() -> None:
    likes = likest(ATLAS, 0, 0, count=2)
    html = alike_html(likes, ["<a>one</a>", "<a>two</a>"], ATLAS, LIGHT, WORDS)
    assert "0 is the same, 1.41 nothing in common" in html
    assert f"<td>{likes[0].distance:.2f}</td>" in html
    assert html.index("<a>one</a>") < html.index("<a>two</a>")


def test_twins_say_what_became_of_the_role() -> None:
    twins = [
        Twin(FACTS, ATLAS, Like(0, 0, 0.0), "own", True),
        Twin(FACTS, ATLAS, Like(0, 1, 0.25), "kept", False),
        Twin(FACTS, ATLAS, Like(1, 2, 0.75), "lost", False),
    ]
    html = twins_html("previous", twins, LIGHT, WORDS)
    assert "The likest head has the role “previous” in 1 of 2 other layouts." in html
    assert html.count("<td>2 of 8</td>") == 3
    assert "<td>0.25</td>" in html and "<td>0.75</td>" in html


def test_no_zero_has_a_sign() -> None:
    assert [number(value, WORDS) for value in (-0.001, 0.0, -0.2, None)] == [
        *("0.00", "0.00", "-0.20", "–"),
    ]
