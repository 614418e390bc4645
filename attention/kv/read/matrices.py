"""The matrices that a config describes: embeddings, attention, feed-forward, experts, MTP layers.

Norms are counted with two a layer; biases, and what else is peculiar to a model, only where its
family adds them (``Family.weights``). Tests hold the sum against the models of transformers 5.24.
"""

from collections.abc import Mapping

from attention.kv.matrices import OUTPUT, Matrix
from attention.kv.read.decoder import DecoderFields
from attention.kv.read.family import Sizes
from attention.kv.read.mixture import Mixture
from attention.kv.read.names import NAMES
from attention.kv.shape import Layer

Key = tuple[Layer, bool]  # layers that are alike: the layer, and whether it has experts
MTP = ("num_nextn_predict_layers", "mtp_num_hidden_layers", "num_mtp_layers", "mtp_num_layers")
MOST_MTP = 16


def read_matrices(
    fields: DecoderFields,
    layers: tuple[Layer, ...],
    types: list[str],
    width: int | None,
    mixture: Mixture | None,
    *,
    is_tied: bool,
) -> tuple[Matrix, ...]:
    """All of them, equal ones together.

    Args:
        types: of the layers, in transformers' words.
        width: of a dense feed-forward; None where there is none.
    """
    d_model, vocab = fields.size(*NAMES["d_model"]) or 0, fields.size(*NAMES["vocab"]) or 0
    sparse = frozenset(mixture.sparse_layers) if mixture else frozenset()
    alike: dict[tuple[Key, str], list[int]] = {}
    for index, layer in enumerate(layers):
        alone = types[index] if types[index] in ("moe", "mlp") else ""
        alike.setdefault(((layer, index in sparse), alone), []).append(index)
    found: dict[tuple[str, tuple[int, ...]], list[int]] = {}
    last: Sizes = {}
    for ((layer, is_sparse), alone), indices in alike.items():
        sizes = _sizes(fields, layer, d_model, width, mixture if is_sparse else None, alone)
        for name, size in sizes.items():
            found.setdefault((name, size), []).extend(indices)
        last = sizes if indices[-1] == len(layers) - 1 else last
    outside: Sizes = {"embed_tokens": (vocab, d_model), "norms": (d_model, 1)}
    if not is_tied:
        outside[OUTPUT] = (vocab, d_model)
    if fields.family.outside:
        outside |= fields.family.outside(fields, len(layers), d_model)
    matrices = [_matrix(name, size) for name, size in outside.items()]
    matrices += [_matrix(name, size, sorted(of)) for (name, size), of in found.items()]
    return (*(m for m in matrices if m.numbers), *_mtp(fields, last, len(layers), d_model))


def _matrix(name: str, size: tuple[int, ...], layers: list[int] | None = None) -> Matrix:
    rows, columns, *copies = size
    return Matrix(
        name=name,
        rows=rows,
        columns=columns,
        layers=tuple(layers or ()),
        copies=copies[0] if copies else 1,
    )


def _mtp(fields: DecoderFields, last: Sizes, n_layers: int, d_model: int) -> tuple[Matrix, ...]:
    """A layer like the last, and the matrix that joins the token with what was predicted of it."""
    count = min(fields.size(*MTP) or 0, MOST_MTP)
    places = list(range(n_layers, n_layers + count))
    sizes: Mapping[str, tuple[int, ...]] = {**last, "eh_proj": (d_model, 2 * d_model)}
    found = [_matrix(name, size, places) for name, size in sizes.items()] if count else []
    return tuple(Matrix(**{**vars(matrix), "is_mtp": True}) for matrix in found if matrix.rows)


def _sizes(
    fields: DecoderFields,
    layer: Layer,
    d_model: int,
    width: int | None,
    mixture: Mixture | None,
    alone: str,
) -> Sizes:
    """Of one layer; ``alone``: it is a feed-forward and nothing else."""
    sizes: dict[str, tuple[int, ...]] = {"norms": (2 * d_model, 1)}
    if layer.n_kv_heads and not alone:
        sizes |= _attention(fields, layer, d_model)
    if alone or not fields.family.layers_alone_count:
        sizes |= _feed_forward(fields, d_model, width, mixture)
    return fields.family.weights(fields, layer, d_model, sizes) if fields.family.weights else sizes


def _feed_forward(
    fields: DecoderFields, d_model: int, width: int | None, mixture: Mixture | None
) -> Sizes:
    if mixture is None:
        width = fields.size("prefix_dense_intermediate_size") or width
        return gated("mlp", d_model, width or 0, fields.family.matrices)
    sizes = gated("mlp.experts", d_model, mixture.width, fields.family.matrices, mixture.n_experts)
    if mixture.shared_width:
        sizes |= gated("mlp.shared_experts", d_model, mixture.shared_width, fields.family.matrices)
    return {**sizes, "mlp.gate": (mixture.n_experts, d_model)}


def gated(name: str, d_model: int, width: int, matrices: int = 3, copies: int = 1) -> Sizes:
    """The matrices of a feed-forward: with a gate three, without two."""
    sizes = {"up_proj": (width, d_model, copies), "down_proj": (d_model, width, copies)}
    if matrices > 2:
        sizes = {"gate_proj": (width, d_model, copies), **sizes}
    return {f"{name}.{part}": size for part, size in sizes.items()}


def _attention(fields: DecoderFields, layer: Layer, d_model: int) -> Sizes:
    queries = layer.n_heads * layer.k_head_dim
    v_head_dim = layer.v_head_dim or layer.k_head_dim
    out = {"self_attn.o_proj": (d_model, layer.n_heads * v_head_dim)}
    if layer.latent_rank:
        sizes = _latent(fields, layer, d_model, queries)
    else:
        sizes = {
            "self_attn.q_proj": (queries, d_model),
            "self_attn.k_proj": (layer.n_kv_heads * layer.k_head_dim, d_model),
            "self_attn.v_proj": (layer.n_kv_heads * layer.v_head_dim, d_model),
        }
    return {**sizes, **out, **_indexer(fields, layer, d_model)}


def _latent(fields: DecoderFields, layer: Layer, d_model: int, queries: int) -> Sizes:
    rank, nope = fields.size("q_lora_rank"), layer.k_head_dim - layer.rope_dim
    sizes = {"self_attn.q_proj": (queries, d_model)}
    if rank:
        sizes = {"self_attn.q_a_proj": (rank, d_model), "self_attn.q_b_proj": (queries, rank)}
    up = layer.n_heads * (nope + layer.v_head_dim)
    return {
        **sizes,
        "self_attn.kv_a_proj_with_mqa": (layer.latent_rank + layer.rope_dim, d_model),
        "self_attn.kv_b_proj": (up, layer.latent_rank),
    }


def _indexer(fields: DecoderFields, layer: Layer, d_model: int) -> Sizes:
    """Of DeepSeek-V3.2 (``DeepseekV32Indexer``): queries from q's latent, one key, weights."""
    n_heads = fields.size("index_n_heads") or 0
    if not layer.indexer_dim or not n_heads:
        return {}
    return {
        "self_attn.indexer.wq_b": (
            layer.indexer_dim * n_heads,
            fields.size("q_lora_rank") or d_model,
        ),
        "self_attn.indexer.wk": (layer.indexer_dim, d_model),
        "self_attn.indexer.weights_proj": (n_heads, d_model),
    }
