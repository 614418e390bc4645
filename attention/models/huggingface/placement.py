"""Where a model's weights go, and in which number format."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from accelerate.utils import get_max_memory
from safetensors import SafetensorError, safe_open

from attention.devices import parse_dtype, pick_device
from attention.models.huggingface.errors import CheckpointError

# Beside the weights there must be room for a pass: its hidden states, one layer's products.
HEADROOM = 1.25
HALF = {"F16": torch.float16, "BF16": torch.bfloat16}


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Weights on one device, or spread by accelerate where they are too large for it."""

    device: str
    dtype: torch.dtype
    numbers: int  # how many the weights are
    stored: str  # the format of most of them, as safetensors calls it
    spread: bool
    max_memory: dict[int | str, int] = field(default_factory=dict)  # bytes by device, if spread

    @property
    def whole(self) -> bool:
        """The weights are whole numbers, which stand for others."""
        return self.stored.startswith(("I", "U"))

    def arguments(self, spare_folder: str | None = None) -> dict:
        """For ``from_pretrained`` of transformers.

        Args:
            spare_folder: for a spread model; takes what no memory holds and the checkpoint's own
                files do not give in this number format. It is read at every pass.
        """
        if not self.spread:
            return {"dtype": self.dtype, "device_map": {"": self.device}}
        return {
            "dtype": self.dtype,
            "device_map": "auto",
            "max_memory": self.max_memory,
            "offload_folder": spare_folder,
        }


def place(files: Sequence[Path], device: str, dtype: str) -> Placement:
    """Choose device and number format for weights that lie in these safetensors files.

    Raises:
        CheckpointError: a file is no safetensors file.
        DeviceError: there is no such device or number format.
    """
    chosen = pick_device(device)
    numbers, stored = _count(files)
    wanted = _format(chosen, stored) if dtype == "auto" else parse_dtype(dtype)
    needed, free = int(numbers * wanted.itemsize * HEADROOM), free_memory()
    own = sum(free.values()) - free["cpu"] if chosen == "cuda" else free.get(chosen, free["cpu"])
    single = max((v for k, v in free.items() if k != "cpu"), default=own)
    spread = needed > (single if chosen == "cuda" else own)
    if spread and chosen == "cpu":
        free = {"cpu": free["cpu"]}
    return Placement(
        device=chosen,
        dtype=wanted,
        numbers=numbers,
        stored=stored,
        spread=spread,
        max_memory={k: int(v / HEADROOM) for k, v in free.items()} if spread else {},
    )


def free_memory() -> dict[int | str, int]:
    """Bytes that are free now, by GPU number and ``"cpu"``."""
    return get_max_memory()


def _format(device: str, stored: str) -> torch.dtype:
    if device == "cpu":
        return torch.float32  # half precision is emulated there, and slower
    if stored in HALF:
        return HALF[stored]
    wide = device == "cuda" and torch.cuda.is_bf16_supported()
    return torch.bfloat16 if wide else torch.float16


def _count(files: Sequence[Path]) -> tuple[int, str]:
    """How many numbers the files hold, and the format of most of them, as safetensors calls it."""
    by_format: dict[str, int] = {}
    for file in files:
        try:
            with safe_open(file, framework="pt") as tensors:
                for name in tensors.keys():  # noqa: SIM118 (no dictionary)
                    piece = tensors.get_slice(name)
                    size = torch.Size(piece.get_shape()).numel()
                    by_format[piece.get_dtype()] = by_format.get(piece.get_dtype(), 0) + size
        except (SafetensorError, OSError):
            raise CheckpointError(
                "{name} is no safetensors file: the download may be broken.", name=file.name
            ) from None
    if not by_format:
        raise CheckpointError("The weights are empty: the download may be broken.")
    return sum(by_format.values()), max(by_format, key=by_format.__getitem__)
