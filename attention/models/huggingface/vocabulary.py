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


def has_tokenizer(folder: Path) -> bool:
    """Whether one lies there."""
    return any((folder / name).is_file() for name in VOCABULARIES)


def read_tokenizer(folder: Path, own: dict[str, bool]) -> PreTrainedTokenizerBase:
    """A folder's tokenizer.

    Args:
        own: what ``from_pretrained`` is told.

    Raises:
        CheckpointError: there is none, or it needs a package that is not here.
    """
    if not has_tokenizer(folder):
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
