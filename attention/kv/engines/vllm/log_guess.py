"""What vLLM's log leaves open is tried, the likeliest first: its version, and defaults of a GPU.

A log often begins below the line that names the version. Each version that counts in another way,
and each default that depends on the GPU or on the version, is tried; the first with which every
figure agrees is taken, and the answer says that it was assumed.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product

from attention.kv.engines.log_reading import whole
from attention.kv.engines.vllm.deepseek_v4 import is_compressed
from attention.kv.engines.vllm.log_lines import Lines
from attention.kv.engines.vllm.settings import (
    BLOCKS_BY_GROUP,
    IN_FLIGHT,
    MAX_BATCHED_TOKENS,
    NEWEST,
    PREFILL_CHECKPOINTS,
    PREFIX_CACHING,
    VERSION,
)
from attention.kv.engines.vllm.states import CHECKPOINTS
from attention.kv.layer import LayerKind
from attention.kv.settings import Value
from attention.kv.shape import ModelShape
from attention.sentence import Sentence, joined

OLD, BEFORE_SLOTS, BEFORE_IN_FLIGHT, BEFORE_CHECKPOINTS = "0.20", "0.22", "0.25", "0.31"
# vllm/engine/arg_utils.py, get_batch_defaults: a server's, one's of 70 GiB or more, and LLM()'s.
BATCHES = (2048, 8192, 16384)


def guesses(
    lines: Lines, shape: ModelShape, said: Mapping[str, Value]
) -> Iterator[dict[str, Value]]:
    """Settings that the log leaves open, one set after the other; of them what is not said."""
    has_states = any(layer.states for layer in shape.layers)
    has_windows = any(layer.window for layer in shape.layers)
    open_ones: dict[str, tuple[Value, ...]] = {}
    if VERSION.name not in said:
        open_ones[VERSION.name] = _versions(lines, shape, has_states or has_windows)
    if has_states and PREFIX_CACHING.name not in said:
        open_ones[PREFIX_CACHING.name] = ("auto", "on", "off")
    if has_states and PREFILL_CHECKPOINTS.name not in said:
        open_ones[PREFILL_CHECKPOINTS.name] = ("auto", "on")
    if has_windows and MAX_BATCHED_TOKENS.name not in said:
        open_ones[MAX_BATCHED_TOKENS.name] = BATCHES
    for values in product(*open_ones.values()):
        yield dict(zip(open_ones, values, strict=True))


def told(guess: Mapping[str, Value]) -> str:
    """What was assumed, in words; "" where nothing was."""
    words = []
    if VERSION.name in guess:
        words.append(f"vLLM {guess[VERSION.name]}")
    if guess.get(PREFIX_CACHING.name, "auto") != "auto":
        value = Sentence(str(guess[PREFIX_CACHING.name]))
        words.append(Sentence("prefix caching {value}", value=value))
    if guess.get(PREFILL_CHECKPOINTS.name, "auto") == "on":
        words.append(Sentence("a state saved inside a prefill"))
    if MAX_BATCHED_TOKENS.name in guess:
        words.append(f"max_num_batched_tokens {guess[MAX_BATCHED_TOKENS.name]}")
    return Sentence("assumed: {choices}", choices=joined(", ", words)) if words else ""


def _versions(lines: Lines, shape: ModelShape, is_mixed: bool) -> tuple[str, ...]:
    """Versions that count in different ways, which the figures do not rule out."""
    if lines.in_one_line:
        return (NEWEST,)
    if not _by_concurrency(lines):
        return (OLD,)
    found = [NEWEST]
    if is_mixed:
        found += [BEFORE_CHECKPOINTS] if shape.model_type in CHECKPOINTS else []
        found += [BLOCKS_BY_GROUP] if is_compressed(shape) else []
        found += [IN_FLIGHT] if {LayerKind.LATENT, LayerKind.COMPRESSED} & set(shape.kinds) else []
        found += [BEFORE_IN_FLIGHT]
        found += [BEFORE_SLOTS] if is_compressed(shape) else []
    return (*found, OLD)


def _by_concurrency(lines: Lines) -> bool:
    """Whether the size in tokens may be the concurrency times the length, as since 0.20.2."""
    tokens, concurrency = lines.values("tokens"), lines.values("concurrency")
    if not tokens or not concurrency:
        return True
    length, before, after = concurrency
    times = [Fraction(whole(tokens[0]) + more, max(1, whole(length))) for more in (0, 1)]
    digits = len(after[1:])
    return f"{before}{after}".replace(",", "") in {f"{float(n):.{digits}f}" for n in times}
