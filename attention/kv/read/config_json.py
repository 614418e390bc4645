"""From a Hugging Face ``config.json`` to a :class:`~attention.kv.shape.ModelShape`.

Nothing in the file is ever executed: it is read as JSON, and numbers are looked up by name.
"""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from attention.kv.checks import LARGEST_LAYERS, ShapeError, shortened
from attention.kv.experts import Experts
from attention.kv.read.checkpoint import read_checkpoint
from attention.kv.read.decoder import DecoderFields
from attention.kv.read.encoders import is_encoder, no_cache
from attention.kv.read.layers import build_layers
from attention.kv.read.loops import repeat
from attention.kv.read.mixture import Mixture, read_mixture
from attention.kv.read.parameters import Estimate, estimate_parameters, read_tied, read_width
from attention.kv.read.patterns import layer_types
from attention.kv.read.sharing import share
from attention.kv.read.unknown import note_defaults, note_unknown
from attention.kv.read.wrappers import find_decoder, number_format
from attention.kv.shape import ModelShape, ParametersBasis
from attention.sentence import Sentence

LARGEST_FILE = 1_000_000  # bytes; the longest config.json of a public model has some 60,000
LONGEST_NAME = 120


def read_config(path: str | Path) -> ModelShape:
    """The shape that a ``config.json`` on disk describes.

    Raises:
        ShapeError: no such file, a file over 1 MB (refused before it is read), or as
            :func:`parse_config` raises it.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise ShapeError("{path} is no file.", path=shortened(str(path)))
        if size > LARGEST_FILE:
            raise ShapeError(
                "{name} has {size} bytes, a config.json at most {largest_file}: is it the weights?",
                name=shortened(path.name),
                size=size,
                largest_file=LARGEST_FILE,
            )
        text = path.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, ShapeError):
            raise
        raise ShapeError("{path} cannot be read.", path=shortened(str(path))) from error
    return parse_config(text)


def parse_config(text: str | bytes) -> ModelShape:
    """The shape that the text of a ``config.json`` describes.

    Raises:
        ShapeError: more than 1 MB, no JSON, no object, a key twice, too deep, or as
            :func:`from_config` raises it.
    """
    if len(text) > LARGEST_FILE:
        raise ShapeError(
            "the text has {n_text} characters, a config.json at most {largest_file}.",
            n_text=len(text),
            largest_file=LARGEST_FILE,
        )
    try:
        text = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
        data = json.loads(text, object_pairs_hook=_without_twins)
    except UnicodeDecodeError as error:
        raise ShapeError("the config is no text in UTF-8.") from error
    except RecursionError as error:
        raise ShapeError("the config is nested too deeply.") from error
    except json.JSONDecodeError as error:
        raise ShapeError(
            "the config is no JSON: {msg} in line {lineno}, column {colno}.",
            msg=error.msg,
            lineno=error.lineno,
            colno=error.colno,
        ) from error
    except ShapeError:
        raise
    except ValueError as error:  # a number of more than 4,300 digits
        raise ShapeError("the config has a number that is too long to read.") from error
    return from_config(data)


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise ShapeError("the config has the field {twin} twice.", twin=shortened(twin))
    return found


def from_config(
    data: Mapping[str, Any], name: str | None = None, parameters: int | None = None
) -> ModelShape:
    """The shape that the fields of a ``config.json`` describe.

    Args:
        name: what to call the model; left out, what the config calls itself.
        parameters: how many a source says that it has; left out, they are estimated.

    Raises:
        ShapeError: no object, no layers or heads in it, or numbers that cannot be.
    """
    if not isinstance(data, Mapping):
        raise ShapeError("the config is no JSON object, but {data}.", data=shortened(data))
    fields = find_decoder(data)
    if is_encoder(fields) and not fields.is_known:
        return _unread_encoder(data, fields, name, parameters)
    types = layer_types(fields, _n_layers(fields))
    fields.origins["n_layers"] = fields.origins.get("n_layers", fields.origins.get("layers", ""))
    layers = share(fields, build_layers(fields, types), types)
    d_model = fields.number("d_model")
    max_context, vocab = fields.number("max_context"), fields.number("vocab")
    width = read_width(fields)
    mixture = read_mixture(fields, types, width)
    estimate = estimate_parameters(fields, layers, types, width, mixture)
    total, basis = _parameters(fields, parameters, estimate)
    stored_as = number_format(data, fields)
    note_unknown(fields)
    note_defaults(fields)
    n_heads = max((layer.n_heads for layer in layers), default=0)
    layers = repeat(fields, layers)
    if is_encoder(fields):
        layers, why = no_cache(fields.model_type, len(layers))
        fields.assume(why)
    return ModelShape(
        name=(name or _name(data, fields))[:LONGEST_NAME],
        model_type=fields.model_type,
        layers=layers,
        n_heads=n_heads,
        d_model=d_model,
        max_context=max_context,
        vocab=vocab,
        parameters=total,
        parameters_basis=basis,
        matrices=estimate.matrices if estimate else (),
        experts=_experts(fields, mixture, d_model, total),
        is_tied=read_tied(fields),
        number_format=stored_as,
        checkpoint=read_checkpoint({**data, **fields.data}, stored_as),
        origins=dict(fields.origins),
        assumptions=tuple(fields.assumptions),
    )


def _unread_encoder(
    data: Mapping[str, Any], fields: DecoderFields, name: str | None, parameters: int | None
) -> ModelShape:
    """An encoder whose fields are not known here, and need not be: it keeps nothing."""
    layers, why = no_cache(fields.model_type, _n_layers(fields) or 1)
    total, basis = _parameters(fields, parameters, None)
    return ModelShape(
        name=(name or _name(data, fields))[:LONGEST_NAME],
        model_type=fields.model_type,
        layers=layers,
        n_heads=fields.number("n_heads") or 0,
        d_model=fields.number("d_model"),
        max_context=fields.number("max_context"),
        vocab=fields.number("vocab"),
        parameters=total,
        parameters_basis=basis,
        number_format=number_format(data, fields),
        origins=dict(fields.origins),
        assumptions=(*fields.assumptions, why),
    )


def _n_layers(fields: DecoderFields) -> int | None:
    read = partial(fields.number, "n_layers", most=LARGEST_LAYERS)
    if fields.flag("is_encoder_decoder"):
        n_layers = read("decoder_layers", "num_decoder_layers")
        n_layers = n_layers or read("decoder_num_hidden_layers")
        if n_layers:
            return n_layers
    return fields.family.n_layers(fields) if fields.family.n_layers else read()


def _parameters(
    fields: DecoderFields, given: int | None, estimate: Estimate | None
) -> tuple[int | None, ParametersBasis | None]:
    if given:
        fields.origins["parameters"] = Sentence("from its sources, as they print it")
        return given, "given"
    if estimate is None:
        return None, None
    fields.origins["parameters"] = estimate.formula
    fields.assume(estimate.sentence)
    return estimate.total, "estimated"


def _experts(
    fields: DecoderFields, mixture: Mixture | None, d_model: int | None, parameters: int | None
) -> Experts | None:
    """None too where they would be more than the whole model: the fields mean something else."""
    # Routed experts may work on a narrower latent of the stream.
    width = fields.size("moe_latent_size", "routed_expert_hidden_size") or d_model
    experts = mixture.experts(width, fields.family.matrices) if mixture and width else None
    if experts and parameters and experts.parameters > parameters:
        return None
    return experts


def _name(data: Mapping[str, Any], fields: DecoderFields) -> str:
    for place in (data, fields.data):
        for key in ("_name_or_path", "name"):
            if isinstance(value := place.get(key), str) and value:
                return value
    return fields.model_type or "a config"
