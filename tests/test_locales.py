"""Both languages have every string, and no visible string stands outside their files."""

import ast
import re
from pathlib import Path

import pytest

from app.explore.next_token import milliseconds, percent
from app.explore.numerals import typed
from app.i18n import LocaleError, Words, language_names, languages, load_words
from attention.models.roles import Role
from attention.picture.heads import told_of
from attention.plural import CATEGORIES

ROOT = Path(__file__).resolve().parent.parent
PLACES = re.compile(r"\{(\w+)\}")
DEVANAGARI = re.compile(r"[\u0900-\u097f]")
# Two words of letters beside one another: the shape of something to be read.
PROSE = re.compile(r"[^\W\d_]{2,}[ ,]+[^\W\d_]{2,}")
# What is no prose: ${places} and names of config.json such as num_attention_heads.
CODE_NAMES = re.compile(r"\$?\{[^}]*\}|[a-z]+(_[a-z]+)+")
# A script, a list of fonts, a place in a chart.
NO_SENTENCE = ("export default", "sans-serif", "top right")
# Of the page Memory: symbols, units, engines, and settings under the names that engines give them.
NAMES_AND_UNITS = """
    answer.colon answer.then beside.head_dim beside.k beside.v figure.k figure.v fit.column_name
    fit.gpu log.placeholder speed.axis_rate units.binary units.decimal engine.transformers
    engine.vllm engine.llama.cpp engine.sglang setting.flash_attn setting.max_batched_tokens
    setting.speculative_tokens
    setting.static setting.swa_full setting.swa_ratio setting.unified
"""
TAG = re.compile(r"<[^<>]*>?")
FORMS = tuple(f".{name}" for name in CATEGORIES)
SOURCES = sorted((ROOT / "app").rglob("*.py")) + sorted((ROOT / "attention/figures").glob("*.py"))
SCRIPTS = sorted((ROOT / "attention" / "picture").glob("*.js"))
SHOWN_BY_ARGUMENT = {"label", "help", "placeholder", "alt", "page_title", "title", "name"}


def test_english_and_hindi_are_there() -> None:
    assert languages()[:2] == ("en", "hi")


@pytest.mark.parametrize("lang", languages())
def test_same_keys(lang: str) -> None:
    english, other = _common(load_words("en")), _common(load_words(lang))
    assert english - other == set(), f"keys that {lang}.toml lacks"
    assert other - english == set(), "keys that en.toml lacks"


def test_each_language_names_itself() -> None:
    assert language_names() == {"en": "English", "hi": "हिन्दी"}


@pytest.mark.parametrize("lang", languages())
def test_same_places(lang: str) -> None:
    english, other = load_words("en"), load_words(lang)
    for key in sorted(english.keys() & other.keys()):
        assert set(PLACES.findall(other(key))) == set(PLACES.findall(english(key))), key


def test_apostrophes_of_the_pages_are_of_one_kind() -> None:
    words = load_words("en")
    assert [key for key in words.keys() if re.search(r"\w'", words(key))] == []  # noqa: SIM118


def test_hindi_is_hindi() -> None:
    words = load_words("hi")
    shared = {
        "page.title",
        "plural.one",
        "number.group",
        "number.decimal",
        "number.sizes",
        "generate.ms",
        "picture.kv_head",
        "steps.dot",
        "steps.score_column",
        "heads.prune.percent",
        "heads.forming.pointed",
        "heads.atlas.legend",
    }
    shared |= {
        "picture.split_headline",
        "curve.line",
        "curve.title_real",
        "picture.cache_mqa",
        "picture.cache_mha",
    }
    shared |= {f"memory.{name}" for name in NAMES_AND_UNITS.split()}
    latin = {key for key in words.keys() if not DEVANAGARI.search(words(key))}  # noqa: SIM118
    assert latin <= shared, f"not translated: {sorted(latin - shared)}"


# A danda after a Latin letter or a digit reads as I or 1; "-एँ" is how the page speaks to people;
# and of two words, or spellings, for one thing the other one is the page's.
UNHINDI = re.compile(
    r"[0-9A-Za-z]।|ीजिए|ाइए|की–वैल्यू|कच्चे टुकड़े|किसी खाने|कदम|नापा|बँटवारा|चार्ट|लेआउट"
    r"|कॉन्पाठ|बाकी|\bखाली|पन्ने|बेतरतीब|वेट\b|ट्रेनिंग|बीज|\bहानि|बनावट|डिवाइस|लालची|सारणी|अवशिष्ट|प्रक्षेप|अज्ञात"
    r"|\blogits|\bnorm\b|Explore"
)


def test_hindi_has_one_word_for_one_thing() -> None:
    words = load_words("hi")
    said = {key: words(key) for key in words.keys()}  # noqa: SIM118
    assert {key: text for key, text in said.items() if UNHINDI.search(text)} == {}


def test_plural_forms_come_in_pairs() -> None:
    keys = load_words("en").keys() - {"plural.one"}
    ones = {key.removesuffix(".one") for key in keys if key.endswith(".one")}
    assert ones
    assert {f"{key}.other" for key in ones} <= keys


def test_plural_chooses_and_fills() -> None:
    rule = {"plural.one": "i = 1 and v = 0"}
    words = Words("en", {"apples.one": "{n} apple", "apples.other": "{n} apples", **rule})
    assert [words.count("apples", n) for n in (0, 1, 1024)] == [
        "0 apples",
        "1 apple",
        "1,024 apples",
    ]


