"""Which layers of a GGUF file's model look back over a window, and how far.

Read in ``load_arch_hparams`` of llama.cpp's ``src/models/*.cpp`` (August 2026, and those of later
architectures as of November 2026). A header may list it: a window for each layer, or for each
layer whether it has one, or one period; else the architecture has a period of its own.
"""

from dataclasses import dataclass

from attention.kv.checks import require_number
from attention.kv.read.gguf.keys import Keys
from attention.kv.shape import LayerKind
from attention.sentence import Sentence

Window = tuple[LayerKind, int] | None  # None sees every token


@dataclass(frozen=True)
class Rule:
    """What an architecture does where its header does not say.

    Args:
        period: one layer of so many sees every token; 0 for none.
        first: that one is the first of each period, not the last.
        tokens: of the window, where the header names none; 0 for no window.
        always: the header's own number does not count.
        n_layers: models of other depths have no window.
    """

    period: int
    first: bool = False
    tokens: int = 0
    always: bool = False
    n_layers: int | None = None


RULES = {
    "afmoe": Rule(4),
    "cohere2": Rule(4),
    "cohere2moe": Rule(4, first=True),
    "exaone-moe": Rule(4, tokens=128),
    "exaone4": Rule(4, tokens=4096, n_layers=64),
    "gemma2": Rule(2, tokens=4096),
    "gemma3": Rule(6),
    "gemma3n": Rule(5),
    "gpt-oss": Rule(2),
    "laguna": Rule(4, first=True),
    "lfm2": Rule(0),
    "mellum": Rule(4),
    "olmo2": Rule(4),
    "olmo3": Rule(4),
    "plamo3": Rule(8),
    "smallthinker": Rule(4, first=True, tokens=4096, always=True),
}
CHUNKS = {"llama4": (8192, 4)}  # tokens of a chunk, and the period of layers without


def read_windows(keys: Keys, n_layers: int) -> list[Window]:
    """For each layer its kind and window, or None where it sees every token.

    Raises:
        ShapeError: a window that is no number of tokens.
    """
    if keys.arch in CHUNKS and keys.raw("attention.sliding_window") != 0:
        return _chunks(keys, n_layers)
    if isinstance(keys.raw("attention.sliding_window"), list):
        tokens = keys.per_layer("window", "attention.sliding_window", n_layers) or []
        keys.origins["layers"] = f"{keys.arch}.attention.sliding_window"
        return [(LayerKind.WINDOW, n) if n else None for n in tokens]
    rule = RULES.get(keys.arch)
    window = _tokens(keys, rule, n_layers)
    if not window:
        return [None] * n_layers
    pattern = keys.raw("attention.sliding_window_pattern")
    if isinstance(pattern, list) and pattern:
        keys.origins["layers"] = f"{keys.arch}.attention.sliding_window_pattern"
        return [
            (LayerKind.WINDOW, window) if pattern[i % len(pattern)] else None
            for i in range(n_layers)
        ]
    if isinstance(pattern, int) and not isinstance(pattern, bool):
        period = require_number(f"{keys.arch}.attention.sliding_window_pattern", pattern, least=0)
        rule = Rule(period, first=bool(rule and rule.first))
    if rule is None:
        return _without(keys, window, n_layers)
    keys.origins["layers"] = _origin(keys.arch, rule)
    return [_has(rule, index, window) for index in range(n_layers)]


def _tokens(keys: Keys, rule: Rule | None, n_layers: int) -> int:
    """The window's tokens, or 0 where llama.cpp applies none."""
    if rule and rule.n_layers not in (None, n_layers):
        return 0
    given = keys.number("window", "attention.sliding_window", least=0)
    if rule is None or not rule.tokens:
        return given or 0
    if not given if rule.always else given is not None:
        return given or 0
    keys.origins["window"] = Sentence(
        "llama.cpp's own for {arch}: {tokens} tokens", arch=keys.arch, tokens=rule.tokens
    )
    return rule.tokens


def _has(rule: Rule, index: int, window: int) -> Window:
    """Every layer of a period of 0 has the window, none of a period of 1."""
    full = 0 if rule.first else rule.period - 1
    return None if rule.period and index % rule.period == full else (LayerKind.WINDOW, window)


def _origin(arch: str, rule: Rule) -> Sentence:
    if not rule.period:
        return Sentence("every layer of {arch} has the window", arch=arch)
    return Sentence(
        "every {period}th layer sees every token ({arch})", period=rule.period, arch=arch
    )


def _without(keys: Keys, window: int, n_layers: int) -> list[Window]:
    keys.assume(
        Sentence(
            "The header has a window of {window} tokens, but llama.cpp applies none to "
            "{arch}: every token is counted.",
            window=window,
            arch=keys.arch,
        )
    )
    return [None] * n_layers


def _chunks(keys: Keys, n_layers: int) -> list[Window]:
    tokens, every = CHUNKS[keys.arch]
    keys.origins["window"] = Sentence(
        "llama.cpp's own for {arch}: chunks of {tokens}", arch=keys.arch, tokens=tokens
    )
    return [(LayerKind.CHUNK, tokens) if (i + 1) % every else None for i in range(n_layers)]
