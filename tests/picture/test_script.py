"""The scripts: one bundle that a browser accepts, nothing from outside, no markup from tokens."""

import posixpath
import re
import shutil
import subprocess

import pytest

from attention import picture, theme
from attention.picture import still
from attention.picture.words import PICTURE_WORDS
from attention.words import load_words

PARTS = (
    *picture.PARTS,
    *picture.STILL_PARTS,
    *picture.TAKE_PARTS,
    *picture.PAGE_PARTS,
    picture.PAIR_PARTS[-1],  # the others of it are the picture's
    picture.ENGINE_PART,
)
FILES = {
    path.relative_to(picture.HERE).with_suffix("").as_posix(): path.read_text(encoding="utf-8")
    for path in picture.HERE.rglob("*.js")
}
IMPORT = re.compile(r'^import \{ ([^}]*) \} from "(\.\.?/[\w/]+)\.js";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?:function|const) (\w+)", re.MULTILINE)
TOP_LEVEL = re.compile(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)


def test_every_script_is_a_part() -> None:
    assert set(PARTS) == set(FILES)


@pytest.mark.parametrize("name", PARTS)
def test_imports_are_exported_before_and_used(name: str) -> None:
    body = IMPORT.sub("", FILES[name])
    for names, path in IMPORT.findall(FILES[name]):
        source = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
        if source != "theme":  # theme.py, handed over as THEME
            assert PARTS.index(source) < PARTS.index(name)
            assert set(names.split(", ")) <= set(EXPORT.findall(FILES[source]))
        for one in names.split(", "):
            assert re.search(rf"\b{one}\b(?!\s*:)", body), f"{one} is imported for nothing"


def test_no_two_parts_use_one_name() -> None:
    names = [name for text in FILES.values() for name in TOP_LEVEL.findall(text)]
    assert sorted(names) == sorted(set(names))


def test_scripts_use_exactly_the_documented_words() -> None:
    used = {key for text in FILES.values() for key in re.findall(r"\bwords\.(\w+)", text)}
    touch = {key for key in PICTURE_WORDS if key.startswith("touch_")}
    assert used - {"textContent"} == set(PICTURE_WORDS) - touch
    assert {key.removeprefix("touch_") for key in touch} < used


def test_the_menu_uses_exactly_its_words() -> None:
    known = load_words("en").section("take")
    used = set(re.findall(r"\blabels\.(\w+)", FILES["take"]))
    assert used | {f"part_{part}" for part in still.PARTS} == known.keys()


@pytest.mark.parametrize("name", PARTS)
def test_nothing_from_outside_and_no_markup(name: str) -> None:
    text = FILES[name].replace("http://www.w3.org/2000/svg", "")
    for trap in ("http", "innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "fetch("):
        assert trap not in text
    assert len(text.splitlines()) <= 250


def test_bundle_holds_no_import_export_or_comment() -> None:
    bundle = picture.page_script()
    assert not re.search(r"^\s*(import|export|//|/\*|\*)", bundle, re.MULTILINE)
    assert "\n" in bundle  # Streamlit takes a single line for a path


@pytest.mark.skipif(not shutil.which("node"), reason="no node to check the syntax")
def test_bundle_is_a_valid_module() -> None:
    command = ["node", "--input-type=module", "--check"]
    done = subprocess.run(command, input=picture.page_script(), text=True, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_page_style_has_both_palettes() -> None:
    style = picture.page_style()
    assert theme.LIGHT.background in style and theme.DARK.background in style
    assert "LIGHT" not in style and "DARK" not in style


def test_style_loads_nothing_and_is_never_small() -> None:
    style = picture.style()
    assert "url(" not in style and "@import" not in style
    sizes = [float(size) for size in re.findall(r"(?:font-size: |font:[^;]*?)(\d+)px", style)]
    assert min(sizes) >= 12
    assert all(part.strip().startswith(".hc-") for part in _selectors(style))


def _selectors(style: str) -> list[str]:
    style = re.sub(r"/\*.*?\*/|@media[^{]*\{", "", style, flags=re.DOTALL)
    lists = re.findall(r"([^{}]+)\{", style)
    return [one for text in lists for one in text.split(",")]


@pytest.mark.parametrize(
    "parts",
    [picture.PARTS, picture.PAIR_PARTS, picture.TILE_PARTS],
    ids=["picture", "pair", "tiles"],
)
def test_a_bundle_holds_what_its_parts_import_each_before_it_is_used(
    parts: tuple[str, ...],
) -> None:
    for at, name in enumerate(parts):
        imported = re.findall(r'^import \{[^}]*\} from "\./(\w+)\.js";$', FILES[name], re.MULTILINE)
        assert set(imported) - {"theme"} <= set(parts[:at]), name
