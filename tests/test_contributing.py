"""What README and CONTRIBUTING say of the house is so: each file is there, each example runs."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
RECIPES = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def missing(paths: set[str]) -> set[str]:
    """The paths that nothing is at; a place in angle brackets may be any name."""
    return {path for path in paths if not any(ROOT.glob(re.sub(r"<\w+>", "*", path)))}


def named() -> set[str]:
    """Every path in the recipes; what has a slash, or an ending, in backticks."""
    spans = re.findall(r"`([^`\s]+)`", RECIPES)
    return {
        span.rstrip("/")
        for span in spans
        if re.fullmatch(r"[\w.<>/-]+/|[\w.<>/-]*[\w>]\.(py|toml|json|md|txt)|\.ci/run", span)
    }


def tree() -> set[str]:
    """Every path in the README's picture of the folders."""
    drawn = README.partition("## How it is laid out")[2].split("```")[1]
    found, above = set(), {-1: ""}
    for line in drawn.strip("\n").splitlines():
        depth = len(line) - len(line.lstrip())
        if depth >= 20:  # the text of the line before goes on
            continue
        folder = above[max(at for at in above if at < depth)]
        names = re.findall(r"(?:^ *|;  )([\w.]+/|[\w.]+\.py)(?=  |$)", line)
        assert names, line
        found |= {f"{folder}{name}".rstrip("/") for name in names}
        above = {at: path for at, path in above.items() if at < depth} | {
            depth: f"{folder}{names[0]}"
        }
    return found


def test_every_file_that_a_recipe_touches_is_there() -> None:
    assert len(named()) > 30
    assert missing(named()) == set()


def test_the_readme_draws_the_folders_that_are_there() -> None:
    assert len(tree()) > 25
    assert missing(tree()) == set()


def test_the_readmes_example_runs(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    code = re.search(r"<!-- python -->\n```python\n(.*?)```", README, re.DOTALL)
    assert code is not None
    exec(code[1], {})
    assert (tmp_path / "page.html").stat().st_size > 50_000


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the repository in which things can be added; large files are not copied."""
    for name in ("attention", "app"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "assets").mkdir()
    for path in (ROOT / "assets").iterdir():
        if path.name == "locales":
            shutil.copytree(path, tmp_path / "assets" / "locales")
        else:
            (tmp_path / "assets" / path.name).symlink_to(path)
    return tmp_path


def said(house: Path, code: str) -> str:
    """What a process prints that finds this house and no other."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=house, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_language_is_a_file(house: Path) -> None:
    locales = house / "assets" / "locales"
    english = (locales / "en.toml").read_text(encoding="utf-8")
    assert "Explore" in english
    (locales / "xx.toml").write_text(english.replace("Explore", "Xplore"), encoding="utf-8")
    code = (
        "from app.i18n import languages, load_words; "
        "print(languages(), load_words('xx')('page.explore'))"
    )
    assert said(house, code) == "('en', 'hi', 'xx') Xplore"


def test_a_command_is_a_file_and_a_line(house: Path) -> None:
    (house / "attention" / "cli" / "toy.py").write_text(
        "from attention.errors import HeadcountError\n"
        "def main(argv):\n"
        "    raise HeadcountError('no toys.')\n"
    )
    front = house / "attention" / "__main__.py"
    line = 'COMMANDS = {\n    "toy": ("attention.cli.toy", "a toy"),'
    front.write_text(front.read_text(encoding="utf-8").replace("COMMANDS = {", line))
    done = subprocess.run(
        [sys.executable, "-m", "attention", "toy"], cwd=house, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (2, "python -m attention toy: no toys.\n")


@pytest.mark.parametrize("page", ["explore", "memory"])
def test_a_section_is_a_file_and_a_name(page: str) -> None:
    folder = ROOT / "app" / page
    lines = "\n".join(_text(path) for path in folder.glob("*.py"))
    assert lines.count(f'import_module(f"app.{page}.sections.{{section}}")') == 1
    [sections] = re.findall(r"^SECTIONS\b.*?= \((.*?)\)", lines, re.MULTILINE | re.DOTALL)
    names = set(re.findall(r'"(\w+)"', sections))
    files = {path.stem for path in (folder / "sections").glob("[a-z]*.py")}
    assert names and files == names


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_a_score_is_a_file(house: Path) -> None:
    (house / "attention" / "scores" / "toy.py").write_text(
        "from attention.scores.base import Rows, Score, register\n"
        "@register\n"
        "class Toy(Score):\n"
        "    name, rank = 'toy', 99\n"
        "    def take(self, rows: Rows) -> None:\n"
        "        pass\n"
        "    def value(self):\n"
        "        return self.layer.zeros(self.layer.n_heads) + 0.5\n"
    )
    code = (
        "import numpy as np; from attention import scores; "
        "found = scores.of_weights(np.full((2, 3, 3), 1 / 3, dtype='float32'), [1, 2, 3], False); "
        "print([score['toy'] for score in found])"
    )
    assert said(house, code) == "[0.5, 0.5]"


def test_a_family_is_a_file(house: Path) -> None:
    (house / "attention" / "kv" / "read" / "families" / "toy.py").write_text(
        "from attention.kv.read.family import Family\n"
        "FAMILIES = {'toy': Family(n_heads=lambda fields: 8)}\n"
    )
    code = (
        "from attention.kv.read.config_json import from_config; "
        "config = dict(num_hidden_layers=1, hidden_size=64, num_attention_heads=4, "
        "num_key_value_heads=2); "
        "print([from_config(config | {'model_type': kind}).layers[0].n_heads "
        "for kind in ('llama', 'toy')])"
    )
    assert said(house, code) == "[4, 8]"
