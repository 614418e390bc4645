"""A small checkpoint in a folder: changed, loaded, and what is said where that is refused."""

import json
from functools import partial

import pytest

from attention.models.huggingface import checkpoint
from attention.models.huggingface.checkpoint import CheckpointError

load = partial(checkpoint.load, device="cpu")


def change_config(folder, **changes):
    path = folder / "config.json"
    config = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({k: v for k, v in config.items() if v is not ...}))


def refusal(folder):
    with pytest.raises(CheckpointError) as caught:
        load(str(folder))
    assert "\n" not in str(caught.value)
    return str(caught.value)
