"""Models that keep no cache: encoders, which read their text at once, and diffusion."""

from attention.kv.read.decoder import DecoderFields
from attention.kv.shape import Layer, LayerKind
from attention.sentence import Sentence

# Decoders only where the config says ``is_decoder`` (transformers 5.24, ``models/*/modeling_*.py``:
# ``use_cache`` does not count otherwise).
DECODERS_IF_ASKED = (
    "bert", "bert-generation", "big_bird", "camembert", "data2vec-text", "electra", "ernie",
    "megatron-bert", "rembert", "roberta", "roberta-prelayernorm", "roc_bert", "roformer",
    "xlm-roberta", "xlm-roberta-xl", "xmod",
)  # fmt: skip
# Types that transformers has for masked language modelling and not for causal, and Jina's own.
ENCODERS = (
    "albert", "convbert", "deberta", "deberta-v2", "distilbert", "esm", "esmc", "eurobert",
    "flaubert", "fnet", "funnel", "gte", "ibert", "jina_bert", "jina_embeddings_v3", "layoutlm",
    "longformer", "luke", "mobilebert", "modernbert", "modernvbert", "mpnet", "mra", "neomme",
    "nomic_bert", "nystromformer", "perceiver", "squeezebert", "tapas", "ultrabert",
    "ultravbert", "yoso",
)  # fmt: skip
# llama_model::create_memory of llama.cpp (August 2026) makes no cache for these architectures.
GGUF_ENCODERS = (
    "bert", "clip", "eurobert", "gemma-embedding", "jina-bert-v2", "jina-bert-v3", "modern-bert",
    "neo-bert", "nomic-bert", "nomic-bert-moe", "t5encoder",
)  # fmt: skip
GGUF_DIFFUSION = ("dream", "llada", "llada-moe", "rnd1")


def is_encoder(fields: DecoderFields) -> bool:
    """Whether the config is that of a model which reads its text at once."""
    if fields.given("is_decoder")[1] is True or fields.flag("is_encoder_decoder"):
        return False
    made_as = fields.given("architectures")[1]
    if isinstance(made_as, list) and any(str(name).endswith("ForMaskedLM") for name in made_as):
        return True
    return fields.model_type in DECODERS_IF_ASKED or fields.model_type in ENCODERS


def no_cache(
    name: str, n_layers: int, *, is_diffusion: bool = False
) -> tuple[tuple[Layer, ...], Sentence]:
    """Layers that keep nothing, and the sentence that says why."""
    if is_diffusion:
        why = Sentence(
            "{arch} writes by diffusion: it reads the whole text at every step and keeps no cache.",
            arch=name,
        )
    else:
        why = Sentence("{arch} is an encoder: it generates nothing and keeps no cache.", arch=name)
    return (Layer(kind=LayerKind.NONE),) * n_layers, why
