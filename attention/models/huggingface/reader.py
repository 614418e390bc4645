"""A folder's model and what reads texts or pictures for it, by transformers, and checked."""

import re
import tempfile
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import transformers
from transformers import AutoConfig, PreTrainedConfig, PreTrainedModel
from transformers.models.auto.auto_factory import _BaseAutoModelClass
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_MASKED_LM_MAPPING_NAMES,
    MODEL_FOR_MULTIMODAL_LM_MAPPING_NAMES,
    MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES,
)

from attention.models.huggingface import towers
from attention.models.huggingface.errors import CheckpointError
from attention.models.huggingface.foreign import architecture
from attention.models.huggingface.limits import named_in
from attention.models.huggingface.misfits import require_layers, require_sizes
from attention.models.huggingface.placement import Placement
from attention.models.huggingface.towers import Readers

# What ``from_pretrained`` is told: no code of the checkpoint's, and nothing from the network.
LOCAL: dict[str, Any] = {"trust_remote_code": False, "local_files_only": True}
# Kept beside weights by old versions and by engines, and no part of them.
SPARE = re.compile(r"inv_freq|masked_bias|position_ids|att(n|ention)\.bias$|\b[qkv]{1,2}_scale$")


def read(folder: Path, config: dict, placement: Placement) -> tuple[PreTrainedModel, Readers]:
    """In eval mode, with the architecture's own eager attention.

    Args:
        config: of config.json.

    Raises:
        CheckpointError: config.json, weights and tokenizer are not there or do not fit together.
    """
    settings = AutoConfig.from_pretrained(folder, **LOCAL)
    if towers.sees(settings):
        towers.refuse_misfits(settings, placement.numbers)
    else:
        _refuse_misfits(settings, placement.numbers)
    if placement.whole and not config.get("quantization_config"):
        raise CheckpointError(
            "The weights are whole numbers ({format}), and config.json has no quantization_config "
            "that says what they stand for: add it, as the tool that made them wrote it.",
            format=placement.stored,
        )
    readers = towers.readers_in(folder, settings, LOCAL)
    spare = tempfile.TemporaryDirectory(prefix="headcount-") if placement.spread else None
    model, report = _auto_class(config).from_pretrained(
        folder,
        config=settings,
        use_safetensors=True,
        attn_implementation="eager",
        output_loading_info=True,
        **placement.arguments(spare.name if spare else None),
        **LOCAL,
    )
    if spare:
        weakref.finalize(model, spare.cleanup)
    # A pooler reads the last layer and changes nothing before it.
    if absent := sorted(key for key in report["missing_keys"] if "pooler" not in key):
        raise CheckpointError(
            "The checkpoint lacks {n_absent} of the model's weights, {absent} among them: they "
            "would be random numbers.",
            n_absent=len(absent),
            absent=absent[0],
        )
    if not config.get("quantization_config"):
        _refuse_more(model, report["unexpected_keys"])
    return model.eval().requires_grad_(False), readers


def _auto_class(config: dict) -> type[_BaseAutoModelClass]:
    """With its head where it predicts the next token, else the bare network."""
    kind, named = config["model_type"], architecture(config) or ""
    if named.endswith("EncoderModel"):  # of an encoder–decoder by itself, as T5EncoderModel
        return transformers.AutoModelForTextEncoding
    if named and named == MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES.get(kind):
        return transformers.AutoModelForSeq2SeqLM
    heads = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")
    predicts = named.endswith(heads) if named else kind not in MODEL_FOR_MASKED_LM_MAPPING_NAMES
    if predicts and kind in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        return transformers.AutoModelForCausalLM
    if predicts and kind in MODEL_FOR_MULTIMODAL_LM_MAPPING_NAMES:
        return transformers.AutoModelForMultimodalLM  # given text alone
    return transformers.AutoModel


def _refuse_misfits(settings: PreTrainedConfig, numbers: int) -> None:
    """A config of another model, or made up, could ask for any amount of memory."""
    text = settings.get_text_config()
    if not named_in(text, "vocab_size"):
        raise CheckpointError(
            "{model_type} reads no tokens: only models of text can be shown.",
            model_type=settings.model_type,
        )
    require_layers(text)
    names = ("vocab_size", "intermediate_size", "hidden_size", "head_dim")
    require_sizes(text, names, text.hidden_size, numbers)


def _refuse_more(model: PreTrainedModel, keys: Iterable[str]) -> None:
    """A layer that has more in the checkpoint than in the model would do something else: biases of
    Qwen2 read as a Llama, scales of weights that are quantised."""
    modules = {path for path, _ in model.named_modules()}

    def in_a_layer(key: str) -> bool:
        parts = key.split(".")
        above = (".".join(parts[: i + 1]) for i, part in enumerate(parts) if part.isdigit())
        return any(path in modules for path in above) and not SPARE.search(key)

    if more := sorted(key for key in keys if in_a_layer(key)):
        raise CheckpointError(
            "The checkpoint has {key}, for which {name} has no place: config.json is another "
            "model's, or the weights are quantised and it does not say how.",
            key=more[0][:120],
            name=type(model).__name__,
        )
