"""Which layers of a GGUF file's model keep an indexer's keys for choosing among tokens.

Read in llama.cpp's ``src/models/*.cpp`` and ``create_memory`` of ``src/llama-model.cpp`` (2026).
"""

from attention.kv.read.gguf.keys import Keys

GLM_5_2_CONTEXT = (
    1048576  # from here on glm-dsa shares indexers, where the header does not list them
)


def read_indexers(keys: Keys, n_layers: int) -> list[tuple[int, int]]:
    """For each layer the numbers of a key, 0 without one, and the tokens that share a key.

    Raises:
        ShapeError: a list that is shorter than the model.
    """
    width = keys.number("indexer_dim", "attention.indexer.key_length", least=0) or 0
    if not width:
        return [(0, 1)] * n_layers
    pools = _pools(keys, n_layers)
    own = keys.flags("indexer_dim", "attention.indexer.types", n_layers)
    if own is None:
        own = [_has_own(keys, index) for index in range(n_layers)]
    return [(width if has else 0, pool) for has, pool in zip(own, pools, strict=True)]


def _pools(keys: Keys, n_layers: int) -> list[int]:
    """Tokens whose keys are pooled into one: one number (glm5next), or one a layer (qwen4exp)."""
    pool = keys.number("indexer_compress", "attention.indexer.kpool")
    if pool:
        return [pool] * n_layers
    listed = keys.per_layer("indexer_compress", "attention.compress_ratios", n_layers)
    return [pool or 1 for pool in listed] if listed else [1] * n_layers


def _has_own(keys: Keys, index: int) -> bool:
    """Where the header has no list: MiniMax-M3's dense layers have none, GLM-5.2 shares them."""
    if keys.arch == "minimax-m3":
        return index >= (keys.number("dense_at_start", "leading_dense_block_count", least=0) or 0)
    if keys.arch == "glm-dsa" and (keys.raw("context_length") or 0) >= GLM_5_2_CONTEXT:
        return index < 2 or (index - 2) % 4 == 0
    return True
