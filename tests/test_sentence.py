"""Sentences of the library: English by themselves, and in Hindi on a Hindi page."""

import ast
import builtins
import pickle
import re
from itertools import product
from pathlib import Path

import pytest

from attention.errors import HeadcountError, sentence_of
from attention.kv.engines import ENGINES, get
from attention.kv.fit.gpus import list_gpus
from attention.kv.read.catalog import list_models
from attention.kv.shape import ShapeError
from attention.kv.workload import Workload
from attention.sentence import Quantity, Sentence, joined
from attention.words import languages, load_words
from tests.sample import sample

ROOT = Path(__file__).resolve().parent.parent
HINDI = load_words("hi")
# No visitor meets these: command lines, training, and what only a caller of the library does wrong.
DEVELOPERS = ("cli", "training", "picture", "figures", "scores")
OF_CALLERS = (
    "__init__.py",
    "tracing.py",
    "initial.py",
    "words.py",
    "plural.py",
    "sentence.py",
    "survey.py",
    "blocks.py",
    "__main__.py",
)
WORD = re.compile(r"[a-z]{2,}")
PLACE = re.compile(r"\{[^{}]*\}")
PLACES = re.compile(r"\{(\w+)")


def is_ours(name: str) -> bool:
    """Whether a class is one of the library's errors, by its name."""
    return name.endswith("Error") and not hasattr(builtins, name)


def templates() -> dict[str, str]:
    """Every English template of the library that has words, and the file it stands in."""
    found = {}
    for path in (*sorted((ROOT / "attention").rglob("*.py")), ROOT / "app/memory/compute.py"):
        inside = (
            path.relative_to(ROOT)
            if path.is_relative_to(ROOT / "app")
            else path.relative_to(ROOT / "attention")
        )
        if inside.parts[0] in DEVELOPERS or inside.name in OF_CALLERS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                name = node.func.id
                ours = name == "Sentence" or (
                    name.endswith("Error") and name not in dir(__builtins__)
                )
                given = node.args[0]
                ways = (given.body, given.orelse) if isinstance(given, ast.IfExp) else (given,)
                for part in ways if ours else ():
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        found[part.value] = str(inside)
    return {text: place for text, place in found.items() if WORD.search(PLACE.sub("", text))}


@pytest.mark.parametrize("lang", [lang for lang in languages() if lang != "en"])
def test_every_sentence_has_its_words_in_every_language(lang: str) -> None:
    there = load_words(lang).section("library")
    missing = {text: place for text, place in templates().items() if text not in there}
    # Nothing but symbols and units, which are the same everywhere.
    missing.pop("{operations} / {peak:.4g} FLOPS = {compute_seconds:.4g} s", None)
    assert missing == {}


@pytest.mark.parametrize("lang", [lang for lang in languages() if lang != "en"])
def test_a_translation_fills_the_same_places(lang: str) -> None:
    for english, other in load_words(lang).section("library").items():
        assert set(PLACES.findall(other)) == set(PLACES.findall(english)), english


def data_sentences() -> set[str]:
    """What the tables in assets say in words."""
    rows = [row for row in list_models() if row.conflicts]
    conflicts = [conflict for row in rows for conflict in row.conflicts]
    notes = {gpu.note for gpu in list_gpus() if gpu.note}
    return notes | {each[name] for each in conflicts for name in ("field", "why")}


@pytest.mark.parametrize("lang", [lang for lang in languages() if lang != "en"])
def test_what_the_tables_say_has_its_words_in_every_language(lang: str) -> None:
    assert data_sentences() - load_words(lang).section("library").keys() == set()


def test_a_conflict_of_sources_is_told_in_hindi() -> None:
    gemma = next(row for row in list_models() if row.name == "Gemma-2B").shape
    said = [HINDI.told(each) for each in gemma.assumptions]
    assert (
        "संदर्भ: इस पर स्रोत एकमत नहीं हैं; 4,096 के बजाय 8,192 लिया गया है। "
        "तीन में से दो स्रोत और transformers की GemmaConfig यही बताते हैं।"
    ) in said
    english = "Sources disagree on its context: 8192 was taken, not 4096. "
    assert any(each.startswith(english) for each in gemma.assumptions)


