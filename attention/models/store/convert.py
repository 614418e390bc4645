"""Downloaded files -> a folder that transformers reads: float16 safetensors, tokenizer, config."""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from attention.errors import HeadcountError, sentence_of
from attention.models.store.gguf_llama import GGUFError, GGUFLlama
from attention.models.store.names import Named

Report = Callable[[int, int], None]  # bytes done, bytes in all
WEIGHTS = "model.safetensors"


class ConvertError(HeadcountError):
    """Files that are not what was expected. The message is a clause without a full stop."""


def convert(model: Named, files: dict[str, Path], into: Path, report: Report) -> None:
    """Write config.json, model.safetensors, tokenizer.json and tokenizer_config.json.

    Args:
        files: downloaded files by name: one ``.gguf``, or config.json, model.safetensors and
            tokenizer.json as the Hub has them.
        into: an empty folder.
        report: is told how many bytes of the weights are done, and how many there are.

    Raises:
        ConvertError: a tensor, the tokenizer or a number is not as expected.
        OSError: the folder cannot be written to.
    """
    gguf = next((path for name, path in files.items() if name.endswith(".gguf")), None)
    weights: Iterator[tuple[str, torch.Tensor]]
    try:
        if gguf is not None:
            llama = GGUFLlama(gguf)
            config, tokenizer = llama.config(), llama.tokenizer()
            if hashlib.sha256(tokenizer).hexdigest() != model.tokenizer_sha256:
                raise ConvertError("its tokenizer is not the Hub's")
            weights = ((name, torch.tensor(array)) for name, array in llama.weights())
        else:
            config = json.loads(files["config.json"].read_bytes())
            tokenizer = _without_limits(files["tokenizer.json"].read_bytes())
            weights = _stored(files[WEIGHTS])
        _save(weights, into / WEIGHTS, model.stored, report)
    except GGUFError as error:
        raise ConvertError(sentence_of(error)) from None
    except SafetensorError as error:
        raise _as_os_error(error) from None
    config.pop("torch_dtype", None)
    _write_json(into / "config.json", config | {"dtype": "float16"})
    shutil.copymode(into / "config.json", into / WEIGHTS)  # safetensors lets only the owner read
    (into / "tokenizer.json").write_bytes(tokenizer)
    # Not the class that the Hub's file names: transformers 5 rebuilds GPT2Tokenizer's steps from
    # its own defaults, which split no digits.
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": model.max_tokens}
    settings["clean_up_tokenization_spaces"] = False
    _write_json(into / "tokenizer_config.json", settings | model.special_tokens)


def _stored(path: Path) -> Iterator[tuple[str, torch.Tensor]]:
    with safe_open(path, framework="pt") as file:
        for name in file.keys():  # noqa: SIM118  (it is no dict)
            yield name, file.get_tensor(name)


def _save(
    weights: Iterator[tuple[str, torch.Tensor]], path: Path, total: int, report: Report
) -> None:
    kept, done = {}, 0
    for name, tensor in weights:
        kept[name] = tensor.half().contiguous() if tensor.is_floating_point() else tensor
        if not torch.isfinite(kept[name]).all():
            raise ConvertError("{name} has a number that float16 cannot hold", name=name)
        done += kept[name].numel() * kept[name].element_size()
        report(min(done, total), total)
    save_file(kept, path, metadata={"format": "pt"})


def _without_limits(tokenizer: bytes) -> bytes:
    """Without the length to cut or to fill up to that some tokenizer.json carry along."""
    whole = json.loads(tokenizer)
    if whole["truncation"] is None and whole["padding"] is None:
        return tokenizer
    return json.dumps(whole | {"truncation": None, "padding": None}, ensure_ascii=False).encode()


def _as_os_error(error: SafetensorError) -> Exception:
    """A full disk, which safetensors tells of in words only: ``(os error 28)``."""
    if number := re.search(r"os error (\d+)", str(error)):
        return OSError(int(number[1]), os.strerror(int(number[1])))
    return ConvertError("its weights cannot be read or written ({error})", error=error)


def _write_json(path: Path, content: dict) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False), encoding="utf-8")
