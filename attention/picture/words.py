"""The picture's words: the keys of the locale files that its scripts use."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attention.models.look import Reading
    from attention.words import Words

#: The keys of the localized strings that the scripts use; `{name}` in a string is filled in.
PICTURE_WORDS = (
    # the split
    "split_title", "split_headline", "split_lead", "split_terms", "split_shape_only", "split_whole",
    "split_cut", "split_parameters", "split_all", "split_alt",
    # the map of the model
    "map_title", "map_measure", "map_entropy", "map_distance", "map_first", "map_previous",
    "map_label", "map_keys", "map_cell", "map_cell_role", "map_tokens", "map_none",
    # every head at once
    "gallery_title", "gallery_layer", "gallery_hint", "gallery_label", "gallery_option",
    "gallery_pooled", "gallery_off", "kv_head", "scale_terms",
    # the chosen head
    "head", "head_off", "head_on", "head_off_title", "head_on_title",
    "heat_hint", "heat_pooled", "heat_alt", "heat_cell", "heat_masked",
    "heat_block", "heat_block_masked", "heat_rows",
    # the heads joined
    "joined_title", "joined_hint", "joined_above", "joined_below",
    "joined_added", "joined_head", "joined_alt",
    # the sentence
    "sentence_title", "sentence_hint", "sentence_label", "sentence_token", "sentence_looks",
    "sentence_looked", "sentence_alt", "sentence_nobody", "sentence_spread",
    "sentence_block", "sentence_block_spread",
    "sentence_block_looks", "sentence_block_looked", "sentence_block_nobody", "sentence_window",
    "sentence_strip", "sentence_goes_on", "sentence_stands", "sentence_merged",
    "sentence_generated", "sentence_generated_one", "sentence_generated_this",
    "sentence_several", "sentence_several_title", "sentence_chosen", "sentence_also",
    "sentence_mean_looks", "sentence_mean_looked", "sentence_mean_nobody", "sentence_mean_spread",
    # a picture instead of the sentence
    "patches_title", "patches_hint", "patches_label", "patches_beside", "patches_shown",
    "patches_scale", "patches_cell", "touch_patches_hint",
    # the cache
    "cache_title", "cache_smaller", "cache_same", "cache_mha", "cache_now", "cache_mqa",
    "cache_per_token", "cache_measured", "cache_computed", "cache_shape_only",
    "cache_none", "cache_announced", "cache_alt",
    "formula_k_and_v", "formula_layers", "formula_kv_heads", "formula_head_dim",
    "formula_tokens", "formula_bytes", "real_title",
    "real_built", "real_regrouped", "real_alt", "byte_units",
    # the presenter's view
    "present_previous", "present_next", "present_place", "present_freeze", "present_frozen",
    "present_leave",
    # instead of those without "touch_", where a finger taps
    "touch_gallery_hint", "touch_heat_hint", "touch_heat_pooled", "touch_sentence_hint",
    "touch_sentence_strip", "touch_sentence_several_title", "touch_map_keys",
)  # fmt: skip

#: The terms of the glossary that the picture opens.
TERMS = (
    "attention", "mha", "mqa", "layer", "head", "weight", "softmax", "token", "kv_head",
    "kv_cache",
    "head_dim", "kib",
    "w_q", "w_k", "w_v", "w_o", "role", "figure",
    # the roles of heads
    "previous", "induction", "subject", "referent", "object", "adjective", "determiner",
    "possessor", "first", "self", "next", "duplicate", "positional", "semantic", "broad", "mixed",
    "left", "cls",
)  # fmt: skip


def words_for(reading: Reading, words: Words) -> Words:
    """What is said of a text in words of a text, of a picture in words of a picture."""
    return words if reading.patches is None else words.over("patches")
