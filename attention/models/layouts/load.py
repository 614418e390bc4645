"""The trained layouts: which there are, their cards, and each as something that can be asked."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor

from attention.assets import asset
from attention.config import AttentionConfig
from attention.devices import parse_dtype, pick_device
from attention.errors import HeadcountError
from attention.kv_cache import KVCache
from attention.models.layouts.decoder import Decoder, DecoderConfig, ModelTrace
from attention.probes import Pairs
from attention.survey import HeadSurvey, head_weights, survey_heads
from attention.text.pieces import Units
from attention.text.tokens import readable

LAYOUTS = asset("layouts")
TOKENIZER = asset("tokenizer.json")
MAX_TOKENS = 1024


class LayoutError(HeadcountError):
    """A layout that is not in the family. The message says which are."""


def available_layouts(folder: Path = LAYOUTS) -> tuple[tuple[int, int], ...]:
    """``(n_heads, n_kv_heads)`` of every trained layout at hand, ascending."""
    names = [path.stem.split("x") for path in folder.glob("*x*.safetensors")]
    return tuple(sorted((int(n_heads), int(n_kv_heads)) for n_heads, n_kv_heads in names))


def load_card(n_heads: int, n_kv_heads: int, folder: Path = LAYOUTS) -> dict:
    """What was measured of a layout when it was trained.

    Raises:
        LayoutError: there is no such layout.
    """
    _require_layout(n_heads, n_kv_heads, folder)
    return json.loads((folder / f"{n_heads}x{n_kv_heads}.json").read_text("utf-8"))


def all_cards(folder: Path = LAYOUTS) -> list[dict]:
    """The cards of :func:`available_layouts`, in its order."""
    return [load_card(*layout, folder) for layout in available_layouts(folder)]


def load_layout(
    n_heads: int, n_kv_heads: int, *, device: str = "auto", dtype: str = "float32"
) -> "LayoutModel":
    """A trained layout, ready to be traced.

    >>> from attention import load_layout
    >>> model = load_layout(8, 2)
    >>> model.n_layers, model.config.group_size
    (2, 4)

    Raises:
        LayoutError: there is no such layout.
        DeviceError: there is no such device or number format.
    """
    card = load_card(n_heads, n_kv_heads)
    device, wanted = pick_device(device), parse_dtype(dtype)
    config = DecoderConfig(
        vocab_size=card["vocab_size"],
        attention=AttentionConfig(d_model=card["d_model"], n_heads=n_heads, n_kv_heads=n_kv_heads),
        mlp_dim=card["mlp_dim"],
        rope_bases=tuple(card["rope_bases"]),
    )
    with torch.device("meta"):
        decoder = Decoder(config)
    weights = load_file(LAYOUTS / f"{n_heads}x{n_kv_heads}.safetensors", device=device)
    decoder.load_state_dict({k: v.to(wanted) for k, v in weights.items()}, assign=True)
    return LayoutModel(decoder.eval().requires_grad_(False), card, device)


class LayoutModel:
    """One trained layout with its tokenizer and card. Nothing in it changes after loading."""

    def __init__(self, decoder: Decoder, card: dict, device: str) -> None:
        self.decoder, self.card, self.device = decoder, card, device
        self.config = decoder.config.attention
        self.n_layers = decoder.config.n_layers

    @cached_property
    def tokenizer(self) -> Tokenizer:
        return Tokenizer.from_file(str(TOKENIZER))

    def encode(self, text: str) -> list[int]:
        """Token ids of any text; ``decode`` gives the same text back."""
        return self.tokenizer.encode(text).ids

    def decode(self, ids: Sequence[int]) -> str:
        return self.tokenizer.decode(list(ids))

    def token_texts(self, ids: Sequence[int]) -> list[str]:
        """One readable string a token, see :func:`attention.text.tokens.readable`."""
        return readable([self.tokenizer.id_to_token(i) for i in ids])

    @torch.inference_mode()
    def trace(
        self, ids: Sequence[int], *, causal: bool = True, cache: KVCache | None = None
    ) -> ModelTrace:
        """A forward pass with every intermediate of attention; batch is 1."""
        return self.decoder.trace(
            torch.tensor([list(ids)], device=self.device), causal=causal, cache=cache
        )

    @torch.inference_mode()
    def survey(
        self,
        ids: Sequence[int],
        *,
        causal: bool = True,
        layer: int,
        head: int,
        units: Units | None = None,
        pairs: Pairs | None = None,
    ) -> "LayoutSurvey":
        """A pass for a long text: one layer's heads at a glance, one head's weights in full.

        No layer's weights are held together; the other layers keep none at all.

        Args:
            layer, head: which is shown.
            units, pairs: see :func:`attention.survey.survey_heads`.

        Raises:
            LayoutError: there is no such layer.
            SurveyError: there is no such head, or what was given does not fit the text.
        """
        if not 0 <= layer < self.n_layers:
            raise LayoutError(f"layer {layer} does not exist: choose 0 to {self.n_layers - 1}.")
        cache = KVCache(self.n_layers)
        x = self.decoder.embedding(torch.tensor([list(ids)], device=self.device))
        for index, each in enumerate(self.decoder.layers):
            projected = each.project(x)
            _, _, q, k, v = projected
            cache.append(index, k, v)
            if index == layer:
                shown = projected
            if index < self.n_layers - 1:
                x = each.finish(x, q, k, v, causal=causal)
        normed, q_projected, q, k, _ = shown
        heads = survey_heads(q[0], k[0], causal=causal, ids=ids, units=units, pairs=pairs)
        return LayoutSurvey(
            config=replace(self.config, causal=causal),
            heads=heads,
            chosen=head_weights(q[0], k[0], head, causal=causal, units=units),
            cache_bytes=cache.nbytes,
            x=normed,
            q_projected=q_projected,
            q=q,
            k=k,
            units=units,
        )

    def measure_cache(self, ids: Sequence[int]) -> int:
        """Bytes that a real KV cache holds after these tokens."""
        cache = KVCache(self.n_layers)
        self.trace(ids, cache=cache)
        return cache.nbytes


@dataclass(frozen=True, kw_only=True, eq=False)
class LayoutSurvey:
    """One layer of a layout on a text, without all of its weights; batch is 1."""

    config: AttentionConfig
    heads: HeadSurvey
    chosen: np.ndarray  # float32 [n, n], the exact weights of the head that was asked for
    cache_bytes: int  # measured on a real KV cache, all layers
    x: Tensor  # [1, seq_len, d_model], the layer's normalised input
    q_projected: Tensor  # [1, seq_len, n_heads * head_dim], before it is cut into heads
    q: Tensor  # [1, n_heads, seq_len, head_dim], after RoPE
    k: Tensor  # [1, n_kv_heads, seq_len, head_dim], after RoPE
    units: Units | None

    def weights(self, head: int) -> np.ndarray:
        """The exact weights of another head of this layer, float32 ``[n, n]``: no second pass."""
        causal = self.config.causal
        return head_weights(self.q[0], self.k[0], head, causal=causal, units=self.units)


def _require_layout(n_heads: int, n_kv_heads: int, folder: Path) -> None:
    there = available_layouts(folder)
    if (n_heads, n_kv_heads) in there:
        return
    if not there:
        raise LayoutError(f"No trained layout is in {folder}: run python -m attention train.")
    heads = sorted({h for h, _ in there})
    if n_heads not in heads:
        raise LayoutError(f"No layout was trained with n_heads {n_heads}: choose {_listed(heads)}.")
    kv_heads = [g for h, g in there if h == n_heads]
    raise LayoutError(
        f"No layout was trained with n_heads {n_heads} and n_kv_heads {n_kv_heads}: "
        f"choose n_kv_heads {_listed(kv_heads)}."
    )


def _listed(values: list[int]) -> str:
    *most, last = map(str, values)
    return f"{', '.join(most)} or {last}" if most else last
