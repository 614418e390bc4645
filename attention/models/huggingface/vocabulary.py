"""The tokenizer that lies beside a model."""

import re
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from attention.models.huggingface.errors import CheckpointError, one_line

# What tokenizers are kept in, the present format first.
VOCABULARIES = (
    "tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model",
    "sentencepiece.bpe.model", "source.spm", "spm.model", "bpe.codes", "tekken.json",
    "tokenizer_config.json",
)  # fmt: skip


# What transformers' tokenizers need beside tokenizer.json's own reader (transformers 5.24).
PACKAGES = (
    "sentencepiece", "tiktoken", "sacremoses", "fugashi", "unidic_lite", "ipadic", "rhoknp",
    "sudachipy", "rjieba", "jieba", "mistral_common", "phonemizer", "pythainlp", "blobfile",
)  # fmt: skip


def has_tokenizer(folder: Path) -> bool:
    """Whether one lies there."""
    return any((folder / name).is_file() for name in VOCABULARIES)


def own_tokenizer(folder: Path, n_known: int, own: dict[str, Any]) -> (
    PreTrainedTokenizerBase | None
):  # fmt: skip
    """The tokenizer that an adapter brings; None where it brings none, or one with tokens that its
    base does not know.

    Args:
        n_known: token ids that the base's embedding has, from 0.
        own: what ``from_pretrained`` is told.

    Raises:
        CheckpointError: it cannot be read.
    """
    *vocabularies, _settings = VOCABULARIES
    if not any((folder / name).is_file() for name in vocabularies):
        return None
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, **own)
    except Exception as error:  # a foreign file can fail in any way, and gets a sentence
        raise CheckpointError(
            "The adapter has a tokenizer of its own that cannot be read ({error}): mend it, or "
            "take its files out of the folder for that of the base.",
            error=" ".join(str(error).split())[:200].rstrip("."),
        ) from error
    return tokenizer if max(tokenizer.get_vocab().values(), default=0) < n_known else None


def read_tokenizer(folder: Path, own: dict[str, Any]) -> PreTrainedTokenizerBase:
    """A folder's tokenizer.

    Args:
        own: what ``from_pretrained`` is told.

    Raises:
        CheckpointError: there is none, it is broken, or it needs a package that is not here.
    """
    if not has_tokenizer(folder):
        raise CheckpointError(
            "The folder holds no tokenizer: put the model's own beside it (tokenizer.json, or "
            "what tokenizer.save_pretrained writes)."
        )
    try:
        return AutoTokenizer.from_pretrained(folder, **own)
    except Exception as error:  # transformers names the packages that it would like to have
        whole, said = (folder / VOCABULARIES[0]).is_file(), str(error).lower()
        wanted = [name for name in PACKAGES if re.search(rf"\b{name}\b", said)]
        if whole and wanted:
            return PreTrainedTokenizerFast.from_pretrained(folder, **own)
        if not wanted:
            raise CheckpointError(
                "Its tokenizer cannot be read: {error} Put the model's own files beside it "
                "(tokenizer.json, or what tokenizer.save_pretrained writes).",
                error=one_line(error),
            ) from error
        raise CheckpointError(
            "Its tokenizer is kept in a format that needs the package {wanted}: install that, or "
            "put the model's tokenizer.json into the folder.",
            wanted=" or ".join(wanted),
        ) from error
