"""What layers without keys keep for a sequence: Mamba, delta nets, lightning, convolutions.

The shapes are those of transformers 5.24 (``models/*/modeling_*.py``) and a test compares them with
the states of real caches. Recurrent states are float32 there, whatever the model's format.
"""

from attention.kv.checks import ShapeError, shortened
from attention.kv.read.fields import Fields
from attention.kv.shape import State

Sizes = list[tuple[str, int]]  # of each axis: the field's name, and its number


def read_states(fields: Fields, layer_type: str) -> tuple[State, ...] | None:
    """The states of a layer of that type, or None where the config names none that are known.

    Raises:
        ShapeError: fields that do not go together, or are no numbers.
    """
    for is_there, read in KINDS:
        if is_there(fields, layer_type):
            return read(fields)
    return None


def _size(fields: Fields, name: str, *others: str) -> tuple[str, int]:
    value = fields.number(f"states.{name}", name, *others)
    if value is None:
        raise ShapeError(f"the config has no {name}, which its recurrent layers need.")
    return fields.origins[f"states.{name}"].removeprefix(fields.path).split(" (")[0], value


def _convolution(channels: int, kernel: tuple[str, int], of: str) -> tuple[State, ...]:
    name, width = kernel
    if width < 2:
        return ()
    formula = f"({of} = {channels}) · ({name} {width} − 1)"
    return (State(name="convolution", shape=(channels, width - 1), formula=formula),)


def _recurrent(sizes: Sizes, number_format: str = "float32") -> State:
    return State(
        name="recurrent",
        shape=tuple(size for _, size in sizes),
        number_format=number_format,
        formula=" · ".join(f"{name} {size}" for name, size in sizes),
    )


def _mamba1(fields: Fields) -> tuple[State, ...]:
    """Mamba (arXiv 2312.00752): a state of ``state_size`` numbers for each inner channel."""
    inner, words = _inner(fields)
    kernel = _size(fields, "mamba_d_conv", "conv_kernel")
    states = _size(fields, "mamba_d_state", "state_size", "ssm_state_size")
    recurrent = _recurrent([(words, inner), states])
    return (*_convolution(inner, kernel, words), recurrent)


def _inner(fields: Fields) -> tuple[int, str]:
    d_model = _size(fields, "hidden_size", "d_model")[1]
    expand = _size(fields, "mamba_expand", "expand")
    return d_model * expand[1], f"hidden_size {d_model} · {expand[0]} {expand[1]}"


def _zamba1(fields: Fields) -> tuple[State, ...]:
    """Mamba whose inner channels are split into heads."""
    inner, words = _inner(fields)
    heads = _size(fields, "n_mamba_heads")
    states = _size(fields, "mamba_d_state")
    per_head = _divided("the inner width", inner, heads)
    recurrent = _recurrent([heads, ("channels of a head", per_head), states])
    return (*_convolution(inner, _size(fields, "mamba_d_conv"), words), recurrent)


def _mamba2(fields: Fields) -> tuple[State, ...]:
    """Mamba-2 (arXiv 2405.21060): its convolution runs over B and C too."""
    is_plain = fields.model_type == "mamba2"
    heads = _size(fields, *(("num_heads",) if is_plain else MAMBA2_HEADS))
    states = _size(fields, "mamba_d_state", "ssm_state_size", "state_size")
    groups = _size(fields, "mamba_n_groups", "n_groups", "mamba_ngroups")
    kernel = _size(fields, "mamba_d_conv", "conv_kernel")
    head_dim = _mamba2_head_dim(fields, heads, is_plain)
    channels = heads[1] * head_dim[1] + 2 * groups[1] * states[1]
    words = (
        f"{heads[0]} {heads[1]} · {head_dim[0]} {head_dim[1]} + 2 · {groups[0]} {groups[1]} · "
        f"{states[0]} {states[1]}"
    )
    number_format = fields.value("mamba_ssm_cache_dtype")[0] or "float32"
    recurrent = _recurrent([heads, head_dim, states], str(number_format))
    return (*_convolution(channels, kernel, words), recurrent)


MAMBA2_HEADS = ("mamba_num_heads", "mamba_n_heads", "n_mamba_heads")


def _mamba2_head_dim(fields: Fields, heads: tuple[str, int], is_plain: bool) -> tuple[str, int]:
    name = "head_dim" if is_plain else "mamba_head_dim"
    given = fields.value(name)[0] if is_plain else fields.value(name, "mamba_d_head")[0]
    if isinstance(given, int):
        return _size(fields, name, *(() if is_plain else ("mamba_d_head",)))
    ssm = fields.number("states.mamba_d_ssm", "mamba_d_ssm")
    inner = ssm or _inner(fields)[0]
    return "head width", _divided("the inner width", inner, heads)


def _divided(what: str, width: int, heads: tuple[str, int]) -> int:
    if width % heads[1]:
        raise ShapeError(f"{what} {width} does not divide by {heads[0]} {heads[1]}.")
    return width // heads[1]


