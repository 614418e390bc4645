"""What an engine needs beside weights and cache: an estimate, by its own rules where it has some.

    vLLM          activations of one step + sampling + CUDA graphs + the driver's context
    SGLang        what its ``mem_fraction_static`` leaves free, by the memory of the GPU
    llama.cpp     its compute buffer: the logits of a micro-batch, or attention's scores
    transformers  activations of the whole prompt

vLLM measures its own when it starts (``v1/worker/gpu_worker.py`` at 0012cf69,
``determine_available_memory``). Sampling takes some 40 bytes for each of 256 sequences and each
entry of the vocabulary: logits in 16 and 32 bits, sorted, their places, probabilities, their sums.
So published logs have it: 1.26 GiB of activations for Llama-3-8B (vllm-project/vllm pull 10511),
1.40 GiB for Qwen2.5-1.5B, 1.77 GiB on the last of two stages of a Qwen2.5-32B and 1.01 GiB on the
first (issue 14452). CUDA graphs are taken with 16 MiB a layer, the context with 0.3 GiB, and
another 1 GiB where devices talk to each other (NCCL, custom all-reduce).
Experts in mxfp4 are filled up for its kernels
(``layers/quantization/mxfp4.py``, Marlin: 256 inputs, 128 outputs): gpt-oss-120b takes 65.97 GiB
in its logs, gpt-oss-20b 13.72.

SGLang's rule stands in ``server_args.py`` (v0.5, ``_handle_gpu_memory_settings``). llama.cpp's
buffer is as its graph's widest moment, held against logs: 258.5 MiB for Llama-3-8B at 512 tokens,
796 MiB for gpt-oss-120b at 1,024.
"""

import math
from fractions import Fraction

from attention.kv import engines
from attention.kv.fit.budget import GIB, Deployment
from attention.kv.fit.division import Division
from attention.kv.fit.weights import Weights
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload
from attention.sentence import Quantity, Sentence

MIB = 2**20
CONTEXT = 3 * GIB // 10  # of the driver
TALK = GIB  # between devices
SAMPLED = 256  # sequences that vLLM samples at once when it measures
SAMPLING = 40  # bytes for each of them and each entry of the vocabulary
GRAPH = 16 * MIB  # of a layer
# SGLang: below so many GiB of memory: tokens of a chunk, and sequences in a graph, below and from
# four devices on.
SGLANG = (
    (20, 2048, 8, 80),
    (35, 2048, 24, 80),
    (60, 4096, 32, 160),
    (160, 8192, 256, 512),
    (10**6, 16384, 512, 512),
)


def overhead_of(
    asked: Deployment, workload: Workload, division: Division
) -> tuple[int, tuple[str, ...]]:
    """Bytes on one device, and sentences on how they come about.

    Args:
        workload: of one device.
    """
    given = asked.budget.overhead_bytes
    if given is not None:
        return given, (_set_aside(given),)
    engine = engines.find(asked.engine)
    if engine == "vllm":
        return _vllm(asked, workload, division)
    if engine == "sglang":
        return _sglang(asked, division)
    if engine == "llama.cpp":
        return _llamacpp(asked.shape, workload)
    if engine == "transformers":
        return _transformers(asked.shape, workload, division)
    return GIB, (_set_aside(GIB),)


def _set_aside(n_bytes: int) -> Sentence:
    overhead = Sentence("{n:.4g} GiB", n=n_bytes / GIB)
    return Sentence(
        "{overhead} is set aside on each device for the driver's context, activations and "
        "work space: an assumption; it grows with the tokens computed in one step.",
        overhead=overhead,
    )


def _setting(workload: Workload, name: str, default: int) -> int:
    found = (value for setting, value in workload.settings if setting.name == name)
    return int(next(found, default))


