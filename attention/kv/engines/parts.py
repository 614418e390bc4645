"""The products that every engine's sum is made of: keys, values, latents, indexers, states."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import TypeVar

from attention.kv.allocation import AllocationError, Part
from attention.kv.engines.shared import ENCODER_TOKENS, STATE_FORMAT
from attention.kv.formats import StoredFormat, stored_format
from attention.kv.layer import Layer, State
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload
from attention.sentence import Sentence

Made = TypeVar("Made")
Factors = tuple[tuple[int, str], ...]


def each_layer(shape: ModelShape, make: Callable[[Layer], Made]) -> list[Made]:
    """``make`` of every layer, called once for those that are alike."""
    by_id: dict[int, Made] = {}
    by_layer: dict[Layer, Made] = {}
    for layer in shape.layers:
        if id(layer) not in by_id:
            if layer not in by_layer:
                by_layer[layer] = make(layer)
            by_id[id(layer)] = by_layer[layer]
    return [by_id[id(layer)] for layer in shape.layers]


def heads_of_one_device(n_kv_heads: int, tp: int) -> int:
    """KV heads that one of ``tp`` devices keeps: its share, or a copy of one where they run out.

    Raises:
        AllocationError: neither divides the other.
    """
    if n_kv_heads % tp == 0:
        return n_kv_heads // tp
    if tp % n_kv_heads == 0:
        return 1
    raise AllocationError(
        "tp {tp} and n_kv_heads {n_kv_heads} do not divide: choose a tp that divides n_kv_heads, "
        "or that n_kv_heads divides.",
        tp=tp,
        n_kv_heads=n_kv_heads,
    )


def tokens_factors(workload: Workload, held: int) -> Factors:
    """``held`` tokens of each sequence; one product where some are common to all."""
    if workload.shared_prefix:
        return ((workload.tokens(held), "token"),)
    return ((held, "token"), (workload.batch, "sequence"))


def entry_factors(workload: Workload, tokens: int) -> Factors:
    """One entry for every ``tokens`` whole tokens of each sequence, common ones once."""
    entries, common = workload.context // tokens, workload.shared_prefix // tokens
    noun = "token" if tokens == 1 else "entry"
    if common:
        return ((common + workload.batch * (entries - common), noun),)
    return ((entries, noun), (workload.batch, "sequence"))


def growing_tokens(layer: Layer, context: int) -> int:
    """Tokens of a sequence whose own keys the maths keeps."""
    if not layer.grows:
        return 0
    return context if layer.window is None else min(context, layer.window)


def keys_and_values(layer: Layer, workload: Workload, tokens: Factors) -> list[Part]:
    """K and V (or the latent) of ``tokens``, on one device; scales beside them.

    Raises:
        AllocationError: KV heads that do not divide over the devices.
        FormatError: a block format that does not fit the row.
    """
    if layer.latent_rank:
        return [latent(layer, workload.k, tokens)]
    return expanded(layer, workload, tokens)


def latent(layer: Layer, stored: StoredFormat, tokens: Factors) -> Part:
    """The latent vector and the rotated key beside it, whole on every device."""
    numbers = layer.latent_rank + layer.rope_dim
    stored.require_row(numbers, "the latent's size")
    return Part(
        slot="k", what="latent", factors=((numbers, "latent number"), *tokens), stored=stored
    )


def expanded(
    layer: Layer, workload: Workload, tokens: Factors, v_head_dim: int | None = None
) -> list[Part]:
    """Every KV head's K and V, also of a latent layer."""
    heads = (heads_of_one_device(layer.n_kv_heads, workload.tp), "KV head")
    v_head_dim = layer.v_head_dim if v_head_dim is None else v_head_dim
    k = _rows("k", "K", heads, layer.k_head_dim, workload.k, tokens)
    if not v_head_dim:
        return [*k, *_scales(1, heads, workload.k, tokens)]
    v = _rows("v", "V", heads, v_head_dim, workload.v, tokens)
    return [*k, *v, *_scales(2, heads, workload.k, tokens)]


def _rows(slot, what, heads, head_dim, stored, tokens) -> list[Part]:
    stored.require_row(head_dim, f"{what}'s head_dim")
    factors = (heads, (head_dim, "head_dim"), *tokens)
    return [Part(slot=slot, what=what, factors=factors, stored=stored)]


