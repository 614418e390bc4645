"""Hugging Face transformers: tensors that grow token by token, or are made in advance.

Read in ``transformers/cache_utils.py`` and ``models/*/modeling_*.py`` of version 5.24.0:

- ``DynamicLayer`` concatenates: every token, nothing more. A latent layer (DeepSeek V3 and its
  kin) keeps the latent and the rotated key.
- ``DynamicSlidingWindowLayer``, windows and chunks alike, keeps the last ``window - 1`` tokens;
  the next token makes the window full. What it keeps is a view of the concatenated tensor, whose
  memory stays: ``window`` tokens after a step of one token, the whole prompt right after it was
  read. With a window of 1 the slice ``[-window + 1:]`` begins at 0 and keeps every token.
- ``StaticLayer`` and ``StaticSlidingWindowLayer`` (``StaticCache``) make room for all of the
  context, or for the window where that is less, at the first token.
- ``LinearAttentionLayer`` keeps the recurrent state and as many columns as the convolution's
  kernel has, one more than the next token needs.
- ``DynamicIndexedLayer`` keeps the indexer's keys beside them, as ``indexers.py`` says;
  ``DummyLayer`` keeps nothing.
- Falcon's new architecture (40B, 180B) copies its KV heads for all query heads before the cache
  (``models/falcon/modeling_falcon.py``, ``_split_heads``).

Sequences of a batch are rows of the same tensors: a common prefix is kept by each of them.
"""

from collections import Counter
from dataclasses import replace
from fractions import Fraction

from attention.amounts import in_units
from attention.kv.allocation import Allocation, AllocationError, Part, exact
from attention.kv.engines import logical, parts
from attention.kv.engines.transformers import indexers
from attention.kv.engines.transformers.settings import STATIC
from attention.kv.layer import Layer
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload
from attention.sentence import Sentence

SOURCES = ("huggingface/transformers 5.24.0, src/transformers/cache_utils.py",)
FORMATS = ("float32", "float16", "bfloat16")


def allocate(shape: ModelShape, workload: Workload) -> Allocation:
    """Bytes of the tensors of ``DynamicCache(config)``, or of ``StaticCache`` where asked for.

    Raises:
        AllocationError: a number format that its caches do not take, or K and V of two formats.
    """
    _check(shape, workload)
    alone = replace(workload, shared_prefix=0)
    cached = _as_cached(shape)
    layers = logical.layers_of(
        cached,
        lambda layer: _parts(layer, alone, shape.model_type),
        lambda layer: workload.batch * tokens_kept(layer, alone),
    )
    tokens = workload.batch * workload.context
    allocation = Allocation(
        engine="transformers",
        per_layer=layers,
        ideal_bytes=logical.ideal_bytes(shape, workload),
        bytes_per_token=logical.bytes_per_token(
            cached, workload, lambda layer: indexers.token_bytes(layer, workload, shape.model_type)
        ),
        asked_tokens=workload.tokens(workload.context),
        usable_tokens=tokens,
        tp=workload.tp,
        assumptions=(*shape.assumptions, *logical.assumptions(shape, workload), *_notes(workload)),
        sources=SOURCES,
    )
    return replace(
        allocation,
        storage_bytes=exact(Fraction(allocation.bytes_total) + _behind_views(cached, alone)),
        gaps=_gaps(shape, workload, allocation),
    )


def _check(shape: ModelShape, workload: Workload) -> None:
    uneven = [
        layer.n_kv_heads
        for layer in shape.layers
        if layer.grows and not layer.latent_rank and layer.n_kv_heads % workload.tp
    ]
    if uneven:
        raise AllocationError(
            "transformers gives whole KV heads to each device and copies none: choose a tp that "
            "divides n_kv_heads {uneven}.",
            uneven=uneven[0],
        )
    if workload.k != workload.v:
        raise AllocationError(
            "transformers keeps K and V in one format, not {name} and {name_2}: leave out V's.",
            name=workload.k.name,
            name_2=workload.v.name,
        )
    if workload.k.name not in FORMATS:
        raise AllocationError(
            "transformers' caches are not counted in {name}: choose {choices}.",
            name=workload.k.name,
            choices=", ".join(FORMATS),
        )


