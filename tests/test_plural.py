"""Plural rules and digits stand in the locale file: a third language is one file."""

from pathlib import Path

import pytest

from attention.digits import Digits
from attention.plural import PluralError, category, rule
from attention.sentence import Quantity
from attention.words import language_names, languages, load_words

POLISH = """
name = "polski"
[plural]
one = "i = 1 and v = 0"
few = "v = 0 and i % 10 = 2..4 and i % 100 != 12..14"
many = "v = 0 and i != 1 and i % 10 = 0..1 or v = 0 and i % 10 = 5..9 or v = 0 and i % 100 = 12..14"
[number]
group = "\u00a0"
decimal = ","
sizes = "3"
[head]
one = "{n} głowica"
few = "{n} głowice"
many = "{n} głowic"
other = "{n} głowicy"
[quantity]
token.one = "{n} token"
token.few = "{n} tokeny"
token.many = "{n} tokenów"
"""
ARABIC = """
name = "العربية"
[plural]
zero = "n = 0"
one = "n = 1"
two = "n = 2"
few = "n % 100 = 3..10"
many = "n % 100 = 11..99"
[head]
zero = "لا رؤوس"
one = "رأس"
two = "رأسان"
few = "{n} رؤوس"
many = "{n} رأسًا"
other = "{n} رأس"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for lang, text in {"en": 'name = "English"', "pl": POLISH, "ar": ARABIC}.items():
        (tmp_path / f"{lang}.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_file_is_a_language(folder: Path) -> None:
    assert languages(folder) == ("en", "ar", "pl")
    assert language_names(folder) == {"en": "English", "ar": "العربية", "pl": "polski"}


def test_polish_has_its_own_plurals_and_digits(folder: Path) -> None:
    words = load_words("pl", folder)
    assert [words.count("head", n) for n in (1, 2, 5, 12, 22, 25, 1001)] == [
        "1 głowica", "2 głowice", "5 głowic", "12 głowic", "22 głowice", "25 głowic",
        "1\u00a0001 głowic",
    ]  # fmt: skip
    assert words.number(1234567.5, ",.1f") == "1\u00a0234\u00a0567,5"


def test_the_library_counts_in_polish(folder: Path) -> None:
    words = load_words("pl", folder)
    assert words.told(Quantity(22, "token")) == "22 tokeny"
    assert words.told(Quantity(22, "block")) == "22 blocks"


def test_arabic_has_six_forms(folder: Path) -> None:
    words = load_words("ar", folder)
    told = [words.count("head", n) for n in (0, 1, 2, 3, 11, 100, 103)]
    assert told == [
        "لا رؤوس",
        "رأس",
        "رأسان",
        "3 رؤوس",
        "11 رأسًا",
        "100 رأس",
        "103 رؤوس",
    ]


def test_hindi_counts_none_as_one() -> None:
    words = load_words("hi")
    assert words.count("sentence.layers", 0) == "0 परत।"
    assert words.count("sentence.layers", 2) == "2 परतें।"


@pytest.mark.parametrize("text", ["", "n is 1", "n = ", "x = 1", "n % 10 = 2...4"])
def test_what_is_no_rule_is_named(text: str) -> None:
    with pytest.raises(PluralError) as caught:
        rule(text)
    assert str(caught.value) == (
        f"{text.strip()!r} is no plural rule of CLDR: write as in 'n % 10 = 2..4'."
    )


def test_samples_of_cldr_are_passed_over() -> None:
    one = rule("i = 0 or n = 1 @integer 0, 1 @decimal 0.0~1.0")
    assert [category(n, {"one": one}) for n in (0, 1, 2)] == ["one", "one", "other"]


@pytest.mark.parametrize(
    ("digits", "number", "spec", "written"),
    [
        (Digits(), 131072, ",", "131,072"), (Digits(sizes=(3, 2)), 131072, ",", "1,31,072"),
        (Digits(sizes=(3, 2)), 1073741824, ",", "1,07,37,41,824"), (Digits(), 8192.0, ",", "8,192"),
        (Digits(".", ","), -1234.5, ",.1f", "-1.234,5"), (Digits(), 4.5e16, ".3g", "4.5e+16"),
        (Digits(), 7, ",", "7"), (Digits(sizes=(3, 2)), 999, ",", "999"),
    ],
)  # fmt: skip
def test_digits_are_grouped_as_the_language_does(digits, number, spec, written) -> None:
    assert digits.written(number, spec) == written
