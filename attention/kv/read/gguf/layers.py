"""What each layer keeps, from a GGUF file's metadata.

What llama.cpp takes where a key is missing, and which layers have a window, was read in its
``src/llama-hparams.cpp`` and in ``load_arch_hparams`` of ``src/models/*.cpp``.
"""

from attention.kv.checks import LARGEST_LAYERS, ShapeError, require_number
from attention.kv.read.gguf.keys import Keys
from attention.kv.shape import Layer, LayerKind, State
from attention.sentence import Sentence

# One layer of so many sees every token, the last of them; src/models/*.cpp.
WINDOW_PERIODS = {
    "cohere2": 4,
    "exaone4": 4,
    "gemma2": 2,
    "gemma3": 6,
    "gemma3n": 5,
    "gpt-oss": 2,
    "olmo2": 4,
    "olmo3": 4,
    "plamo3": 8,
    "afmoe": 4,
}
CHUNKS = {"llama4": (8192, 4)}  # tokens of a chunk, and the period of layers without
SHARED_FROM = {"gemma3n": 20}  # the first layer that reads another's cache
FULL_INTERVALS = {"qwen3next": 4, "qwen35": 4, "qwen35moe": 4}  # full attention in one of so many
PARALLEL = ("falcon-h1",)  # attention and Mamba side by side in every layer
WITHOUT_ATTENTION = ("mamba", "mamba2", "rwkv6", "rwkv7", "rwkv6qwen2", "arwkv7")
ENCODERS = ("bert", "modern-bert", "nomic-bert", "jina-bert-v2", "t5encoder", "clip")


def read_layers(keys: Keys) -> tuple[Layer, ...]:
    """Every layer of the file's model.

    Raises:
        ShapeError: an encoder, or keys that are missing or cannot be.
    """
    if keys.arch in ENCODERS:
        raise ShapeError(
            "{arch} is an encoder: it generates nothing and keeps no cache.", arch=keys.arch
        )
    n_layers = _n_layers(keys)
    if keys.arch in WITHOUT_ATTENTION:
        return (Layer(kind=LayerKind.STATE, states=_states(keys)),) * n_layers
    heads = keys.per_layer("n_heads", "attention.head_count", n_layers)
    if heads is None:
        raise ShapeError("the GGUF header has no {arch}.attention.head_count.", arch=keys.arch)
    kv_heads = keys.per_layer("n_kv_heads", "attention.head_count_kv", n_layers)
    if kv_heads is None:
        keys.origins["n_kv_heads"] = Sentence("as many as n_heads: the header names none")
        kv_heads = heads
    windows, recurrent = _windows(keys, n_layers), _recurrent(keys, kv_heads)
    layers = [
        _layer(keys, heads[i], kv_heads[i], windows[i], recurrent[i], i) for i in range(n_layers)
    ]
    return _shared(keys, layers)


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


def _layer(
    keys: Keys, n_heads: int, n_kv_heads: int, window: tuple | None, recurrent: bool, index: int
) -> Layer:
    if recurrent:
        states = _states(keys)
        kind = LayerKind.STATE if states else LayerKind.NONE
        if _is_mlp(keys, index):
            kind, states = LayerKind.NONE, ()
        return Layer(kind=kind, states=states)
    if n_heads == 0 or n_kv_heads == 0:
        return Layer(kind=LayerKind.NONE)
    kind, tokens = window or (LayerKind.GLOBAL, None)
    is_swa = kind is LayerKind.WINDOW
    k_head_dim = _head_dim(keys, "key_length", n_heads, is_swa)
    v_head_dim = _head_dim(keys, "value_length", n_heads, is_swa)
    states = _states(keys) if keys.arch in PARALLEL else ()
    indexer = keys.number("indexer_dim", "attention.indexer.key_length") or 0
    rank = keys.number("latent_rank", "attention.kv_lora_rank")
    if not rank:
        return Layer(
            kind=kind,
            n_heads=n_heads,
            n_kv_heads=n_kv_heads,
            k_head_dim=k_head_dim,
            v_head_dim=v_head_dim,
            window=tokens,
            states=states,
            indexer_dim=indexer,
        )
    return _latent(keys, n_heads, rank, (k_head_dim, v_head_dim), indexer)


def _latent(keys: Keys, n_heads: int, rank: int, dims: tuple[int, int], indexer: int) -> Layer:
    rope = keys.number("rope_dim", "rope.dimension_count", least=0)
    if rope is None:
        raise ShapeError("the GGUF header has no {arch}.rope.dimension_count.", arch=keys.arch)
    k_head_dim = keys.number("k_head_dim", "attention.key_length_mla")
    v_head_dim = keys.number("v_head_dim", "attention.value_length_mla")
    if k_head_dim is None:
        keys.assume(
            Sentence(
                "The file has no key_length_mla, as those converted before April 2025: llama.cpp "
                "then keeps keys and values expanded to every head."
            )
        )
    keys.origins["n_kv_heads"] = Sentence("as many as n_heads: what the latent vector expands to")
    return Layer(
        kind=LayerKind.LATENT,
        n_heads=n_heads,
        n_kv_heads=n_heads,
        k_head_dim=k_head_dim or dims[0],
        v_head_dim=v_head_dim or dims[1],
        latent_rank=rank,
        rope_dim=rope,
        indexer_dim=indexer,
    )


