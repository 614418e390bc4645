"""What may be loaded: names are checked before they are used, and files before they are read.

Names come from a visitor, files from anyone. Only safetensors are read, which hold numbers and
nothing else; pickled weights can run code when they are opened, and a checkpoint's own Python code
is never run.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path

from attention.models.huggingface.errors import CheckpointError

# The Hub's own rule for names (huggingface_hub 2.4, utils/_validators.py), with the owner required
# or not, and without the signs that it forbids inside.
HUB_ID = re.compile(r"(?:[A-Za-z0-9][\w.-]{0,95}/)?[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
MAX_CONFIG_BYTES = 4 * 2**20  # the largest configs, with 20,000 label names, take 1 MB
INDEX, WEIGHTS = "model.safetensors.index.json", "model.safetensors"
ADAPTER = "adapter_config.json"  # of the package peft
PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")


def is_hub_id(name: str) -> bool:
    """Whether this can be a name on the Hub: ``owner/model`` or ``model``, nothing of a path."""
    return bool(HUB_ID.fullmatch(name)) and "--" not in name and ".." not in name


def looks_like_path(name: str) -> bool:
    """Whether a name can only be a folder: ``.``, ``/``, ``~`` in front, or ``\\`` in it."""
    return name.startswith((".", "/", "~")) or "\\" in name or Path(name).is_absolute()


def find_folder(name: str) -> Path:
    """A folder that holds a model or an adapter, with links resolved.

    Raises:
        CheckpointError: there is no such folder, or neither config in it.
    """
    if not name.strip():
        raise CheckpointError("No model is named: give a short name, a folder or a Hub id.")
    shown = name if len(name) <= 120 else name[:119] + "…"
    try:
        folder = Path(name).expanduser().resolve(strict=True)
        found = folder.is_dir()
        has_config = any((folder / name).is_file() for name in ("config.json", ADAPTER))
    except (OSError, ValueError, RuntimeError):  # not there, no name at all, no such home
        raise CheckpointError("{shown!r} is no folder on this machine.", shown=shown) from None
    if not found:
        _refuse_other_formats([folder.name] * folder.name.endswith(".gguf"))
        raise CheckpointError(
            "{shown!r} is a file: give the folder that holds config.json.", shown=shown
        )
    if not has_config:
        _refuse_other_formats([path.name for path in folder.iterdir() if path.suffix == ".gguf"])
        raise CheckpointError(
            "{shown!r} holds no config.json: it is no Hugging Face checkpoint.", shown=shown
        )
    return folder


def is_adapter(folder: Path) -> bool:
    """Whether a folder holds what goes onto a model, and no model of its own."""
    own = any((folder / name).is_file() for name in (INDEX, WEIGHTS))
    return (folder / ADAPTER).is_file() and not own


def read_config(path: Path) -> dict:
    """A config.json as a dictionary.

    Raises:
        CheckpointError: it is too large, no JSON, or names no model_type.
    """
    config = read_json(path)
    if not isinstance(config.get("model_type"), str):
        raise CheckpointError("config.json names no model_type: it is no Hugging Face checkpoint.")
    return config


def read_json(path: Path) -> dict:
    """A small file of settings; one that holds no object is an empty one.

    Raises:
        CheckpointError: it is too large, or no JSON.
    """
    size = path.stat().st_size
    if size > MAX_CONFIG_BYTES:
        raise CheckpointError(
            "{file} has {size:,} bytes: that is no model's config.", file=path.name, size=size
        )
    try:
        settings = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        raise CheckpointError(
            "{file} is not valid JSON: the download may be broken.", file=path.name
        ) from None
    return settings if isinstance(settings, dict) else {}


def check_weights(folder: Path) -> list[Path]:
    """The safetensors files that a folder's model is made of.

    Raises:
        CheckpointError: there are none, only pickled ones, or some are missing.
    """
    if (folder / INDEX).is_file():
        names = _indexed(folder / INDEX)
    elif (folder / WEIGHTS).is_file():
        names = [WEIGHTS]
    else:
        names = sorted(path.name for path in folder.iterdir())
        refuse_pickled(names)
        _refuse_other_formats(names)
        raise CheckpointError("The folder holds no {weights}.", weights=WEIGHTS)
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise CheckpointError(
            "{missing} is missing: the download may be incomplete.", missing=missing[0]
        )
    return [folder / name for name in names]


def refuse_pickled(names: Iterable[str]) -> None:
    """Refuse a model whose files are these, if its weights are pickled ones.

    Raises:
        CheckpointError: they are.
    """
    if pickled := sorted(name for name in names if name.lower().endswith(PICKLED)):
        raise CheckpointError(
            "The weights are pickled ({pickled}), which can run code when they are opened: only "
            "safetensors are read.",
            pickled=pickled[0][:60],
        )


def _refuse_other_formats(names: Iterable[str]) -> None:
    """Refuse files that hold weights in another way than as a whole model of transformers.

    Raises:
        CheckpointError: there is one.
    """
    for name in names:
        end = name.lower().rsplit(".", 1)[-1]
        if end == "gguf":
            raise CheckpointError(
                "{found} is a GGUF file, made for llama.cpp: take the same model's folder of "
                "safetensors (python -m attention kv --gguf counts the cache of such a file).",
                found=name[:60],
            )
        if end in ("h5", "msgpack", "onnx"):
            raise CheckpointError(
                "The weights are in {found}, and only safetensors are read: save them so, as "
                "save_pretrained of PyTorch models does.",
                found=name[:60],
            )
        if end == "safetensors":
            raise CheckpointError(
                "The folder holds {found} and no {weights}: rename it, if that is the whole model "
                "as save_pretrained writes it.",
                found=name[:60],
                weights=WEIGHTS,
            )


def _indexed(index: Path) -> list[str]:
    """The files that an index names, each a plain name in the same folder."""
    try:
        names = sorted(set(json.loads(index.read_text("utf-8"))["weight_map"].values()))
        plain = all(Path(name).name == name and name.endswith(".safetensors") for name in names)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise CheckpointError(
            "{index} cannot be read: the download may be broken.", index=INDEX
        ) from None
    if not names or not plain:
        raise CheckpointError(
            "{index} names files that are not safetensors of its folder.", index=INDEX
        )
    return names
