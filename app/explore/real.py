"""The real model beneath the picture: its cache as built and as the visitor groups it. Pure."""

from dataclasses import dataclass

from app.i18n import Words
from attention.architectures import Architecture, list_architectures
from attention.config import AttentionConfig
from attention.memory import KVShape, bytes_per_token, bytes_total
from attention.picture.payload import RealModel

BATCHES = (1, 2, 4, 8, 16, 32, 64)
CONTEXTS = tuple(2**power for power in range(9, 18))  # 512 to 131,072 tokens


@dataclass(frozen=True)
class RealChoice:
    """A real model and how it is run."""

    model: Architecture
    context: int
    batch: int
    number_format: str


DEFAULT_REAL = RealChoice(
    model=list_architectures()[0], context=4096, batch=1, number_format="bfloat16"
)


def context_choices(model: Architecture) -> tuple[int, ...]:
    """The contexts on offer: none longer than the model was made for."""
    return tuple(size for size in CONTEXTS if size <= model.max_context)


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
        n_kv_heads=model.n_kv_heads,
        built_bytes=real_bytes(real, model.n_kv_heads),
        mha_bytes=real_bytes(real, model.n_heads),
        regrouped_n_kv_heads=regrouped,
        regrouped_bytes=real_bytes(real, regrouped) if regrouped else None,
        note=note,
    )


def real_setting(real: RealChoice, words: Words) -> str:
    """Context, batch and number format in words."""
    tokens, name = f"{real.context:,}", real.number_format
    return words.count("real.setting", real.batch, tokens=tokens, format=name)


def real_bytes(real: RealChoice, n_kv_heads: int) -> int:
    """The real model's whole cache with that many KV heads."""
    shape = _shape(real.model, n_kv_heads)
    return int(bytes_total(shape, real.context, real.batch, real.number_format))


def real_bytes_per_token(real: RealChoice, n_kv_heads: int) -> int:
    """Bytes that one more token takes in every sequence of the batch."""
    return int(bytes_per_token(_shape(real.model, n_kv_heads), real.number_format)) * real.batch


def _shape(model: Architecture, n_kv_heads: int) -> KVShape:
    return KVShape(n_layers=model.n_layers, n_kv_heads=n_kv_heads, head_dim=model.head_dim)
