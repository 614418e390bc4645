"""What layers without keys keep for a sequence: Mamba, delta nets, lightning, convolutions.

The shapes are those of transformers 5.24 (``models/*/modeling_*.py``) and a test compares them with
the states of real caches. Recurrent states are float32 there, whatever the model's format.
"""

from attention.kv.checks import ShapeError, shortened
from attention.kv.read.decoder import DecoderFields
from attention.kv.read.fields import Fields
from attention.kv.read.rules import CONV
from attention.kv.shape import State
from attention.sentence import Sentence

Sizes = list[tuple[str, int]]  # of each axis: the field's name, and its number


def read_states(fields: DecoderFields, layer_type: str) -> tuple[State, ...] | None:
    """The states of a layer of that type, or None where the config names none that are known.

    Raises:
        ShapeError: fields that do not go together, or are no numbers.
    """
    if layer_type == CONV:
        return short_convolution(fields)
    if fields.family.states:
        return fields.family.states(fields)
    return next((read(fields) for names, read in KINDS if fields.value(*names)[1]), None)


def size(fields: Fields, name: str, *others: str) -> tuple[str, int]:
    """A number that a state needs, with the name under which the config has it.

    Raises:
        ShapeError: the config has none, and its class no default.
    """
    value = fields.number(f"states.{name}", name, *others)
    if value is None:
        raise ShapeError("the config has no {name}, which its recurrent layers need.", name=name)
    return _field(fields.origins[f"states.{name}"].removeprefix(fields.path)), value


def _field(origin: str) -> str:
    """The field that an origin names: of a default, or of one layer's own."""
    name = origin.rpartition("(")[2].rstrip(")") if origin.endswith(")") else origin
    return name.rpartition(" for ")[2]


def convolution(
    channels: int, kernel: tuple[str, int], of: str, number_format: str = "model"
) -> tuple[State, ...]:
    """The inputs that a causal convolution still needs; none where it looks at one token alone.

    Args:
        kernel: the field's name, and the tokens that it spans.
        of: how the channels come about, in the config's words.
    """
    name, width = kernel
    if width < 2:
        return ()
    formula = f"({of} = {channels}) · ({name} {width} − 1)"
    shape = (channels, width - 1)
    return (State(name="convolution", shape=shape, number_format=number_format, formula=formula),)


def recurrent(sizes: Sizes, number_format: str = "float32") -> State:
    """A recurrent state with an axis for each size."""
    return State(
        name="recurrent",
        shape=tuple(number for _, number in sizes),
        number_format=number_format,
        formula=" · ".join(f"{name} {number}" for name, number in sizes),
    )


def mamba1(fields: Fields) -> tuple[State, ...]:
    """Mamba (arXiv 2312.00752): a state of ``state_size`` numbers for each inner channel."""
    channels, words = inner(fields)
    kernel = size(fields, "mamba_d_conv", "conv_kernel")
    states = size(fields, "mamba_d_state", "state_size", "ssm_state_size")
    return (*convolution(channels, kernel, words), recurrent([(words, channels), states]))


def inner(fields: Fields) -> tuple[int, str]:
    """Mamba's inner channels, and how they come about."""
    d_model = size(fields, "hidden_size", "d_model")[1]
    expand = size(fields, "mamba_expand", "expand")
    return d_model * expand[1], f"hidden_size {d_model} · {expand[0]} {expand[1]}"


MAMBA2_HEADS = ("mamba_num_heads", "mamba_n_heads", "n_mamba_heads")
MAMBA2_HEAD_DIM = ("mamba_head_dim", "mamba_d_head")


def mamba2(
    fields: Fields,
    heads: tuple[str, ...] = MAMBA2_HEADS,
    head_dim: tuple[str, ...] = MAMBA2_HEAD_DIM,
) -> tuple[State, ...]:
    """Mamba-2 (arXiv 2405.21060): its convolution runs over B and C too.

    Args:
        heads, head_dim: names of the fields that give them.
    """
    n_heads = size(fields, *heads)
    states = size(fields, "mamba_d_state", "ssm_state_size", "state_size")
    groups = size(fields, "mamba_n_groups", "n_groups", "mamba_ngroups")
    kernel = size(fields, "mamba_d_conv", "conv_kernel")
    width = _mamba2_head_dim(fields, n_heads, head_dim)
    channels = n_heads[1] * width[1] + 2 * groups[1] * states[1]
    words = (
        f"{n_heads[0]} {n_heads[1]} · {width[0]} {width[1]} + 2 · {groups[0]} {groups[1]} · "
        f"{states[0]} {states[1]}"
    )
    number_format = fields.value("mamba_ssm_cache_dtype")[0] or "float32"
    kept = recurrent([n_heads, width, states], str(number_format))
    return (*convolution(channels, kernel, words), kept)


