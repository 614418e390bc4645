"""What each method of a ``quantization_config`` means: bits, scales, and which modules it is for.

Field names were read in transformers 5.24, ``utils/quantization_config.py``; compressed-tensors'
in its ``quantization/quant_args.py`` (v0.15); ModelOpt's in vLLM, ``model_executor/layers/
quantization/modelopt.py``; MLX's in mlx-lm, ``utils.py``. Sizes of scales: the papers and packers
named at each.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from attention.kv.layouts import Layout

Config = Mapping[str, Any]
EXPERTS = ("mlp.experts", "feed_forward.experts", "experts")
Read = tuple[tuple[tuple[tuple[str, ...], Layout], ...], dict[str, Any]]


def _fp8(config: Config, data: Config) -> Read:
    """DeepSeek's: a float32 scale for a block; else one a tensor. V4's experts are in 4 bits."""
    block = config.get("weight_block_size")
    scale = 1 if config.get("scale_fmt") == "ue8m0" and data.get("expert_dtype") else 4
    layout = Layout(name="fp8", bits=8, block=_pair(block), scale=scale)
    if data.get("expert_dtype") == "fp4":
        return ((EXPERTS, MXFP4), ((), layout)), {}
    return (((), layout),), {}


def _rows_fp8(_config: Config, _data: Config) -> Read:
    """FBGEMM: a float32 scale for each row."""
    return (((), Layout(name="fp8", bits=8, block=(1, 0), scale=4)),), {}


MXFP4 = Layout(name="mxfp4", bits=4, block=(1, 32), scale=1)  # OCP Microscaling formats, v1.0
NVFP4 = Layout(name="nvfp4", bits=4, block=(1, 16), scale=1)  # and a float32 a tensor


def _mxfp4(_config: Config, _data: Config) -> Read:
    return (((), MXFP4),), {"experts_alone": True}


def _groups(config: Config, _data: Config) -> Read:
    """AWQ (arXiv 2306.00978), GPTQ (arXiv 2210.17323), AutoRound, HQQ: whole numbers in groups,
    a 16-bit scale and a zero point each. GPTQ's files name the group of each column."""
    method = text_of(config, "quant_method") or "groups"
    inner = config.get("quant_config", {})
    inner = inner.get("weight_quant_params", {}) if isinstance(inner, Mapping) else {}
    bits = _number(config, "bits", "w_bit") or _number(inner, "nbits") or 4
    group = _number(config, "group_size", "q_group_size") or _number(inner, "group_size") or 0
    layout = Layout(
        name=method.removeprefix("intel/"),
        bits=bits,
        block=(1, max(group, 0)),
        scale=2,
        zero_bits=16 if method == "hqq" else bits,
        column_bytes=4 if "gptq" in f"{method} {config.get('packing_format')}" else 0,
    )
    return (((), layout),), {}


def _bitsandbytes(config: Config, _data: Config) -> Read:
    """NF4 (arXiv 2305.14314, section 3): a scale for 64 numbers, itself in 8 bits where doubly
    quantised, with a float32 for 256 of them; LLM.int8 (arXiv 2208.07339): a float32 a row."""
    if config.get("load_in_8bit") or config.get("_load_in_8bit"):
        return (((), Layout(name="int8", bits=8, block=(1, 0), scale=4)),), {}
    return (((), NF4 if config.get("bnb_4bit_use_double_quant") else NF4_SINGLE),), {}


NF4 = Layout(name="nf4", bits=4, block=(1, 64), scale=1 + Fraction(4, 256))
NF4_SINGLE = Layout(name="nf4", bits=4, block=(1, 64), scale=4)


def _compressed_tensors(config: Config, _data: Config) -> Read:
    groups = config.get("config_groups")
    found = []
    for group in groups.values() if isinstance(groups, Mapping) else ():
        weights = group.get("weights") if isinstance(group, Mapping) else None
        if isinstance(weights, Mapping):
            found.append((_words(group.get("targets")), _of_arguments(weights)))
    named = [pair for pair in found if pair[0] not in ((), ("Linear",))]
    return (*named, *(pair for pair in found if pair not in named)), {}


