"""Small checkpoints of many architectures, with random weights: for tests and nothing else.

Each is a real folder, as ``save_pretrained`` writes it: config.json, model.safetensors and a small
tokenizer. The weights are larger than a fresh model's, so that attention is far from even and a
wrong formula shows.
"""

import json
import tempfile
from functools import cache
from pathlib import Path

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from tokenizers.processors import TemplateProcessing
from transformers import PreTrainedTokenizerFast

from attention.models.huggingface.checkpoint import load
from attention.models.huggingface.model import LanguageModel
from attention.models.huggingface.quiet import quiet

VOCAB = 400
TEXTS = ["The keys near the old cabinet are lost.", "the cat sat on the mat, and the cat slept"]

WIDE = {"hidden_size": 48, "intermediate_size": 64, "num_hidden_layers": 3}
LONG = {"max_position_embeddings": 256}
GQA = {**WIDE, **LONG, "num_attention_heads": 4, "num_key_value_heads": 2}
MHA = {**WIDE, **LONG, "num_attention_heads": 4}
MIXED = ["sliding_attention", "full_attention", "sliding_attention"]
SLIDING = {"sliding_window": 6, "layer_types": MIXED}

# model_type: (class, what its config is given). Every one goes through transformers' interface.
DECODERS = {
    "llama": ("LlamaForCausalLM", GQA),
    "llama-mqa": ("LlamaForCausalLM", GQA | {"num_key_value_heads": 1, "head_dim": 16}),
    "mistral": ("MistralForCausalLM", GQA | {"sliding_window": 6}),
    "mixtral": ("MixtralForCausalLM", GQA | {"num_local_experts": 2, "num_experts_per_tok": 2}),
    "qwen2": ("Qwen2ForCausalLM", GQA),
    "qwen2-sliding": (
        "Qwen2ForCausalLM",
        GQA | {"use_sliding_window": True, "sliding_window": 5, "max_window_layers": 1},
    ),
    "qwen3": ("Qwen3ForCausalLM", GQA | {"head_dim": 16}),
    "gemma": ("GemmaForCausalLM", GQA | {"head_dim": 24}),
    "gemma2": (
        "Gemma2ForCausalLM",
        GQA
        | SLIDING
        | {"head_dim": 16, "attn_logit_softcapping": 2.0}
        | {"query_pre_attn_scalar": 20, "final_logit_softcapping": 5.0},
    ),
    "gemma3": (
        "Gemma3ForCausalLM",
        GQA | SLIDING | {"head_dim": 16, "query_pre_attn_scalar": 20},
    ),
    "phi": ("PhiForCausalLM", GQA),
    "phi3": ("Phi3ForCausalLM", GQA | {"sliding_window": 6, "pad_token_id": 0}),
    "gpt2": ("GPT2LMHeadModel", {"n_embd": 48, "n_layer": 3, "n_head": 4, "n_positions": 256}),
    "gpt2-scaled": (
        "GPT2LMHeadModel",
        {"n_embd": 48, "n_layer": 3, "n_head": 4, "n_positions": 256}
        | {"scale_attn_by_inverse_layer_idx": True},
    ),
    "gpt_neox": ("GPTNeoXForCausalLM", MHA),
    "gpt_bigcode": (
        "GPTBigCodeForCausalLM",
        {"n_embd": 48, "n_layer": 3, "n_head": 4, "n_positions": 256},
    ),
    "opt": (
        "OPTForCausalLM",
        MHA | {"ffn_dim": 64, "word_embed_proj_dim": 48},
    ),
    "olmo": ("OlmoForCausalLM", GQA | {"clip_qkv": 1.0}),
    "olmo2": ("Olmo2ForCausalLM", GQA),
    "olmo3": ("Olmo3ForCausalLM", GQA | SLIDING),
    "gpt_oss": (
        "GptOssForCausalLM",
        GQA | SLIDING | {"head_dim": 16, "num_local_experts": 2, "num_experts_per_tok": 2},
    ),
    "granite": (
        "GraniteForCausalLM",
        GQA | {"attention_multiplier": 0.4, "logits_scaling": 3.0, "residual_multiplier": 0.7},
    ),
    "starcoder2": ("Starcoder2ForCausalLM", GQA | {"sliding_window": 6, "use_bias": True}),
    "cohere": ("CohereForCausalLM", GQA | {"use_qk_norm": True}),
    "cohere2": ("Cohere2ForCausalLM", GQA | SLIDING),
    "llama4": (
        "Llama4ForCausalLM",
        GQA
        | {"attention_chunk_size": 5, "num_local_experts": 2, "intermediate_size_mlp": 64}
        | {"no_rope_layers": [1, 0, 1], "head_dim": 12}
        | {"layer_types": ["chunked_attention", "full_attention", "chunked_attention"]},
    ),
    "glm": ("GlmForCausalLM", GQA | {"head_dim": 12, "pad_token_id": 0}),
    "smollm3": ("SmolLM3ForCausalLM", GQA | {"pad_token_id": 0}),
    "stablelm": ("StableLmForCausalLM", GQA | {"partial_rotary_factor": 0.5}),
    "nemotron": ("NemotronForCausalLM", GQA),
    "deepseek_v3": (
        "DeepseekV3ForCausalLM",
        MHA
        | {"num_key_value_heads": 4, "moe_intermediate_size": 16, "n_routed_experts": 4}
        | {"num_experts_per_tok": 2, "n_group": 2, "topk_group": 1, "q_lora_rank": 16}
        | {"kv_lora_rank": 16, "qk_rope_head_dim": 8, "qk_nope_head_dim": 8, "v_head_dim": 12},
    ),
}
ENCODERS = {
    "bert": ("BertModel", MHA),
    "bert-mlm": ("BertForMaskedLM", MHA),
    "roberta": ("RobertaModel", MHA | {"pad_token_id": 1}),
    "distilbert": (
        "DistilBertModel",
        {"dim": 48, "hidden_dim": 64, "n_layers": 3, "n_heads": 4} | LONG,
    ),
    "albert": ("AlbertModel", MHA | {"embedding_size": 24}),
    "electra": ("ElectraModel", MHA | {"embedding_size": 24}),
    "modernbert": (
        "ModernBertModel",
        MHA | {"local_attention": 8, "global_attn_every_n_layers": 3, "pad_token_id": 0},
    ),
}
# These do their attention by themselves and hand over its weights.
FALCON = {k: v for k, v in MHA.items() if k != "intermediate_size"}
DISENTANGLED = MHA | {"relative_attention": True, "pos_att_type": ["c2p", "p2c"]}
GPT = {"n_embd": 48, "n_layer": 3, "n_head": 4, "n_positions": 256}
XLM = {"emb_dim": 48, "n_layers": 3, "n_heads": 4, "max_position_embeddings": 256}
WEIGHTS_ONLY = {
    "bloom": ("BloomForCausalLM", {"hidden_size": 48, "n_layer": 3, "n_head": 4}),
    "mpt": ("MptForCausalLM", {"d_model": 48, "n_layers": 3, "n_heads": 4, "max_seq_len": 64}),
    "falcon": ("FalconForCausalLM", FALCON),
    "falcon-alibi": ("FalconForCausalLM", FALCON | {"alibi": True}),
    "falcon-new": (
        "FalconForCausalLM",
        FALCON | {"new_decoder_architecture": True, "num_kv_heads": 2},
    ),
    "gpt_neo": (
        "GPTNeoForCausalLM",
        {"hidden_size": 48, "num_layers": 3, "num_heads": 4, "window_size": 5}
        | {"attention_types": [[["global", "local", "global"], 1]], **LONG},
    ),
    "xglm": (
        "XGLMForCausalLM",
        {"d_model": 48, "ffn_dim": 64, "num_layers": 3, "attention_heads": 4},
    ),
    "roformer-lm": ("RoFormerForCausalLM", MHA | {"embedding_size": 48, "is_decoder": True}),
    "rembert-lm": (
        "RemBertForCausalLM",
        MHA | {"input_embedding_size": 24, "output_embedding_size": 24, "is_decoder": True},
    ),
    "megatron-lm": ("MegatronBertForCausalLM", MHA | {"is_decoder": True}),
    "diffllama": ("DiffLlamaForCausalLM", GQA),
    "openai-gpt": ("OpenAIGPTLMHeadModel", GPT),
    "deberta": ("DebertaModel", DISENTANGLED),
    "deberta-v2": ("DebertaV2Model", DISENTANGLED | {"conv_kernel_size": 3}),
    "deberta-v3": (
        "DebertaV2Model",
        DISENTANGLED
        | {"share_att_key": True, "position_buckets": 16, "norm_rel_ebd": "layer_norm"}
        | {"position_biased_input": False, "max_relative_positions": -1},
    ),
    "mpnet": ("MPNetModel", MHA),
    "xlm": ("XLMModel", XLM),
    "flaubert": ("FlaubertModel", XLM),
    "luke": ("LukeModel", MHA | {"entity_vocab_size": 10, "entity_emb_size": 16}),
    "roformer": ("RoFormerModel", MHA | {"embedding_size": 48}),
    "rembert": ("RemBertModel", MHA | {"input_embedding_size": 24, "output_embedding_size": 24}),
    "megatron-bert": ("MegatronBertModel", MHA),
    "xlnet": ("XLNetModel", {"d_model": 48, "n_layer": 3, "n_head": 4, "d_inner": 64}),
    "ibert": ("IBertModel", MHA),
    "big_bird": ("BigBirdModel", MHA),
    "longformer": ("LongformerModel", MHA | {"attention_window": 4}),
}
# Some of their blocks have no attention, or something beside it.
EVERY_OTHER = ["linear_attention", "full_attention"] * 2
HYBRID = GQA | {"num_hidden_layers": 4, "pad_token_id": 0}
DELTA = {"linear_num_value_heads": 2, "linear_num_key_heads": 2, "layer_types": EVERY_OTHER} | {
    "linear_key_head_dim": 8, "linear_value_head_dim": 8,
}  # fmt: skip
MAMBA2 = {"mamba_n_heads": 4, "mamba_d_head": 24, "mamba_d_state": 8, "mamba_n_groups": 1} | {
    "mamba_chunk_size": 8, "mamba_expand": 2, "mamba_d_conv": 4,
}  # fmt: skip
EXPERTS = {"num_experts": 2, "num_experts_per_tok": 1, "moe_intermediate_size": 16}
CONV = {"layer_types": ["conv", "full_attention"] * 2}
ZAMBA = HYBRID | {"num_key_value_heads": 4, "attention_head_dim": 24, "mamba_d_state": 8} | {
    "layers_block_type": ["mamba", "hybrid"] * 2, "use_mamba_kernels": False,
}  # fmt: skip
HYBRIDS = {
    "qwen3_next": (
        "Qwen3NextForCausalLM",
        HYBRID | DELTA | EXPERTS | {"head_dim": 16, "shared_expert_intermediate_size": 16},
    ),
    "qwen3_5_text": ("Qwen3_5ForCausalLM", HYBRID | DELTA | {"head_dim": 16}),
    "lfm2": ("Lfm2ForCausalLM", HYBRID | CONV),
    "lfm2_moe": ("Lfm2MoeForCausalLM", HYBRID | CONV | EXPERTS),
    "jamba": (
        "JambaForCausalLM",
        HYBRID
        | {"attn_layer_period": 2, "attn_layer_offset": 1, "mamba_d_state": 8, "mamba_dt_rank": 4}
        | {"num_experts": 2, "num_experts_per_tok": 1, "use_mamba_kernels": False},
    ),
    "nemotron_h": (
        "NemotronHForCausalLM",
        HYBRID
        | {"layers_block_type": ["mamba", "attention", "mlp", "moe"], "head_dim": 12}
        | {"mamba_num_heads": 4, "mamba_head_dim": 24, "ssm_state_size": 8, "n_groups": 1}
        | {"chunk_size": 8, "n_routed_experts": 2, "num_experts_per_tok": 1}
        | {"moe_intermediate_size": 16, "moe_shared_expert_intermediate_size": 16},
    ),
    "olmo_hybrid": ("OlmoHybridForCausalLM", HYBRID | DELTA),
    "bamba": ("BambaForCausalLM", HYBRID | MAMBA2 | {"attn_layer_indices": [1, 3]}),
    "minimax": (
        "MiniMaxForCausalLM",
        HYBRID
        | {"head_dim": 12, "layer_types": EVERY_OTHER, "block_size": 4}
        | {"num_local_experts": 2, "num_experts_per_tok": 1},
    ),
    "falcon_h1": ("FalconH1ForCausalLM", HYBRID | MAMBA2 | {"head_dim": 12, "mamba_d_ssm": 96}),
    "granitemoehybrid": (
        "GraniteMoeHybridForCausalLM",
        HYBRID
        | MAMBA2
        | {"layer_types": EVERY_OTHER, "num_local_experts": 2, "num_experts_per_tok": 1}
        | {"shared_intermediate_size": 16},
    ),
    "zamba": ("ZambaForCausalLM", ZAMBA | {"mamba_dt_rank": 4, "n_mamba_heads": 2}),
    "zamba2": (
        "Zamba2ForCausalLM",
        ZAMBA
        | {"n_mamba_heads": 4, "mamba_headdim": 24, "mamba_ngroups": 1, "chunk_size": 8}
        | {"hybrid_layer_ids": [1, 3], "num_mem_blocks": 1},
    ),
    "recurrent_gemma": (
        "RecurrentGemmaForCausalLM",
        HYBRID
        | {"num_key_value_heads": 1, "lru_width": 48, "head_dim": 12}
        | {"attention_window_size": 6, "block_types": ["recurrent", "attention"]},
    ),
}
# These have no attention that can be drawn.
BYPASSING = {
    "squeezebert": ("SqueezeBertModel", MHA | {"embedding_size": 48}),
    "mamba": ("MambaForCausalLM", {"hidden_size": 48, "num_hidden_layers": 2, "state_size": 4}),
}
# An encoder of two layers with a decoder of three, of fewer heads where the class has a say.
STARTS = {"pad_token_id": 0, "decoder_start_token_id": 0}
T5 = {"d_model": 48, "d_kv": 12, "d_ff": 64, "num_layers": 2, "num_decoder_layers": 3} | STARTS
BART = {"d_model": 48, "encoder_layers": 2, "decoder_layers": 3, "encoder_attention_heads": 4}
BART |= {"decoder_attention_heads": 2, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64} | STARTS
PAIRS = {
    "t5": ("T5ForConditionalGeneration", T5 | {"num_heads": 4}),
    "umt5": ("UMT5ForConditionalGeneration", T5 | {"num_heads": 4}),
    "switch_transformers": (
        "SwitchTransformersForConditionalGeneration",
        T5 | {"num_heads": 4, "num_experts": 2},
    ),
    "bart": ("BartForConditionalGeneration", BART | LONG),
    "bart-bare": ("BartModel", BART | LONG),
    "mbart": ("MBartForConditionalGeneration", BART | LONG),
    "marian": ("MarianMTModel", BART | LONG),
    "m2m_100": ("M2M100ForConditionalGeneration", BART | LONG),
    "pegasus": ("PegasusForConditionalGeneration", BART | LONG),
    "blenderbot": ("BlenderbotForConditionalGeneration", BART | LONG),
    "plbart": ("PLBartForConditionalGeneration", BART | LONG),
    "nllb-moe": (
        "NllbMoeForConditionalGeneration",
        BART | LONG | {"num_experts": 4, "encoder_sparse_step": 2, "decoder_sparse_step": 2},
    ),
}
EVERY = DECODERS | ENCODERS | WEIGHTS_ONLY | HYBRIDS | BYPASSING | PAIRS


