"""The matrices of layers that keep a state instead of keys, and of gates beside attention.

Each is a ``Family.weights``: from fields, a layer, the model's width and its usual matrices, all
that the layer has. Read in transformers 5.24, ``models/*/modeling_*.py``.
"""

from attention.kv.layer import Layer
from attention.kv.read.family import Rows
from attention.kv.read.fields import Fields


def value_gate(_fields: Fields, layer: Layer, d_model: int, rows: Rows) -> Rows:
    """One number for each of V's (``AfmoeAttention``, ``HYV4Attention``: ``gate_proj``)."""
    return {**rows, "self_attn.gate_proj": (layer.n_heads * layer.v_head_dim, d_model)}


def biases(_fields: Fields, layer: Layer, _d_model: int, rows: Rows) -> Rows:
    """Biases of queries, keys and values (Qwen 2)."""
    numbers = layer.n_heads * layer.k_head_dim
    numbers += layer.n_kv_heads * (layer.k_head_dim + layer.v_head_dim)
    return {**rows, "self_attn.biases": (numbers, 1)}


def head_gate(_fields: Fields, layer: Layer, d_model: int, rows: Rows) -> Rows:
    """One number for each head (Step-3.5, Laguna: ``g_proj``)."""
    return {**rows, "self_attn.g_proj": (layer.n_heads, d_model)} if layer.n_heads else rows


def delta_net(fields: Fields, layer: Layer, d_model: int, rows: Rows) -> Rows:
    """Gated delta nets, and attention whose queries bring a gate as wide as they are.

    ``Qwen3NextGatedDeltaNet``; Qwen 3.5 has the same matrices in four.
    """
    if "mlp.shared_experts.up_proj" in rows:
        rows = {**rows, "mlp.shared_expert_gate": (1, d_model)}
    if not layer.states:
        queries, columns = rows["self_attn.q_proj"]
        return {**rows, "self_attn.q_proj": (2 * queries, columns)}
    heads = fields.size("linear_num_value_heads") or 0
    keys = (fields.size("linear_num_key_heads") or 0) * (fields.size("linear_key_head_dim") or 0)
    values = heads * (fields.size("linear_value_head_dim") or 0)
    kernel = fields.size("linear_conv_kernel_dim") or 4
    return {
        **rows,
        "linear_attn.in_proj_qkv": (2 * keys + values, d_model),
        "linear_attn.in_proj_z": (values, d_model),
        "linear_attn.in_proj_ba": (2 * heads, d_model),
        "linear_attn.conv1d": (2 * keys + values, kernel),
        "linear_attn.out_proj": (d_model, values),
    }


def kimi_delta(fields: Fields, layer: Layer, d_model: int, rows: Rows) -> Rows:
    """Kimi Delta Attention (``KimiLinearDeltaAttention``): gates of low rank."""
    if not layer.states:
        return rows
    nested = "linear_attn_config"
    heads = fields.size("linear_num_heads", f"{nested}.num_heads") or 0
    rank = fields.size("linear_head_dim", f"{nested}.head_dim") or 0
    kernel = fields.size("linear_conv_kernel_dim", f"{nested}.short_conv_kernel_size") or 4
    width = heads * rank
    parts = {f"{name}_proj": (width, d_model) for name in "qkv"}
    for name in ("f", "g"):
        parts |= {f"{name}_a_proj": (rank, d_model), f"{name}_b_proj": (width, rank)}
    parts |= {"b_proj": (heads, d_model), "o_proj": (d_model, width), "conv1d": (3 * width, kernel)}
    return {**rows, **{f"self_attn.{name}": size for name, size in parts.items()}}


def mamba2(fields: Fields, layer: Layer, d_model: int, rows: Rows) -> Rows:
    """Mamba-2 alone in its layer (``NemotronHMamba2Mixer``)."""
    if not layer.states:
        return rows
    heads = fields.size("mamba_num_heads", "mamba_n_heads", "n_mamba_heads") or 0
    inner = heads * (fields.size("mamba_head_dim", "mamba_d_head") or 0)
    groups = fields.size("n_groups", "mamba_n_groups", "mamba_ngroups") or 0
    states = fields.size("ssm_state_size", "mamba_d_state", "state_size") or 0
    channels = inner + 2 * groups * states
    return {
        **rows,
        "mixer.in_proj": (inner + channels + heads, d_model),
        "mixer.conv1d": (channels, fields.size("conv_kernel", "mamba_d_conv") or 4),
        "mixer.out_proj": (d_model, inner),
    }


def nemotron(fields: Fields, layer: Layer, d_model: int, rows: Rows) -> Rows:
    """One norm a layer; experts behind a narrower latent in Nemotron 3."""
    rows = {**mamba2(fields, layer, d_model, rows), "norms": (d_model, 1)}
    latent = fields.size("moe_latent_size")
    if not latent or "mlp.gate" not in rows:
        return rows
    rows |= {"mlp.fc1_latent_proj": (latent, d_model), "mlp.fc2_latent_proj": (d_model, latent)}
    for name in ("mlp.experts.up_proj", "mlp.experts.down_proj"):
        one, other, copies = rows[name]
        rows[name] = (one, latent, copies) if name.endswith("up_proj") else (latent, other, copies)
    return rows
