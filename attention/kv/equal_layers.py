"""The cache of equal layers that keep every token, as one product.

    2 (K and V) · n_layers · n_kv_heads · head_dim · tokens · bytes of a number

It is what :func:`attention.kv.engines.logical.allocate` finds for such a model, without the
layer-by-layer account: quick enough for a page that asks for it at every key press.
"""

from fractions import Fraction

from attention.kv.allocation import exact


def cache_bytes(
    *,
    n_kv_heads: int,
    head_dim: int,
    tokens: int = 1,
    n_layers: int = 1,
    number_bytes: int | Fraction,
) -> int | float:
    """Bytes of the whole cache.

    Args:
        head_dim: numbers in a key, and as many in a value.
        tokens: of all sequences.
        number_bytes: of one number, such as ``StoredFormat.bytes_per_number``.

    Returns:
        A whole number, or one that ends in .5 (an odd count of 4-bit numbers), exactly.

    Raises:
        AllocationError: more than a 64-bit size can say, or half bytes that no float can hold.
    """
    return exact(2 * n_layers * n_kv_heads * head_dim * tokens * number_bytes)
