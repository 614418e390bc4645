"""The formula: what the maths needs, with no engine's blocks, padding or copies.

A layer keeps, of each sequence of ``context`` tokens::

    GLOBAL, LATENT    every token
    WINDOW, CHUNK     the last `window` tokens, or all where there are fewer
    COMPRESSED        as WINDOW, and one entry for every `compress` tokens
    SHARED, NONE      nothing

and beside them its states, an indexer's keys and the encoder's tokens. Sources: Vaswani et al.
2017, arXiv 1706.03762, section 3.2.1 (keys and values); Beltagy et al. 2020, arXiv 2004.05150,
section 3 (windows); DeepSeek-V2, arXiv 2405.04434, section 2.1 (latent attention).
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from functools import reduce

from attention.kv.allocation import Allocation, LayerBytes, Part, nearly_exact
from attention.kv.engines import parts
from attention.kv.engines.engine import Engine
from attention.kv.engines.shared import ENCODER_TOKENS
from attention.kv.layer import Layer, LayerKind
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload
from attention.sentence import Sentence, joined

SOURCES = (
    "Vaswani et al. 2017, arXiv 1706.03762, section 3.2.1",
    "Beltagy et al. 2020, arXiv 2004.05150, section 3",
    "DeepSeek-V2, arXiv 2405.04434, section 2.1",
)


def allocate(shape: ModelShape, workload: Workload) -> Allocation:
    """Bytes of the formula, on one of ``tp`` devices.

    Raises:
        AllocationError: more than a 64-bit size can say, or heads that do not divide by ``tp``.
        FormatError: a block format that does not fit the heads.
    """
    ideal, tokens = ideal_bytes(shape, workload), workload.tokens(workload.context)
    layers = layers_of(
        shape,
        lambda layer: _parts(layer, workload),
        lambda layer: workload.tokens(parts.growing_tokens(layer, workload.context)),
    )
    allocation = Allocation(
        engine="logical",
        per_layer=layers,
        ideal_bytes=ideal,
        bytes_per_token=bytes_per_token(shape, workload),
        asked_tokens=tokens,
        usable_tokens=tokens,
        tp=workload.tp,
        assumptions=(*shape.assumptions, *assumptions(shape, workload)),
        sources=SOURCES,
    )
    return replace(allocation, gaps=tp_gap(shape, workload, ideal, allocation.bytes_total))


def ideal_bytes(shape: ModelShape, workload: Workload) -> int | float:
    """The formula, its total divided evenly over ``tp`` devices."""
    alone = replace(workload, tp=1)
    sums = parts.each_layer(
        shape, lambda layer: sum((part.n_bytes for part in _parts(layer, alone)), Fraction())
    )
    total = sum((n * each for each, n in Counter(sums).items()), Fraction())
    share = total / workload.tp
    return nearly_exact(share)


def bytes_per_token(
    shape: ModelShape, workload: Workload, keys: Callable[[Layer], Fraction] | None = None
) -> int | float:
    """What the next token of one sequence adds, in the layers that still grow at this context.

    Args:
        keys: bytes that it adds to an indexer's keys, where an engine keeps them otherwise.
    """

    def growth(layer: Layer) -> Fraction:
        if not layer.grows:
            return Fraction()
        chosen_by = keys(layer) if keys else _indexer_growth(layer, workload)
        return _growth(layer, workload) + chosen_by

    sums = parts.each_layer(shape, growth)
    total = sum((n * each for each, n in Counter(sums).items()), Fraction())
    return nearly_exact(total)


def _growth(layer: Layer, workload: Workload) -> Fraction:
    full = layer.window is not None and workload.context >= layer.window
    total = Fraction() if full else parts.token_bytes(layer, workload)
    if layer.compress:
        total += parts.token_bytes(layer, workload) / layer.compress
    return total


def _indexer_growth(layer: Layer, workload: Workload) -> Fraction:
    keys = parts.indexer(layer, workload.k, ())
    return sum((key.n_bytes for key in keys), Fraction()) / layer.indexer_compress


def ratio_to_mha(shape: ModelShape) -> int | float:
    """How many times more numbers a token would take with a KV head for every query head.

    Layers that grow alone, windows not yet full; 1.0 for a model that keeps no keys.
    """
    mha = kept = 0
    for layer in shape.layers:
        if layer.grows:
            numbers = layer.k_head_dim + layer.v_head_dim
            mha += layer.n_heads * numbers
            latent = layer.latent_rank + layer.rope_dim if layer.latent_rank else 0
            kept += latent or layer.n_kv_heads * numbers
    ratio = Fraction(mha, kept) if kept else Fraction(1)
    return ratio.numerator if ratio.denominator == 1 else round(float(ratio), 4)


def layers_of(
    shape: ModelShape,
    make: Callable[[Layer], list[Part]],
    tokens: Callable[[Layer], int],
) -> tuple[LayerBytes, ...]:
    """Every layer of the model, with the parts that ``make`` gives it and the tokens it holds."""

    def once(layer: Layer) -> tuple[tuple[Part, ...], int, str]:
        return tuple(make(layer)), tokens(layer) if layer.grows else 0, sharing_note(layer)

    made = parts.each_layer(shape, once)
    return tuple(
        LayerBytes(index=i, kind=layer.kind, parts=found, tokens_held=held, note=note)
        for i, (layer, (found, held, note)) in enumerate(zip(shape.layers, made, strict=True))
    )


def _parts(layer: Layer, workload: Workload) -> list[Part]:
    held = parts.growing_tokens(layer, workload.context)
    found: list[Part] = []
    if layer.grows:
        found += parts.keys_and_values(layer, workload, parts.tokens_factors(workload, held))
        found += parts.compressed(layer, workload)
        keys = parts.entry_factors(workload, layer.indexer_compress)
        found += parts.indexer(layer, workload.k, keys)
    return [*found, *parts.states(layer, workload), *parts.cross(layer, workload)]


def sharing_note(layer: Layer) -> str:
    """``steps`` of a layer that reads another's cache; else ""."""
    return (
        ""
        if layer.shares is None
        else Sentence("reads the cache of layer {shares} = 0 bytes", shares=layer.shares)
    )


