"""Every class of transformers for text, tried on a small random model of its own kind.

``python -m tests.models.architectures`` writes what ``models --architectures`` prints.
"""

import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
import transformers
from transformers.models.auto import modeling_auto

from attention.assets import asset
from attention.models.huggingface.checkpoint import CheckpointError, wrap
from attention.models.huggingface.quiet import quiet
from attention.picture.blocks import told
from attention.words import load_words
from tests.models import tiny

MAPPINGS = ("CAUSAL_LM", "MASKED_LM", "TEXT_ENCODING")
MOST_NUMBERS = 100_000_000
WIDE = 48
SIZES: dict[str, Any] = {
    **dict.fromkeys(("hidden_size", "n_embd", "d_model", "emb_dim", "dim", "embed_dim"), WIDE),
    **dict.fromkeys(("word_embed_proj_dim", "lru_width", "projection_dim"), WIDE),
    **dict.fromkeys(("intermediate_size", "ffn_dim", "d_ff", "n_inner", "hidden_dim"), 64),
    **dict.fromkeys(("encoder_ffn_dim", "decoder_ffn_dim", "d_inner", "dff"), 64),
    **dict.fromkeys(("intermediate_size_mlp", "shared_expert_intermediate_size"), 64),
    **dict.fromkeys(("num_hidden_layers", "n_layer", "n_layers", "num_layers", "depth"), 4),
    **dict.fromkeys(("encoder_layers", "decoder_layers", "num_decoder_layers"), 4),
    **dict.fromkeys(("num_attention_heads", "n_head", "n_heads", "num_heads"), 4),
    **dict.fromkeys(("attention_heads", "encoder_attention_heads", "decoder_attention_heads"), 4),
    **dict.fromkeys(("num_experts", "num_local_experts", "n_routed_experts"), 4),
    **dict.fromkeys(("num_experts_per_tok", "moe_topk", "moe_k", "top_k_experts"), 2),
    **dict.fromkeys(("moe_intermediate_size", "expert_ffn_hidden_size"), 16),
    **dict.fromkeys(("n_group", "topk_group", "n_shared_experts"), 1),
    **dict.fromkeys(("q_lora_rank", "kv_lora_rank", "mamba_dt_rank"), 16),
    **dict.fromkeys(("qk_rope_head_dim", "qk_nope_head_dim", "mamba_d_state"), 8),
    **dict.fromkeys(("linear_num_value_heads", "linear_num_key_heads"), 2),
    **dict.fromkeys(("linear_key_head_dim", "linear_value_head_dim"), 8),
    **dict.fromkeys(("max_position_embeddings", "n_positions", "max_seq_len", "n_ctx"), 256),
    **dict.fromkeys(("pad_token_id", "bos_token_id", "eos_token_id"), 0),
    "vocab_size_per_layer_input": tiny.VOCAB, "hidden_size_per_layer_input": 8,
    "num_kv_shared_layers": 0, "global_head_dim": 16, "rotary_dim": 8, "num_key_value_heads": 2,
    "head_dim": 12, "v_head_dim": 12, "vocab_size": tiny.VOCAB,
    "layer_types": None, "mlp_layer_types": None, "use_mamba_kernels": False,
}  # fmt: skip
#: Ways to cut a config, one after the other until a model runs: fields that are left as they are;
#: "mixed" and "alike" as :func:`_changes` has them.
KEPT: tuple[tuple[str, ...], ...] = (
    (), ("mixed",), ("alike",), ("mixed", "alike"), ("head_dim",), ("num_key_value_heads",),
    ("num_key_value_heads", "head_dim"), ("layer_types", "num_hidden_layers"),
    ("q_lora_rank", "head_dim"),
)  # fmt: skip


def classes() -> dict[str, str]:
    """Model types by class, of all that transformers has for text."""
    found: dict[str, str] = {}
    for mapping in MAPPINGS:
        names = getattr(modeling_auto, f"MODEL_FOR_{mapping}_MAPPING_NAMES")
        for kind, name in names.items():
            found.setdefault(name if isinstance(name, str) else name[0], kind)
    return dict(sorted(found.items()))


def outcome(name: str) -> dict[str, str]:
    """What becomes of a class: ``shown`` is "whole", "part", "refused" or "untried"; ``why`` what
    lacks, or the sentence that refuses it."""
    why = "no small model of it could be made"
    for make in _ways(name):
        try:
            model = wrap(make(), tiny.make_tokenizer("bytes"))
        except CheckpointError as error:
            if " does not run here: " not in str(error):
                return {"shown": "refused", "why": str(error)}
            why = str(error)
        except Exception:
            continue
        else:
            words = load_words("en")
            lacks = [words("sentence.weights_only")] if model.weights_only else []
            lacks += told(model.blocks, words)
            return {"shown": "part" if lacks else "whole", "why": " ".join(lacks)}
    return {"shown": "untried", "why": why}


def _ways(name: str) -> Iterator[Callable[[], transformers.PreTrainedModel]]:
    """Ways to make a small model: as other tests do, or with a config cut to size."""
    known = [key for key, (each, _) in tiny.EVERY.items() if each == name]
    yield from (partial(tiny.make_model, key) for key in known[:1])
    yield from (partial(_small, name, kept) for kept in KEPT)


def _small(name: str, kept: tuple[str, ...]) -> transformers.PreTrainedModel:
    kind = getattr(transformers, name)
    config = kind.config_class(**_changes(kind.config_class, kept))
    with torch.device("meta"):
        size = sum(weight.numel() for weight in kind(config).parameters())
    if size > MOST_NUMBERS:
        raise ValueError(f"{name} has {size:,} numbers")
    torch.manual_seed(0)
    return kind(config).eval()


def _changes(kind: Any, kept: tuple[str, ...]) -> dict[str, Any]:
    config = kind()
    known = {*config.to_dict(), *getattr(kind, "attribute_map", {})}
    changes = {key: value for key, value in SIZES.items() if key in known and key not in kept}
    if "layer_types" in known and "mixed" in kept:  # not all linear, where few layers were left
        changes["layer_types"] = tiny.EVERY_OTHER
    if "num_key_value_heads" in known and "alike" in kept:  # as many as heads (MLA)
        changes["num_key_value_heads"] = 4
    below = {
        key: sub(**_changes(sub, kept))
        for key, sub in getattr(kind, "sub_configs", {}).items()
        if isinstance(sub, type) and sub is not transformers.AutoConfig
    }
    return changes | below


def every() -> Iterator[dict[str, str]]:
    """One a class, in the order of their names."""
    for name, kind in classes().items():
        with quiet():
            yield {"class": name, "model_type": kind, **outcome(name)}


if __name__ == "__main__":
    rows = []
    for row in every():
        rows.append(row)
        print(f"{row['shown']:8} {row['class']}: {row['why'][:150]}", file=sys.stderr, flush=True)
    listed = {"transformers": transformers.__version__, "classes": rows}
    text = json.dumps(listed, ensure_ascii=False, indent=0)
    asset("architectures.json").write_text(text + "\n", encoding="utf-8")
