"""From the header of a GGUF file to a :class:`~attention.kv.shape.ModelShape`.

Keys: ``gguf-py/gguf/constants.py`` of llama.cpp. A test reads files that the ``gguf`` package
wrote.
"""

from pathlib import Path

from attention.kv.checks import shortened
from attention.kv.read.gguf.header import Header, parse_cut_header, read_header
from attention.kv.read.gguf.keys import Keys
from attention.kv.read.gguf.layers import read_layers
from attention.kv.read.gguf.tensors import read_tensors
from attention.kv.read.gguf.values import Counted
from attention.kv.shape import ModelShape
from attention.sentence import Sentence


def from_gguf(path: str | Path) -> ModelShape:
    """The shape that a GGUF file's header describes; its tensors' numbers are not read.

    Parameters are counted from the tensors' sizes, so they are exact, where the file is whole.

    Raises:
        ShapeError: as :func:`~attention.kv.read.gguf.header.read_header`, or a header without the
            numbers that decide a cache.
    """
    return _shape(read_header(path), Path(path).name)


def from_cut_header(data: bytes, name: str) -> ModelShape:
    """As :func:`from_gguf`, of a header in memory whose counted lists are left out.

    Args:
        name: of the file that it was cut from.

    Raises:
        ShapeError: as :func:`from_gguf`.
    """
    return _shape(parse_cut_header(data, name), name)


def _shape(header: Header, file: str) -> ModelShape:
    keys = Keys(header.metadata)
    layers = read_layers(keys)
    n_heads = max((layer.n_heads for layer in layers), default=0)
    name = keys.text("general.name") or keys.arch
    parameters, formats = _parameters(header, keys), header.tensor_formats.most_common(1)
    return ModelShape(
        name=name[:120],
        model_type=keys.arch,
        layers=layers,
        n_heads=n_heads,
        d_model=keys.number("d_model", "embedding_length"),
        max_context=keys.number("max_context", "context_length"),
        vocab=_vocab(keys),
        parameters=parameters,
        parameters_basis=None if parameters is None else "exact",
        number_format=formats[0][0] if formats else None,
        stored=read_tensors(header) if parameters else (),
        origins=keys.origins,
        assumptions=tuple(keys.assumptions),
        sources=(Sentence("header of {file}", file=shortened(file)),),
    )


def _vocab(keys: Keys) -> int | None:
    vocab = keys.number("vocab", "vocab_size")
    tokens = keys.metadata.get("tokenizer.ggml.tokens")
    if vocab is None and isinstance(tokens, Counted) and tokens.length:
        keys.origins["vocab"] = Sentence("length of tokenizer.ggml.tokens")
        return tokens.length
    return vocab


def _parameters(header: Header, keys: Keys) -> int | None:
    files = header.metadata.get("split.count")
    if isinstance(files, int) and files > 1:
        keys.assume(
            Sentence(
                "The model is split into {files} files: its parameters are not in this one.",
                files=files,
            )
        )
        return None
    if not header.parameters:
        return None
    keys.origins["parameters"] = Sentence("sizes of the file's tensors")
    return header.parameters
