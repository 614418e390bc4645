"""What a model's config says of it, and how long a text it takes."""

from typing import Any

from torch import nn
from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

DEFAULT = 2048  # for models that name no limit: ALiBi and the like take any length
UNLIMITED = 10**9  # tokenizers without a limit give a number far beyond this


def named_in(config: PreTrainedConfig, name: str) -> Any:
    """A field of a config; None where it has none, or one a layer (Gemma 4's ``head_dim``).

    transformers raises a RuntimeError for the latter, which a default of getattr does not catch.
    """
    try:
        return getattr(config, name, None)
    except RuntimeError:
        return None


def max_tokens(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> int:
    """The least of what config, position table and tokenizer allow."""
    config = model.config.get_text_config()
    named = [named_in(config, "max_position_embeddings"), named_in(config, "max_seq_len")]
    named.append(getattr(tokenizer, "model_max_length", None))
    for path, module in model.named_modules():
        if path.endswith("position_embeddings") and isinstance(module, nn.Embedding):
            # RoBERTa counts positions from padding_idx + 1.
            first = 0 if module.padding_idx is None else module.padding_idx + 1
            named.append(module.num_embeddings - first)
    limits = [int(n) for n in named if isinstance(n, int | float) and 0 < n < UNLIMITED]
    return min(limits, default=DEFAULT)


def end_tokens(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> frozenset[int]:
    """Ids that end a text, by the model's generation settings or, without, by its tokenizer."""
    settings = getattr(model, "generation_config", None)
    found = getattr(settings, "eos_token_id", None)
    if found is None:
        found = tokenizer.eos_token_id
    return frozenset([] if found is None else [found] if isinstance(found, int) else found)
