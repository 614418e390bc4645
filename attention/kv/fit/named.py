"""Ways to store weights, by the names that checkpoints and files are called after.

What a name means for a model is how such checkpoints are usually made: linear layers in the
format, embeddings, output, routers and norms at 16 bits. Files named ``_L`` have embedding and
output in q8_0 (bartowski's model cards say so).
"""

import re
from dataclasses import dataclass, field
from fractions import Fraction

from attention.kv.checks import shortened
from attention.kv.fit.dynamic import DYNAMIC
from attention.kv.fit.mixtures import ALIASES, MIXTURES
from attention.kv.formats import FormatError
from attention.kv.layouts import PLAIN_LAYOUTS, Checkpoint, Layout
from attention.kv.read.methods import MXFP4, NF4, NVFP4
from attention.sentence import Sentence

DEFAULT = "bfloat16"
UNITS = {"mb": 10**6, "gb": 10**9, "tb": 10**12, "mib": 2**20, "gib": 2**30, "tib": 2**40}
SIZE = re.compile(r"(\d{1,9}(?:[.,]\d{1,6})?) ?(mb|gb|tb|mib|gib|tib)")
BITS = re.compile(r"(\d{1,2}(?:\.\d{1,4})?) ?(?:bpw|bits)")
PLAIN = {
    **dict.fromkeys(("fp32", "f32", "float32"), "float32"),
    **dict.fromkeys(("fp16", "f16", "half", "float16", "16-bit"), "float16"),
    **dict.fromkeys(("bf16", "bfloat16"), "bfloat16"),
}
GROUPS = {
    "awq": Layout(name="awq", bits=4, block=(1, 128), scale=2, zero_bits=4),
    "gptq": Layout(name="gptq", bits=4, block=(1, 128), scale=2, zero_bits=4, column_bytes=4),
    "int4": Layout(name="int4", bits=4, block=(1, 128), scale=2),
    "bnb-4bit": NF4,
    "nvfp4": NVFP4,
    "fp8": Layout(name="fp8", bits=8, block=(128, 128), scale=4),
    "int8": Layout(name="int8", bits=8, block=(1, 0), scale=4),
}
SYNONYMS = {
    name: kind
    for kind, names in {
        "fp8": "float8 f8 e4m3 e5m2 fp8_e4m3 fp8_e5m2 8_bit float8_e4m3fn fp8_dynamic w8a8_fp8",
        "int8": "i8 w8a8 w8a16 bnb_8bit llm_int8",
        "int4": "i4 4_bit w4a16 int4_g128",
        "bnb-4bit": "bnb_4bit nf4 bnb bitsandbytes 4bit",
        "gptq": "gptq_int4 gptq_4bit",
        "awq": "awq_int4 awq_4bit",
    }.items()
    for name in names.split()
}
MLX = re.compile(r"mlx[_ ]?(\d)[_ ]?bit")
NAMES = (
    "float32", "bfloat16", "float16", "fp8", "int8", "awq", "gptq", "int4", "bnb-4bit", "nvfp4",
    "mxfp4", "mlx-4bit", "mlx-8bit", "Q8_0", "Q6_K", "Q5_K_M", "Q5_K_S", "Q4_K_M", "Q4_K_S", "Q4_0",
    "IQ4_XS", "IQ4_NL", "Q3_K_L", "Q3_K_M", "Q3_K_S", "IQ3_M", "IQ3_XXS", "Q2_K", "IQ2_M",
    "IQ2_XXS", "IQ1_M", "IQ1_S", "UD-Q4_K_XL", "UD-Q2_K_XL",
)  # fmt: skip
LARGE = {"q2_k_l": "q2_k", "q3_k_xl": "q3_k_l", "q4_k_l": "q4_k_m", "q5_k_l": "q5_k_m",
         "q6_k_l": "q6_k"}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Named:
    """What a name means.

    Args:
        checkpoint: which matrices are stored how; or
        mixture, large: a mixture of llama.cpp, and the format of embedding and output in it; or
        dense: thousandths of the mixture that a dense model's file has, see ``dynamic.py``;
        n_bytes: a size that was given.
        note: what has to be said of it, or "".
    """

    name: str
    checkpoint: Checkpoint = field(default_factory=lambda: Checkpoint(name=DEFAULT))
    mixture: str = ""
    large: str = ""
    dense: int = 0
    n_bytes: int | None = None
    note: str = ""


