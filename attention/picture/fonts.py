"""A drawing in which each script names its fonts.

``resvg`` shapes a whole text with one font, and takes what that lacks from another only where both
make as many signs of the text: of Devanagari beside an arrow it made empty boxes, and of Latin
letters beside one slanted letters.
"""

import xml.etree.ElementTree as ET

import regex

SVG = "http://www.w3.org/2000/svg"
TEXTS = (f"{{{SVG}}}text", f"{{{SVG}}}tspan")
SCRIPTS = (
    "Bengali", "Gurmukhi", "Gujarati", "Tamil", "Telugu", "Kannada", "Malayalam", "Sinhala", "Thai",
    "Khmer", "Myanmar", "Arabic", "Hebrew", "Ethiopic", "Armenian", "Georgian",
)  # fmt: skip
CJK = ("Han", "Hiragana", "Katakana", "Hangul")
#: Those of Linux, Windows and macOS. The arrows' have letters, too.
FONTS = {
    "Devanagari": "Noto Sans Devanagari, Nirmala UI, Kohinoor Devanagari, Devanagari MT",
    **{script: f"Noto Sans {script}" for script in SCRIPTS},
    **dict.fromkeys(CJK, "Noto Sans CJK SC, Noto Sans CJK JP, Microsoft YaHei, PingFang SC"),
    "Arrows": "DejaVu Sans, Liberation Sans, Segoe UI, Arial",
}
_MARKS = r"[\p{Mn}\u200c\u200d]*"
_PATTERNS = {
    **{name: rf"\p{{{name}}}{_MARKS}(?:[ ]*\p{{{name}}}{_MARKS})*" for name in (*SCRIPTS, *CJK)},
    # Digits between two words stand in its fonts, too, and look as the words do.
    "Devanagari": rf"[\p{{Devanagari}}।॥]{_MARKS}(?:[ 0-9]*[\p{{Devanagari}}।॥]{_MARKS})*",
    "Arrows": r"[\u2190-\u21ff]+",
}
_RUN = regex.compile("|".join(f"(?P<{name}>{runs})" for name, runs in _PATTERNS.items()))


def with_fonts(svg: str) -> str:
    """The same drawing, every text of it in the same letters.

    Args:
        svg: the text of an SVG file.
    """
    ET.register_namespace("", SVG)
    root = ET.fromstring(svg)
    for element in [each for each in root.iter() if each.tag in TEXTS]:
        first = _unseen("".join(element.itertext())) if element.tag == TEXTS[0] else None
        for place, child in reversed(list(enumerate(element))):
            child.tail, spans = _spans(child.tail)
            element[place + 1 : place + 1] = spans
        element.text, spans = _spans(element.text)
        element[:0] = spans
        if first is not None:
            first.tail, element.text = element.text, ""
            element.insert(0, first)
    return ET.tostring(root, encoding="unicode")


def _unseen(text: str) -> ET.Element | None:
    """A letter too small to be seen, for the beginning of a text: ``resvg`` shapes all of it by the
    rules of its first letter, and by those of Latin the signs of Devanagari do not join."""
    runs = (run for run in _RUN.finditer(text) if run.lastgroup != "Arrows")
    run = next(runs, None)
    if run is None or not regex.search(r"\p{L}", text[: run.start()]):
        return None
    span = ET.Element(TEXTS[1], {"font-family": FONTS[str(run.lastgroup)], "font-size": "0.01"})
    span.text = run.group()[0]
    return span


def _spans(text: str | None) -> tuple[str, list[ET.Element]]:
    """What stands before the first run of a script that has fonts of its own, and each such run
    with what follows it. Of Latin letters with an arrow all is one run."""
    text = text or ""
    found = [(run.lastgroup or "", *run.span()) for run in _RUN.finditer(text)]
    if {name for name, *_ in found} == {"Arrows"}:
        found = [("Arrows", 0, len(text))]
    ends = [start for _, start, _ in found[1:]] + [len(text)]
    spans = []
    for (name, start, stop), end in zip(found, ends, strict=False):
        span = ET.Element(TEXTS[1], {"font-family": FONTS[name]})
        span.text, span.tail = text[start:stop], text[stop:end]
        spans.append(span)
    return text[: found[0][1]] if found else text, spans
