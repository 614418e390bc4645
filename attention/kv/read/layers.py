"""From the type of a layer to what it keeps."""

from dataclasses import replace
from typing import Any

from attention.kv.checks import ShapeError, shortened
from attention.kv.read.compressed import ONE_FOR_BOTH, RATES, compressed_layer
from attention.kv.read.cross import read_cross
from attention.kv.read.decoder import DecoderFields
from attention.kv.read.heads import fields_of_layer, read_heads
from attention.kv.read.rules import (
    CHUNKED,
    CONV,
    CROSS,
    CSA,
    FULL,
    HCA,
    HYBRID,
    HYBRID_SLIDING,
    INDEXED,
    LINEAR,
    SLIDING,
    SPARSE_M3,
)
from attention.kv.read.states import read_states, unknown_states
from attention.kv.shape import Layer, LayerKind, State
from attention.sentence import Sentence

NO_CACHE = ("moe", "mlp")
KINDS = {
    FULL: LayerKind.GLOBAL,
    SLIDING: LayerKind.WINDOW,
    CHUNKED: LayerKind.CHUNK,
    INDEXED: LayerKind.GLOBAL,
    SPARSE_M3: LayerKind.GLOBAL,
    HYBRID: LayerKind.GLOBAL,
    HYBRID_SLIDING: LayerKind.WINDOW,
    CSA: LayerKind.COMPRESSED,
    HCA: LayerKind.COMPRESSED,
}
LAYER_FIELDS = ("n_heads", "n_kv_heads", "k_head_dim", "v_head_dim")


def build_layers(fields: DecoderFields, types: list[str]) -> tuple[Layer, ...]:
    """A layer for each type; what several share is read once.

    Raises:
        ShapeError: as the parts raise it.
    """
    base_origins: dict[str, str] | None = None
    built: dict[Any, Layer] = {}
    layers = []
    for index, layer_type in enumerate(types):
        own = fields_of_layer(fields, index, layer_type)
        indexed = _has_indexer(fields, index, layer_type)
        key = (layer_type, indexed, own is fields or _frozen(own))
        if key not in built:
            layer = _build(own, layer_type, indexed)
            if base_origins is None and layer.k_head_dim:
                base_origins = dict(layer.origins)
                fields.origins |= base_origins
            built[key] = replace(layer, origins=_differing(layer, base_origins or {}))
        layers.append(built[key])
    return tuple(layers)


def _frozen(own: DecoderFields) -> str:
    changed = getattr(own, "changed", ())
    return repr(sorted((name, own.data[name]) for name in changed))


def _differing(layer: Layer, base: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in layer.origins.items() if base.get(name) != text}


def _build(fields: DecoderFields, layer_type: str, indexed: bool) -> Layer:
    if layer_type in NO_CACHE:
        return Layer(kind=LayerKind.NONE)
    if layer_type in (LINEAR, CONV):
        return Layer(kind=LayerKind.STATE, states=_states(fields, layer_type))
    if layer_type == CROSS:
        heads = read_heads(fields)
        cross = read_cross(fields, heads)
        return Layer(kind=LayerKind.CROSS, n_heads=heads.n_heads, cross=cross)
    kind = KINDS.get(layer_type)
    if kind is None:
        fields.assume(
            Sentence(
                "Layers of type {layer_type} are not known here: they were counted as attention "
                "over every token.",
                layer_type=shortened(layer_type),
            )
        )
        kind = LayerKind.GLOBAL
    states = _states(fields, layer_type) if layer_type in (HYBRID, HYBRID_SLIDING) else ()
    return _attention(fields, kind, layer_type, indexed, states)


def _states(fields: DecoderFields, layer_type: str) -> tuple[State, ...]:
    states = read_states(fields, layer_type)
    if states is None:
        unknown_states(fields, layer_type)
        return ()
    return states


