"""vLLM's settings, and the versions at which its cache's rules changed.

Read in ``vllm/v1/core/kv_cache_utils.py`` (since 0.33 ``kv_cache_planning.py``),
``vllm/v1/kv_cache_interface.py``, ``vllm/config/`` and ``vllm/platforms/interface.py`` of the
packages 0.20.0, 0.20.2, 0.22 to 0.33:

    0.20.2  the log's "GPU KV cache size" is the concurrency times max_model_len
    0.24    a page that does not divide the largest is padded instead of refused
    0.26    a window holds the tokens of every step in flight; hybrid models cache prefixes unless
            told not to; prefill context parallelism no longer divides the cache
    0.27    blocks of models with latent and recurrent layers are multiples of 128 tokens; a
            sequence's blocks are counted group by group, not over the bytes of the first
    0.28    recurrent layers have no state for every block (mode "all") unless asked for; a block
            of pages of several sizes has the bytes of the largest group; tokens and concurrency
            stand in one line of the log
    0.29    a block that belongs to nobody is no room for the first sequence
"""

from attention.kv.engines.shared import BLOCK_SIZE, ENCODER_TOKENS, HYBRID, STATE_FORMAT
from attention.kv.settings import Choice, Count, Release, Switch, release
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload

BY_CONCURRENCY = "0.20.2"
PADDED_PAGES = "0.24"
IN_FLIGHT = "0.26"
LATENT_128 = "0.27"
TUPLES_WITH_SLOTS = "0.23"
BLOCKS_BY_GROUP = "0.27"
NO_STATE_A_BLOCK = PACKED = ONE_LINE = "0.28"
NULL_BLOCK = "0.29"
NEWEST = "0.33"

VERSION = Release(
    name="vllm_version",
    help="whose rules",
    default=NEWEST,
    options=(NEWEST, NO_STATE_A_BLOCK, LATENT_128, IN_FLIGHT, PADDED_PAGES, "0.22", "0.20"),
)

MAX_BATCHED_TOKENS = Count[int](
    name="max_batched_tokens", help="tokens computed in one step", default=2048
)
"""``max_num_batched_tokens``; on large GPUs the server's default is another."""

LARGE_DEVICE, ON_LARGE_DEVICE = 70 * 2**30, 8192


def on_device(memory: int, name: str) -> dict[str, int]:
    """More tokens a step from 70 GiB on, but for the A100: ``get_batch_defaults`` of
    ``vllm/engine/arg_utils.py``."""
    is_large = memory >= LARGE_DEVICE and "a100" not in name.lower()
    return {MAX_BATCHED_TOKENS.name: ON_LARGE_DEVICE} if is_large else {}


ASYNC_SCHEDULING = Switch[bool](
    name="async_scheduling", help="a step begins when the last one is done", default=True
)
"""``--async-scheduling``: two steps are in flight; the help is of the flag that turns it off."""

PREFIX_CACHING = Choice(
    name="prefix_caching", help="auto, on or off", default="auto", options=("auto", "on", "off")
)
"""``--enable-prefix-caching``: what recurrent layers keep depends on it."""

PREFILL_CHECKPOINTS = Choice(
    name="prefill_checkpoints",
    help="auto, on or off",
    default="auto",
    options=("auto", "on", "off"),
)
"""A state more, saved inside a prefill: kernels of Mamba-2, FlashKDA, and since 0.33 FlashInfer's
for gated delta nets, on Hopper and Blackwell. Left to itself, that of the GPU is taken for off."""

SPECULATIVE_TOKENS = Count[int | None](
    name="speculative_tokens", help="tokens drafted in a step (MTP, EAGLE)", default=None
)
"""``num_speculative_tokens``."""

DRAFT_LAYERS = Count[int | None](
    name="draft_layers", help="layers of the draft, else 1 if it drafts", default=None, least=0
)
"""Layers that keep a cache for drafting: 1 of most MTP and EAGLE heads, 0 for n-grams."""

DCP = Count[int](name="dcp", help="decode context parallel size", default=1)
"""``decode_context_parallel_size``: devices of ``tp`` that share a sequence's tokens."""

PCP = Count[int](name="pcp", help="prefill context parallel size", default=1)
"""``prefill_context_parallel_size``."""

SETTINGS = (
    BLOCK_SIZE, MAX_BATCHED_TOKENS, SPECULATIVE_TOKENS, DRAFT_LAYERS, DCP, PCP, ENCODER_TOKENS,
    STATE_FORMAT, PREFIX_CACHING, PREFILL_CHECKPOINTS, VERSION, ASYNC_SCHEDULING, HYBRID,
)  # fmt: skip
LOG_SETTINGS = (
    BLOCK_SIZE, MAX_BATCHED_TOKENS, SPECULATIVE_TOKENS, DRAFT_LAYERS, DCP, PCP, STATE_FORMAT,
    PREFIX_CACHING, PREFILL_CHECKPOINTS, VERSION, ASYNC_SCHEDULING, HYBRID,
)  # fmt: skip


def since(workload: Workload, version: str) -> bool:
    """Whether the workload's vLLM is that version or a later one."""
    return release(workload[VERSION]) >= release(version)


def tokens_in_flight(workload: Workload) -> int:
    """Tokens scheduled and not yet done (``VllmConfig.max_in_flight_tokens``, 0.26)."""
    steps = 2 if since(workload, IN_FLIGHT) and workload[ASYNC_SCHEDULING] else 1
    return steps * workload[MAX_BATCHED_TOKENS]


def context_devices(workload: Workload) -> int:
    """Devices over which the tokens of a sequence are divided."""
    return workload[DCP] * (1 if since(workload, IN_FLIGHT) else workload[PCP])


def caches_prefixes(shape: ModelShape, workload: Workload) -> bool:
    """Whether recurrent states are kept for cached prefixes.

    Left to vLLM, a hybrid model's are, one's without attention are not
    (``ModelConfig.is_prefix_caching_supported``).
    """
    if workload[PREFIX_CACHING] == "auto":
        return since(workload, IN_FLIGHT) and any(layer.grows for layer in shape.layers)
    return workload[PREFIX_CACHING] == "on"


def drafted(workload: Workload) -> int:
    """Tokens that a draft adds to a step."""
    return workload[SPECULATIVE_TOKENS] or 0


def draft_layers(workload: Workload) -> int:
    """Layers of the draft that keep a cache."""
    given = workload[DRAFT_LAYERS]
    return given if given is not None else int(bool(drafted(workload)))