def assumptions(shape: ModelShape, workload: Workload) -> tuple[str, ...]:
    """What counting this workload takes for granted in any engine, in sentences."""
    notes: list[str] = []
    kinds = set(shape.kinds)
    if kinds == {LayerKind.GLOBAL}:
        notes.append(Sentence("Every layer keeps every token's keys and values."))
    if workload.tp > 1:
        notes.append(Sentence("Sizes are those of one of {tp} devices.", tp=workload.tp))
    for stored in dict.fromkeys((workload.k, workload.v)):
        notes += stored.notes
    if any(state.number_format == "model" for layer in shape.layers for state in layer.states):
        notes.append(
            Sentence(
                "States that follow the model's format are taken as {name}.",
                name=workload.model.name,
            )
        )
    if LayerKind.COMPRESSED in kinds:
        notes.append(
            Sentence("The tokens that wait for a compressed entry to fill are counted in full.")
        )
    readers = [layer for layer in shape.layers if layer.cross is not None]
    if readers:
        tokens = parts.encoder_tokens(readers[0], workload)
        notes.append(
            Sentence("The encoder's text (or image) is taken as {tokens} tokens.", tokens=tokens)
        )
    return tuple(notes)


def format_gaps(shape: ModelShape, workload: Workload, allocation: Allocation) -> tuple[str, ...]:
    """Where an engine keeps states, indexers' keys and scales otherwise than the formula has it."""
    found: list[str] = []
    kept = _formats(part for layer in allocation.per_layer for part in layer.parts)
    ours = _formats(
        part for layer in dict.fromkeys(shape.layers) for part in _parts(layer, workload)
    )
    for what in ("convolution", "recurrent"):
        if what in kept and kept[what] != ours.get(what, set()):
            found.append(
                Sentence(
                    "The {what} state is kept as {kept}; the formula has {what_2}.",
                    what=Sentence(what),
                    kept=_either(kept[what]),
                    what_2=_either(ours.get(what, set())),
                )
            )
    if "indexer" in kept and kept["indexer"] != ours.get("indexer"):
        found.append(
            Sentence(
                "The indexer's keys are kept as {kept} with a scale; the formula has {get}.",
                kept=_either(kept["indexer"]),
                get=_either(ours.get("indexer", set())),
            )
        )
    return tuple(found)


def _formats(found: Iterable[Part]) -> dict[str, set[str]]:
    formats: dict[str, set[str]] = {}
    for part in found:
        formats.setdefault(part.what, set()).add(part.stored.name)
    return formats


def _either(names: set[str]) -> str:
    listed = sorted(names) or [""]
    return reduce(lambda one, two: Sentence("{one} or {two}", one=one, two=two), listed)


def tp_gap(
    shape: ModelShape, workload: Workload, ideal: int | float, taken: int | float
) -> tuple[str, ...]:
    """Why ``tp`` devices take more than their share, in a sentence; nothing where they do not."""
    if workload.tp == 1 or taken <= ideal:
        return ()
    copied = []
    if any(layer.grows and layer.n_kv_heads < workload.tp for layer in shape.layers):
        copied.append(Sentence("a KV head is copied where there are fewer of them than devices"))
    if any(layer.latent_rank for layer in shape.layers):
        copied.append(Sentence("the latent, which all heads read, is kept whole by each"))
    if any(layer.indexer_dim for layer in shape.layers):
        copied.append(Sentence("so are the indexer's keys"))
    why = joined(", ", copied) if copied else Sentence("what no head owns is kept whole by each")
    return (
        Sentence(
            "Each of the {tp} devices keeps more than a part in {tp}: {why}.",
            tp=workload.tp,
            why=why,
        ),
    )


ENGINE = Engine(name="logical", allocate=allocate, settings=(ENCODER_TOKENS,))