def _delta_net(fields: Fields) -> tuple[State, ...]:
    """Gated DeltaNet (arXiv 2412.06464): a matrix of key by value for each value head."""
    n_heads = fields.number("n_heads") or 0
    keys = _size_or(fields, "linear_num_key_heads", n_heads)
    values = _size_or(fields, "linear_num_value_heads", n_heads)
    key_dim = _size_or(fields, "linear_key_head_dim", _olmo_key_dim(fields, keys[1]))
    value_dim = _size_or(fields, "linear_value_head_dim", 2 * key_dim[1])
    channels = 2 * keys[1] * key_dim[1] + values[1] * value_dim[1]
    words = (
        f"2 · {keys[0]} {keys[1]} · {key_dim[0]} {key_dim[1]} + {values[0]} {values[1]} · "
        f"{value_dim[0]} {value_dim[1]}"
    )
    kernel = _size(fields, "linear_conv_kernel_dim")
    return (*_convolution(channels, kernel, words), _recurrent([values, key_dim, value_dim]))


def _size_or(fields: Fields, name: str, default: int) -> tuple[str, int]:
    return _size(fields, name) if fields.value(name)[1] else (name, default)


def _olmo_key_dim(fields: Fields, heads: int) -> int:
    return int(0.75 * (fields.number("d_model") or 0) / heads)


def _kimi(fields: Fields) -> tuple[State, ...]:
    """Kimi Delta Attention (arXiv 2510.26692): q, k and v convolved, and a square matrix."""
    own = "linear_attn_config."
    is_bailing = fields.model_type == "bailing_hybrid"
    heads = _size(
        fields, *(("num_attention_heads",) if is_bailing else (f"{own}num_heads", LINEAR_HEADS))
    )
    head_dim = _size(
        fields, *(("head_dim",) if is_bailing else (f"{own}head_dim", "linear_head_dim"))
    )
    kernel = _size(
        fields, f"{own}short_conv_kernel_size", "linear_conv_kernel_dim", "short_conv_kernel_size"
    )
    words = f"3 (q, k, v) · {heads[0]} {heads[1]} · {head_dim[0]} {head_dim[1]}"
    convolution = _convolution(3 * heads[1] * head_dim[1], kernel, words)
    return (*convolution, _recurrent([heads, head_dim, head_dim]))


LINEAR_HEADS = "linear_num_heads"


def _lightning(fields: Fields) -> tuple[State, ...]:
    """Lightning attention (MiniMax-01, arXiv 2501.08313): a square matrix for each head."""
    n_heads = _size(fields, "num_attention_heads")
    given = fields.number("states.head_dim", "head_dim")
    d_model = fields.number("d_model") or n_heads[1]
    head_dim = ("head_dim", given or _divided("hidden_size", d_model, n_heads))
    # transformers keeps it in the model's format; MiniMax's own code and vLLM in float32.
    return (_recurrent([n_heads, head_dim, head_dim], "model"),)


def _griffin(fields: Fields) -> tuple[State, ...]:
    """RG-LRU (Griffin, arXiv 2402.19427)."""
    name = "lru_width" if fields.value("lru_width")[1] else "hidden_size"
    width = _size(fields, name)
    words = f"{width[0]} {width[1]}"
    return (*_convolution(width[1], _size(fields, "conv1d_width"), words), _recurrent([width]))


def _short_convolution(fields: Fields) -> tuple[State, ...]:
    """LFM2's gated short convolutions: no recurrent state."""
    width = _size(fields, "hidden_size")
    return _convolution(width[1], _size(fields, "conv_L_cache"), f"{width[0]} {width[1]}")


def _rwkv(fields: Fields) -> tuple[State, ...]:
    """RWKV-4: the last token of both mixes, and numerator, denominator and maximum."""
    width = _size(fields, "hidden_size")
    inner = _size(fields, "attention_hidden_size", "hidden_size")
    shift = State(name="token shift", shape=(2, width[1]), formula=f"2 · {width[0]} {width[1]}")
    return (shift, _recurrent([("numerator, denominator, maximum", 3), inner]))


def _is(*model_types: str):
    return lambda fields, _layer_type: fields.model_type in model_types


def _has(*names: str):
    return lambda fields, _layer_type: bool(fields.value(*names)[1])


def _is_kimi(fields: Fields, _layer_type: str) -> bool:
    names = ("linear_attn_config.num_heads", LINEAR_HEADS)
    return fields.model_type == "bailing_hybrid" or bool(fields.value(*names)[1])


# In this order: the first that applies.
KINDS = (
    (lambda fields, layer_type: layer_type == "conv", _short_convolution),
    (_is("minimax"), _lightning),
    (_is("recurrent_gemma"), _griffin),
    (_is("rwkv"), _rwkv),
    (_is("zamba"), _zamba1),
    (_is("mamba2"), _mamba2),
    (_is("olmo_hybrid"), _delta_net),
    (_has("linear_num_value_heads"), _delta_net),
    (_is_kimi, _kimi),
    (_has(*MAMBA2_HEADS), _mamba2),
    (_has("mamba_d_state", "state_size", "ssm_state_size"), _mamba1),
    (_has("lru_width"), _griffin),
    (_has("conv_L_cache"), _short_convolution),
)


def unknown_states(fields: Fields, layer_type: str) -> None:
    """Say that a layer's state could not be counted."""
    fields.assume(
        f"Layers of type {shortened(layer_type)} keep a state that this config does not describe "
        "in fields known here: it is not counted."
    )
