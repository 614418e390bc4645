"""The number format that the name of a checkpoint or of a GGUF file says of its weights.

``Qwen3-30B-A3B-FP8`` is fp8, ``…-UD-Q4_K_XL.gguf`` is q4_k_xl, ``…-bnb-4bit`` is int4. The
spellings are those of the Hub's owners who quantise (RedHatAI, unsloth, bartowski, TheBloke,
mlx-community, nvidia), of llama.cpp (``tools/quantize/quantize.cpp``, ``QUANT_OPTIONS``) and of
Ollama's tags.
"""

import re

# A pattern, and the format as :func:`attention.kv.fit.named.named_format` calls it; None stands
# for what the pattern itself matched, in lower case with underscores. The first that is found wins.
_K = r"k(?:[_-](?:xxs|xs|s|m|l|xl))?"
_SPELLINGS: tuple[tuple[str, str | None], ...] = (
    (rf"i?q[1-8][_-](?:{_K}|xxs|xs|s|m|nl|[01])(?:_4_[48]|_8_8)?", None),
    (r"tq[12]_0", None),
    (r"(?:nvfp4|fp4)(?:[_-]v\d)?", "nvfp4"),  # NVIDIA counts its own: …-NVFP4-v2
    (r"mxfp4(?:[_-]moe)?", "mxfp4"),
    (r"gptq[_-](?:int8|8bit)|w8a(?:8|16)|int8|8[_-]?bits?", "int8"),
    (r"(?:f|fp)8(?:[_-](?:dynamic|block|static|e4m3|e5m2|per[_-]?tensor|kv))*", "fp8"),
    (r"(?:gptq|autoround|auto-round)(?:[_-](?:int4|4b(?:its?)?))?", "gptq"),
    (r"awq(?:[_-](?:int4|4b(?:its?)?))?|w4a16", "awq"),
    (r"(?:bnb|unsloth[_-]bnb)[_-]4bits?|nf4|int4|4[_-]?bits?", "int4"),
    (r"bf16|bfloat16", "bfloat16"),
    (r"f16|fp16|float16", "float16"),
    (r"f32|fp32|float32", "float32"),
)  # fmt: skip
_START, _END = r"(?<![a-z0-9])", r"(?![a-z0-9])"
_PATTERNS = tuple((re.compile(f"{_START}(?:{p}){_END}"), name) for p, name in _SPELLINGS)
# Words about how it was quantised, or the file it is in, that name no format.
_ABOUT = re.compile(
    f"{_START}(?:ud|gguf|ggml|mlx|exl[23]|awq|gptq|bnb|hqq|torchao|imat|imatrix|i1|qat|quantized|"
    r"quantization|quant|dynamic|block|static|compressed|marlin|sym|g(?:roup)?(?:32|64|128)|gs32|128g|\w*mix|"
    rf"autoround|[2-8](?:\.\d+)?bpw|[2356][_-]?bits?|i?q[1-8]|dq\d\w*|dwq){_END}"
)


def take_format(text: str) -> tuple[str, str | None]:
    """The text without what it says of a number format, and that format.

    Args:
        text: in lower case.

    Returns:
        What is left, and a name of :mod:`attention.kv.fit.weights`, or None where it says none.
        >>> take_format("qwen3-30b-a3b-fp8")
        ('qwen3-30b-a3b- ', 'fp8')
    """
    found = None
    for pattern, name in _PATTERNS:
        match = pattern.search(text)
        if match is None:
            continue
        if found is None:
            found = name or match[0].replace("-", "_")
        text = pattern.sub(" ", text)
    return _ABOUT.sub(" ", text), found
