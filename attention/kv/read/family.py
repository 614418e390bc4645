"""What a model type means beyond the names of its config's fields: the hooks of a family."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from attention.kv.layer import Layer, State
from attention.kv.read.fields import Fields
from attention.kv.read.rules import Rule

Changes = Mapping[str, Any]  # fields of one layer that are not the model's
Sizes = dict[str, tuple[int, ...]]  # matrices by name: rows, columns, and copies where several


@dataclass(frozen=True, kw_only=True)
class Family:
    """One model type's ways. All are optional: most types need none, or a rule.

    Args:
        layers: how its layers are arranged, where the config does not list them.
        listed: from fields and the types that the config lists, what its class makes of them.
        layers_alone_count: its list of layers says how many there are, whatever else does.
        n_layers: reads how many layers keep a cache.
        n_heads: reads the query heads.
        n_kv_heads: from fields and query heads, the KV heads; None leaves it to the usual fields.
        derives_head_dim: its class derives head_dim, whatever the config says.
        attention_widths: widths side by side that attention reads; 2 in Zamba.
        of_layer: from fields, a layer's number, its type and what lists give it of its own, all
            that it has of its own, and where that stands, if this adds to it.
        loop: layers from one to before another that are passed so many times, each pass with a
            cache of its own.
        window: reads the window, in tokens; None leaves it to the usual fields.
        latent_v_head_dim: reads a latent layer's v_head_dim, where no field names it.
        k_serves_as_v: K is read as V too and stored once.
        has_indexer: whether that layer keeps an indexer's keys of its own; None leaves it to the
            usual fields.
        states: reads the states of a layer that has them.
        encoder_tokens: reads how many tokens its encoder gives.
        image_tokens: from the config of its vision model, the tokens of an image and their origin.
        weights: from fields, a layer, the model's width and the usual matrices, all that it has.
        outside: from fields, the number of layers and the width, matrices that no layer has.
        matrices: of a feed-forward: 3 with a gate, 2 without.
        width_factor: widths of the model that a feed-forward has, where no field names its width.
        is_sparse: whether that layer may have experts, where no list of the config says it.
        dense_at_start: layers without experts at the start, where no field says how many.
        is_summed: its parameters are the sum of ``matrices.py``, held against the model.
    """

    layers: Rule | None = None
    listed: Callable[[Fields, list[str]], list[str]] | None = None
    layers_alone_count: bool = False
    n_layers: Callable[[Fields], int | None] | None = None
    n_heads: Callable[[Fields], int] | None = None
    n_kv_heads: Callable[[Fields, int], int | None] | None = None
    derives_head_dim: bool = False
    attention_widths: int = 1
    of_layer: Callable[[Fields, int, str, Changes], tuple[Changes, str]] | None = None
    loop: Callable[[Fields, int], tuple[int, int, int]] | None = None
    window: Callable[[Fields], int | None] | None = None
    latent_v_head_dim: Callable[[Fields, int], int] | None = None
    k_serves_as_v: bool = False
    has_indexer: Callable[[int], bool] | None = None
    states: Callable[[Fields], tuple[State, ...]] | None = None
    encoder_tokens: Callable[[Fields], int | None] | None = None
    image_tokens: Callable[[object], tuple[int, str] | None] | None = None
    weights: Callable[[Fields, Layer, int, Sizes], Sizes] | None = None
    outside: Callable[[Fields, int, int], Sizes] | None = None
    matrices: int = 3
    width_factor: int | None = None
    is_sparse: Callable[[int], bool] | None = None
    dense_at_start: int = 0
    is_summed: bool = False


PLAIN = Family()
