"""Layers that read another layer's cache and keep none of their own."""

from collections.abc import Mapping
from dataclasses import replace

from attention.kv.checks import ShapeError, require_number, shortened
from attention.kv.read.decoder import DecoderFields
from attention.kv.shape import Layer, LayerKind


def share(fields: DecoderFields, layers: tuple[Layer, ...], types: list[str]) -> tuple[Layer, ...]:
    """The layers, those that share turned into SHARED ones.

    Raises:
        ShapeError: a source that is no earlier layer.
    """
    for read in (_last_layers, _cross_layer, _mapped, _swiftkv, _sources):
        sources = read(fields, types)
        if sources:
            return tuple(
                _shared(layer, index, sources[index], layers) if index in sources else layer
                for index, layer in enumerate(layers)
            )
    return layers


def _shared(layer: Layer, index: int, source: int, layers: tuple[Layer, ...]) -> Layer:
    if not 0 <= source < index or not layers[source].grows:
        raise ShapeError(
            "layer {index} shares the cache of layer {source}, which keeps none: choose an "
            "earlier layer that does.",
            index=index,
            source=source,
        )
    return replace(
        layer,
        kind=LayerKind.SHARED,
        shares=source,
        window=None,
        compress=0,
        origins={**layer.origins, "shares": f"layer {source}"},
    )


def _last_layers(fields: DecoderFields, types: list[str]) -> dict[int, int]:
    """Gemma 3n and 4: the last ones read the last layer of their type before them."""
    count = fields.number("shared_layers", least=0)
    if not count:
        return {}
    first = max(0, len(types) - count)
    last_of_type = {layer_type: index for index, layer_type in enumerate(types[:first])}
    sources = {}
    for index in range(first, len(types)):
        if types[index] not in last_of_type:
            raise ShapeError(
                "num_kv_shared_layers {count} leaves layer {index} no layer of its type, {types}, "
                "to share with.",
                count=count,
                index=index,
                types=types[index],
            )
        sources[index] = last_of_type[types[index]]
    fields.origins["shares"] = fields.origins["shared_layers"]
    return sources


def _cross_layer(fields: DecoderFields, types: list[str]) -> dict[int, int]:
    """Hunyuan's cross-layer attention: the first of each ``cla_share_factor`` keeps keys."""
    if not fields.flag("use_cla"):
        return {}
    factor = fields.number("shares", "cla_share_factor") or 1
    return {index: index - index % factor for index in range(len(types)) if index % factor}


def _mapped(fields: DecoderFields, types: list[str]) -> dict[int, int]:
    """SwiftKV's ``kv_sharing_map``: a layer, and the one whose cache it reads."""
    name, mapping = fields.given("kv_sharing_map")
    if not name:
        return {}
    if not isinstance(mapping, Mapping):
        raise ShapeError("kv_sharing_map {mapping} is not an object.", mapping=shortened(mapping))
    fields.origins["shares"] = f"{fields.path}{name}"
    sources = {}
    for layer, source in mapping.items():
        if not str(layer).isdecimal() or int(str(layer)[:9]) >= len(types):
            raise ShapeError(
                "kv_sharing_map names layer {layer}, which is none.", layer=shortened(layer)
            )
        sources[int(layer)] = require_number("a layer in kv_sharing_map", source, least=0)
    return sources


def _swiftkv(fields: DecoderFields, types: list[str]) -> dict[int, int]:
    """SwiftKV (arXiv 2410.03960): after ``num_key_value_layers``, groups share one cache."""
    own = fields.number("num_key_value_layers", "num_key_value_layers")
    together = fields.number("shares", "key_value_group_size")
    if not own or not together or together < 2:
        return {}
    behind = range(own, len(types))
    return {i: i - (i - own) % together for i in behind if (i - own) % together}


def _sources(fields: DecoderFields, types: list[str]) -> dict[int, int]:
    """Mistral Large 4: for each layer, the one whose cache it reads; often itself."""
    listed = fields.listed("kv_source_layers")
    if listed is None:
        return {}
    fields.origins["shares"] = f"{fields.path}kv_source_layers"
    most = len(types) - 1
    numbers = [
        require_number("an entry of kv_source_layers", entry, least=0, most=most)
        for entry in listed[: len(types)]
    ]
    return {index: source for index, source in enumerate(numbers) if source != index}
