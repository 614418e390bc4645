"""The real model beneath the picture: its cache as built and as the visitor groups it. Pure."""

from dataclasses import dataclass, replace
from functools import cache

from app.i18n import Words
from attention.config import AttentionConfig
from attention.kv.equal_layers import cache_bytes
from attention.kv.formats import stored_format
from attention.kv.read.catalog import find_model
from attention.kv.shape import ModelShape
from attention.picture.scene import RealModel

# Models of the catalog whose every layer keeps every token, from many heads sharing to none.
MODELS = (
    "Llama 2 7B",
    "Llama 2 13B",
    "Llama 2 70B",
    "Mistral 7B v0.3",
    "Mixtral 8x7B",
    "Llama 3 8B",
    "Llama 3 70B",
    "Llama 3.1 405B",
    "Qwen2.5 7B",
    "Gemma 7B",
    "Falcon 7B",
    "GPT-2",
    "SmolLM2 135M",
)
FORMATS = ("float32", "float16", "bfloat16", "fp8", "int8", "int4")
BATCHES = (1, 2, 4, 8, 16, 32, 64)
CONTEXTS = tuple(2**power for power in range(9, 18))  # 512 to 131,072 tokens


@dataclass(frozen=True)
class RealChoice:
    """A real model and how it is run."""

    model: ModelShape
    context: int
    batch: int
    number_format: str

    @property
    def n_kv_heads(self) -> int:
        """Of every layer alike, as built."""
        return self.model.layers[0].n_kv_heads


@cache
def find_real(name: str) -> ModelShape:
    """The model of that name, one of :data:`MODELS`; its name is the one on the page."""
    return replace(find_model(name), name=name)


DEFAULT_REAL = RealChoice(
    model=find_real(MODELS[0]), context=4096, batch=1, number_format="bfloat16"
)


def longest_context(model: ModelShape) -> int:
    """Tokens that the model was made for."""
    return model.max_context or CONTEXTS[-1]


def context_choices(model: ModelShape) -> tuple[int, ...]:
    """The contexts on offer: none longer than the model was made for."""
    return tuple(size for size in CONTEXTS if size <= longest_context(model))


def real_model(real: RealChoice, config: AttentionConfig, words: Words) -> RealModel:
    """The real model as built, and with the visitor's group size where it divides its heads."""
    model, group = real.model, config.group_size
    divides = model.n_heads % group == 0
    regrouped = model.n_heads // group if divides else None
    if divides:
        note = words.count("real.note", group, heads=model.n_heads, kv=regrouped)
    else:
        note = words("real.refused", group=group, heads=model.n_heads)
    return RealModel(
        name=model.name,
        setting=real_setting(real, words),
        n_heads=model.n_heads,
        n_kv_heads=real.n_kv_heads,
        built_bytes=real_bytes(real, real.n_kv_heads),
        mha_bytes=real_bytes(real, model.n_heads),
        regrouped_n_kv_heads=regrouped,
        regrouped_bytes=real_bytes(real, regrouped) if regrouped else None,
        note=note,
    )


def real_setting(real: RealChoice, words: Words) -> str:
    """Context, batch and number format in words."""
    tokens, name = words.number(real.context), real.number_format
    return words.count("real.setting", real.batch, tokens=tokens, format=name)


def real_bytes(real: RealChoice, n_kv_heads: int) -> int:
    """The real model's whole cache with that many KV heads."""
    return _bytes(real, n_kv_heads, real.context)


def real_bytes_per_token(real: RealChoice, n_kv_heads: int) -> int:
    """Bytes that one more token takes in every sequence of the batch."""
    return _bytes(real, n_kv_heads, 1)


def _bytes(real: RealChoice, n_kv_heads: int, context: int) -> int:
    return int(
        cache_bytes(
            n_layers=real.model.n_layers,
            n_kv_heads=n_kv_heads,
            head_dim=real.model.layers[0].k_head_dim,
            tokens=context * real.batch,
            number_bytes=stored_format(real.number_format).bytes_per_number,
        )
    )