def _attention(
    fields: DecoderFields,
    kind: LayerKind,
    layer_type: str,
    indexed: bool,
    states: tuple[State, ...],
) -> Layer:
    numbers: dict[str, Any] = {"states": states}
    if kind in (LayerKind.WINDOW, LayerKind.CHUNK, LayerKind.COMPRESSED):
        numbers["window"] = _window(fields, kind)
    if kind is LayerKind.COMPRESSED:
        return _compressed(fields, layer_type, numbers["window"])
    if indexed:
        numbers["indexer_dim"] = fields.number("indexer_dim") or 0
        pooled = fields.number("indexer_compress", "index_kpool", "indexer_compress_ratio")
        numbers["indexer_compress"] = (pooled or 1) if numbers["indexer_dim"] else 1
    latent = fields.number("latent_rank", least=0)
    if latent:
        kind = LayerKind.LATENT if kind is LayerKind.GLOBAL else kind
        return Layer(kind=kind, **numbers, **_latent(fields, latent), origins=dict(fields.origins))
    heads = read_heads(fields)
    numbers |= {name: getattr(heads, name) for name in LAYER_FIELDS}
    if fields.family.k_serves_as_v:
        numbers["v_head_dim"] = 0
        fields.origins["v_head_dim"] = ONE_FOR_BOTH
    if fields.flag("is_encoder_decoder"):
        numbers["cross"] = read_cross(fields, heads)
    return Layer(kind=kind, **numbers, origins=dict(fields.origins))


def _window(fields: DecoderFields, kind: LayerKind) -> int:
    label = "chunk" if kind is LayerKind.CHUNK else "window"
    own = fields.family.window
    if own and (window := own(fields)):
        return window
    window = fields.number(label)
    if label == "chunk":
        fields.origins["window"] = fields.origins.get("chunk", "")
    if window is None:
        raise ShapeError("the config has layers with a window, but no sliding_window.")
    if fields.given("use_bidirectional_attention")[1] == "all":
        fields.assume(
            Sentence("The window looks both ways: half of it and the token itself lie behind.")
        )
        return window // 2 + 1
    return window


def _latent(fields: DecoderFields, rank: int) -> dict[str, Any]:
    """Latent attention (DeepSeek-V2, arXiv 2405.04434), and the heads it expands to."""
    heads = fields.number("n_heads")
    rope = fields.number("rope_dim", least=0)
    if heads is None or rope is None:
        missing = "num_attention_heads" if heads is None else "qk_rope_head_dim"
        raise ShapeError(
            "the config has kv_lora_rank {rank}, but no {missing}.", rank=rank, missing=missing
        )
    nope = fields.number("nope_dim", least=0)
    v_head_dim = fields.number("v_head_dim")
    if v_head_dim is None and fields.family.latent_v_head_dim:
        v_head_dim = fields.family.latent_v_head_dim(fields, heads)
    if nope is None or v_head_dim is None:
        nope = nope or (fields.number("head_dim") or 0)
        v_head_dim = v_head_dim or nope
        fields.assume(
            Sentence(
                "The config names no qk_nope_head_dim or v_head_dim: the expanded form of its "
                "latent cache is a guess; the compressed one is not."
            )
        )
    origins = fields.origins
    origins["n_kv_heads"] = Sentence("as many as n_heads: what the latent vector expands to")
    origins["k_head_dim"] = f"qk_nope_head_dim {nope} + qk_rope_head_dim {rope}"
    return {
        "n_heads": heads,
        "n_kv_heads": heads,
        "k_head_dim": max(1, nope + rope),
        "v_head_dim": v_head_dim,
        "latent_rank": rank,
        "rope_dim": rope,
    }


def _has_indexer(fields: DecoderFields, index: int, layer_type: str) -> bool:
    """Whether a sparse layer keeps keys of its own for choosing; ``"shared"`` ones do not."""
    if layer_type not in (INDEXED, SPARSE_M3):
        return False
    listed = fields.listed("indexer_types")
    if listed is None:
        pattern = fields.given("index_topk_pattern")[1]
        if pattern is not None:
            listed = [{"F": "full", "S": "shared"}.get(entry, entry) for entry in pattern]
    if listed is not None:
        return index >= len(listed) or listed[index] == "full"
    if fields.family.has_indexer:
        return fields.family.has_indexer(index)
    period = fields.number("index_topk_freq", "index_topk_freq", least=0) or 1
    offset = fields.number("index_skip_topk_offset", "index_skip_topk_offset", least=0)
    offset = 2 if offset is None else offset
    return max(index - offset + 1, 0) % period == 0


def _compressed(fields: DecoderFields, layer_type: str, window: int) -> Layer:
    heads = read_heads(fields)
    rate = fields.number("compress", f"compress_rates.{layer_type}")
    if rate is None:
        rate = RATES[layer_type]
        fields.origins["compress"] = Sentence(
            "the model's own: {layer_type} {rate}", layer_type=layer_type, rate=rate
        )
    indexer = (fields.number("indexer_dim") or 0) if layer_type == CSA else 0
    numbers = (heads.n_heads, heads.n_kv_heads, heads.k_head_dim)
    return compressed_layer(layer_type, numbers, window, rate, indexer, fields.origins)
