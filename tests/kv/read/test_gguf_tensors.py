"""The tensors of a GGUF file as weights: the bytes of the file, by the names of their modules."""

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.quants import quantize

from attention.kv.fit.weights import weights_of
from attention.kv.read.gguf.shape import from_gguf

KEYS = {"block_count": 2, "embedding_length": 256, "attention.head_count": 4,
        "attention.head_count_kv": 2}  # fmt: skip
Q = GGMLQuantizationType
TENSORS = {
    "token_embd.weight": ((100, 256), Q.Q8_0),
    "output_norm.weight": ((256,), Q.F32),
    "blk.0.attn_q.weight": ((256, 256), Q.Q4_0),
    "blk.1.attn_q.weight": ((256, 256), Q.Q5_0),
    "blk.0.attn_k.weight": ((128, 256), Q.Q4_0),
    "blk.1.attn_k.weight": ((128, 256), Q.Q4_0),
    "blk.1.ffn_down_exps.weight": ((4, 256, 64), Q.F16),
}


def write(path):
    """A small file, written by llama.cpp's own package; and the bytes of its tensors."""
    writer = GGUFWriter(path, "llama")
    for name, value in KEYS.items():
        writer.add_uint32(f"llama.{name}", value)
    total = 0
    for name, (sizes, kind) in TENSORS.items():
        numbers = quantize(np.zeros(sizes, np.float32), kind)
        total += numbers.nbytes
        writer.add_tensor(name, numbers, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return total


def test_a_file_takes_the_bytes_of_its_tensors(tmp_path):
    total = write(tmp_path / "a.gguf")
    shape = from_gguf(tmp_path / "a.gguf")
    weights = weights_of(shape)
    assert (weights.n_bytes, weights.is_estimate) == (total, False)
    assert weights.parameters == shape.parameters
    parts = {(p.matrix.name, p.layout.name): p.matrix for p in weights.parts}
    assert parts["self_attn.q_proj", "q4_0"].layers == (0,)
    assert parts["self_attn.k_proj", "q4_0"].layers == (0, 1)
    experts = parts["mlp.experts.down_proj", "float16"]
    assert (experts.copies, experts.rows, experts.columns) == (4, 256, 64)
    assert parts["embed_tokens", "q8_0"].is_embedding


def test_a_file_counted_in_another_format_has_the_same_matrices(tmp_path):
    write(tmp_path / "a.gguf")
    shape = from_gguf(tmp_path / "a.gguf")
    norms = 256 * 4
    assert weights_of(shape, "bf16").n_bytes == 2 * shape.parameters
    assert weights_of(shape, "q8_0").n_bytes == (shape.parameters - 256) * 34 // 32 + norms
