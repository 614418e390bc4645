"""What each layer keeps, from a GGUF file's metadata.

What llama.cpp takes where a key is missing was read in its ``src/llama-hparams.cpp`` and in
``load_arch_hparams`` of ``src/models/*.cpp``. Which layers have a window stands in ``windows.py``,
which keep a state in ``states.py``, and which an indexer's keys in ``indexers.py``.
"""

from dataclasses import replace

from attention.kv.checks import LARGEST_LAYERS, ShapeError, require_number
from attention.kv.read.compressed import ONE_FOR_BOTH, TYPES, compressed_layer, types_of
from attention.kv.read.encoders import GGUF_DIFFUSION, GGUF_ENCODERS, no_cache
from attention.kv.read.gguf.indexers import read_indexers
from attention.kv.read.gguf.keys import Keys
from attention.kv.read.gguf.states import is_mlp, read_recurrent, read_states
from attention.kv.read.gguf.windows import Window, read_windows
from attention.kv.read.rules import CSA, SLIDING
from attention.kv.shape import Layer, LayerKind
from attention.sentence import Sentence

SHARED_FROM = {"gemma3n": 20}  # the first layer that reads another's cache
COMPRESSED = ("deepseek4",)
PARALLEL = ("falcon-h1",)  # attention and Mamba side by side in every layer
WITHOUT_ATTENTION = ("mamba", "mamba2", "rwkv6", "rwkv7", "rwkv6qwen2", "arwkv7")


def read_layers(keys: Keys) -> tuple[Layer, ...]:
    """Every layer of the file's model.

    Raises:
        ShapeError: keys that are missing or cannot be.
    """
    n_layers = _n_layers(keys)
    if keys.arch in GGUF_ENCODERS or keys.arch in GGUF_DIFFUSION:
        layers, why = no_cache(keys.arch, n_layers, is_diffusion=keys.arch in GGUF_DIFFUSION)
        keys.assume(why)
        return layers
    if keys.arch in WITHOUT_ATTENTION:
        return (Layer(kind=LayerKind.STATE, states=read_states(keys, 0)),) * n_layers
    heads = keys.per_layer("n_heads", "attention.head_count", n_layers)
    if heads is None:
        raise ShapeError("the GGUF header has no {arch}.attention.head_count.", arch=keys.arch)
    kv_heads = keys.per_layer("n_kv_heads", "attention.head_count_kv", n_layers)
    if kv_heads is None:
        keys.origins["n_kv_heads"] = Sentence("as many as n_heads: the header names none")
        kv_heads = heads
    if keys.arch in COMPRESSED:
        return _compressed(keys, heads, kv_heads)
    windows, recurrent = read_windows(keys, n_layers), read_recurrent(keys, kv_heads)
    indexers = read_indexers(keys, n_layers)
    made = [
        _recurrent(keys, i, max(heads))
        if recurrent[i]
        else _attention(keys, (heads[i], kv_heads[i]), windows[i], indexers[i])
        for i in range(n_layers)
    ]
    loops = keys.number("n_loops", "num_loops") or 1
    require_number("n_layers", n_layers * loops, most=LARGEST_LAYERS)
    return _shared(keys, made * loops)


def _n_layers(keys: Keys) -> int:
    n_layers = keys.number("n_layers", "block_count")
    if n_layers is None:
        raise ShapeError("the GGUF header has no {arch}.block_count.", arch=keys.arch)
    require_number(f"{keys.arch}.block_count", n_layers, most=LARGEST_LAYERS)
    draft = keys.raw("nextn_predict_layers") or 0
    draft = require_number("nextn_predict_layers", draft, least=0, most=n_layers - 1)
    if draft:
        keys.assume(
            Sentence(
                "{draft} of its {n_layers} blocks predict further tokens: not counted.",
                draft=draft,
                n_layers=n_layers,
            )
        )
    return n_layers - draft


def _recurrent(keys: Keys, index: int, n_heads: int) -> Layer:
    states = () if is_mlp(keys, index) else read_states(keys, n_heads)
    return Layer(kind=LayerKind.STATE if states else LayerKind.NONE, states=states)


def _attention(
    keys: Keys, heads: tuple[int, int], window: Window, indexer: tuple[int, int]
) -> Layer:
    """A layer with keys.

    Args:
        heads: query heads and KV heads.
        indexer: numbers of an indexer's key, and the tokens that share one.
    """
    n_heads, n_kv_heads = heads
    if n_heads == 0 or n_kv_heads == 0:
        return Layer(kind=LayerKind.NONE)
    kind, tokens = window or (LayerKind.GLOBAL, None)
    is_swa = kind is LayerKind.WINDOW
    layer = Layer(
        kind=kind,
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        k_head_dim=_head_dim(keys, "key_length", n_heads, is_swa),
        v_head_dim=_head_dim(keys, "value_length", n_heads, is_swa),
        window=tokens,
        states=read_states(keys, n_heads) if keys.arch in PARALLEL else (),
        indexer_dim=indexer[0],
        indexer_compress=indexer[1] if indexer[0] else 1,
    )
    rank = keys.of_kind("latent_rank", "attention.kv_lora_rank", is_swa)
    return _latent(keys, layer, rank) if rank else layer


