"""What a llama.cpp log says of its model and context, as far as the cache depends on it."""

import re
from dataclasses import dataclass, field

from attention.kv.layer import GROWING
from attention.kv.shape import ModelShape

_NAMES = (
    "n_layer", "n_layer_all", "n_head", "n_head_kv", "n_embd_head_k", "n_embd_head_v",
    "n_embd_k_gqa", "n_embd_v_gqa", "n_swa", "n_lora_kv", "n_rot", "n_ctx", "n_seq_max",
    "n_ubatch", "kv_size", "ssm_d_conv", "ssm_d_inner", "ssm_d_state", "ssm_n_group",
)  # fmt: skip
_VALUE = r"(\[[\d, ]{1,50000}\]|\d{1,12})(?![\d.])"
_FIELD = re.compile(rf"(?<![\w.])({'|'.join(_NAMES)})\s{{0,40}}=\s{{0,40}}{_VALUE}")
_MODEL = ("n_layer", "n_layer_all")
LARGEST = 2**40


@dataclass
class Header:
    """The numbers read so far; those of the model are forgotten where a new model begins.

    Args:
        numbers: by llama.cpp's names; a list where layers differ.
    """

    numbers: dict[str, int | list[int]] = field(default_factory=dict)

    def read(self, line: str) -> None:
        """Take in what the line says."""
        for name, text in _FIELD.findall(line):
            value = [int(n) for n in re.findall(r"\d{1,12}", text)]
            if any(n > LARGEST for n in value):
                continue
            # A second model: the cache lines that follow are not those of the first one.
            if name == "n_layer" and ("print_info" in line or "print_meta" in line):
                self.numbers = {}
            self.numbers[name] = value if text.startswith("[") else value[0]

    def one(self, name: str) -> int | None:
        """A number that is the same in every layer; None where it is not known, or is not."""
        value = self.numbers.get(name)
        return value if isinstance(value, int) else None

    def widths(self, letter: str) -> list[int]:
        """Numbers of K's (``"k"``) or V's row, layer by layer; empty where not known."""
        n_layers = self.one("n_layer") or 0
        value = self.numbers.get(f"n_embd_{letter}_gqa")
        if value is None:
            value = self._from_heads(letter)
        if isinstance(value, int):
            return [value] * min(n_layers, 4096)
        return value or []

    def _from_heads(self, letter: str) -> int | list[int] | None:
        heads, width = self.numbers.get("n_head_kv"), self.one(f"n_embd_head_{letter}")
        if heads is None or width is None:
            return None
        return heads * width if isinstance(heads, int) else [n * width for n in heads]

    @property
    def cells(self) -> int | None:
        """Cells of the cache, as far as a line without them is concerned."""
        return self.one("kv_size") or self.one("n_ctx")


def widths_of_shape(shape: ModelShape, letter: str, *, latent: bool) -> list[int]:
    """As :meth:`Header.widths`, of a model's shape."""
    found = []
    for layer in shape.layers:
        if layer.kind not in GROWING:
            continue
        if layer.latent_rank and latent:
            found.append(layer.latent_rank + (layer.rope_dim if letter == "k" else 0))
        else:
            width = layer.k_head_dim if letter == "k" else layer.v_head_dim
            found.append(layer.n_kv_heads * width)
    return found