def _mamba2_head_dim(
    fields: Fields, n_heads: tuple[str, int], names: tuple[str, ...]
) -> tuple[str, int]:
    if isinstance(fields.value(*names)[0], int):
        return size(fields, *names)
    width = fields.number("states.mamba_d_ssm", "mamba_d_ssm") or inner(fields)[0]
    return "head width", divided("the inner width", width, n_heads)


def divided(what: str, width: int, heads: tuple[str, int]) -> int:
    """The part of ``width`` that one head has. Raises ShapeError where it does not divide."""
    if width % heads[1]:
        raise ShapeError(
            "{what} {width} does not divide by {heads} {heads_2}.",
            what=what,
            width=width,
            heads=heads[0],
            heads_2=heads[1],
        )
    return width // heads[1]


def delta_net(fields: Fields) -> tuple[State, ...]:
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
    kernel = size(fields, "linear_conv_kernel_dim")
    return (*convolution(channels, kernel, words), recurrent([values, key_dim, value_dim]))


def _size_or(fields: Fields, name: str, default: int) -> tuple[str, int]:
    return size(fields, name) if fields.value(name)[1] else (name, default)


def _olmo_key_dim(fields: Fields, heads: int) -> int:
    return int(0.75 * (fields.number("d_model") or 0) / heads)


KIMI_HEADS = ("linear_attn_config.num_heads", "linear_num_heads")
KIMI_HEAD_DIM = ("linear_attn_config.head_dim", "linear_head_dim")
KIMI_KERNEL = (
    "linear_attn_config.short_conv_kernel_size", "linear_conv_kernel_dim", "short_conv_kernel_size"
)  # fmt: skip


def kimi(
    fields: Fields,
    heads: tuple[str, ...] = KIMI_HEADS,
    head_dim: tuple[str, ...] = KIMI_HEAD_DIM,
) -> tuple[State, ...]:
    """Kimi Delta Attention (arXiv 2510.26692): q, k and v convolved, and a square matrix.

    Args:
        heads, head_dim: names of the fields that give them.
    """
    n_heads, width = size(fields, *heads), size(fields, *head_dim)
    words = f"3 (q, k, v) · {n_heads[0]} {n_heads[1]} · {width[0]} {width[1]}"
    convolved = convolution(3 * n_heads[1] * width[1], size(fields, *KIMI_KERNEL), words)
    return (*convolved, recurrent([n_heads, width, width]))


def griffin(fields: Fields) -> tuple[State, ...]:
    """RG-LRU (Griffin, arXiv 2402.19427)."""
    name = "lru_width" if fields.value("lru_width")[1] else "hidden_size"
    width = size(fields, name)
    words = f"{width[0]} {width[1]}"
    return (*convolution(width[1], size(fields, "conv1d_width"), words), recurrent([width]))


def short_convolution(fields: Fields) -> tuple[State, ...]:
    """LFM2's gated short convolutions: no recurrent state."""
    width = size(fields, "hidden_size")
    return convolution(width[1], size(fields, "conv_L_cache"), f"{width[0]} {width[1]}")


# Fields of which one tells the kind, in this order: the first that applies.
KINDS = (
    (("linear_num_value_heads",), delta_net),
    (KIMI_HEADS, kimi),
    (MAMBA2_HEADS, mamba2),
    (("mamba_d_state", "state_size", "ssm_state_size"), mamba1),
    (("lru_width",), griffin),
    (("conv_L_cache",), short_convolution),
)


def unknown_states(fields: Fields, layer_type: str) -> None:
    """Say that a layer's state could not be counted."""
    fields.assume(
        Sentence(
            "Layers of type {layer_type} keep a state that this config does not describe in "
            "fields known here: it is not counted.",
            layer_type=shortened(layer_type),
        )
    )