def make(name: str, folder: Path, *, tokenizer: str = "bytes", dtype: str = "float32") -> Path:
    """Write a random checkpoint of an architecture into ``folder`` and return it.

    Args:
        name: a key of :data:`EVERY`.
        tokenizer: see :func:`make_tokenizer`.
        dtype: of the weights on disk.
    """
    model = make_model(name)
    with quiet():
        model.to(getattr(torch, dtype)).save_pretrained(folder)
        make_tokenizer(tokenizer).save_pretrained(folder)
    return folder


@cache
def load_tiny(name: str, tokenizer: str = "bytes") -> LanguageModel:
    """The same random checkpoint, written, loaded as any other, and shared by all tests."""
    with tempfile.TemporaryDirectory() as folder:
        return load(str(make(name, Path(folder), tokenizer=tokenizer)), device="cpu")


@cache
def eager(name: str) -> transformers.PreTrainedModel:
    """The same weights with the architecture's own attention: nothing of ours has touched it."""
    model = make_model(name)
    model.set_attn_implementation("eager")
    return model


def make_model(name: str) -> transformers.PreTrainedModel:
    """A random model of an architecture, in eval mode."""
    class_name, given = EVERY[name]
    cls = getattr(transformers, class_name)
    config = cls.config_class(vocab_size=VOCAB, bos_token_id=2, eos_token_id=3, **given)
    generator = torch.Generator().manual_seed(7)
    model = cls(config)
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            made = "norm" in key.lower() or "ln" in key
            if made or not parameter.requires_grad:  # Marian's places are sines, and not saved
                continue
            matrix = parameter.dim() >= 2
            parameter.normal_(std=0.2 if matrix else 0.3, generator=generator)  # else: bias, sink
    return model.eval()


