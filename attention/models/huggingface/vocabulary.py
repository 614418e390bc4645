"""The tokenizer that lies beside a model."""

from pathlib import Path

from transformers import AutoTokenizer, PreTrainedTokenizerBase

from attention.models.huggingface.errors import CheckpointError

# What tokenizers are kept in, the present format first.
VOCABULARIES = (
    "tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model",
    "sentencepiece.bpe.model", "source.spm", "spm.model", "bpe.codes", "tekken.json",
    "tokenizer_config.json",
)  # fmt: skip


def own_tokenizer(folder: Path, n_known: int, own: dict[str, bool]) -> (
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


def read_tokenizer(folder: Path, own: dict[str, bool]) -> PreTrainedTokenizerBase:
    """A folder's tokenizer.

    Args:
        own: what ``from_pretrained`` is told.

    Raises:
        CheckpointError: there is none, or it needs a package that is not here.
    """
    if not any((folder / name).is_file() for name in VOCABULARIES):
        raise CheckpointError(
            "The folder holds no tokenizer: put the model's own beside it (tokenizer.json, or "
            "what tokenizer.save_pretrained writes)."
        )
    try:
        return AutoTokenizer.from_pretrained(folder, **own)
    except Exception as error:  # transformers names the packages that it would like to have
        wanted = [name for name in ("sentencepiece", "tiktoken") if name in str(error)]
        if (folder / VOCABULARIES[0]).is_file() or not wanted:
            raise
        raise CheckpointError(
            "Its tokenizer is kept in a format that needs the package {wanted}: install that, or "
            "put the model's tokenizer.json into the folder.",
            wanted=" or ".join(wanted),
        ) from error
