"""Tiny models that generate, of random weights, and what transformers generates with them."""

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from tokenizers.decoders import ByteLevel
from transformers import (
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from attention.models.generate import Generation
from attention.models.huggingface.model import LanguageModel

VOCAB = 300  # 256 bytes, and ids that no text has
SMALL = {"vocab_size": VOCAB, "max_position_embeddings": 64, "eos_token_id": None}
TEXT = "the cat sat"


def tokenizer() -> PreTrainedTokenizerFast:
    """One token a byte; ids 256 and above stand for nothing."""
    signs = sorted(pre_tokenizers.ByteLevel.alphabet())
    backend = Tokenizer(models.BPE({sign: index for index, sign in enumerate(signs)}, []))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=backend)


def llama() -> PreTrainedModel:
    config = LlamaConfig(
        hidden_size=32, intermediate_size=48, num_hidden_layers=3, num_attention_heads=4,
        num_key_value_heads=2, initializer_range=0.4, bos_token_id=None, pad_token_id=None, **SMALL,
    )  # fmt: skip
    return LlamaForCausalLM(config)


def gpt2() -> PreTrainedModel:
    config = GPT2Config(
        n_embd=32, n_layer=2, n_head=4, initializer_range=0.4, bos_token_id=None, **SMALL
    )
    return GPT2LMHeadModel(config)


def gemma3() -> PreTrainedModel:
    """Windows of 6 tokens in two layers of three."""
    config = Gemma3TextConfig(
        hidden_size=32, intermediate_size=48, num_hidden_layers=3, num_attention_heads=4,
        num_key_value_heads=1, head_dim=8, sliding_window=6, initializer_range=0.4,
        layer_types=["sliding_attention", "sliding_attention", "full_attention"],
        bos_token_id=None, pad_token_id=None, **SMALL,
    )  # fmt: skip
    return Gemma3ForCausalLM(config)


BUILDERS = {"llama": llama, "gpt2": gpt2, "gemma3": gemma3}


def wrapped(model: PreTrainedModel) -> LanguageModel:
    return LanguageModel(model.eval(), tokenizer(), title="tiny", source="made here")


def steps_of(generation: Generation, count: int, **how: object) -> list:
    return [generation.step(**how) for _ in range(count)]


def theirs(model: LanguageModel, ids: list[int], count: int, **how: object) -> list[int]:
    """What transformers' own generate adds, without the penalties of a generation_config."""
    plain = {"do_sample": False, "top_k": 0, "top_p": 1.0, "repetition_penalty": 1.0} | how
    out = model.model.generate(
        torch.tensor([ids], device=model.model.device), max_new_tokens=count,
        pad_token_id=0, **plain,
    )  # fmt: skip
    return out[0, len(ids) :].tolist()
