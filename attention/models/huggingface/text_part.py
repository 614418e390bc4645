"""The network for text inside a model of text and pictures, or of text and sound."""

import inspect
from typing import TypeGuard

from transformers import PreTrainedModel


def text_part(model: PreTrainedModel) -> PreTrainedModel | None:
    """What reads text by itself, and says what comes next if anything does; None where nothing
    reads.

    Some models run with a picture alone (BLIP-2, Kosmos-2), or fail without one (Llama 4:
    transformers 5.24); given text, their text network would do the work.
    """
    found = [each for each in model.modules() if each is not model and _reads(each)]
    with_head = (each for each in found if each.get_output_embeddings() is not None)
    return next(with_head, found[0] if found else None)


def _reads(module: object) -> TypeGuard[PreTrainedModel]:
    if not isinstance(module, PreTrainedModel):
        return False
    return "input_ids" in inspect.signature(module.forward).parameters
