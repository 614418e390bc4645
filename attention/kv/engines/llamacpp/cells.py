"""llama.cpp's cells: how many a stream has, and how many streams there are; see allocate.py."""

from attention.kv.engines import parts
from attention.kv.engines.llamacpp.settings import CELLS, N_UBATCH, PAD, SWA_FULL, UNIFIED, slots
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload


def padded(cells: int, pad: int) -> int:
    """``cells`` rounded up to a multiple of ``pad``: GGML_PAD."""
    return -(-cells // pad) * pad


def n_streams(workload: Workload) -> int:
    """Caches side by side: one if unified, else one for each sequence."""
    return 1 if workload[UNIFIED] else slots(workload)


def stream_cells(workload: Workload) -> int:
    """Cells of one stream, in the layers that keep every token: n_ctx_seq."""
    if (cells := workload[CELLS]) is not None:
        return max(1, cells // n_streams(workload))
    n_ctx = padded(workload.context * workload.batch, workload[PAD])
    if n_streams(workload) == 1:
        return n_ctx
    return padded(max(1, n_ctx // slots(workload)), workload[PAD])


def keeps_windows_full(shape: ModelShape, workload: Workload) -> bool:
    """Whether window layers get as many cells as the others."""
    if (asked := workload[SWA_FULL]) is not None:
        return asked
    growing = [layer for layer in shape.layers if layer.grows]
    if any(layer.compress for layer in growing):
        return False
    return bool(growing) and all(layer.window for layer in growing)


def window_cells(shape: ModelShape, workload: Workload) -> int:
    """Cells of one stream, in the window layers."""
    base = stream_cells(workload)
    windows = [layer.window for layer in shape.layers if layer.window]
    if not windows or keeps_windows_full(shape, workload):
        return base
    in_pool = slots(workload) if workload[UNIFIED] else 1
    return min(base, padded(max(windows) * in_pool + workload[N_UBATCH], workload[PAD]))


def full_places(workload: Workload) -> parts.Factors:
    """Cells and streams of the layers that keep every token."""
    if (cells := workload[CELLS]) is not None:
        return ((cells, "cell"), (1, "stream"))
    return ((stream_cells(workload), "cell"), (n_streams(workload), "stream"))


def window_places(shape: ModelShape, workload: Workload) -> parts.Factors:
    """Cells and streams of the window layers."""
    if keeps_windows_full(shape, workload):
        return full_places(workload)
    return ((window_cells(shape, workload), "cell"), (n_streams(workload), "stream"))


def count(places: parts.Factors) -> int:
    """Cells of all streams together."""
    return places[0][0] * places[1][0]
