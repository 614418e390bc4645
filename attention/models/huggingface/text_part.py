"""The network for text inside a model of text and pictures, or of text and sound."""

import inspect

from transformers import PreTrainedModel


def text_part(model: PreTrainedModel) -> PreTrainedModel | None:
    """What reads text and says what comes next by itself; None where nothing does.

    Some models run with a picture alone (BLIP-2, Kosmos-2), or fail without one (Llama 4:
    transformers 5.24); given text, their text network would do the work.
    """
    return next((each for each in model.modules() if each is not model and _reads(each)), None)


def _reads(module: object) -> bool:
    return (
        isinstance(module, PreTrainedModel)
        and "input_ids" in inspect.signature(module.forward).parameters
        and module.get_output_embeddings() is not None
    )
