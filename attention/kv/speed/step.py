"""What one step of a model reads and computes, layer by layer: the least that the maths needs.

Decoding, one token of each sequence: a layer reads the keys and values of the tokens that the new
one looks at, and multiplies each with every query head twice, for the score and for the context::

    bytes   tokens · n_kv_heads · (k_head_dim + v_head_dim) · bytes of a number
    FLOPs   tokens · n_heads · (k_head_dim + v_head_dim) · 2

A layer that shares another's cache reads it again. Prefilling, the whole prompt at once: the keys
and values are written once, and every token looks at those before it. What is not known is left
out, so that the answer stays a lower limit: tokens that a sparse-attention indexer picks, softmax,
norms, and the arithmetic of recurrent states.
"""

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

from attention.kv.engines import parts
from attention.kv.layer import Layer, LayerKind
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload


@dataclass(frozen=True, kw_only=True)
class AttentionLoad:
    """Of all sequences, in one step, in all layers.

    Args:
        key_bytes: keys and values (or latents, entries) that attention multiplies; of one device.
        other_bytes: indexers' keys and states; of one device.
        flops: of scores and contexts; of all ``tp`` devices together.
        leaves_out: whether a layer picks its tokens, and they are not counted.
    """

    key_bytes: Fraction
    other_bytes: Fraction
    flops: int
    leaves_out: bool

    @property
    def n_bytes(self) -> Fraction:
        return self.key_bytes + self.other_bytes

    @property
    def intensity(self) -> float | None:
        """FLOPs for each byte of keys and values, on one device; None without any."""
        return float(self.flops / self.key_bytes) if self.key_bytes else None


def decoding(shape: ModelShape, workload: Workload) -> AttentionLoad:
    """What one token of each sequence needs; ``workload.tp`` devices share the heads.

    Raises:
        AllocationError, FormatError: as the logical engine does.
    """
    key_bytes = other_bytes = Fraction()
    flops = 0
    for (layer, source), count in _alike(shape).items():
        key_bytes += count * (_keys_read(source, workload) + _sum(parts.cross(layer, workload)))
        other_bytes += count * _others(layer, workload)
        looked_at = workload.batch * _looked_at(source, workload.context)
        flops += count * (looked_at * _flops(layer, source, expanded=False))
        flops += count * _cross_flops(layer, workload)
    picks = any(layer.indexer_dim for layer in shape.layers)
    return AttentionLoad(
        key_bytes=key_bytes, other_bytes=other_bytes, flops=flops, leaves_out=picks
    )


def prefilling(shape: ModelShape, workload: Workload) -> AttentionLoad:
    """What the whole prompts of ``context`` tokens need, the common prefix computed once.

    ``key_bytes`` are those written. Raises as :func:`decoding`.
    """
    key_bytes = other_bytes = Fraction()
    flops = 0
    prefix, context = workload.shared_prefix, workload.context
    for (layer, source), count in _alike(shape).items():
        if layer.grows:
            held = parts.growing_tokens(layer, context)
            key_bytes += count * workload.tokens(held) * parts.token_bytes(layer, workload)
            key_bytes += count * _sum(parts.compressed(layer, workload))
        key_bytes += count * _sum(parts.cross(layer, workload))
        other_bytes += count * _others(layer, workload)
        first = _pairs(source, prefix)
        pairs = first + workload.batch * (_pairs(source, context) - first)
        flops += count * pairs * _flops(layer, source, expanded=True)
        tokens = workload.tokens(context)
        flops += count * tokens * _cross_flops(layer, workload) // workload.batch
    picks = any(layer.indexer_dim for layer in shape.layers)
    return AttentionLoad(
        key_bytes=key_bytes, other_bytes=other_bytes, flops=flops, leaves_out=picks
    )


def _alike(shape: ModelShape) -> Counter[tuple[Layer, Layer]]:
    """Layers with the one whose cache they read, which is their own for most; equal ones once."""
    return Counter(
        (layer, layer if layer.shares is None else shape.layers[layer.shares])
        for layer in shape.layers
    )


def _keys_read(source: Layer, workload: Workload) -> Fraction:
    if not source.grows:
        return Fraction()
    tokens = workload.tokens(_own_tokens(source, workload.context))
    read = tokens * parts.token_bytes(source, workload)
    return read if source.indexer_dim else read + _sum(parts.compressed(source, workload))


def _others(layer: Layer, workload: Workload) -> Fraction:
    factors = parts.entry_factors(workload, layer.indexer_compress)
    indexer = parts.indexer(layer, workload.k, factors) if layer.grows else []
    return _sum(indexer) + _sum(parts.states(layer, workload))


def _own_tokens(source: Layer, context: int) -> int:
    """Tokens whose own keys a new one looks at, itself among them; 0 where an indexer picks."""
    if source.window is not None:
        is_chunk = source.kind is LayerKind.CHUNK
        return (context - 1) % source.window + 1 if is_chunk else min(context, source.window)
    return 0 if source.indexer_dim or not source.grows else context


def _looked_at(source: Layer, context: int) -> int:
    """As :func:`_own_tokens`, and compressed entries that none picks among."""
    entries = context // source.compress if source.compress and not source.indexer_dim else 0
    return _own_tokens(source, context) + entries


def _pairs(source: Layer, tokens: int) -> int:
    """Tokens that each of the first ``tokens`` looks at, summed up."""
    if not source.grows:
        return 0
    if source.window is None:
        return 0 if source.indexer_dim else tokens * (tokens + 1) // 2
    window = source.window
    if source.kind is LayerKind.CHUNK:
        whole, rest = divmod(tokens, window)
        return whole * (window * (window + 1) // 2) + rest * (rest + 1) // 2
    full = max(tokens - window, 0)
    short = tokens - full
    pairs = short * (short + 1) // 2 + full * window
    if source.compress and not source.indexer_dim:
        whole, rest = divmod(tokens, source.compress)
        # Token t finds t // compress entries: `compress` tokens find each number of them.
        pairs += source.compress * (whole * (whole - 1) // 2) + whole * (rest + 1)
    return pairs


def _flops(layer: Layer, source: Layer, *, expanded: bool) -> int:
    """Of one query token and one token that it looks at, all heads.

    A latent is multiplied as it is (absorbed), or expanded to keys and values: in a prefill that is
    fewer operations, the expansion itself not counted.
    """
    v_head_dim = source.v_head_dim or source.k_head_dim
    numbers = source.k_head_dim + v_head_dim
    if source.latent_rank:
        absorbed = 2 * source.latent_rank + source.rope_dim
        numbers = min(absorbed, numbers) if expanded else absorbed
    return 2 * layer.n_heads * numbers


def _cross_flops(layer: Layer, workload: Workload) -> int:
    """Of one token of each sequence looking at the encoder's."""
    if layer.cross is None:
        return 0
    tokens = parts.encoder_tokens(layer, workload)
    numbers = layer.cross.k_head_dim + layer.cross.v_head_dim
    n_heads = max(layer.n_heads, layer.cross.n_kv_heads)
    return 2 * n_heads * numbers * tokens * workload.batch


def _sum(found: list) -> Fraction:
    return sum((part.n_bytes for part in found), Fraction())
