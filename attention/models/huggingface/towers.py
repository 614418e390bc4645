"""Models that read pictures: by themselves (ViT, DINOv2), or with a tower for each, pictures and
texts (CLIP, SigLIP). Models that write about pictures (LLaVA) are not among them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import (
    MODEL_MAPPING,
    BaseImageProcessor,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES,
    MODEL_FOR_ZERO_SHOT_IMAGE_CLASSIFICATION_MAPPING_NAMES,
)

from attention.models.huggingface.errors import CheckpointError
from attention.models.huggingface.limits import named_in
from attention.models.huggingface.misfits import (
    PACKED,
    refuse_size,
    require_layers,
    require_sizes,
)
from attention.models.huggingface.processor import SETTINGS, read_processor
from attention.models.huggingface.vocabulary import has_tokenizer, read_tokenizer

PICTURES = "pixel_values"  # transformers' name of what is read


@dataclass(frozen=True)
class Readers:
    """What makes numbers of a text, and of a picture; None where the model has no such."""

    tokenizer: PreTrainedTokenizerBase | None = None
    image_processor: BaseImageProcessor | None = None


def sees(settings: PreTrainedConfig) -> bool:
    """Whether a model of this config reads pictures, and writes nothing."""
    return _alone(settings) or _paired(settings)


def split(model: PreTrainedModel) -> tuple[PreTrainedModel | None, PreTrainedModel | None]:
    """What reads pictures, and what reads texts."""
    if _paired(model.config):
        return getattr(model, "vision_model", None), getattr(model, "text_model", None)
    return (model, None) if _alone(model.config) else (None, model)


def readers_in(folder: Path, settings: PreTrainedConfig, own: dict[str, Any]) -> Readers:
    """What lies beside a model.

    Args:
        own: what ``from_pretrained`` is told.

    Raises:
        CheckpointError: what the model needs is not there.
    """
    if not sees(settings):
        return Readers(tokenizer=read_tokenizer(folder, own))
    texts = _paired(settings) and has_tokenizer(folder)
    found = Readers(
        tokenizer=read_tokenizer(folder, own) if texts else None,
        image_processor=read_processor(folder, own),
    )
    if found == Readers():
        raise CheckpointError(
            "The folder holds no image processor: put the model's own beside it "
            "({file}, or what save_pretrained of it writes).",
            file=SETTINGS[0],
        )
    return found


def readers_of(given: Any) -> Readers:
    """The same of what a person gives: a tokenizer, an image processor or a processor of both."""
    if isinstance(given, PreTrainedTokenizerBase):
        return Readers(tokenizer=given)
    if isinstance(given, BaseImageProcessor):
        return Readers(image_processor=given)
    parts = (getattr(given, name, None) for name in ("tokenizer", "image_processor"))
    tokenizer, image_processor = parts
    return Readers(
        tokenizer if isinstance(tokenizer, PreTrainedTokenizerBase) else None,
        image_processor if isinstance(image_processor, BaseImageProcessor) else None,
    )


def require_readers(model: PreTrainedModel, readers: Readers, given: Any) -> None:
    """Raises CheckpointError: none of them is for this model.

    Args:
        given: what they were found in, for the message.
    """
    pictures, texts = split(model)
    of_pictures = pictures is not None and readers.image_processor is not None
    if of_pictures or (texts is not None and readers.tokenizer is not None):
        return
    if texts is not None:
        raise CheckpointError(
            "{name} is no tokenizer of transformers: give the model's own.",
            name=type(given).__name__,
        )
    raise CheckpointError(
        "{name} is no image processor of transformers: give the model's own.",
        name=type(given).__name__,
    )


def refuse_misfits(settings: PreTrainedConfig, numbers: int) -> None:
    """A config of another model, or made up, could ask for any amount of memory.

    Args:
        numbers: in the weights.

    Raises:
        CheckpointError: it does.
    """
    towers = (named_in(settings, name) for name in ("vision_config", "text_config"))
    for config in [each for each in towers if each is not None] or [settings]:
        _refuse_misfit(config, numbers)


def _refuse_misfit(config: PreTrainedConfig, numbers: int) -> None:
    require_layers(config)
    width = named_in(config, "hidden_size")
    if not isinstance(width, int) or width < 1:
        raise CheckpointError(
            "config.json says hidden_size {width!r}: a whole number is needed.", width=width
        )
    names = ("hidden_size", "intermediate_size", "vocab_size", "patch_size")
    require_sizes(config, names, width, numbers)
    image, patch = named_in(config, "image_size"), named_in(config, "patch_size")
    sized = isinstance(image, int) and isinstance(patch, int)
    if sized and (image // patch) ** 2 * width > PACKED * numbers:  # a vector for each place
        refuse_size("image_size", image, width, numbers)


def _alone(settings: PreTrainedConfig) -> bool:
    found = MODEL_MAPPING.get(type(settings), None)
    kind = found[0] if isinstance(found, tuple) else found
    return not _writes(settings) and getattr(kind, "main_input_name", "") == PICTURES


def _paired(settings: PreTrainedConfig) -> bool:
    kind = settings.model_type
    return not _writes(settings) and kind in MODEL_FOR_ZERO_SHOT_IMAGE_CLASSIFICATION_MAPPING_NAMES


def _writes(settings: PreTrainedConfig) -> bool:
    kind = settings.model_type
    return (
        kind in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
        or kind in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES
    )