def _of_arguments(weights: Config) -> Layout:
    """Of compressed-tensors' QuantizationArgs."""
    bits, strategy = _number(weights, "num_bits") or 8, text_of(weights, "strategy")
    is_float = text_of(weights, "type") == "float"
    group = _number(weights, "group_size") or 0
    block: tuple[int, int] = (0, 0)
    if strategy in ("group", "tensor_group"):
        block = (1, group)
    elif strategy == "block":
        block = _pair(weights.get("block_structure"))
    elif strategy == "channel":
        block = (1, 0)
    if is_float and bits == 4:
        return NVFP4 if group == 16 else MXFP4 if group == 32 else _layout("fp4", 4, block)
    zero = 0 if weights.get("symmetric", True) else bits
    return _layout(f"{'fp' if is_float else 'int'}{bits}", bits, block, zero)


def _layout(name: str, bits: int, block: tuple[int, int], zero: int = 0) -> Layout:
    return Layout(name=name, bits=bits, block=block, scale=2, zero_bits=zero)


ALGORITHMS = {
    "FP8": Layout(name="fp8", bits=8, scale=4),
    "FP8_PER_CHANNEL_PER_TOKEN": Layout(name="fp8", bits=8, block=(1, 0), scale=4),
    "FP8_PB_WO": Layout(name="fp8", bits=8, block=(128, 128), scale=4),
    "MXFP8": Layout(name="mxfp8", bits=8, block=(1, 32), scale=1),
    "NVFP4": NVFP4,
    "NVFP4_AWQ": NVFP4,
    "W4A16_NVFP4": NVFP4,
    "W4A16_AWQ": Layout(name="awq", bits=4, block=(1, 128), scale=2),
    "W4A8_AWQ": Layout(name="awq", bits=4, block=(1, 128), scale=2),
    "W4A8_MXFP4_FP8": MXFP4,
    "INT8_SQ": Layout(name="int8", bits=8, block=(1, 0), scale=4),
}


def _modelopt(config: Config, data: Config) -> Read:
    inner = config.get("quantization")
    inner = inner if isinstance(inner, Mapping) else config
    layers = inner.get("quantized_layers")
    more = {"kept": (*kept_modules(config), *kept_modules(inner))}
    if isinstance(layers, Mapping) and layers:  # mixed: each with a method of its own
        named: dict[Layout, list[str]] = {}
        for word, said in layers.items():
            algorithm = said.get("quant_algo") if isinstance(said, Mapping) else None
            if algorithm in ALGORITHMS:
                named.setdefault(ALGORITHMS[algorithm], []).append(str(word))
        return tuple((tuple(words), layout) for layout, words in named.items()), more
    layout = ALGORITHMS.get(str(inner.get("quant_algo") or config.get("quant_algo")).upper())
    if layout is None:
        return _compressed_tensors(config, data)
    return (((), layout),), more


def _mlx(config: Config, _data: Config) -> Read:
    """Scales and biases of 16 bits for a group, embeddings and output as well."""
    bits, group = _number(config, "bits") or 4, _number(config, "group_size") or 64
    layout = MXFP4 if config.get("mode") == "mxfp4" else Layout(
        name="mlx", bits=bits, block=(1, group), scale=4
    )  # fmt: skip
    return (((), layout),), {"whole": True}


def _quark(config: Config, _data: Config) -> Read:
    """AMD Quark: one config for all layers, with the type and the size of groups."""
    weight: Any = config.get("global_quant_config", {})
    weight = weight.get("weight", {}) if isinstance(weight, Mapping) else {}
    weight = weight[0] if isinstance(weight, list) and weight else weight
    kind = text_of(weight, "dtype") if isinstance(weight, Mapping) else ""
    if "4" in kind and "fp4" in kind:
        return (((), MXFP4),), {}
    if "int4" in kind:
        return (((), _layout("int4", 4, (1, _number(weight, "group_size") or 128), 4)),), {}
    return (((), Layout(name="fp8" if "fp8" in kind else "int8", bits=8, scale=4)),), {}


