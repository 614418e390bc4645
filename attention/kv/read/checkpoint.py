"""How a checkpoint is stored, from its config's ``quantization_config``: see ``methods.py``."""

from collections.abc import Mapping

from attention.kv.checks import shortened
from attention.kv.layouts import BFLOAT16, PLAIN_LAYOUTS, Checkpoint, Layout
from attention.kv.read.methods import READERS, Config, kept_modules, text_of
from attention.sentence import Sentence


def read_checkpoint(data: Config, number_format: str | None) -> Checkpoint | None:
    """What the config says; None where it says nothing of it.

    Args:
        data: the whole config, and its decoder's fields.
        number_format: of what is not quantised.
    """
    for name in ("quantization_config", "compression_config", "quantization"):
        found = data.get(name)
        if isinstance(found, Mapping) and found:
            return _read(found, data, PLAIN_LAYOUTS.get(number_format or "", BFLOAT16))
    return None


def _read(config: Config, data: Config, rest: Layout) -> Checkpoint:
    method = text_of(config, "quant_method") or _guessed(config)
    reader = READERS.get(method.removeprefix("intel/"))
    kept = kept_modules(config)
    if reader is None:
        note = Sentence(
            "Its quantization_config names the method {method}, which is not known here: its "
            "weights are counted at 16 bits.",
            method=shortened(method),
        )
        return Checkpoint(name=method[:40], kept=kept, rest=rest, note=note)
    layouts, more = reader(config, data)
    return Checkpoint(**{"name": method, "layouts": layouts, "kept": kept, "rest": rest, **more})


def _guessed(config: Config) -> str:
    """MLX writes no method; ModelOpt's older files say who made them."""
    if "quant_algo" in config or isinstance(config.get("producer"), Mapping):
        return "modelopt"
    return "mlx" if "group_size" in config and "bits" in config else ""
