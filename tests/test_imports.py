"""Imports point one way: app -> attention; inside, picture, figures -> trace -> ... -> config."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "attention").rglob("*.py"))

# What a module of the core may import from this repository; nothing else.
ALLOWED = {
    "config": set(),
    "memory": {"config"},
    "architectures": {"memory"},
    "probes": set(),
    "devices": set(),
    "theme": set(),
    "kv_cache": set(),
    "functional": set(),
    "trace": {"config", "functional", "kv_cache"},
    "decoder": {"config", "functional", "kv_cache", "trace"},
}
TORCH_FREE = ("attention", "attention.config", "attention.memory", "attention.architectures")


def imported(path):
    """Dotted names of every import in a file, wherever it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write the import in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_library_knows_nothing_of_the_app(path):
    roots = {name.split(".")[0] for name in imported(path)}
    assert not roots & {"streamlit", "app", "tests"}


@pytest.mark.parametrize("module", ALLOWED)
def test_the_core_imports_downwards_only(module):
    path = ROOT / "attention" / f"{module}.py"
    ours = {name.split(".")[1] for name in imported(path) if name.startswith("attention.")}
    assert ours <= ALLOWED[module]


@pytest.mark.parametrize("module", TORCH_FREE)
def test_loads_without_torch(module):
    code = f"import sys, {module}; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