def _width(shape: ModelShape, division: Division) -> int:
    """Numbers of one token in the widest layer of a device: residuals, and a feed-forward."""
    d_model = shape.d_model or 0
    dense = [m.rows for m in shape.matrices if m.name.endswith("mlp.up_proj")]
    widest = 3 * max(dense, default=4 * d_model) // division.tp
    if shape.experts and d_model:
        of_expert = shape.experts.parameters_each // (3 * d_model)
        widest = max(widest, shape.experts.per_token * (3 * of_expert // division.tp + d_model))
    return 2 * d_model + widest


def _vllm(asked: Deployment, workload: Workload, division: Division) -> tuple[int, tuple[str, ...]]:
    shape = asked.shape
    tokens = _setting(workload, "max_batched_tokens", 2048)
    forward = tokens * _width(shape, division) * 2
    sampling = SAMPLED * (shape.vocab or 0) * SAMPLING
    graphs = shape.n_layers // division.pp * GRAPH
    context = CONTEXT + (TALK if division.n_devices > 1 else 0)
    padding = _padding(asked.held, division)
    total = max(forward, sampling) + graphs + context + padding
    said = Sentence(
        "Beside weights and cache vLLM is taken to need {total} on each device, an estimate: "
        "{activations} of activations, {graphs} of CUDA graphs, {context} for the driver.",
        total=_gib(total),
        activations=_gib(max(forward, sampling)),
        graphs=_gib(graphs),
        context=_gib(context),
    )
    if not padding:
        return total, (said,)
    filled = Sentence(
        "{padding} of it fill up experts in mxfp4, to 256 inputs and 128 outputs.",
        padding=_gib(padding),
    )
    return total, (said, filled)


def _padding(weights: Weights, division: Division) -> int:
    """Bytes that fill up experts in mxfp4: their width to 128, the model's to 256."""
    total = Fraction()
    for part in weights.parts:
        matrix = part.matrix
        if not matrix.is_expert or matrix.columns == 1 or part.layout.name != "mxfp4":
            continue
        width, d_model = matrix.rows, matrix.columns
        if matrix.name.endswith("down_proj"):
            width, d_model = d_model, width
        filled = -(-width // 128) * 128 * (-(-d_model // 256) * 256)
        total += part.size * (Fraction(filled, width * d_model) - 1)
    return math.ceil(total / division.n_devices)


def _sglang(asked: Deployment, division: Division) -> tuple[int, tuple[str, ...]]:
    memory = asked.budget.gpu.memory_bytes
    row = next(row for row in SGLANG if memory < row[0] * GIB)
    tokens, sequences = row[1], row[2] if division.tp * division.dp < 4 else row[3]
    reserved = 512 + 3 * tokens // 2 + 2 * sequences + division.n_devices * 1024 // 8
    if division.dp > 1:
        reserved += sequences * division.dp * 3
    if memory > 60 * GIB:
        reserved = max(reserved, 10 * 1024)
    free = memory - asked.budget.usable_bytes
    return max(0, reserved * MIB - free), (
        Sentence(
            "SGLang leaves {reserved} of the memory free for activations and CUDA graphs, by its "
            "own rule for a GPU of this size; what is not used at all is a part of it.",
            reserved=_gib(reserved * MIB),
        ),
    )


def _llamacpp(shape: ModelShape, workload: Workload) -> tuple[int, tuple[str, ...]]:
    tokens = _setting(workload, "n_ubatch", 512)
    flash = all(value for setting, value in workload.settings if setting.name == "flash_attn")
    logits = tokens * ((shape.vocab or 0) + (shape.d_model or 0)) * 4
    heads = max((layer.n_heads for layer in shape.layers), default=0)
    scores = 0 if flash else tokens * heads * workload.context * 4
    buffer = max(logits, scores)
    return buffer + CONTEXT, (
        Sentence(
            "llama.cpp's compute buffer is taken with {buffer}, an estimate from {tokens} of a "
            "micro-batch, and {context} for the driver.",
            buffer=_gib(buffer),
            tokens=Quantity(tokens, "token"),
            context=_gib(CONTEXT),
        ),
    )


def _transformers(
    shape: ModelShape, workload: Workload, division: Division
) -> tuple[int, tuple[str, ...]]:
    tokens = workload.tokens(workload.context)
    activations = tokens * _width(shape, division) * 2
    total = activations + workload.batch * (shape.vocab or 0) * 4 + CONTEXT
    return total, (
        Sentence(
            "transformers computes a prompt whole: {activations} of activations for {tokens}, an "
            "estimate.",
            activations=_gib(activations),
            tokens=Quantity(tokens, "token"),
        ),
    )


def _gib(n_bytes: int) -> Sentence:
    return Sentence("{n:.4g} GiB", n=n_bytes / GIB)
