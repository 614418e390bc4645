"""The same sweeps here and on a real Dask cluster, whose worker is a process of its own."""

import os
import pickle
import subprocess
import sys

import joblib
import pytest
import torch
from distributed import Client, LocalCluster

from attention import atlas, pruning
from attention.interventions.off import Off
from attention.interventions.sharing import Sharing
from attention.models.huggingface.checkpoint import load
from attention.models.huggingface.errors import CheckpointError
from attention.models.layouts.load import load_layout
from attention.sweep import sweep
from tests.models.tiny import make

ROWS = torch.randint(10, 300, (2, 9), generator=torch.Generator().manual_seed(3))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """One worker, started as on any other machine: by its command, without a nanny, which gives up
    where a process of its own does not start."""
    folder = tmp_path_factory.mktemp("dask")
    with (
        LocalCluster(n_workers=0, dashboard_address=None) as local,
        Client(local, set_as_default=False) as client,
        (folder / "log").open("w") as log,
    ):
        command = [sys.executable, "-m", "distributed.cli.dask_worker", local.scheduler_address]
        command += ["--no-nanny", "--no-dashboard", "--nthreads", "2", "--death-timeout", "300"]
        command += ["--local-directory", str(folder)]
        worker = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            client.wait_for_workers(1, timeout=300)
            yield client
        except TimeoutError:
            pytest.fail((folder / "log").read_text())
        finally:
            worker.terminate()
            worker.wait(timeout=60)


def place(_):
    """The process that does it."""
    return os.getpid()


def test_results_come_in_the_order_of_the_items():
    assert list(sweep(abs, [-2, 1, -3])) == [2, 1, 3]
    assert list(sweep(abs, [], jobs=2)) == []


def test_alone_it_runs_here_and_what_it_raises_comes_through():
    def fail(item):
        raise LookupError(item)

    with pytest.raises(LookupError, match="7"):
        list(sweep(fail, [7]))
    assert set(sweep(place, [1, 2])) == {place(0)}


def test_a_language_model_travels_by_its_name(tmp_path):
    folder = str(make("llama", tmp_path))
    model = load(folder, device="cpu")
    sent = pickle.loads(pickle.dumps(model))
    assert sent.source == folder
    assert sent.logits(ROWS).equal(model.logits(ROWS))
    for other in (model.without(Off.parse("0.1")), model.shared(Sharing(kv_heads=1))):
        with pytest.raises(CheckpointError) as refused:
            pickle.dumps(other)
        assert str(refused.value) == (
            f"{other.title} is in this process alone: load it by a name or from a folder to send "
            "it to others."
        )


@pytest.mark.slow
def test_pruning_at_random_is_the_same_on_a_cluster(cluster):
    model = load_layout(4, 1, device="cpu")
    here = pruning.prune(model, ROWS, "random", shares=(0.25, 0.5))
    with joblib.parallel_config(backend="dask", client=cluster):
        assert place(0) not in set(sweep(place, [1, 2]))
        there = pruning.prune(model, ROWS, "random", shares=(0.25, 0.5))
    assert there.seeds == here.seeds == (0, 1, 2, 3, 4)
    assert there.order == here.order
    for point, other in zip(here.points, there.points, strict=True):
        assert point.losses == pytest.approx(other.losses, rel=1e-6)


@pytest.mark.slow
def test_an_atlas_is_the_same_on_a_cluster(cluster):
    model = load_layout(1, 1, device="cpu")
    here = atlas.measure(model, seeds=2, twin=False)
    with joblib.parallel_config(backend="dask", client=cluster):
        there = atlas.measure(model, seeds=2, twin=False)
    for layer, other in zip(here.heads, there.heads, strict=True):
        for head, same in zip(layer, other, strict=True):
            assert head.role.name == same.role.name
            for name, score in head.scores.items():
                assert score.value == pytest.approx(same.scores[name].value, abs=1e-5)
