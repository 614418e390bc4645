"""SGLang's lines on its cache, taken apart.

Lines (``python/sglang/srt/mem_cache/memory_pool.py``, ``swa_memory_pool.py`` and
``model_executor/model_runner_kv_cache_mixin.py`` at 001ccef0)::

    KV Cache is allocated. #tokens: 46611, K size: 1.42 GB, V size: 1.42 GB
    KV Cache is allocated. dtype: torch.bfloat16, #tokens: 46611, KV size: 2.84 GB
    Mamba Cache is allocated. max_mamba_cache_size: 186, conv_state size: 0.10GB, ssm_state …
    Use sliding window memory pool. full_layer_tokens=375360, swa_layer_tokens=300288

"GB" are 2^30 bytes. Each device prints its lines; a draft model has a pool of its own.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, field

from attention.kv.engines.log_reading import shown, whole
from attention.kv.formats import FormatError, stored_format
from attention.kv.settings import Value

_POOL = re.compile(
    r"KV Cache is allocated\.(?: dtype: ([\w.]{1,40}),)?[^#]{0,80}#tokens: {0,4}(\d[\d,]{0,18})"
)
_STATES = re.compile(r"Mamba Cache is allocated\. max_mamba_cache_size: (\d{1,9})")
_SIZE = re.compile(r"\b(K|V|KV|conv_state|ssm_state) size: {0,4}(\d{1,9}\.\d{1,4}) ?GB")
_WINDOWS = re.compile(r"full_layer_tokens=(\d{1,12}), swa_layer_tokens=(\d{1,12})")
_NUMBERS = {
    "tp_size": re.compile(r"\btp_size=(\d{1,5})\b|--tp(?:-size)?[= ](\d{1,5})\b"),
    "dp_size": re.compile(r"\bdp_size=(\d{1,5})\b|--dp(?:-size)?[= ](\d{1,5})\b"),
    "pp_size": re.compile(r"\bpp_size=(\d{1,5})\b|--pp(?:-size)?[= ](\d{1,5})\b"),
    "page_size": re.compile(r"\bpage_size=(\d{1,6})\b|--page-size[= ](\d{1,6})\b"),
}
_DIVIDES_ATTENTION = re.compile(r"enable_dp_attention=True|--enable-dp-attention\b")
_DRAFTS = re.compile(r"speculative_algorithm='\w|--speculative-algorithm[= ]\w")
_FORMATS = {
    "k_format": re.compile(
        r"\bkv_cache_dtype='([\w.]{1,40})'|Using KV cache dtype: ([\w.]{1,40})"
        r"|--kv-cache-dtype[= ]([\w.]{1,40})"
    ),
    "state_format": re.compile(
        r"\bmamba_ssm_dtype='([\w.]{1,40})'|--mamba-ssm-dtype[= ]([\w.]{1,40})"
    ),
}


@dataclass(frozen=True, kw_only=True)
class PoolLine:
    """A line that says how large a pool is.

    Args:
        text: the line, shortened.
        count: tokens that there is room for, or sequences' states.
        is_state: whether it is of recurrent states.
        sizes: what is inside, and its size in GB as printed.
        number_format: as the line prints it, or "".
    """

    text: str
    count: int
    is_state: bool
    sizes: tuple[tuple[str, str], ...]
    number_format: str = ""


def pool_line(line: str) -> PoolLine | None:
    """The line, taken apart; None where it says nothing of a pool."""
    pool, states = _POOL.search(line), _STATES.search(line)
    found = pool or states
    if found is None:
        return None
    return PoolLine(
        text=shown(line),
        count=whole(found[found.re.groups]),
        is_state=pool is None,
        sizes=tuple(_SIZE.findall(line)),
        number_format=(pool[1] or "") if pool else "",
    )


@dataclass
class Server:
    """What the lines say of how the server was set up.

    Args:
        numbers: by the names of its arguments.
        formats: by the names of this engine's settings.
        windows: tokens of the full layers' pool, and of the windows'.
        divides_attention: whether devices share the sequences, not the heads (DP attention).
        drafts: whether a draft model runs beside it.
    """

    numbers: dict[str, int] = field(default_factory=dict)
    formats: dict[str, str] = field(default_factory=dict)
    windows: tuple[int, int] | None = None
    divides_attention: bool = False
    drafts: bool = False

    def read(self, line: str) -> None:
        """Take in what the line says."""
        for name, pattern in _NUMBERS.items():
            if match := pattern.search(line):
                self.numbers[name] = int(match[1] or match[2])
        for name, pattern in _FORMATS.items():
            if match := pattern.search(line):
                with suppress(FormatError):  # "auto", or one that is not known here
                    said = next(group for group in match.groups() if group)
                    self.formats[name] = stored_format(said).name
        if match := _WINDOWS.search(line):
            self.windows = int(match[1]), int(match[2])
        self.divides_attention |= bool(_DIVIDES_ATTENTION.search(line))
        self.drafts |= bool(_DRAFTS.search(line))

    def workload(self) -> dict[str, Value]:
        """What a workload has of it, by name."""
        said: dict[str, Value] = dict(self.formats)
        if tp := self.numbers.get("tp_size"):
            shared = max(1, self.numbers.get("dp_size", 1)) if self.divides_attention else 1
            said["tp"] = max(1, tp // shared)
        if page := self.numbers.get("page_size"):
            said["block_size"] = page
        return said
