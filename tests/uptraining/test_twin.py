import pytest
import torch
from safetensors.torch import load_file

from attention.interventions.sharing import Sharing
from attention.models.huggingface.errors import CheckpointError
from attention.uptraining import twin
from attention.uptraining.distil import Distillation
from attention.uptraining.schedule import Schedule
from tests.models.tiny import load_tiny

PLAN = Schedule(rows=4, window=8, portion=4, passes=1, batch=2, steps=1)
CARD = {"kv_heads": 1, "by": "first", "grouping": "contiguous", "seed": 0, "loss": 1.5}
ROWS = torch.randint(10, 300, (2, 9), generator=torch.Generator().manual_seed(3))


@pytest.fixture
def work():
    found = Distillation(load_tiny("llama"), Sharing(kv_heads=1, by="first"), PLAN)
    for update in found.updates():
        update()
    return found


def test_what_is_read_again_is_the_same_model(work, tmp_path):
    file = tmp_path / "one.safetensors"
    work.keep(CARD, file)
    found = twin.load_twin(load_tiny("llama"), file)
    assert found.logits(ROWS).equal(work.model().logits(ROWS))
    assert found.title.endswith(" with n_kv_heads 1, uptrained")
    assert twin.load_card(file) == CARD


def test_the_file_has_the_new_keys_and_values_alone_in_half_precision(work, tmp_path):
    work.keep(CARD, tmp_path / "one.safetensors")
    weights = load_file(tmp_path / "one.safetensors")
    assert len(weights) == 2 * 3
    assert {value.dtype for value in weights.values()} == {torch.float16}
    assert {tuple(value.shape) for value in weights.values()} == {(12, 48)}


def test_that_of_another_model_is_refused(work, tmp_path):
    work.keep(CARD, tmp_path / "one.safetensors")
    with pytest.raises(CheckpointError) as refused:
        twin.load_twin(load_tiny("qwen2"), tmp_path / "one.safetensors")
    assert str(refused.value) == (
        f"These K and V projections are of another model than {load_tiny('qwen2').title}."
    )