def _with_bytes_as_text(backend: Tokenizer, special: list[str]) -> Tokenizer:
    """Byte tokens stand for bytes alone: a text that spells <0xE2> means its letters."""
    state = json.loads(backend.to_str())
    state["added_tokens"] = [t for t in state["added_tokens"] if t["content"] in special]
    return Tokenizer.from_str(json.dumps(state))


@cache  # WordPiece's trainer does not give the same vocabulary twice
def make_tokenizer(kind: str) -> PreTrainedTokenizerFast:
    """A small tokenizer: "bytes" (GPT-2's way), "sentencepiece" (▁, <0xE2>) or "wordpiece" (##)."""
    special = ["<pad>", "<unk>", "<s>", "</s>"]
    if kind == "wordpiece":
        special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
        backend = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        backend.normalizer = normalizers.BertNormalizer(lowercase=True)
        backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        backend.decoder = decoders.WordPiece()
        trainer = trainers.WordPieceTrainer(
            vocab_size=120, special_tokens=special, show_progress=False
        )
    elif kind == "sentencepiece":
        backend = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True))
        backend.pre_tokenizer = pre_tokenizers.Metaspace()
        backend.decoder = decoders.Sequence(
            [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
        )
        bytes_ = [f"<0x{value:02X}>" for value in range(256)]
        trainer = trainers.BpeTrainer(
            vocab_size=360, special_tokens=special + bytes_, show_progress=False
        )
    else:
        backend = Tokenizer(models.BPE())
        backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        backend.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(
            vocab_size=320, special_tokens=special, initial_alphabet=alphabet, show_progress=False
        )
    backend.train_from_iterator(TEXTS, trainer)
    if kind == "sentencepiece":
        backend = _with_bytes_as_text(backend, special)
    first, last = special[2:]
    pair = [(first, backend.token_to_id(first)), (last, backend.token_to_id(last))]
    if kind == "wordpiece":
        backend.post_processor = TemplateProcessing(
            single=f"{first} $A {last}",
            pair=f"{first} $A {last} $B:1 {last}:1",
            special_tokens=pair,
        )
    elif kind == "sentencepiece":
        backend.post_processor = TemplateProcessing(single=f"{first} $A", special_tokens=pair)
    names = ("pad_token", "unk_token", "bos_token", "eos_token")
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, **dict(zip(names, special, strict=True))
    )
