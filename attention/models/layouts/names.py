"""What the trained layouts are called. Without torch: a page names them before it is loaded."""


def name_of(n_heads: int, n_kv_heads: int) -> str:
    """What a layout is called among its like."""
    return f"{n_heads}x{n_kv_heads}"


def title_of(n_heads: int, n_kv_heads: int) -> str:
    """What it is called among other models."""
    return f"Headcount {n_heads}/{n_kv_heads}"
