"""llama.cpp's cache lines, and those of its ik_llama.cpp fork, taken apart.

Lines, by age (``src/llama.cpp``, then ``src/llama-kv-cache.cpp``, ``llama-memory-recurrent.cpp``)::

    llama_new_context_with_model: KV self size  =   64.00 MiB, K (f16):   32.00 MiB, V (f16): …
    llama_new_context_with_model: KV self size  = 2160.00 MiB, c^KV (f16): …, kv^T: not used
    llama_kv_cache_unified: size = 1024.00 MiB (  4096 cells,  64 layers,  1 seqs), K (f16): …
    llama_kv_cache: size = 1024.00 MiB (  2048 cells,  32 layers,  4/4 seqs), K (f16): …
    llama_memory_recurrent: size =   77.06 MiB (     4 cells,  24 layers,  4 seqs), R (f32): …

Until June 2025 recurrent states were called K and V: ``llama_kv_cache_recurrent``, and "KV self
size" of a model that keeps nothing else.
"""

import re
from dataclasses import dataclass, replace

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
        is_state: whether it is of recurrent states.
    """

    text: str
    total: str
    parts: tuple[tuple[str, str, str], ...]
    cells: int | None = None
    layers: int | None = None
    streams: int = 1
    sequences: int = 1
    snapshots: int = 0
    is_state: bool = False

    def as_state(self) -> "CacheLine":
        """The same as a line of states, K read as convolutions' and V as recurrent ones."""
        letters = {"K": "R", "V": "S"}
        parts = tuple((letters.get(letter, letter), name, mib) for letter, name, mib in self.parts)
        return replace(self, parts=parts, is_state=True)


def cache_line(line: str) -> CacheLine | None:
    """The line, taken apart; None where it says nothing of a cache."""
    if "size" not in line:
        return None
    parts, text = tuple(_PART.findall(line)), shown(line)
    if new := _NEW.search(line):
        total, cells, layers, sequences, streams, snapshots = new.groups()
        found = CacheLine(
            text=text,
            total=total,
            parts=parts,
            cells=int(cells),
            layers=int(layers),
            streams=int(streams or 1),
            sequences=int(sequences),
            snapshots=int(snapshots or 0),
        )
    elif old := _OLD.search(line):
        found = CacheLine(text=text, total=old[1], parts=parts)
    else:
        return None
    has_states = "recurrent" in line or any(letter in ("R", "S") for letter, _, _ in parts)
    return found.as_state() if has_states else found
