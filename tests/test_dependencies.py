"""Every dependency stands in four places, and they agree: ranges, pins, reasons, the README."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]
PIN = re.compile(r"(?P<name>[\w-]+)==(?P<version>[\w.]+)  # \w.+")
FILES = {"requirements.txt": ("models", "app"), "requirements-test.txt": ("test",)}


def pins(file: str) -> dict[str, str]:
    """Name to version; every line has a pin and a reason."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line and not line.startswith(("#", "-r "))]
    found = [PIN.fullmatch(row) for row in rows]
    assert all(found), [row for row, pin in zip(rows, found, strict=True) if pin is None]
    return {pin["name"]: pin["version"] for pin in found}


def ranges(*extras: str) -> dict[str, Requirement]:
    rows = [Requirement(row) for extra in extras for row in EXTRAS[extra]]
    return {row.name: row for row in rows if row.name != "headcount"}


@pytest.mark.parametrize("file", FILES)
def test_the_pins_are_in_the_ranges_of_the_metadata(file: str) -> None:
    pinned, allowed = pins(file), ranges(*FILES[file])
    assert pinned.keys() == allowed.keys()
    outside = {name: v for name, v in pinned.items() if v not in allowed[name].specifier}
    assert outside == {}


def test_the_readme_says_of_each_what_it_is_for() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.partition("## What it stands on")[2].partition("\n\n")[2]
    rows = re.findall(r"^\| ([\w, -]+) \| (\S.*) \|$", table, re.MULTILINE)
    named = sorted(name for names, _ in rows for name in names.split(", "))
    assert named == sorted([*pins("requirements.txt"), *pins("requirements-test.txt")])
