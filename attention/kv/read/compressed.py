"""DeepSeek-V4's layers: one KV head whose key is read as value too, in a window and compressed."""

from collections.abc import Mapping

from attention.kv.checks import ShapeError, shortened
from attention.kv.read.rules import CSA, HCA, SLIDING
from attention.kv.shape import Layer, LayerKind, State
from attention.sentence import Sentence

RATES = {CSA: 4, HCA: 128}  # tokens that make an entry, as the model has it
TYPES = {0: SLIDING, **{rate: name for name, rate in RATES.items()}}
ONE_FOR_BOTH = Sentence("0: K serves as V and is kept once")


def types_of(ratios: list[object]) -> list[str]:
    """The type of each layer, from ``compress_ratios``.

    Raises:
        ShapeError: an entry that is none of 0, 4 and 128.
    """
    found = []
    for ratio in ratios:
        if not isinstance(ratio, int) or ratio not in TYPES:
            raise ShapeError(
                "{ratio} in compress_ratios is none of 0, 4 and 128.", ratio=shortened(ratio)
            )
        found.append(TYPES[ratio])
    return found


def compressed_layer(
    layer_type: str,
    heads: tuple[int, int, int],
    window: int,
    rate: int,
    indexer_dim: int,
    origins: Mapping[str, str],
) -> Layer:
    """A layer with a window, and an entry for every ``rate`` tokens.

    Args:
        heads: query heads, KV heads, head_dim.
        indexer_dim: numbers of an indexer's key; only lightly compressed layers have one.
    """
    n_heads, n_kv_heads, head_dim = heads
    indexer_dim = indexer_dim if layer_type == CSA else 0
    widths = [head_dim, indexer_dim] if indexer_dim else [head_dim]
    return Layer(
        kind=LayerKind.COMPRESSED,
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        k_head_dim=head_dim,
        v_head_dim=0,
        window=window,
        compress=rate,
        indexer_dim=indexer_dim,
        indexer_compress=rate if indexer_dim else 1,
        states=tuple(_compressor(width, rate, layer_type) for width in widths),
        origins={**origins, "v_head_dim": ONE_FOR_BOTH},
    )


def _compressor(dim: int, rate: int, layer_type: str) -> State:
    """What waits to be compressed, at most: key and gate of ``rate`` − 1 tokens, and the overlap.

    Source: ``modeling_deepseek_v4.py`` of transformers 5.24, ``DeepseekV4CSACache``: two series
    side by side, and the first of them kept of the last full window.
    """
    if layer_type == HCA:
        formula = f"2 (key, gate) · head_dim {dim} · ({rate} − 1) tokens"
        return State(name="compressor", shape=(2, rate - 1, dim), formula=formula)
    waiting = 2 * (rate - 1) + rate  # tokens times series
    formula = f"2 (key, gate) · {dim} · (2 series · ({rate} − 1) tokens + {rate} of the overlap)"
    return State(name="compressor", shape=(2, waiting, dim), formula=formula)
