"""Heads of one layer: how many query heads, KV heads, and how wide a key and a value are."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from attention.config import either, nearest_divisors
from attention.kv.checks import ShapeError, require_number, shortened
from attention.kv.read.decoder import DecoderFields
from attention.kv.read.fields import Fields
from attention.kv.read.names import NAMES
from attention.kv.read.rules import HYBRID_SLIDING, SLIDING
from attention.sentence import Sentence, joined

ALL_HEADS = Sentence("as many as n_heads: the config names none")
ONE_HEAD = Sentence("multi_query: one for all heads")
# Lists with an entry for each layer, as OpenELM, Laguna and DeciLM have them.
LISTS = {
    "num_attention_heads": ("num_attention_heads_per_layer", "num_query_heads"),
    "num_key_value_heads": ("num_key_value_heads_per_layer", "num_kv_heads", "num_key_value_heads"),
}
# What sliding layers have of their own, in MiMo-V2 and in Step 3.5.
SLIDING_FIELDS = {
    "swa_num_attention_heads": "num_attention_heads",
    "swa_num_key_value_heads": "num_key_value_heads",
    "swa_head_dim": "head_dim",
    "swa_v_head_dim": "v_head_dim",
    "swa_kv_lora_rank": "kv_lora_rank",
    "swa_qk_nope_head_dim": "qk_nope_head_dim",
    "swa_qk_rope_head_dim": "qk_rope_head_dim",
    "num_sliding_attention_heads": "num_attention_heads",
    "attention_other_setting.num_attention_heads": "num_attention_heads",
    "attention_other_setting.num_attention_groups": "num_key_value_heads",
    "attention_other_setting.head_dim": "head_dim",
}


@dataclass(frozen=True)
class Heads:
    """Heads of one layer, and for each number where it comes from."""

    n_heads: int
    n_kv_heads: int
    k_head_dim: int
    v_head_dim: int
    origins: Mapping[str, str]


def read_heads(fields: DecoderFields) -> Heads:
    """Heads as one set of fields gives them.

    Raises:
        ShapeError: no heads, no way to head_dim, or numbers that do not divide.
    """
    n_heads = _n_heads(fields)
    n_kv_heads = _n_kv_heads(fields, n_heads)
    head_dim = _head_dim(fields, n_heads)
    v_head_dim = fields.number("v_head_dim")
    if v_head_dim is None:
        fields.origins["v_head_dim"] = Sentence("as head_dim: the config names none")
        v_head_dim = head_dim
    fields.origins["k_head_dim"] = fields.origins["head_dim"]
    return Heads(n_heads, n_kv_heads, head_dim, v_head_dim, dict(fields.origins))


def _n_heads(fields: DecoderFields) -> int:
    if fields.flag("is_encoder_decoder"):
        n_heads = fields.number("n_heads", *NAMES["decoder_heads"])
        if n_heads:
            return n_heads
    if fields.family.n_heads:
        return fields.family.n_heads(fields)
    n_heads = fields.number("n_heads")
    if n_heads is None:
        raise ShapeError(
            "the config has no num_attention_heads (nor n_head, n_heads, num_heads): "
            "is it a model's config.json?"
        )
    return n_heads


def _n_kv_heads(fields: DecoderFields, n_heads: int) -> int:
    if fields.family.n_kv_heads and (found := fields.family.n_kv_heads(fields, n_heads)):
        return found
    if fields.given("multi_query_attention")[0] and not fields.flag("multi_query_attention"):
        return all_heads(fields, n_heads)  # ChatGLM: the number beside it does not count
    if not _names_kv_heads(fields):
        attn_type = fields.given("attn_config.attn_type")[1]
        if fields.flag("multi_query") or attn_type == "multiquery_attention":
            fields.origins["n_kv_heads"] = ONE_HEAD
            return 1
    if (
        fields.flag("is_encoder_decoder")
        and "decoder_" in fields.origins["n_heads"].rpartition(".")[2]
    ):
        # There num_key_value_heads, if any, is the encoder's.
        return fields.number("n_kv_heads", "decoder_num_key_value_heads") or all_heads(
            fields, n_heads
        )
    return fields.number("n_kv_heads") or all_heads(fields, n_heads)


def _names_kv_heads(fields: DecoderFields) -> bool:
    return bool(fields.value(*NAMES["n_kv_heads"])[1])


def all_heads(fields: Fields, n_heads: int) -> int:
    """As many KV heads as query heads, for want of a field that says otherwise."""
    fields.origins["n_kv_heads"] = ALL_HEADS
    if not fields.is_known:
        fields.assume(
            Sentence(
                "The config names no KV heads: as many as query heads, {n_heads}, were assumed.",
                n_heads=n_heads,
            )
        )
    return n_heads


def _head_dim(fields: DecoderFields, n_heads: int) -> int:
    if not fields.family.derives_head_dim and (head_dim := fields.number("head_dim", least=0)):
        return head_dim
    d_model = fields.number("d_model")
    if d_model is None:
        raise ShapeError("the config has neither head_dim nor hidden_size: give one of them.")
    widths = fields.family.attention_widths
    width = widths * d_model
    if width % n_heads:
        works = either(nearest_divisors(width, n_heads))
        raise ShapeError(
            "hidden_size {width} does not divide by num_attention_heads {n_heads}: choose {works} "
            "heads, or give head_dim.",
            width=width,
            n_heads=n_heads,
            works=works,
        )
    factor = f"{widths} · " if widths > 1 else ""
    fields.origins["head_dim"] = (
        f"{factor}hidden_size {d_model} / num_attention_heads {n_heads} = {width // n_heads}"
    )
    return width // n_heads


def fields_of_layer(fields: DecoderFields, index: int, layer_type: str) -> DecoderFields:
    """The fields as layer ``index`` has them: with what its list, type or own entry changes."""
    changes: dict[str, Any] = {}
    places: list[str] = []
    if layer_type in ("mlp", "moe"):
        return fields
    if n_kv_heads := _of_block(fields, index):
        changes["num_key_value_heads"] = n_kv_heads
        places.append("block_configs")
    for name, lists in LISTS.items():
        for listed in lists:
            _, value = fields.given(listed)
            if isinstance(value, list) and index < len(value):
                changes[name] = require_number(f"an entry of {fields.path}{listed}", value[index])
                places.append(listed)
                break
    if layer_type in (SLIDING, HYBRID_SLIDING):
        for name, target in SLIDING_FIELDS.items():
            if (value := fields.value(name)[0]) is not None:
                changes[target] = value
                places.append(name)
    if fields.family.of_layer:
        of_layer, place = fields.family.of_layer(fields, index, layer_type, changes)
        changes = dict(of_layer)
        places += [place] if place else []
    own = _own_entry(fields, index)
    if own:
        changes |= own
        places = [f"per_layer_config.{index}"]
    if not changes:
        return fields
    where = reduce(lambda one, two: Sentence("{one} and {two}", one=one, two=two), places)
    return fields.overlaid(changes, joined("", (fields.path, where)))


def _of_block(fields: DecoderFields, index: int) -> int | None:
    """KV heads of a block of Nemotron-NAS, which says how many query heads share one."""
    blocks = fields.listed("block_configs")
    if blocks is None or index >= len(blocks):
        return None
    attention = blocks[index]["attention"]
    if (given := attention.get("num_key_value_heads")) is not None:
        return require_number("num_key_value_heads in block_configs", given)
    group = require_number("n_heads_in_group", attention.get("n_heads_in_group"))
    n_heads = fields.number("n_heads") or 0
    if n_heads % group:
        raise ShapeError(
            "num_attention_heads {n_heads} does not divide by n_heads_in_group {group}.",
            n_heads=n_heads,
            group=group,
        )
    return n_heads // group


def _own_entry(fields: DecoderFields, index: int) -> dict[str, Any] | None:
    _, entries = fields.given("per_layer_config")
    if entries is None:
        return None
    if not isinstance(entries, Mapping):
        raise ShapeError("per_layer_config {entries} is not an object.", entries=shortened(entries))
    for key, entry in entries.items():
        if str(key).isdecimal() and int(key) == index and isinstance(entry, Mapping):
            return dict(entry)
    return None
