"""A Llama in a GGUF file, as transformers names its parts: configuration, tokenizer, weights.

transformers can read GGUF itself, in ten times the time, but its tokenizer then lacks the step that
splits digits (transformers 5.24, ``integrations/ggml.py``); the one that is made here is the
Hub's, byte for byte.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from gguf import GGUFReader, dequantize

from attention.errors import HeadcountError

OUTSIDE = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
INSIDE = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
EPSILON = "llama.attention.layer_norm_rms_epsilon"
CONTROL_TOKEN = 3  # in tokenizer.ggml.token_type


class GGUFError(HeadcountError):
    """A file that holds something else. The message is a clause without a full stop."""


class GGUFLlama:
    """One file, opened; nothing of it is in memory before it is asked for."""

    def __init__(self, path: Path) -> None:
        self._reader = GGUFReader(path)
        self._require("general.architecture", "llama")
        # GPT-2's byte-level BPE, after every digit was made a piece of its own.
        self._require("tokenizer.ggml.model", "gpt2")
        self._require("tokenizer.ggml.pre", "smollm")

    def config(self) -> dict:
        """What config.json says."""
        names = {tensor.name for tensor in self._reader.tensors}
        return {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "vocab_size": len(self._field("tokenizer.ggml.tokens")),
            "hidden_size": self._field("llama.embedding_length"),
            "intermediate_size": self._field("llama.feed_forward_length"),
            "num_hidden_layers": self._field("llama.block_count"),
            "num_attention_heads": self._n_heads,
            "num_key_value_heads": self._n_kv_heads,
            "max_position_embeddings": self._field("llama.context_length"),
            "rope_theta": self._field("llama.rope.freq_base"),
            # float32 in the file: 1e-05, not 9.999999747378752e-06.
            "rms_norm_eps": float(str(np.float32(self._field(EPSILON)))),
            "hidden_act": "silu",
            "attention_bias": False,
            "mlp_bias": False,
            "tie_word_embeddings": "output.weight" not in names,
            "bos_token_id": self._field("tokenizer.ggml.bos_token_id"),
            "eos_token_id": self._field("tokenizer.ggml.eos_token_id"),
            "pad_token_id": self._field("tokenizer.ggml.padding_token_id"),
        }

    def tokenizer(self) -> bytes:
        """What tokenizer.json says, written as the ``tokenizers`` library writes it."""
        pieces = self._field("tokenizer.ggml.tokens")
        kinds = self._field("tokenizer.ggml.token_type")
        flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
        byte_level = {"type": "ByteLevel", "add_prefix_space": False}
        rest = {"trim_offsets": True, "use_regex": True}
        whole = {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [
                {"id": i, "content": piece, **flags, "special": True}
                for i, (piece, kind) in enumerate(zip(pieces, kinds, strict=True))
                if kind == CONTROL_TOKEN
            ],
            "normalizer": None,
            "pre_tokenizer": {
                "type": "Sequence",
                "pretokenizers": [
                    {"type": "Digits", "individual_digits": True},
                    byte_level | rest,
                ],
            },
            "post_processor": None,
            "decoder": byte_level | {"add_prefix_space": True} | rest,
            "model": {
                "type": "BPE",
                "dropout": None,
                "unk_token": None,
                "continuing_subword_prefix": None,
                "end_of_word_suffix": None,
                "fuse_unk": False,
                "byte_fallback": False,
                "ignore_merges": False,
                "vocab": {piece: i for i, piece in enumerate(pieces)},
                "merges": self._field("tokenizer.ggml.merges"),
            },
        }
        return json.dumps(whole, ensure_ascii=False, indent=2).encode()

    def weights(self) -> Iterator[tuple[str, np.ndarray]]:
        """Each tensor's name and its numbers as float32, shaped as ``nn.Linear`` has them.

        Raises:
            GGUFError: a Llama has no such tensor.
        """
        for tensor in self._reader.tensors:
            numbers = dequantize(tensor.data, tensor.tensor_type)
            if ".attn_q." in tensor.name:
                numbers = _rope_in_halves(numbers, self._n_heads)
            elif ".attn_k." in tensor.name:
                numbers = _rope_in_halves(numbers, self._n_kv_heads)
            yield _name(tensor.name), numbers

    @property
    def _n_heads(self) -> int:
        return self._field("llama.attention.head_count")

    @property
    def _n_kv_heads(self) -> int:
        return self._field("llama.attention.head_count_kv")

    def _field(self, name: str):
        if name not in self._reader.fields:
            raise GGUFError("the GGUF file has no {name}", name=name)
        return self._reader.fields[name].contents()

    def _require(self, name: str, wanted: str) -> None:
        if (value := self._field(name)) != wanted:
            raise GGUFError(
                "{name} in the GGUF file is {value!r} instead of {wanted!r}",
                name=name,
                value=value,
                wanted=wanted,
            )


def _name(ours: str) -> str:
    stem, _, kind = ours.rpartition(".")
    if stem in OUTSIDE:
        return f"{OUTSIDE[stem]}.{kind}"
    block, layer, part = (*stem.split("."), "", "")[:3]
    if block != "blk" or part not in INSIDE:
        raise GGUFError("the GGUF file has a tensor that is unknown here: {ours!r}", ours=ours)
    return f"model.layers.{layer}.{INSIDE[part]}.{kind}"


def _rope_in_halves(weights: np.ndarray, n_heads: int) -> np.ndarray:
    """Undo llama.cpp's order of rows (``permute`` in its convert_hf_to_gguf.py).

    llama.cpp rotates neighbours, 2i with 2i + 1; transformers rotates i with i + head_dim / 2.
    """
    out, width = weights.shape
    pairs = weights.reshape(n_heads, out // n_heads // 2, 2, width)
    return pairs.swapaxes(1, 2).reshape(out, width)
