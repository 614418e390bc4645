"""Imports point one way: app -> attention; inside, picture, figures -> trace -> ... -> config."""

import ast
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "attention").rglob("*.py"))

# What a module of the core may import from this repository; nothing else.
ALLOWED = {
    "config": {"errors"},
    "errors": {"sentence"},
    "sentence": set(),
    "digits": set(),
    "plural": {"errors"},
    "extras": {"errors"},
    "version": set(),
    "amounts": {"digits"},
    "assets": set(),
    "scores": {"errors", "scores"},
    "words": {"assets", "digits", "errors", "plural", "sentence"},
    "devices": {"errors"},
    "theme": set(),
    "kv_cache": set(),
    "functional": set(),
    "interventions": {"assets", "config", "errors", "interventions"},
    "trace": {"config", "functional", "kv_cache"},
    "text.tokens": set(),
    "blocks": {"scores"},
    "text.pieces": {"text"},
    "survey": {"blocks", "scores", "text"},
    "models.layouts.decoder": {"config", "functional", "interventions", "kv_cache", "trace"},
}
KV_MODULES = tuple(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in sorted((ROOT / "attention" / "kv").rglob("*.py"))
)
TORCH_FREE = (
    *("attention", "attention.amounts", "attention.config", "attention.interventions.off"),
    *("attention.cli.kv", "attention.cli.check_log", "attention.cli.layouts"),
    *("attention.models.store.names", "attention.models.store.inventory"),
    *KV_MODULES,
)


def imported(path):
    """Dotted names of every import in a file, wherever it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write the import in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_library_knows_nothing_of_the_app():
    roots = {path: {name.split(".")[0] for name in imported(path)} for path in MODULES}
    assert {path for path in roots if roots[path] & {"streamlit", "app", "tests"}} == set()


def test_types_are_read_of_all_that_is_imported():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    rules = {one["follow_imports"]: one["module"] for one in config["tool"]["mypy"]["overrides"]
             if "follow_imports" in one}  # fmt: skip

    def matches(name, rule):
        return any(name == one or fnmatch(name, one) or f"{name}.*" == one for one in rules[rule])

    files = [*MODULES, *(ROOT / "app").rglob("*.py")]
    names = {name for path in files for name in imported(path)}
    names |= {name.rpartition(".")[0] for name in names}  # what a name is imported from
    assert "transformers.models.auto.modeling_auto" in names
    assert matches("dask", "skip") and matches("torch.distributed.nn", "skip")
    assert [name for name in names if matches(name, "skip") and not matches(name, "normal")] == []


@pytest.mark.parametrize("module", ALLOWED)
def test_the_core_imports_downwards_only(module):
    place = ROOT.joinpath("attention", *module.split("."))
    paths = place.glob("*.py") if place.is_dir() else [place.with_suffix(".py")]
    names = [name for path in paths for name in imported(path)]
    ours = {name.split(".")[1] for name in names if name.startswith("attention.")}
    assert ours <= ALLOWED[module]


def test_loads_without_torch():
    # One process for all of them; the first that loads something heavy is named.
    code = f"""
import importlib, sys
heavy = {{"torch", "numpy", "transformers", "gguf"}}
for module in {TORCH_FREE!r}:
    importlib.import_module(module)
    if heavy & sys.modules.keys():
        sys.exit(f"{{module}} loads {{heavy & sys.modules.keys()}}")
"""
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_trained_layouts_load_neither_transformers_nor_torchs_compiler():
    """Either takes longer than torch and a layout together."""
    code = """
import sys
from app.explore.shelf import Shelf
from attention.models.layouts import cards, load
load.load_layout(*cards.available_layouts()[0], device="cpu")
sys.exit(", ".join({"transformers", "torch._dynamo"} & sys.modules.keys()) or 0)
"""
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