def _scales(n: int, heads: tuple[int, str], stored: StoredFormat, tokens: Factors) -> list[Part]:
    if not stored.head_scale:
        return []
    factors = ((n, "scale"), heads, *tokens)
    return [Part(slot="other", what="scales", factors=factors, stored=stored_format("float32"))]


def indexer(layer: Layer, stored: StoredFormat, tokens: Factors) -> list[Part]:
    """The keys of a sparse-attention indexer: one head, whole on every device."""
    if not layer.indexer_dim:
        return []
    stored.require_row(layer.indexer_dim, "indexer_dim")
    factors = ((layer.indexer_dim, "indexer_dim"), *tokens)
    return [Part(slot="other", what="indexer", factors=factors, stored=stored)]


def compressed(layer: Layer, workload: Workload) -> list[Part]:
    """One entry for every ``compress`` whole tokens."""
    if not layer.compress:
        return []
    parts = expanded(layer, workload, entry_factors(workload, layer.compress))
    return [replace(part, what=f"compressed {part.what}") for part in parts]


def cross(layer: Layer, workload: Workload) -> list[Part]:
    """K and V of the encoder's tokens."""
    if layer.cross is None:
        return []
    tokens = encoder_tokens(layer, workload)
    heads = heads_of_one_device(layer.cross.n_kv_heads, workload.tp)
    parts = []
    for what, width, stored in (
        ("K", layer.cross.k_head_dim, workload.k),
        ("V", layer.cross.v_head_dim, workload.v),
    ):
        stored.require_row(width, f"cross-attention's {what} head_dim")
        size = ((heads, "KV head"), (width, "head_dim"), (tokens, "encoder token"))
        factors = (*size, (workload.batch, "sequence"))
        parts.append(
            Part(slot="other", what=f"cross-attention {what}", factors=factors, stored=stored)
        )
    return parts


def encoder_tokens(layer: Layer, workload: Workload) -> int:
    """The encoder's tokens: as asked for, else the model's own number, else the context."""
    own = None if layer.cross is None else layer.cross.tokens
    return workload[ENCODER_TOKENS] or own or workload.context


def states(layer: Layer, workload: Workload, *, columns_more: int = 0) -> list[Part]:
    """What a sequence keeps that does not grow.

    Args:
        columns_more: columns of a convolution that the engine keeps beside those that the next
            token needs.
    """
    parts = []
    for state in layer.states:
        numbers = state_numbers(state, columns_more)
        # Heads and channels are divided over the devices where they can be.
        numbers = numbers if numbers % workload.tp else numbers // workload.tp
        factors = ((numbers, f"{state.name} number"), (workload.batch, "sequence"))
        stored = state_format(state, workload)
        parts.append(Part(slot="state", what=state.name, factors=factors, stored=stored))
    return parts


def state_numbers(state: State, columns_more: int = 0) -> int:
    """Numbers of a state, a convolution's last axis longer by ``columns_more``."""
    if state.name != "convolution":
        return state.numbers
    columns = state.shape[-1]
    return state.numbers // columns * (columns + columns_more)


def state_share(state: State, tp: int, columns_more: int = 0) -> int:
    """Numbers of a state on each of ``tp`` devices that share its heads.

    Raises:
        AllocationError: they do not divide.
    """
    numbers = state_numbers(state, columns_more)
    if numbers % tp:
        raise AllocationError(
            "the {name} state's {numbers} numbers do not divide over {tp} devices: choose another "
            "tp.",
            name=Sentence(state.name),
            numbers=numbers,
            tp=tp,
        )
    return numbers // tp


def state_format(state: State, workload: Workload) -> StoredFormat:
    """The format that the workload sets for recurrent states, or the state's own."""
    name = workload[STATE_FORMAT]
    if name is not None and state.name != "convolution":
        return stored_format(name)
    return workload.model if state.number_format == "model" else stored_format(state.number_format)


def token_bytes(layer: Layer, workload: Workload) -> Fraction:
    """Bytes of one token's own K and V."""
    return sum((part.n_bytes for part in keys_and_values(layer, workload, ())), Fraction())