def named_format(name: object) -> Named:
    """What the name means.

    Raises:
        FormatError: nothing.
    """
    given = name.strip() if isinstance(name, str) and len(name) <= 60 else ""
    plain = given.lower().removeprefix("torch.").removesuffix(".gguf")
    found = _sized(plain) or _uniform(plain) or _grouped(plain) or _mixture(given, plain)
    if found is None:
        raise FormatError(
            "weight format {name} is unknown: choose {choices}, or a size such as 65.2 GB.",
            name=shortened(name),
            choices=", ".join(NAMES),
        )
    return found


def _sized(plain: str) -> Named | None:
    size = SIZE.fullmatch(plain)
    if size:
        n_bytes = Fraction(size[1].replace(",", ".")) * UNITS[size[2]]
        note = Sentence("The size of the weights is the one that was given.")
        return Named(name=plain, n_bytes=int(n_bytes), note=note) if n_bytes >= 1 else None
    bits = BITS.fullmatch(plain)
    if bits and 0 < Fraction(bits[1]) <= 32:
        layout = Layout(name=plain, bits=Fraction(bits[1]))
        return Named(name=plain, checkpoint=Checkpoint(name=plain, layouts=(((), layout),)))
    return None


def _uniform(plain: str) -> Named | None:
    if plain not in PLAIN:
        return None
    name = PLAIN[plain]
    return Named(name=name, checkpoint=Checkpoint(name=name, rest=PLAIN_LAYOUTS[name]))


def _grouped(plain: str) -> Named | None:
    """Linear layers in groups or blocks with scales of their own."""
    key = plain.replace("-", "_").replace(" ", "_")
    name = SYNONYMS.get(key, plain)
    note = Sentence(
        "Linear layers are counted as {name}; embeddings, output, routers and norms at 16 bits.",
        name=name,
    )
    if name in GROUPS:
        made = Checkpoint(name=name, layouts=(((), GROUPS[name]),))
        return Named(name=name, checkpoint=made, note=note)
    if name in ("fbgemm_fp8", "fbgemm"):
        layout = Layout(name="fp8", bits=8, block=(1, 0), scale=4)
        return Named(name=name, checkpoint=Checkpoint(name=name, layouts=((("mlp",), layout),)))
    if name == "mxfp4":
        made = Checkpoint(name=name, layouts=(((), MXFP4),), experts_alone=True)
        note = Sentence("Experts are counted as mxfp4, where there are any; the rest at 16 bits.")
        return Named(name=name, checkpoint=made, note=note)
    mlx = MLX.fullmatch(key)
    if mlx and mlx[1] in "234568":
        layout = Layout(name="mlx", bits=int(mlx[1]), block=(1, 64), scale=4)
        made = Checkpoint(name=plain, layouts=(((), layout),), whole=True)
        return Named(name=plain, checkpoint=made)
    return None


def _mixture(given: str, plain: str) -> Named | None:
    """A file of llama.cpp."""
    key = plain.replace("-", "_").replace(" ", "_")
    is_dynamic = key.startswith("ud_")
    key = key.removeprefix("ud_")
    name, large, dense = ALIASES.get(key, key), "", 0
    if is_dynamic or key == "q4_k_xl":
        name, dense = DYNAMIC.get(key, (name, 1000))
    elif key in LARGE:
        name, large = LARGE[key], "q8_0"
    if name not in MIXTURES:
        return None
    note = Sentence(
        "{name} is counted matrix by matrix, as llama.cpp's own quantiser chooses.",
        name=given.upper(),
    )
    return Named(name=given, mixture=name, large=large, dense=dense, note="" if dense else note)
