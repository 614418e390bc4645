"""llama.cpp's settings, by the names of its options."""

from attention.kv.engines.shared import CELLS, ENCODER_TOKENS
from attention.kv.settings import Choice, Count, Switch, Value
from attention.kv.workload import Workload


class _Sequences(Count[int | None]):
    """A number of sequences, at least those of the workload."""

    def has_room(self, value: Value, batch: int) -> bool:
        return isinstance(value, int) and value >= batch


N_SEQ_MAX = _Sequences(name="n_seq_max", help="sequences, -np; else --batch", default=None)
N_UBATCH = Count[int](name="n_ubatch", help="tokens of a micro-batch, -ub", default=512)
PAD = Count[int](name="pad", help="cells that the context is rounded up to", default=256)
"""256; 32 without flash attention until October 2025."""

_FORMS = ("latent", "latent_and_v", "expanded")
MLA = Choice(
    name="mla", help=f"latent layers as {', '.join(_FORMS)}", default=_FORMS[0], options=_FORMS
)
"""``latent_and_v``: a second copy of the latent, April 2025 to January 2026; ``expanded``: all
heads, before."""

UNIFIED = Switch[bool](name="unified", help="one pool for all sequences", default=False)
"""``--kv-unified``: one pool of cells instead of one for each sequence."""

SWA_FULL = Switch[bool | None](name="swa_full", help="windows keep every token", default=None)
"""Left out, they do where every layer is a window, for llama.cpp ignores such windows."""

FLASH_ATTN = Switch[bool](name="flash_attn", help="without flash attention", default=True)
"""``-fa``; without it V's rows are as wide as the widest layer's."""

SETTINGS = (
    CELLS, N_SEQ_MAX, N_UBATCH, PAD, ENCODER_TOKENS, MLA, UNIFIED, SWA_FULL, FLASH_ATTN,
)  # fmt: skip


def slots(workload: Workload) -> int:
    """Sequences that there is room for: ``n_seq_max``, or as many as there are."""
    return workload[N_SEQ_MAX] or workload.batch