def _averaged(config: Config, _data: Config) -> Read:
    """ExLlama: bits on average over all linear layers, scales included; the output has its own."""
    bits = config.get("bits")
    average = Fraction(str(bits)) if isinstance(bits, int | float) and 0 < bits <= 16 else 4
    name = text_of(config, "quant_method") or "exl"
    return (((), Layout(name=name, bits=average)),), {}


def _whole_numbers(config: Config, _data: Config) -> Read:
    """Quanto, EETQ, torchao: rows of 8 bits, or groups of 128 in 4."""
    said = str(config.get("weights") or config.get("quant_type") or "int8").lower()
    if "int4" in said or "uint4" in said:
        return (((), _layout("int4", 4, (1, _number(config, "group_size") or 128), 4)),), {}
    name = "fp8" if "float8" in said else "int8"
    return (((), Layout(name=name, bits=8, block=(1, 0), scale=2)),), {}


def _ternary(_config: Config, _data: Config) -> Read:
    """BitNet (arXiv 2402.17764): four numbers in a byte."""
    return (((), Layout(name="bitnet", bits=2, scale=2)),), {}


READERS: dict[str, Callable[[Config, Config], Read]] = {
    "fp8": _fp8, "fbgemm_fp8": _rows_fp8, "ptpc_fp8": _rows_fp8, "mxfp4": _mxfp4, "awq": _groups,
    "gptq": _groups, "gptq_marlin": _groups, "awq_marlin": _groups, "auto-round": _groups,
    "auto_round": _groups, "hqq": _groups, "bitsandbytes": _bitsandbytes,
    "compressed-tensors": _compressed_tensors, "modelopt": _modelopt, "modelopt_fp4": _modelopt,
    "modelopt_mixed": _modelopt, "mlx": _mlx, "quark": _quark, "exl2": _averaged, "exl3": _averaged,
    "quanto": _whole_numbers, "eetq": _whole_numbers, "torchao": _whole_numbers,
    "bitnet": _ternary, "higgs": _groups, "inc": _groups,
}  # fmt: skip


def kept_modules(config: Config) -> tuple[str, ...]:
    """Modules that stay as they were, under any of the names that methods have for the list."""
    words: list[str] = []
    for name in ("modules_to_not_convert", "ignored_layers", "ignore", "exclude_modules",
                 "llm_int8_skip_modules", "exclude"):  # fmt: skip
        words += _words(config.get(name))
    dynamic = config.get("dynamic")  # GPTQModel: "-:" and an expression leaves modules out
    for word in dynamic if isinstance(dynamic, Mapping) else ():
        words += [f"re:.*{word[2:]}"] if isinstance(word, str) and word.startswith("-:") else []
    extra = config.get("extra_config")  # AutoRound: bits of single modules
    for word, said in extra.items() if isinstance(extra, Mapping) else ():
        if isinstance(said, Mapping) and (_number(said, "bits") or 0) >= 16:
            words.append(str(word))
    return tuple(dict.fromkeys(words))


def _words(value: object) -> tuple[str, ...]:
    """The texts of a list; none where there is no list."""
    listed = value if isinstance(value, list | tuple) else ()
    return tuple(word for word in listed if isinstance(word, str))


def _pair(value: object) -> tuple[int, int]:
    """Rows and columns of a block; a whole row or tensor for what is no pair of numbers."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        return 0, 0
    rows, columns = value
    sound = all(isinstance(n, int) and 0 < n < 2**20 for n in (rows, columns))
    return (rows, columns) if sound else (0, 0)


def _number(config: Config, *names: str) -> int | None:
    for name in names:
        value = config.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and -1 <= value < 2**20:
            return value
    return None


def text_of(config: Config, name: str) -> str:
    value = config.get(name)
    return value.lower()[:40] if isinstance(value, str) else ""
