"""The tensors of a GGUF file as matrices, by the names that transformers has for them.

Names: ``gguf-py/gguf/constants.py`` of llama.cpp (``TENSOR_NAMES``). What has no name here keeps
its own.
"""

import re

from attention.kv.layouts import BLOCKS, PLAIN_LAYOUTS, Layout, block_layout
from attention.kv.matrices import Matrix
from attention.kv.read.gguf.header import Header

NAMES = {
    "token_embd": "embed_tokens", "per_layer_token_embd": "embed_tokens_per_layer",
    "output": "lm_head", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj", "ffn_gate_inp": "mlp.gate",
    "ffn_gate_exps": "mlp.experts.gate_proj", "ffn_up_exps": "mlp.experts.up_proj",
    "ffn_down_exps": "mlp.experts.down_proj", "ffn_gate_up_exps": "mlp.experts.gate_up_proj",
    "ffn_gate_shexp": "mlp.shared_experts.gate_proj", "ffn_up_shexp": "mlp.shared_experts.up_proj",
    "ffn_down_shexp": "mlp.shared_experts.down_proj", "attn_q_a": "self_attn.q_a_proj",
    "attn_q_b": "self_attn.q_b_proj", "attn_kv_a_mqa": "self_attn.kv_a_proj_with_mqa",
    "attn_kv_b": "self_attn.kv_b_proj",
}  # fmt: skip
SHORT = {"f32": "float32", "f16": "float16", "bf16": "bfloat16"}
PLACE = re.compile(r"(?:blk\.(\d{1,5})\.)?(.*)\.(?:weight|bias)$")


def read_tensors(header: Header) -> tuple[tuple[Matrix, Layout], ...]:
    """Every tensor with its format, equal ones of several layers together.

    Returns:
        Empty where a tensor has a format whose size is not known.
    """
    alike: dict[tuple[str, tuple[int, ...], str], list[int]] = {}
    for name, sizes, stored in header.tensors:
        found = PLACE.fullmatch(name)
        layer, part = (found[1], found[2]) if found else (None, name)
        key = (NAMES.get(part, part), sizes, SHORT.get(stored, stored))
        alike.setdefault(key, []).extend([int(layer)] if layer else [])
    parts = []
    for (name, sizes, stored), layers in alike.items():
        if stored not in BLOCKS and stored not in PLAIN_LAYOUTS:
            return ()
        columns, rows, *copies = (*sizes, 1, 1, 1)[:3] if len(sizes) > 1 else (1, *sizes, 1)
        matrix = Matrix(
            name=name, rows=rows, columns=columns, layers=tuple(layers), copies=copies[0]
        )
        parts.append((matrix, block_layout(stored)))
    return tuple(parts)
