"""An estimate of a model's parameters from its shape, for configs: they say none.

Embeddings, attention, feed-forward and experts are counted; norms, biases and what is peculiar to
a model are not. A test holds it against models that transformers builds: within 2 %.
"""

from dataclasses import dataclass

from attention.kv.checks import LARGEST_NUMBER
from attention.kv.read.fields import Fields
from attention.kv.read.names import NAMES
from attention.kv.shape import Layer, LayerKind

# Feed-forward of two matrices instead of three.
TWO_MATRICES = frozenset(
    {"bloom", "falcon", "gpt2", "gpt_bigcode", "gpt_neo", "gpt_neox", "gptj", "mpt"}
    | {"opt", "phi", "starcoder2"}
)
WIDTHS = (
    "intermediate_size",
    "ffn_hidden_size",
    "n_inner",
    "ffn_dim",
    "ffn_config.ffn_hidden_size",
)
FOUR_TIMES = TWO_MATRICES - {"gpt_neox", "opt", "phi", "starcoder2"}
EXPERTS = ("num_local_experts", "n_routed_experts", "num_experts", "ffn_config.moe_num_experts")
COUNTED = frozenset(
    (LayerKind.GLOBAL, LayerKind.WINDOW, LayerKind.CHUNK, LayerKind.LATENT, LayerKind.SHARED)
)
# Types for which the sum was held against the model itself.
CHECKED = frozenset(
    TWO_MATRICES
    | {"afmoe", "axk1", "axk2", "bitnet", "cohere", "cohere2", "cohere2_moe", "cwm", "deepseek_v2"}
    | {"deepseek_v3", "deepseek_v32", "diffllama", "ernie4_5", "exaone", "exaone4", "exaone_moe"}
    | {"flex_olmo", "gemma", "gemma2", "gemma3_text", "glm", "glm4", "glm4_moe_lite"}
    | {"glm_moe_dsa", "gpt_oss", "granite", "granite_swa", "granitemoe", "granitemoe_swa"}
    | {"granitemoeshared", "helium", "hy_v3", "hy_v4", "hyperclovax", "internlm3", "iquestcoder"}
    | {"llama", "mellum", "minicpm3", "minimax_m2", "ministral3", "mistral", "mixtral", "olmo"}
    | {"olmo2", "olmo3", "olmoe", "phi3", "phimoe", "qwen2", "qwen2_moe", "qwen3", "qwen3_moe"}
    | {"sarvam_mla", "sarvam_moe", "seed_oss", "smollm3", "stablelm", "vaultgemma", "youtu"}
)


@dataclass(frozen=True)
class Estimate:
    """How many parameters, the sum with its numbers, and whether the sum was held against models.

    ``sentence`` says that it is an estimate.
    """

    total: int
    formula: str
    is_checked: bool
    tie: str  # how the output matrix was counted, and why

    @property
    def sentence(self) -> str:
        trust = "norms and biases are left out" if self.is_checked else "as of a Llama of its size"
        size = f"{self.total / 1e9:.2f} billion" if self.total >= 1e9 else f"{self.total}"
        return f"Its parameters are an estimate, {size}, from the shape: {trust}; {self.tie}."


def estimate_parameters(fields: Fields, layers: tuple[Layer, ...]) -> Estimate | None:
    """The estimate; None for models with other parts than the sum knows, or without a width."""
    d_model, vocab, width = _sizes(fields)
    if not d_model or not vocab or not width or not _is_plain(fields, layers):
        return None
    tied, origin = fields.value("tie_word_embeddings")
    tied = tied is True
    tie = (
        "the output matrix is that of the input" if tied else "the output matrix is one of its own"
    )
    if not fields.given("tie_word_embeddings")[0]:
        tie += ", as the default is" if origin else ", which no field says"
    embeddings = vocab * d_model * (1 if tied else 2)
    attention = sum(_attention(fields, layer, d_model) for layer in layers)
    dense, sparse, experts = _feed_forward(fields, d_model, width, len(layers))
    total = embeddings + attention + dense + sparse
    parts = [
        f"{vocab} vocabulary · {d_model} width · {1 if tied else 2} = {embeddings}",
        f"attention {attention}",
        f"feed-forward {dense}",
    ]
    if experts:
        parts.append(f"{experts} experts in each sparse layer {sparse}")
    is_checked = fields.model_type in CHECKED
    return Estimate(total, f"{'; '.join(parts)}; together {total}", is_checked, tie)


def _sizes(fields: Fields) -> tuple[int | None, int | None, int | None]:
    d_model = _size(fields, *NAMES["d_model"])
    width = _size(fields, *WIDTHS)
    if width is None and d_model and fields.model_type in FOUR_TIMES:
        width = 4 * d_model
    return d_model, _size(fields, *NAMES["vocab"]), width


def _size(fields: Fields, *names: str) -> int | None:
    """A size that an estimate may do without: None for what is no whole number."""
    value = fields.value(*names)[0]
    is_size = isinstance(value, int) and not isinstance(value, bool)
    return value if is_size and 0 <= value <= LARGEST_NUMBER else None


def _is_plain(fields: Fields, layers: tuple[Layer, ...]) -> bool:
    if fields.flag("is_encoder_decoder") or (fields.is_known and fields.model_type not in CHECKED):
        return False
    return all(layer.kind in COUNTED and not layer.states for layer in layers)


def _attention(fields: Fields, layer: Layer, d_model: int) -> int:
    queries = layer.n_heads * layer.k_head_dim
    out = layer.n_heads * layer.v_head_dim * d_model
    if not layer.latent_rank:
        return d_model * (queries + layer.n_kv_heads * (layer.k_head_dim + layer.v_head_dim)) + out
    rank = _size(fields, "q_lora_rank")
    of_queries = d_model * rank + rank * queries if rank else d_model * queries
    down = d_model * (layer.latent_rank + layer.rope_dim)
    nope = layer.k_head_dim - layer.rope_dim
    return of_queries + down + layer.latent_rank * layer.n_heads * (nope + layer.v_head_dim) + out


def _feed_forward(fields: Fields, d_model: int, width: int, n_layers: int) -> tuple[int, int, int]:
    """Parameters of dense layers, of sparse ones, and the experts of a sparse one."""
    matrices = 2 if fields.model_type in TWO_MATRICES else 3
    experts = _size(fields, *EXPERTS) or 0
    if experts < 2:
        return n_layers * matrices * d_model * width, 0, 0
    of_expert = _size(fields, "moe_intermediate_size") or width
    shared = _size(fields, "shared_expert_intermediate_size")
    if shared is None:
        together = _size(fields, "n_shared_experts") or 0
        shared = together * of_expert
    n_dense = min(_size(fields, "first_k_dense_replace") or 0, n_layers)
    sparse = matrices * d_model * (experts * of_expert + shared) + d_model * experts
    return n_dense * matrices * d_model * width, (n_layers - n_dense) * sparse, experts