def _latent(keys: Keys, layer: Layer, rank: int) -> Layer:
    """The layer with one latent vector for all heads; its window, if any, has one of its own."""
    is_swa = layer.kind is LayerKind.WINDOW
    rope = keys.of_kind("rope_dim", "rope.dimension_count", is_swa, least=0)
    if rope is None:
        raise ShapeError("the GGUF header has no {arch}.rope.dimension_count.", arch=keys.arch)
    k_head_dim = keys.of_kind("k_head_dim", "attention.key_length_mla", is_swa)
    v_head_dim = keys.of_kind("v_head_dim", "attention.value_length_mla", is_swa)
    if k_head_dim is None:
        keys.assume(
            Sentence(
                "The file has no key_length_mla, as those converted before April 2025: llama.cpp "
                "then keeps keys and values expanded to every head."
            )
        )
    keys.origins["n_kv_heads"] = Sentence("as many as n_heads: what the latent vector expands to")
    return replace(
        layer,
        kind=layer.kind if is_swa else LayerKind.LATENT,
        n_kv_heads=layer.n_heads,
        k_head_dim=k_head_dim or layer.k_head_dim,
        v_head_dim=v_head_dim or layer.v_head_dim,
        latent_rank=rank,
        rope_dim=rope,
    )


def _compressed(keys: Keys, heads: list[int], kv_heads: list[int]) -> tuple[Layer, ...]:
    """DeepSeek-V4: every layer has a window, most of them compressed entries besides."""
    n_layers = len(heads)
    ratios = keys.per_layer("compress", "attention.compress_ratios", n_layers)
    window = keys.number("window", "attention.sliding_window")
    if ratios is None or window is None:
        missing = "attention.compress_ratios" if ratios is None else "attention.sliding_window"
        raise ShapeError(
            "the GGUF header has no {arch}.{missing}.", arch=keys.arch, missing=missing
        )
    indexer = keys.number("indexer_dim", "attention.indexer.key_length", least=0) or 0
    keys.origins["layers"] = f"{keys.arch}.attention.compress_ratios"
    rates = {name: rate for rate, name in TYPES.items()}
    layers = []
    for index, layer_type in enumerate(types_of(list(ratios))):
        head_dim = _head_dim(keys, "key_length", heads[index], is_swa=False)
        own = (heads[index], kv_heads[index], head_dim)
        if layer_type == SLIDING:
            layers.append(_window_alone(own, window))
            continue
        dim = indexer if layer_type == CSA else 0
        layers.append(compressed_layer(layer_type, own, window, rates[layer_type], dim, {}))
    keys.origins["v_head_dim"] = ONE_FOR_BOTH
    return tuple(layers)


def _window_alone(own: tuple[int, int, int], window: int) -> Layer:
    n_heads, n_kv_heads, head_dim = own
    return Layer(
        kind=LayerKind.WINDOW,
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        k_head_dim=head_dim,
        window=window,
    )


def _head_dim(keys: Keys, name: str, n_heads: int, is_swa: bool) -> int:
    label = "k_head_dim" if name == "key_length" else "v_head_dim"
    given = keys.of_kind(label, f"attention.{name}", is_swa)
    if given:
        return given
    d_model = keys.number("d_model", "embedding_length")
    if d_model is None:
        raise ShapeError("the GGUF header has neither {name} nor embedding_length.", name=name)
    if d_model % n_heads:
        raise ShapeError(
            "embedding_length {d_model} does not divide by head_count {n_heads}, and the header "
            "has no {name}.",
            d_model=d_model,
            n_heads=n_heads,
            name=name,
        )
    keys.origins[label] = f"embedding_length {d_model} / head_count {n_heads}"
    return d_model // n_heads


def _shared(keys: Keys, layers: list[Layer]) -> tuple[Layer, ...]:
    count = keys.number("shares", "attention.shared_kv_layers", least=0)
    first = len(layers) - count if count else SHARED_FROM.get(keys.arch, len(layers))
    if not 0 < first < len(layers):
        return tuple(layers)
    keys.origins.setdefault(
        "shares",
        Sentence("llama.cpp's own for {arch}: from layer {first} on", arch=keys.arch, first=first),
    )
    for index in range(first, len(layers)):
        own = layers[index]
        same = [
            i for i in range(first) if (layers[i].kind, layers[i].window) == (own.kind, own.window)
        ]
        if not same:
            raise ShapeError(
                "layer {index} shares a cache, but no layer before has its kind.", index=index
            )
        layers[index] = Layer(
            kind=LayerKind.SHARED,
            n_heads=own.n_heads,
            n_kv_heads=own.n_kv_heads,
            k_head_dim=own.k_head_dim,
            v_head_dim=own.v_head_dim,
            shares=same[-1],
        )
    return tuple(layers)
