"""What was used last is kept, and bytes are counted wherever they lie."""

from dataclasses import dataclass

import numpy as np
import torch

from app.recent import held_bytes


def test_bytes_are_counted_through_dataclasses_and_containers() -> None:
    @dataclass(frozen=True)
    class Held:
        one: np.ndarray
        more: tuple
        name: str

    held = Held(np.zeros(3, np.float32), ({"k": torch.zeros(5)}, [np.zeros(2, np.uint8)]), "x")
    assert held_bytes(held) == 12 + 20 + 2
