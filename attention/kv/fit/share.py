"""What one device holds of a model: the fullest, where a division leaves them different shares.

Tensor parallelism divides rows or columns of most matrices; K and V no further than there are KV
heads, and not at all what every device needs whole: norms, routers, and the way down to a latent
(vLLM, ``model_executor/models/deepseek_v2.py`` at 0012cf69: ``ReplicatedLinear``). With DP
attention, routed experts are divided over all devices and the rest within each group.

llama.cpp keeps the embedding in the host's memory, and a second copy beside the layers where it
is the output matrix too (``src/llama-model.cpp``, ``load_tensors``); the output counts as one more
layer where devices share them.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from attention.kv import engines
from attention.kv.allocation import Allocation
from attention.kv.fit.division import Division
from attention.kv.fit.weights import Part, Weights
from attention.kv.matrices import OUTPUT, Matrix
from attention.kv.shape import ModelShape
from attention.sentence import Sentence

WHOLE = ("q_a_proj", "kv_a_proj_with_mqa", "wk", "weights_proj", "shared_expert_gate")


@dataclass(frozen=True, kw_only=True)
class Share:
    """Bytes of weights and of the cache on one device, and what was taken for granted.

    Args:
        layers: that the device has; of each its part.
    """

    division: Division
    layers: range
    weights: int
    cache: int | float
    assumptions: tuple[str, ...] = ()


def fullest_share(
    shape: ModelShape,
    weights: Weights,
    allocation: Allocation,
    division: Division,
    engine: str,
) -> Share:
    """The share of the device that holds most: see :func:`shares`."""
    found = shares(shape, weights, allocation, division, engine)
    return max(found, key=lambda share: share.weights + share.cache)


def shares(
    shape: ModelShape,
    weights: Weights,
    allocation: Allocation,
    division: Division,
    engine: str,
) -> tuple[Share, ...]:
    """The share of a device of each stage, the first stage first.

    Args:
        allocation: of one device of ``tp``, with all layers.
    """
    by_layers = engines.ENGINES[engines.find(engine)].splits_layers
    parts = [part for part in weights.parts if not (by_layers and _stays_on_host(part, weights))]
    notes = _notes(weights, division, by_layers)
    if division.pp == 1:
        held = [math.ceil(sum(_on_each(part, shape, division) for part in parts))]
        stages = [range(shape.n_layers)]
    else:
        stages = _stages(shape.n_layers, division.pp, with_output=by_layers)
        held = [
            math.ceil(sum(_of_stage(part, shape, division, stage, number) for part in parts))
            for number, stage in enumerate(stages)
        ]
    caches = caches_of_stages(allocation, division, engine)
    return tuple(
        Share(division=division, layers=stage, weights=weight, cache=cache, assumptions=notes)
        for stage, weight, cache in zip(stages, held, caches, strict=True)
    )


def caches_of_stages(allocation: Allocation, division: Division, engine: str) -> list[int | float]:
    """Bytes of the cache on a device of each stage; what belongs to no layer is divided evenly."""
    if division.pp == 1:
        return [allocation.allocated_bytes]
    sizes = [each.bytes_total for each in allocation.per_layer]
    padding = allocation.allocated_bytes - sum(sizes)
    by_layers = engines.ENGINES[engines.find(engine)].splits_layers
    stages = _stages(len(sizes), division.pp, with_output=by_layers)
    return [
        sum(sizes[stage.start : stage.stop]) + (padding * len(stage) / len(sizes) if padding else 0)
        for stage in stages
    ]


def _stays_on_host(part: Part, weights: Weights) -> bool:
    """In llama.cpp: an embedding that is not the output matrix as well."""
    return part.matrix.is_embedding and any(each.matrix.name == OUTPUT for each in weights.parts)


def _stages(n_layers: int, pp: int, *, with_output: bool) -> list[range]:
    """Runs of layers, as equal as can be, the output one more layer in llama.cpp.

    What is left over goes to the last but one and those before it (vLLM,
    ``distributed/utils.py``, ``get_pp_indices``).
    """
    if with_output:
        edges = [-(-(n_layers + 1) * i // pp) for i in range(pp + 1)]
        edges[-1] = n_layers
    else:
        sizes = [n_layers // pp] * pp
        for i in range(2, n_layers % pp + 2):
            sizes[-i] += 1
        edges = [sum(sizes[:i]) for i in range(pp + 1)]
    return [range(begin, end) for begin, end in pairwise(edges)]


def _of_stage(
    part: Part, shape: ModelShape, division: Division, stage: range, number: int
) -> Fraction:
    """Bytes of a run of layers; embeddings are in the first, the output in the last."""
    matrix, size = part.matrix, _on_each(part, shape, division)
    if matrix.layers and not matrix.is_mtp:
        return size * sum(index in stage for index in matrix.layers) / len(matrix.layers)
    is_last = number == division.pp - 1
    is_tied = matrix.is_embedding and shape.is_tied
    if matrix.is_vocabulary:
        here = (number == 0 and matrix.is_embedding) or (
            is_last and (is_tied or not matrix.is_embedding)
        )
        return size if here else Fraction()
    return size if is_last else Fraction()


def _on_each(part: Part, shape: ModelShape, division: Division) -> Fraction:
    """Bytes on one device that has every layer."""
    matrix = part.matrix
    if not matrix.is_expert:
        return part.size / _ways(matrix, shape, division.tp)
    n = division.tp * division.dp
    if not division.ep:
        return part.size / n
    return part.size * -(-matrix.copies // n) / matrix.copies


def _ways(matrix: Matrix, shape: ModelShape, tp: int) -> int:
    """Over how many devices a matrix is divided."""
    name = matrix.name.rpartition(".")[2]
    if matrix.columns == 1 or matrix.is_router or name in WHOLE:
        return 1
    if name in ("k_proj", "v_proj") and matrix.layers:
        layer = shape.layers[min(matrix.layers[0], shape.n_layers - 1)]
        return min(tp, layer.n_kv_heads or tp)
    return tp


def _notes(weights: Weights, division: Division, by_layers: bool) -> tuple[str, ...]:
    notes = []
    if by_layers and any(_stays_on_host(part, weights) for part in weights.parts):
        notes.append(Sentence("llama.cpp keeps the input embedding in the host's memory."))
    if division.pp > 1:
        notes.append(
            Sentence(
                "Each of {n_gpus} devices has a run of layers, of equal length as far as it goes.",
                n_gpus=division.n_devices,
            )
        )
    if division.tp > 1:
        notes.append(
            Sentence(
                "The weights are divided over {n_gpus} devices; norms, routers and the way to a "
                "latent are on all of them.",
                n_gpus=division.tp,
            )
        )
    if division.dp > 1:
        notes.append(
            Sentence(
                "{dp} groups of devices hold attention and the cache of their own users; experts "
                "are divided over all.",
                dp=division.dp,
            )
        )
    return tuple(notes)
