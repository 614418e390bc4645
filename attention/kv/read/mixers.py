"""The matrices of layers that keep a state instead of keys, and of gates beside attention.

Each is a ``Family.weights``: from fields, a layer, the model's width and its usual matrices, all
that the layer has. Read in transformers 5.24, ``models/*/modeling_*.py``.
"""

from attention.kv.layer import Layer
from attention.kv.read.family import Sizes
from attention.kv.read.fields import Fields
from attention.kv.read.names import NAMES


def value_gate(_fields: Fields, layer: Layer, d_model: int, sizes: Sizes) -> Sizes:
    """One number for each of V's (``AfmoeAttention``, ``HYV4Attention``: ``gate_proj``)."""
    return {**sizes, "self_attn.gate_proj": (layer.n_heads * layer.v_head_dim, d_model)}


def biases(_fields: Fields, layer: Layer, _d_model: int, sizes: Sizes) -> Sizes:
    """Biases of queries, keys and values (Qwen 2)."""
    numbers = layer.n_heads * layer.k_head_dim
    numbers += layer.n_kv_heads * (layer.k_head_dim + layer.v_head_dim)
    return {**sizes, "self_attn.biases": (numbers, 1)}


def head_gate(_fields: Fields, layer: Layer, d_model: int, sizes: Sizes) -> Sizes:
    """One number for each head (Step-3.5, Laguna: ``g_proj``)."""
    return {**sizes, "self_attn.g_proj": (layer.n_heads, d_model)} if layer.n_heads else sizes


def delta_net(fields: Fields, layer: Layer, d_model: int, sizes: Sizes) -> Sizes:
    """Gated delta nets, and attention whose queries bring a gate as wide as they are.

    ``Qwen3NextGatedDeltaNet``; Qwen 3.5 has the same matrices in four.
    """
    if "mlp.shared_experts.up_proj" in sizes:
        sizes = {**sizes, "mlp.shared_expert_gate": (1, d_model)}
    if not layer.states:
        queries, columns = sizes["self_attn.q_proj"]
        return {**sizes, "self_attn.q_proj": (2 * queries, columns)}
    heads = fields.size("linear_num_value_heads") or 0
    keys = (fields.size("linear_num_key_heads") or 0) * (fields.size("linear_key_head_dim") or 0)
    values = heads * (fields.size("linear_value_head_dim") or 0)
    kernel = fields.size("linear_conv_kernel_dim") or 4
    return {
        **sizes,
        "linear_attn.in_proj_qkv": (2 * keys + values, d_model),
        "linear_attn.in_proj_z": (values, d_model),
        "linear_attn.in_proj_ba": (2 * heads, d_model),
        "linear_attn.conv1d": (2 * keys + values, kernel),
        "linear_attn.out_proj": (d_model, values),
    }


def kimi_delta(fields: Fields, layer: Layer, d_model: int, sizes: Sizes) -> Sizes:
    """Kimi Delta Attention (``KimiLinearDeltaAttention``): gates of low rank."""
    sizes = latent_experts(fields, d_model, sizes)
    if not layer.states:
        return sizes
    nested = "linear_attn_config"
    heads = fields.size("linear_num_heads", f"{nested}.num_heads") or 0
    rank = fields.size("linear_head_dim", f"{nested}.head_dim") or 0
    kernel = fields.size("linear_conv_kernel_dim", f"{nested}.short_conv_kernel_size") or 4
    width = heads * rank
    parts = {f"{name}_proj": (width, d_model) for name in "qkv"}
    for name in ("f", "g"):
        parts |= {f"{name}_a_proj": (rank, d_model), f"{name}_b_proj": (width, rank)}
    parts |= {"b_proj": (heads, d_model), "o_proj": (d_model, width), "conv1d": (3 * width, kernel)}
    return {**sizes, **{f"self_attn.{name}": size for name, size in parts.items()}}