def test_a_missing_key_is_named() -> None:
    with pytest.raises(LocaleError) as caught:
        Words("hi", {})("page.title")
    assert str(caught.value) == "assets/locales/hi.toml has no key 'page.title': add it."


def test_a_missing_language_is_named() -> None:
    with pytest.raises(LocaleError) as caught:
        load_words("fr")
    assert str(caught.value) == "There is no language 'fr': choose en or hi."


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_visible_string_in_python(path: Path) -> None:
    assert _visible(ast.parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_visible_string_in_scripts(path: Path) -> None:
    code = re.sub(
        r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.S
    )
    assigned = re.findall(r"(?:textContent|innerText|title|ariaLabel)\s*=\s*[\"'`]([^\"'`]+)", code)
    labels = re.findall(r"[\"']aria-(?:label|description)[\"']\s*[,:]\s*[\"'`]([^\"'`]+)", code)
    bare = [CODE_NAMES.sub("", text) for text in assigned + labels]
    assert [text for text in bare if re.search(r"[^\W\d_]{3,}", text)] == []


def test_the_scan_finds_what_it_is_for() -> None:
    assert _visible(ast.parse('st.button("Press this now")')) == ["Press this now"]
    assert _visible(ast.parse('st.button(label="Go")')) == ["Go"]
    assert _visible(ast.parse('st.title("Go")')) == ["Go"]
    assert _visible(ast.parse("x = f\"<b class='a b'>{n} of the heads</b>\"")) == ["of the heads"]
    assert _visible(ast.parse('"""A docstring is read by nobody here."""\nx = words("a.b")')) == []


def _common(words: Words) -> set[str]:
    """Keys that every language has: not the English of the library, and plurals by their stem."""
    own = ("library.", "quantity.", "plural.")
    keys = {key for key in words.keys() if not key.startswith(own)}  # noqa: SIM118
    return {key.rpartition(".")[0] if key.endswith(FORMS) else key for key in keys}


def _visible(tree: ast.AST) -> list[str]:
    """Strings of a module that a visitor would read: prose, and what is passed to st.* as text."""
    passed_over = _docstrings(tree) | _raised(tree)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_streamlit(node.func):
            shown = node.args[:1] if node.func.attr not in ("html", "columns") else []
            shown = shown + [word.value for word in node.keywords if word.arg in SHOWN_BY_ARGUMENT]
            literal = [part for part in shown if isinstance(part, ast.Constant)]
            short = [part for part in literal if isinstance(part.value, str)]
            found += [part.value for part in short if not PROSE.search(part.value)]
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node not in passed_over
        ):
            text = TAG.sub("", node.value).strip()
            if PROSE.search(text) and not any(mark in text for mark in NO_SENTENCE):
                found.append(text)
    return found


def _is_streamlit(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "st"
    )


def _docstrings(tree: ast.AST) -> set[ast.AST]:
    """Strings that stand alone as a statement."""
    alone = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
    return {value for value in alone if isinstance(value, ast.Constant)}


def _raised(tree: ast.AST) -> set[ast.AST]:
    """Strings in raise statements: errors for developers, which no visitor meets."""
    raised = (node for node in ast.walk(tree) if isinstance(node, ast.Raise))
    return {part for node in raised for part in ast.walk(node) if isinstance(part, ast.Constant)}


# Of no language: places and widths in CSS and SVG, and KaTeX, which has mathematics' own notation.
IN_MARKUP = {"app/memory/curve.py", "app/explore/numerals.py", "app/explore/sections/steps.py"}
FIGURE = re.compile(r"^,?\+?,?(\.\d+[fge%])?$")


def _figures(source: str) -> list[str]:
    """Specs of numbers that an f-string writes by itself, with a point or with groups."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FormattedValue) and isinstance(node.format_spec, ast.JoinedStr):
            parts = [
                part.value for part in node.format_spec.values if isinstance(part, ast.Constant)
            ]
            if (spec := "".join(map(str, parts))) and FIGURE.match(spec):
                found.append(spec)
    return found


@pytest.mark.parametrize("path", sorted((ROOT / "app").rglob("*.py")), ids=lambda path: path.name)
def test_numbers_that_are_read_are_written_by_their_language(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    if path.relative_to(ROOT).as_posix() in IN_MARKUP:
        return
    for style in ('style="width:{share:.2%}"', 'f"{share:.1%}".endswith('):
        source = source.replace(style, style.replace(":.2%", "").replace(":.1%", ""))
    assert _figures(source) == []


def test_the_scan_finds_numbers() -> None:
    assert _figures('f"{a:.2f} {b:,} {c:+.3f} {d:>4} {e}"') == [".2f", ",", "+.3f"]


def test_another_language_has_its_own_signs_everywhere() -> None:
    english = load_words("en")
    table = {key: english(key) for key in english.keys()}  # noqa: SIM118
    words = Words("xx", table | {"number.group": ".", "number.decimal": ","})
    assert typed(-0.756, words) == "−0,76"
    assert percent(0.0412, words) == "4,1\u202f%"
    assert milliseconds(0.0012, words) == "1,2\u202fms"
    places = {"previous": 9, "first": 9, "self": 9, "induction": 4, "agreement": 2, "spread": 9}
    scores = dict.fromkeys(places, 0.1) | {"agreement": 0.97}
    head = told_of(scores, places, Role("subject", 0.94, 1400), words, {})
    assert (head.short, head.here) == ("subject 0,97", "here 0,97 on 2 verbs")
    assert head.about == "On held-out text: 0,94, taken on 1.400 verbs"
