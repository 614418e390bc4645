"""A language model, wherever it is."""

from pathlib import Path

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from attention.models.huggingface import checkpoint
from attention.models.huggingface.model import LanguageModel


def load_model(
    model: str | Path | PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase | None = None,
    *,
    device: str = "auto",
    dtype: str = "auto",
) -> LanguageModel:
    """A language model, ready to be shown a text.

    >>> from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
    >>> from attention import load_model
    >>> from attention.assets import asset
    >>> tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(asset("tokenizer.json")))
    >>> config = LlamaConfig(vocab_size=len(tokenizer), hidden_size=64, intermediate_size=64,
    ...                      num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2)
    >>> model = load_model(LlamaForCausalLM(config), tokenizer)
    >>> model.n_layers, model.title
    (2, 'LlamaForCausalLM')

    Args:
        model: a short name (``"smollm2"``, once fetched), a folder, a Hub id
            (``"Qwen/Qwen3-0.6B"``), or a model of transformers that is in memory, which stays as
            it is.
        tokenizer: of a model in memory; the others bring their own.
        device, dtype: of a model that is loaded, see
            :func:`attention.models.huggingface.checkpoint.load`.

    Raises:
        CheckpointError: the model cannot be had, must not be loaded or cannot be shown.
        DeviceError: there is no such device or number format.
    """
    if isinstance(model, str | Path):
        return checkpoint.load(str(model), device=device, dtype=dtype)
    return checkpoint.wrap(model, tokenizer)