def test_a_note_on_a_gpu_is_told_in_hindi() -> None:
    gpu = next(gpu for gpu in list_gpus() if gpu.note == "float16; it has no bfloat16.")
    assert HINDI.told(gpu.note) == "float16 के लिए; इसमें bfloat16 नहीं है।"


# Words side by side that no name, path or bracket holds: English that a visitor would read.
ENGLISH = re.compile(r"(?<![\w./-])[a-z]{3,} [a-z]{2,}(?![\w./_-])")


@pytest.mark.slow
def test_no_assumption_is_left_in_english_whatever_the_model_and_engine() -> None:
    left = set[str]()
    for row in list_models():
        for engine in map(get, ENGINES):
            try:
                found = engine(row.shape, Workload(context=5000, batch=2))
            except HeadcountError:
                continue
            told = map(HINDI.told, (*found.assumptions, *found.gaps, found.formula))
            left |= {said for said in told if ENGLISH.search(re.sub(r"\([^()]*\)", "", said))}
    assert left == set()


def test_no_error_is_filled_before_it_is_raised() -> None:
    filled = []
    for path in sorted((ROOT / "attention").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                first = node.exc.args[:1]
                name = getattr(node.exc.func, "id", "")
                if is_ours(name) and first and isinstance(first[0], ast.JoinedStr):
                    filled.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    filled = [place for place in filled if place.split("/")[1] not in DEVELOPERS]
    assert filled == []


def test_a_sentence_is_its_english_and_knows_its_values() -> None:
    said = Sentence("{base} tokens fit, of {asked} asked for.", base=8192, asked=131072)
    assert said == "8192 tokens fit, of 131072 asked for."
    assert HINDI.told(said) == "1,31,072 माँगे गए टोकनों में से 8,192 समाते हैं।"
    assert pickle.loads(pickle.dumps(said)).values == said.values
    assert HINDI.told("not ours") == "not ours"


def test_an_apostrophe_is_written_as_the_pages_write_it() -> None:
    english = load_words("en")
    kept = Sentence("Every layer keeps every token's keys and values.")
    assert english.told(kept) == "Every layer keeps every token’s keys and values."
    named = Sentence("transformers' caches are not counted in {name}: choose {choices}.",
                     name="'x' y", choices="'a'")  # fmt: skip
    assert english.told(named) == "transformers’ caches are not counted in 'x' y: choose 'a'."
    assert HINDI.told(kept) == "हर परत हर टोकन की कुंजियाँ और मान रखती है।"


def test_sentences_stand_within_sentences() -> None:
    said = joined(" · ", (Quantity(1, "layer"), Quantity(3, "entry"), "2"))
    assert said == "1 layer · 3 entries · 2"
    assert HINDI.told(said) == "1 परत · 3 प्रविष्टियाँ · 2"
    assert pickle.loads(pickle.dumps(said)) == said


def test_an_error_carries_its_sentence() -> None:
    error = HeadcountError("{path} is no file.", path="a.json")
    assert str(error) == "a.json is no file."
    assert HINDI.told(error.sentence) == "a.json फ़ाइल नहीं है।"
    again = ShapeError(sentence_of(error))
    assert HINDI.told(again.sentence) == "a.json फ़ाइल नहीं है।"
    assert str(HeadcountError("{braces} without values stay")) == "{braces} without values stay"


ROWS = {row.name: row for row in list_models()[::7]}


@pytest.mark.parametrize(("name", "model"), sample(product(ENGINES, ROWS)))
def test_what_an_engine_says_has_no_english_word_left(name: str, model: str) -> None:
    workload = Workload(context=5000, batch=2)
    try:
        found = get(name)(ROWS[model].shape, workload)
    except HeadcountError as error:
        assert re.search(r"[\u0900-\u097f]", HINDI.told(error.sentence))
        return
    steps = {layer.steps for layer in found.per_layer}
    for said in (found.formula, *steps, *found.gaps):
        shown = re.sub(r"\([^()]*\)", "", HINDI.told(said))
        assert "bytes" not in shown and "tokens" not in shown, shown
        assert not re.search(r"\b(?:layers?|sequences?|blocks?|cells?|numbers?|states?)\b", shown)
    for said in (*found.gaps, *found.assumptions):
        assert re.search(r"[\u0900-\u097f]", HINDI.told(said)), said
