"""Which layer is of which type, in transformers' words: ``"full_attention"``, ``"conv"`` and so on.

A config lists them (``layer_types``), names a rule (``sliding_window_pattern``), or leaves it to
the default of its class. The rules were read in transformers 5.24,
``models/*/configuration_*.py``, each in the ``__post_init__`` of its class, and a test compares
them with the layers of the caches that transformers builds.
"""

from attention.kv.checks import LARGEST_LAYERS, ShapeError, require_number, shortened
from attention.kv.read.compressed import types_of
from attention.kv.read.decoder import DecoderFields
from attention.kv.read.rules import (
    CONV,
    CROSS,
    FULL,
    HYBRID,
    HYBRID_SLIDING,
    INDEXED,
    LINEAR,
    SLIDING,
    SPARSE_M3,
    every,
    llama4,
    qwen,
    windows_are_off,
)
from attention.sentence import Sentence

# Older and other names for the same.
SYNONYMS = {
    "mamba": LINEAR,
    "mamba2": LINEAR,
    "linear": LINEAR,
    "gated_deltanet": LINEAR,
    "recurrent": LINEAR,
    "attention": FULL,
    "full": FULL,
    "global": FULL,
    "global_attention": FULL,
    "local_attention": SLIDING,
    "sliding_window": SLIDING,
    "sliding_window_attention": SLIDING,
    "swa": SLIDING,
    "deepseek_sparse_attention": INDEXED,
    "qwen_sparse_attention": INDEXED,
    "mlp": "mlp",
    "moe": "moe",
}
PATTERN_LETTERS = {"M": LINEAR, "*": FULL, "-": "mlp", "E": "moe"}  # nemotron_h


def layer_types(fields: DecoderFields, n_layers: int | None) -> list[str]:
    """The type of each layer; its origin is noted under ``"layers"``.

    Raises:
        ShapeError: no number of layers and no list of them, or a list of another length.
    """
    readers = (_listed, _lettered, _compress_ratios, _kda, _numbered, _m3_frequencies, _blocks)
    for read in readers:
        found = read(fields, n_layers)
        if found is not None:
            return fields.family.listed(fields, found) if fields.family.listed else found
    if n_layers is None:
        raise ShapeError(
            "the config has no num_hidden_layers (nor n_layer, n_layers, num_layers): "
            "is it a model's config.json?"
        )
    if rule := fields.family.layers:
        fields.origins.setdefault(
            "layers", Sentence("rule of {model_type} in transformers", model_type=fields.model_type)
        )
        return rule(fields, n_layers)
    return _by_fields(fields, n_layers)


def _listed(fields: DecoderFields, n_layers: int | None) -> list[str] | None:
    for name in ("layer_types", "layers_block_type"):
        listed = fields.listed(name)
        if listed is None:
            continue
        for entry in listed:
            if not isinstance(entry, str):
                raise ShapeError(
                    "{entry} in {path}{name} is no text.",
                    entry=shortened(entry),
                    path=fields.path,
                    name=name,
                )
        fields.origins["layers"] = f"{fields.path}{name}"
        return _of_length(fields, name, [SYNONYMS.get(entry, entry) for entry in listed], n_layers)
    return None


def _of_length(
    fields: DecoderFields, name: str, listed: list[str], n_layers: int | None
) -> list[str]:
    """The list, if it has an entry for each layer; entries for draft layers behind are cut."""
    if n_layers is None or fields.family.layers_alone_count:
        require_number(
            Sentence("the length of {path}{name}", path=fields.path, name=name),
            len(listed),
            most=LARGEST_LAYERS,
        )
        return listed
    if len(listed) < n_layers:
        raise ShapeError(
            "{path}{name} has {n_listed} entries, but there are {n_layers} layers.",
            path=fields.path,
            name=name,
            n_listed=len(listed),
            n_layers=n_layers,
        )
    if len(listed) > n_layers:
        fields.assume(
            Sentence(
                "Entries of {name} beyond layer {n_layers} belong to no layer here.",
                name=name,
                n_layers=n_layers - 1,
            )
        )
    return listed[:n_layers]


def _lettered(fields: DecoderFields, n_layers: int | None) -> list[str] | None:
    name, pattern = fields.given("hybrid_override_pattern")
    if not name:
        return None
    if not isinstance(pattern, str) or set(pattern) - PATTERN_LETTERS.keys():
        raise ShapeError(
            "{path}{name} {pattern} is not made of M, E, * and -.",
            path=fields.path,
            name=name,
            pattern=shortened(pattern),
        )
    fields.origins["layers"] = f"{fields.path}{name}"
    return _of_length(fields, name, [PATTERN_LETTERS[letter] for letter in pattern], n_layers)


