"""What ``import attention`` gives: lazily, with examples that run, and with its types."""

import ast
import doctest
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import torch

import attention
from attention.extras import EXTRAS, ExtraError, named_if_missing

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NAMES = [name for name in attention.__all__ if name != "__version__"]


def test_importing_it_loads_nothing_heavy_and_counting_neither() -> None:
    code = """
import sys
import attention
loaded = len(sys.modules)
dir(attention), attention.__version__
attention.count_cache("Llama-3.1-8B", context=10, engine="vllm")
heavy = {"torch", "numpy", "transformers", "streamlit", "huggingface_hub"} & sys.modules.keys()
sys.exit(f"{heavy} is loaded" if heavy else 0)
"""
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_its_names_are_all_there_and_no_others() -> None:
    assert dir(attention) == sorted(attention.__all__)
    assert all(getattr(attention, name).__doc__ for name in NAMES)
    with pytest.raises(AttributeError, match="module 'attention' has no attribute 'looks'"):
        attention.looks  # noqa: B018


def test_a_type_checker_finds_each_name_where_it_is_loaded_from() -> None:
    tree = ast.parse((ROOT / "attention" / "__init__.py").read_text(encoding="utf-8"))
    [seen] = [node.body for node in tree.body if isinstance(node, ast.If)]
    typed = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in seen
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    homes = dict(attention._HOMES)
    assert homes.pop("__version__") == ("attention.version", "VERSION")
    assert typed == homes
    assert (ROOT / "attention" / "py.typed").exists()


@pytest.mark.parametrize("name", NAMES)
def test_the_example_of_each_name_runs(name: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    finder = doctest.DocTestFinder(recurse=False)
    [example] = finder.find(getattr(attention, name), name, globs={})
    assert re.search(rf"from attention import .*\b{name}\b", example.docstring)
    assert doctest.DocTestRunner().run(example) == (0, len(example.examples))
    assert example.examples


def test_a_model_in_memory_without_its_tokenizer_is_refused_in_a_sentence() -> None:
    with pytest.raises(attention.HeadcountError) as caught:
        attention.load_model(torch.nn.Linear(1, 1))
    assert str(caught.value).startswith("Linear is no model of transformers: ")


def test_a_name_and_a_folder_are_loaded_alike(tmp_path: Path) -> None:
    for name in (str(tmp_path), tmp_path):
        with pytest.raises(attention.HeadcountError, match=r"holds no config\.json"):
            attention.load_model(name)


def test_the_version_is_the_projects() -> None:
    assert attention.__version__ == PROJECT["version"]


def test_a_missing_package_of_an_extra_is_a_sentence_and_any_other_is_itself() -> None:
    with pytest.raises(ExtraError) as caught, named_if_missing():
        raise ModuleNotFoundError(name="torch.nn")
    assert str(caught.value) == "this needs torch: pip install 'headcount[models]'"
    assert isinstance(caught.value, ImportError)
    with pytest.raises(ModuleNotFoundError) as other, named_if_missing():
        raise ModuleNotFoundError(name="attention.nowhere")
    assert other.value.name == "attention.nowhere"


def test_the_extras_are_those_of_the_metadata() -> None:
    extras = PROJECT["optional-dependencies"]
    for extra, packages in EXTRAS.items():
        named = [row for row in extras[extra] if not row.startswith("headcount[")]
        imported = [row.partition(">")[0] for row in named]
        other = {"mini_racer": "py_mini_racer", "pillow": "PIL"}
        imported = [other.get(name, name) for name in imported]
        assert imported == list(packages)
    assert PROJECT["dependencies"] == []
