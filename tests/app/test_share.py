"""The QR code of a link: its size, its quiet zone, and what has none."""

import base64
import re
from urllib.parse import unquote

import pytest
import segno

from app.i18n import load_words
from app.share import LONGEST, left_out_of, qr_code


def svg(image: str) -> str:
    kind, _, content = image.partition(",")
    assert kind.startswith("data:image/svg+xml")
    return base64.b64decode(content).decode() if "base64" in kind else unquote(content)


@pytest.mark.parametrize(
    "url", ["http://localhost:8501/", "https://example.org/?text=%E0%A4%95&heads=32&lang=hi"]
)
def test_a_link_becomes_a_code_with_its_quiet_zone(url: str) -> None:
    drawn = svg(qr_code(url))
    code = segno.make(url, error="m", micro=False)
    side = (len(code.matrix) + 2 * 4) * 8
    assert re.search(f"width=[\"']{side}[\"'] height=[\"']{side}[\"']", drawn)
    assert "#fff" in drawn and "#000" in drawn


@pytest.mark.parametrize("url", ["javascript:alert(1)", "", "http://x/" + "a" * LONGEST])
def test_what_is_no_link_or_too_long_has_none(url: str) -> None:
    assert qr_code(url) is None


def test_the_longest_link_still_has_one() -> None:
    url = "http://x/?" + "a" * (LONGEST - 10)
    assert len(url) == LONGEST
    assert qr_code(url) is not None


@pytest.mark.parametrize(
    "names, sentence",
    [
        ((), ""),
        (("log",), "The link leaves out the pasted log: whoever opens it will not have that."),
        (("file", "log"), "The link leaves out the dropped file and the pasted log: whoever opens "
                          "it will not have that."),
        (("file", "config", "log"), "The link leaves out the dropped file, the long pasted "
                                    "config.json and the pasted log: whoever opens it will "
                                    "not have that."),
    ],
)  # fmt: skip
def test_what_a_link_lacks_is_one_sentence(names: tuple[str, ...], sentence: str) -> None:
    assert left_out_of(names, load_words("en")) == sentence


def test_hindi_says_it_too() -> None:
    assert left_out_of(("file", "log"), load_words("hi")) == (
        "लिंक में यहाँ छोड़ी गई फ़ाइल और पेस्ट किया हुआ लॉग शामिल नहीं: उसे खोलने वाले को यह नहीं मिलेगा।"
    )