def _as_cached(shape: ModelShape) -> ModelShape:
    """The shape with the KV heads that its cache is given: more than it has in Falcon."""
    n_kv_heads = {layer.n_kv_heads for layer in shape.layers}
    if shape.model_type != "falcon" or n_kv_heads == {1}:
        return shape
    return shape.with_(n_kv_heads=shape.n_heads)


def tokens_kept(layer: Layer, workload: Workload) -> int:
    """Tokens of a sequence that the layer's tensors have room for."""
    if not layer.grows:
        return 0
    if layer.window is None:
        return workload.context
    if workload[STATIC]:
        return min(workload.context, layer.window)
    return min(workload.context, layer.window - 1) if layer.window > 1 else workload.context


def _parts(layer: Layer, workload: Workload, model_type: str) -> list[Part]:
    held, found = tokens_kept(layer, workload), []
    if layer.grows:
        tokens = ((held, "token"), (workload.batch, "sequence"))
        found += parts.keys_and_values(layer, workload, tokens)
        found += parts.compressed(layer, workload)
        found += indexers.indexer(layer, workload, model_type)
    found += parts.states(layer, workload, columns_more=1)
    return [*found, *parts.cross(layer, workload)]


def _behind_views(shape: ModelShape, workload: Workload, tokens: int | None = None) -> Fraction:
    """Bytes behind the views of window layers that the views do not show.

    Args:
        tokens: of the last concatenation; left out, the window's after a step of one token.
    """

    def hidden(layer: Layer) -> Fraction:
        if layer.window is None or workload[STATIC]:
            return Fraction()
        behind = min(workload.context, layer.window) if tokens is None else tokens
        more = max(0, behind - tokens_kept(layer, workload)) * workload.batch
        return more * parts.token_bytes(layer, workload)

    sums = parts.each_layer(shape, hidden)
    return sum((n * each for each, n in Counter(sums).items()), Fraction())


def _notes(workload: Workload) -> tuple[str, ...]:
    if workload[STATIC]:
        return (Sentence("StaticCache is made for as many tokens as the context has."),)
    return (
        Sentence("DynamicCache is made from the model's config, so that windows are known to it."),
    )


def _gaps(shape: ModelShape, workload: Workload, allocation: Allocation) -> tuple[str, ...]:
    gaps = []
    if _as_cached(shape).layers != shape.layers:
        gaps.append(
            Sentence(
                "Falcon's KV heads are copied for all {n_heads} query heads before they are "
                "cached, so that sharing them saves nothing here.",
                n_heads=shape.n_heads,
            )
        )
    if workload.shared_prefix and workload.batch > 1:
        gaps.append(
            Sentence(
                "The common prefix is kept once for each sequence: rows of a tensor share none."
            )
        )
    windows = [layer for layer in shape.layers if layer.window]
    if windows and not workload[STATIC]:
        gaps.append(
            Sentence(
                "Windows keep one token less than they see, for the next token completes them; "
                "the memory behind is that of the full window after a step of one token."
            )
        )
        prompt = _behind_views(shape, replace(workload, shared_prefix=0), workload.context)
        if prompt:
            gaps.append(
                Sentence(
                    "Right after a prompt of the whole context was read at once, the windows' "
                    "views hold on to {prompt} more, until the next step.",
                    prompt=in_units(exact(prompt)),
                )
            )
    elif windows:
        gaps.append(Sentence("Windows are made as long as they see, full from the first token on."))
    if any(state.name == "convolution" for layer in shape.layers for state in layer.states):
        gaps.append(Sentence("Convolutions keep one column more than the next token needs."))
    ideal = logical.ideal_bytes(shape, workload)
    return (*gaps, *logical.tp_gap(shape, workload, ideal, allocation.bytes_total))
