"""What a layer of a model asks of vLLM's blocks.

Read in ``vllm/model_executor/layers/attention/`` and ``vllm/models/`` of 0.33
(``get_kv_cache_spec``).
"""

import math
from dataclasses import replace

from attention.kv.allocation import Part
from attention.kv.engines import parts
from attention.kv.engines.vllm import deepseek_v4
from attention.kv.engines.vllm.settings import BLOCK_SIZE, HYBRID, drafted
from attention.kv.engines.vllm.spec import Spec, indexer_key
from attention.kv.engines.vllm.states import state_spec
from attention.kv.formats import StoredFormat, stored_format
from attention.kv.layer import Layer, LayerKind
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload

PAGED_KEYS = 32  # entries that a page of the indexer's kernels has at least (utils/deep_gemm.py)


def specs_of(layer: Layer, shape: ModelShape, workload: Workload) -> list[Spec]:
    """What the layer asks: one thing for its keys, and others for an indexer, an encoder, a state.

    Raises:
        AllocationError: a kind of layer that vLLM does not have, or a state that does not divide.
    """
    if deepseek_v4.is_compressed(shape):
        return deepseek_v4.specs_of(layer, workload)
    found, block = [], block_size(shape, workload)
    if layer.grows:
        kind = {LayerKind.WINDOW: "window", LayerKind.CHUNK: "chunk"}.get(layer.kind, "full")
        kind = kind if workload[HYBRID] else "full"
        window = (layer.window or 0) if kind != "full" else 0
        found.append(Spec(kind, block, tuple(_one_token(layer, workload)), window))
        if layer.indexer_dim and layer.indexer_compress > 1:
            found += _pooled(layer, block, int(found[0].token_bytes), workload)
        elif layer.indexer_dim:
            found.append(Spec("full", block, (indexer_key(layer),)))
    if layer.cross is not None:
        crossing = [_single(part) for part in parts.cross(layer, workload)]
        found.append(Spec("encoder", block, tuple(crossing)))
    if layer.states:
        found.append(state_spec(layer, shape, workload))
    return found


def block_size(shape: ModelShape, workload: Workload) -> int:
    """As asked for, else what the attention's kernels take: 16 tokens, 64 of latents (FlashMLA).

    An indexer's kernels read whole pages of keys; one key may be of several tokens.
    """
    asked = workload[BLOCK_SIZE]
    if asked is not None:
        return asked
    if LayerKind.LATENT not in shape.kinds:
        return 16
    pools = {layer.indexer_compress for layer in shape.layers if layer.indexer_dim} - {1}
    return math.lcm(64, *(PAGED_KEYS * pool for pool in pools))


def _one_token(layer: Layer, workload: Workload) -> list[Part]:
    # vllm/v1/attention/backends/mla/flashmla_sparse.py: 512 fp8, 4 float32 scales, 64 bfloat16.
    sparse = layer.indexer_dim and workload.k.name == "fp8"
    if sparse and (layer.latent_rank, layer.rope_dim) == (512, 64):
        entry = StoredFormat("fp8_ds_mla", 1, 656)
        return [Part(slot="k", what="latent", factors=((1, "entry"),), stored=entry)]
    return parts.keys_and_values(layer, workload, ())


def _pooled(layer: Layer, block: int, latent_row: int, workload: Workload) -> list[Spec]:
    """An indexer with one key for several tokens: those, and key and gate of the tokens to come.

    Source: ``vllm/models/glm5next/common/attention.py``, 0.33; the ring has room for what is
    drafted too.
    """
    pool, dim = layer.indexer_compress, layer.indexer_dim
    pools = -(-(pool + drafted(workload)) // pool)
    ring = pool * 2 ** (pools - 1).bit_length()
    waiting = Part(
        slot="other",
        what="indexer",
        factors=((2 * dim, "indexer_dim"),),
        stored=stored_format("bfloat16"),
    )
    return [
        Spec("full", block, (indexer_key(layer),), ratio=pool, row_alignment=latent_row),
        Spec("ring", ring, (waiting,)),
    ]


def _single(part: Part) -> Part:
    kept = tuple(f for f in part.factors if f[1] not in ("encoder token", "sequence"))
    return replace(part, factors=kept)
