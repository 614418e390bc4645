"""Finding the decoder inside a config that wraps it: vision, audio and encoder–decoder models."""

from collections.abc import Mapping
from typing import Any

from attention.kv.checks import ShapeError, shortened
from attention.kv.read.decoder import DecoderFields
from attention.kv.read.defaults import defaults_of, text_type_of
from attention.kv.read.families import family_of, known_as
from attention.kv.read.names import NAMES

# In this order; each may hold another.
NESTED = (
    "thinker_config",
    "text_config",
    "llm_config",
    "language_config",
    "language_model_config",
    "language_model",
    "lm_config",
    "text_model_config",
    "llm",
    "decoder",
    "decoder_config",
    "generator",
)
DEEPEST = 6  # wrappers within wrappers


def find_decoder(data: Mapping[str, Any]) -> DecoderFields:
    """The fields of the decoder, with the model type whose defaults apply.

    Raises:
        ShapeError: a ``model_type`` that is no text.
    """
    path, found, wrapper = "", data, ""
    for _ in range(DEEPEST):
        name = next((n for n in NESTED if _is_decoder(found.get(n))), None)
        if name is None or (name == "decoder" and _describes_itself(found)):
            break
        wrapper = _model_type(found) or wrapper
        path, found = f"{path}{name}.", found[name]
    model_type = _model_type(found)
    if not model_type or defaults_of(known_as(model_type)) is None:
        model_type = text_type_of(model_type or wrapper)
    if found is data and model_type != _model_type(data) and not _describes_itself(data):
        raise ShapeError(
            "model_type {data} wraps a language model, but the config has no text_config that "
            "describes it.",
            data=shortened(_model_type(data)),
        )
    model_type = known_as(model_type)
    family = family_of(model_type)
    fields = DecoderFields(_with_outer(found, data), path, model_type, wrapper, family=family)
    if family.image_tokens:
        fields.encoder_tokens = family.image_tokens(data.get("vision_config"))
    return fields


def _is_decoder(value: object) -> bool:
    return isinstance(value, Mapping) and bool(value)


def _describes_itself(data: Mapping[str, Any]) -> bool:
    return any(data.get(name) is not None for name in NAMES["n_layers"])


def _model_type(data: Mapping[str, Any]) -> str:
    value = data.get("model_type")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ShapeError("model_type {shortened} is no text.", shortened=shortened(value))
    return value


def _with_outer(found: Mapping[str, Any], data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the outermost object says: that the model has an encoder, and whether its output matrix
    is that of the input."""
    if found is data:
        return found
    crosses = data.get("is_encoder_decoder") is True or found.get("add_cross_attention") is True
    tied = {name: data[name] for name in ("tie_word_embeddings",) if name in data}
    return {**found, "is_encoder_decoder": crosses, **tied}


def number_format(data: Mapping[str, Any], fields: DecoderFields) -> str | None:
    """The format of the weights, as the config names it."""
    for place in (fields.data, data):
        for name in ("dtype", "torch_dtype"):
            if isinstance(value := place.get(name), str):
                return value.removeprefix("torch.")
    return None
