"""Which layers of a GGUF file's model keep a state instead of keys, and what it is.

Sizes are those of ``n_embd_r`` and ``n_embd_s`` in llama.cpp's ``src/llama-hparams.cpp``: it keeps
both in float32.
"""

from attention.kv.checks import require_number
from attention.kv.read.gguf.keys import Keys
from attention.kv.shape import State
from attention.sentence import Sentence

# Full attention in one of so many layers, where the header does not say.
FULL_INTERVALS = {"qwen3next": 4, "qwen35": 4, "qwen35moe": 4, "qwen4exp": 4, "minimax-01": 8}
LIGHTNING = ("minimax-01",)


def read_recurrent(keys: Keys, kv_heads: list[int]) -> list[bool]:
    """Which layers keep a state instead of keys: a list, a period, or those without KV heads."""
    n_layers = len(kv_heads)
    listed = keys.flags("layers", "attention.recurrent_layers", n_layers)
    if listed is not None:
        return listed
    interval = keys.raw("full_attention_interval") or FULL_INTERVALS.get(keys.arch)
    if interval:
        interval = require_number("full_attention_interval", interval)
        keys.origins["layers"] = Sentence(
            "full attention in every {interval}th layer", interval=interval
        )
        return [bool((i + 1) % interval) for i in range(n_layers)]
    has_states = any(keys.raw(name) for name in ("ssm.conv_kernel", "shortconv.l_cache"))
    return [has_states and count == 0 for count in kv_heads]


def is_mlp(keys: Keys, index: int) -> bool:
    """Nemotron-H: a layer without KV heads but with a feed-forward width is no Mamba layer."""
    widths = keys.raw("feed_forward_length")
    if not keys.arch.startswith("nemotron_h") or not isinstance(widths, list):
        return False
    return index < len(widths) and bool(widths[index])


def read_states(keys: Keys, n_heads: int) -> tuple[State, ...]:
    """What a recurrent layer keeps.

    Args:
        n_heads: query heads, which are those of Kimi Delta Attention and lightning attention.
    """
    d_model = keys.number("d_model", "embedding_length") or 0
    if wkv := keys.number("states.wkv", "wkv.head_size"):
        shifts = keys.number("states.shift", "token_shift_count") or 2
        shift = State(name="token shift", shape=(shifts, d_model), number_format="float32")
        return (shift, _square((d_model, wkv)))
    if short := keys.number("states.conv", "shortconv.l_cache"):
        return _conv(d_model, short)
    kernel = keys.number("states.conv", "ssm.conv_kernel") or 0
    if kda := keys.number("states.kda", "kda.head_dim"):
        return (*_conv(3 * n_heads * kda, kernel), _square((n_heads, kda, kda)))
    if keys.arch in LIGHTNING:
        head_dim = keys.number("k_head_dim", "attention.key_length") or d_model // max(1, n_heads)
        return (_square((n_heads, head_dim, head_dim)),)
    inner = keys.number("states.inner", "ssm.inner_size")
    size = keys.number("states.size", "ssm.state_size")
    if not inner or not size:
        return ()
    groups = keys.number("states.groups", "ssm.group_count", least=0) or 0
    formula = f"ssm.inner_size {inner} · ssm.state_size {size}"
    return (*_conv(inner + 2 * groups * size, kernel), _square((inner, size), formula))


def _square(shape: tuple[int, ...], formula: str = "") -> State:
    return State(name="recurrent", shape=shape, number_format="float32", formula=formula)


def _conv(channels: int, kernel: int) -> tuple[State, ...]:
    if kernel < 2:
        return ()
    formula = f"{channels} channels · (kernel {kernel} − 1)"
    shape = (channels, kernel - 1)
    return (State(name="convolution", shape=shape, number_format="float32", formula=formula),)