def _head_dim(keys: Keys, name: str, n_heads: int, is_swa: bool) -> int:
    label = "k_head_dim" if name == "key_length" else "v_head_dim"
    own = keys.number(label, f"attention.{name}_swa") if is_swa else None
    given = own or keys.number(label, f"attention.{name}")
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


def _windows(keys: Keys, n_layers: int) -> list[tuple[LayerKind, int] | None]:
    """For each layer its kind and window, or None where it sees every token."""
    if keys.arch in CHUNKS:
        tokens, every = CHUNKS[keys.arch]
        keys.origins["window"] = Sentence(
            "llama.cpp's own for {arch}: chunks of {tokens}", arch=keys.arch, tokens=tokens
        )
        chunk = (LayerKind.CHUNK, tokens)
        return [chunk if (i + 1) % every else None for i in range(n_layers)]
    window = keys.number("window", "attention.sliding_window", least=0)
    pattern = keys.raw("attention.sliding_window_pattern")
    period = WINDOW_PERIODS.get(keys.arch)
    if not window:
        return [None] * n_layers
    has_window = (LayerKind.WINDOW, window)
    if isinstance(pattern, list) and pattern:
        keys.origins["layers"] = f"{keys.arch}.attention.sliding_window_pattern"
        return [has_window if pattern[i % len(pattern)] else None for i in range(n_layers)]
    if isinstance(pattern, int) and not isinstance(pattern, bool):
        period = pattern
    if period is None:
        keys.assume(
            Sentence(
                "The header has a window of {window} tokens, but llama.cpp applies none to "
                "{arch}: every token is counted.",
                window=window,
                arch=keys.arch,
            )
        )
        return [None] * n_layers
    keys.origins["layers"] = Sentence(
        "every {period}th layer sees every token ({arch})", period=period, arch=keys.arch
    )
    return [None if period and i % period == period - 1 else has_window for i in range(n_layers)]


def _recurrent(keys: Keys, kv_heads: list[int]) -> list[bool]:
    """Which layers keep a state instead of keys."""
    interval = keys.raw("full_attention_interval") or FULL_INTERVALS.get(keys.arch)
    if interval:
        interval = require_number("full_attention_interval", interval)
        keys.origins["layers"] = Sentence(
            "full attention in every {interval}th layer", interval=interval
        )
        return [bool((i + 1) % interval) for i in range(len(kv_heads))]
    has_states = any(keys.raw(name) for name in ("ssm.conv_kernel", "shortconv.l_cache"))
    return [has_states and count == 0 for count in kv_heads]


def _is_mlp(keys: Keys, index: int) -> bool:
    """Nemotron-H: a layer without KV heads but with a feed-forward width is no Mamba layer."""
    widths = keys.raw("feed_forward_length")
    if not keys.arch.startswith("nemotron_h") or not isinstance(widths, list):
        return False
    return index < len(widths) and bool(widths[index])


def _states(keys: Keys) -> tuple[State, ...]:
    """As llama.cpp's ``n_embd_r`` and ``n_embd_s``: it keeps both in float32."""
    d_model = keys.number("d_model", "embedding_length") or 0
    if wkv := keys.number("states.wkv", "wkv.head_size"):
        shifts = keys.number("states.shift", "token_shift_count") or 2
        shift = State(name="token shift", shape=(shifts, d_model), number_format="float32")
        return (shift, State(name="recurrent", shape=(d_model, wkv), number_format="float32"))
    if short := keys.number("states.conv", "shortconv.l_cache"):
        return _conv(d_model, short)
    kernel = keys.number("states.conv", "ssm.conv_kernel") or 0
    if kda := keys.number("states.kda", "kda.head_dim"):
        n_heads = max(keys.per_layer("n_heads", "attention.head_count", _n_layers(keys)) or [0])
        square = State(name="recurrent", shape=(n_heads, kda, kda), number_format="float32")
        return (*_conv(3 * n_heads * kda, kernel), square)
    inner = keys.number("states.inner", "ssm.inner_size")
    size = keys.number("states.size", "ssm.state_size")
    if not inner or not size:
        return ()
    groups = keys.number("states.groups", "ssm.group_count", least=0) or 0
    recurrent = State(
        name="recurrent",
        shape=(inner, size),
        number_format="float32",
        formula=f"ssm.inner_size {inner} · ssm.state_size {size}",
    )
    return (*_conv(inner + 2 * groups * size, kernel), recurrent)


def _conv(channels: int, kernel: int) -> tuple[State, ...]:
    if kernel < 2:
        return ()
    formula = f"{channels} channels · (kernel {kernel} − 1)"
    shape = (channels, kernel - 1)
    return (State(name="convolution", shape=shape, number_format="float32", formula=formula),)


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