def mamba2(fields: Fields, layer: Layer, d_model: int, sizes: Sizes) -> Sizes:
    """Mamba-2 alone in its layer (``NemotronHMamba2Mixer``)."""
    if not layer.states:
        return sizes
    heads = fields.size("mamba_num_heads", "mamba_n_heads", "n_mamba_heads") or 0
    inner = heads * (fields.size("mamba_head_dim", "mamba_d_head") or 0)
    groups = fields.size("n_groups", "mamba_n_groups", "mamba_ngroups") or 0
    states = fields.size("ssm_state_size", "mamba_d_state", "state_size") or 0
    channels = inner + 2 * groups * states
    return {
        **sizes,
        "mixer.in_proj": (inner + channels + heads, d_model),
        "mixer.conv1d": (channels, fields.size("conv_kernel", "mamba_d_conv") or 4),
        "mixer.out_proj": (d_model, inner),
    }


def nemotron(fields: Fields, layer: Layer, d_model: int, sizes: Sizes) -> Sizes:
    """One norm a layer; experts behind a narrower latent in Nemotron 3."""
    sizes = {**mamba2(fields, layer, d_model, sizes), "norms": (d_model, 1)}
    return latent_experts(fields, d_model, sizes)


def latent_experts(fields: Fields, d_model: int, sizes: Sizes) -> Sizes:
    """Routed experts that work on a narrower latent of the stream, with the way to it and back
    (``NemotronHMoE``; Kimi K3's ``routed_expert_hidden_size``)."""
    latent = fields.size("moe_latent_size", "routed_expert_hidden_size")
    if not latent or "mlp.gate" not in sizes:
        return sizes
    sizes |= {"mlp.fc1_latent_proj": (latent, d_model), "mlp.fc2_latent_proj": (d_model, latent)}
    for name in ("mlp.experts.gate_proj", "mlp.experts.up_proj", "mlp.experts.down_proj"):
        if name in sizes:
            one, other, copies = sizes[name]
            is_down = name.endswith("down_proj")
            sizes[name] = (latent, other, copies) if is_down else (one, latent, copies)
    return sizes


def mamba1(fields: Fields, layer: Layer, d_model: int, sizes: Sizes) -> Sizes:
    """Mamba-1 (``MambaMixer``, ``JambaMambaMixer``): steps through a low rank, decay for each
    channel and state."""
    if not layer.states:
        return sizes
    inner = (fields.size("mamba_expand", "expand") or 2) * d_model
    states = fields.size("mamba_d_state", "state_size") or 16
    rank = fields.size("mamba_dt_rank", "time_step_rank") or -(-d_model // 16)
    kernel = fields.size("mamba_d_conv", "conv_kernel") or 4
    return {
        **sizes,
        "mixer.in_proj": (2 * inner, d_model),
        "mixer.x_proj": (rank + 2 * states, inner),
        "mixer.dt_proj": (inner, rank),
        "mixer.out_proj": (d_model, inner),
        "mixer.conv1d": (inner, kernel),
        "mixer.vectors": ((states + 3) * inner, 1),
    }


def mamba1_alone(fields: Fields, layer: Layer, d_model: int, sizes: Sizes) -> Sizes:
    """Without a feed-forward, and with one norm (``MambaBlock``)."""
    kept = {name: size for name, size in sizes.items() if not name.startswith("mlp.")}
    return mamba1(fields, layer, d_model, {**kept, "norms": (d_model, 1)})


def lightning(fields: Fields, layer: Layer, d_model: int, sizes: Sizes) -> Sizes:
    """Lightning attention: queries, keys and values, and a gate on what comes of them."""
    if not layer.states:
        return sizes
    n_heads = fields.size(*NAMES["n_heads"]) or 0
    width = n_heads * (fields.size(*NAMES["head_dim"]) or d_model // max(1, n_heads))
    return {
        **sizes,
        "self_attn.qkv_proj": (3 * width, d_model),
        "self_attn.out_proj": (d_model, width),
        "self_attn.output_gate": (width, d_model),
    }


def short_conv(fields: Fields, layer: Layer, d_model: int, sizes: Sizes) -> Sizes:
    """Gated short convolutions (``Lfm2ShortConv``)."""
    if not layer.states:
        return sizes
    return {
        **sizes,
        "conv.in_proj": (3 * d_model, d_model),
        "conv.out_proj": (d_model, d_model),
        "conv.conv1d": (d_model, fields.size("conv_L_cache") or 3),
    }