def _compress_ratios(fields: DecoderFields, n_layers: int | None) -> list[str] | None:
    ratios = fields.listed("compress_ratios")
    if ratios is None:
        return None
    fields.origins["layers"] = f"{fields.path}compress_ratios"
    return _of_length(fields, "compress_ratios", types_of(ratios), n_layers)


def _m3_frequencies(fields: DecoderFields, n_layers: int | None) -> list[str] | None:
    name, listed = fields.given("sparse_attention_config.sparse_attention_freq")
    if not name or not isinstance(listed, list):
        return None
    fields.origins["layers"] = f"{fields.path}{name}"
    return _of_length(fields, name, [SPARSE_M3 if entry else FULL for entry in listed], n_layers)


def _blocks(fields: DecoderFields, n_layers: int | None) -> list[str] | None:
    """DeciLM and Nemotron-NAS: a search removed the attention of some layers, or made it linear."""
    name = "num_key_value_heads_per_layer"
    counts = fields.listed(name)
    if counts is None:
        name, blocks = "block_configs", fields.listed("block_configs")
        if blocks is None:
            return None
        counts = [_keeps_keys(block) for block in blocks]
    fields.origins["layers"] = f"{fields.path}{name}"
    return _of_length(fields, name, [FULL if count else "mlp" for count in counts], n_layers)


def _keeps_keys(block: object) -> bool:
    attention = block.get("attention") if isinstance(block, dict) else None
    if not isinstance(attention, dict):
        raise ShapeError("{block} in block_configs has no attention.", block=shortened(block))
    return not (attention.get("no_op") or attention.get("replace_with_linear"))


def _kda(fields: DecoderFields, n_layers: int | None) -> list[str] | None:
    """Kimi Delta Attention's layers, counted from 1; GLM-5.3-Flash counts them from 0."""
    name = "linear_attn_config.kda_layers"
    listed = fields.listed(name)
    if listed is None or n_layers is None:
        return None
    fields.origins["layers"] = f"{fields.path}{name}"
    chosen = fields.indices(name, n_layers, 0 if 0 in listed else 1) or frozenset()
    return [LINEAR if i in chosen else FULL for i in range(n_layers)]


# Lists of the layers that are of one type; the others are of the other. Kimi counts from 1.
NUMBERED = (
    ("linear_attn_config.full_attn_layers", 1, FULL, LINEAR),
    ("attn_layer_indices", 0, FULL, LINEAR),
    ("full_attn_idxs", 0, FULL, CONV),
    ("hybrid_layer_ids", 0, HYBRID, LINEAR),
    ("cross_attention_layers", 0, CROSS, FULL),
    ("local_layer_ids", 0, HYBRID_SLIDING, HYBRID),
    ("attn_type_list", None, FULL, LINEAR),
    ("hybrid_layer_pattern", None, SLIDING, FULL),
)


def _numbered(fields: DecoderFields, n_layers: int | None) -> list[str] | None:
    for name, first, inside, outside in NUMBERED:
        value = fields.value(name)[0]
        if value is None or n_layers is None:
            continue
        fields.origins["layers"] = f"{fields.path}{name}"
        if first is None:  # not numbers of layers, but 1 or 0 for each
            flags = fields.listed(name) or []
            return _of_length(fields, name, [inside if f else outside for f in flags], n_layers)
        chosen = fields.indices(name, n_layers, first) or frozenset()
        return [inside if i in chosen else outside for i in range(n_layers)]
    return None


def _by_fields(fields: DecoderFields, n_layers: int) -> list[str]:
    """For types without a rule of their own: what the usual fields say."""
    for name in ("full_attention_interval", "sliding_window_pattern", "attn_layer_period"):
        if fields.given(name)[0]:
            rest = SLIDING if name == "sliding_window_pattern" else LINEAR
            offset = -1 if name != "attn_layer_period" else None
            return every(1, name, rest=rest, at=offset)(fields, n_layers)
    if not windows_are_off(fields) and fields.number("window"):
        return qwen(fields, n_layers)
    if fields.number("chunk"):
        return llama4(fields, n_layers)
    return [FULL] * n_layers
