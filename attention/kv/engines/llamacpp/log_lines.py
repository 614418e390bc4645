"""llama.cpp's cache lines, and those of its ik_llama.cpp fork, taken apart.

Lines, by age (``src/llama.cpp``, then ``src/llama-kv-cache.cpp``, ``llama-memory-recurrent.cpp``)::

    llama_new_context_with_model: KV self size  =   64.00 MiB, K (f16):   32.00 MiB, V (f16): …
    llama_new_context_with_model: KV self size  = 2160.00 MiB, c^KV (f16): …, kv^T: not used
    llama_kv_cache_unified: size = 1024.00 MiB (  4096 cells,  64 layers,  1 seqs), K (f16): …
    llama_kv_cache: size = 1024.00 MiB (  2048 cells,  32 layers,  4/4 seqs), K (f16): …
    llama_memory_recurrent: size =   77.06 MiB (     4 cells,  24 layers,  4 seqs), R (f32): …
"""

import re
from dataclasses import dataclass

from attention.kv.engines.log_reading import shown

_MIB = r"\s{0,20}(\d{1,12}[.,]\d{1,4}) MiB"
_NEW = re.compile(
    rf"size =\s{{0,20}}{_MIB} \(\s{{0,20}}(\d{{1,12}}) cells,\s{{0,20}}(\d{{1,6}}) layers,"
    r"\s{0,20}(\d{1,6})(?:/(\d{1,6}))? seqs(?:\s{1,20}(\d{1,6}) rs_seq)?\)"
)
_OLD = re.compile(r"KV self size\s{0,20}=\s{0,20}(\d{1,12}[.,]\d{1,4}) Mi?B", re.IGNORECASE)
_PART = re.compile(rf"(?<!\w)(K|V|R|S|c\^KV|kv\^T) \(([\w.+-]{{1,40}})\):{_MIB}")


@dataclass(frozen=True, kw_only=True)
class CacheLine:
    """A line that says how large a cache is.

    Args:
        text: the line, shortened.
        total: in MiB, as printed.
        parts: what is inside: letter, format's name, MiB as printed.
        cells, layers, streams, sequences, snapshots: as printed; None where not.
    """

    text: str
    total: str
    parts: tuple[tuple[str, str, str], ...]
    cells: int | None = None
    layers: int | None = None
    streams: int = 1
    sequences: int = 1
    snapshots: int = 0

    @property
    def is_state(self) -> bool:
        return any(letter in ("R", "S") for letter, _, _ in self.parts)


def cache_line(line: str) -> CacheLine | None:
    """The line, taken apart; None where it says nothing of a cache."""
    new = _NEW.search(line)
    old = None if new else _OLD.search(line)
    if new is None:
        if old is None:
            return None
        return CacheLine(text=shown(line), total=old[1], parts=tuple(_PART.findall(line)))
    total, cells, layers, sequences, streams, snapshots = new.groups()
    return CacheLine(
        text=shown(line),
        total=total,
        parts=tuple(_PART.findall(line)),
        cells=int(cells),
        layers=int(layers),
        streams=int(streams or 1),
        sequences=int(sequences),
        snapshots=int(snapshots or 0),
    )
