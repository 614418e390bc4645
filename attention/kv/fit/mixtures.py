"""Files of llama.cpp: which block format each matrix gets under a name such as ``Q4_K_M``.

A name is a mixture: most matrices get one format, and those that suffer more (values, the way
down of a feed-forward, the output) a better one, by layer, experts and heads to a group. Rows that
do not fill blocks of 256 fall back to blocks of 32. Files are taken to be made with an importance
matrix, as those of 3 bits and less have to be.

Read in llama.cpp, ``src/llama-quant.cpp`` at 007dbbf3 (``llama_tensor_get_type_impl``,
``tensor_type_fallback``, ``llama_ftype_get_default_type``).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from attention.kv.layouts import BLOCKS, PLAIN_LAYOUTS, Layout, block_layout
from attention.kv.matrices import Matrix
from attention.kv.shape import ModelShape

MIXTURES = {  # the name of a file, and the format of most of its matrices
    **{name: name for name in ("q4_0", "q4_1", "q5_0", "q5_1", "q8_0", "q6_k", "iq1_s", "iq1_m",
                               "iq2_xxs", "iq2_xs", "iq3_xxs", "iq3_s", "iq4_nl", "iq4_xs",
                               "tq1_0", "tq2_0")},
    "q2_k": "q2_k", "q2_k_s": "q2_k", "q3_k_s": "q3_k", "q3_k_m": "q3_k", "q3_k_l": "q3_k",
    "q4_k_s": "q4_k", "q4_k_m": "q4_k", "q5_k_s": "q5_k", "q5_k_m": "q5_k", "iq2_s": "iq2_xs",
    "iq2_m": "iq2_s", "iq3_xs": "iq3_s", "iq3_m": "iq3_s", "mxfp4_moe": "mxfp4",
}  # fmt: skip
ALIASES = {"q3_k": "q3_k_m", "q4_k": "q4_k_m", "q5_k": "q5_k_m"}
SMALLER = {  # where a row does not fill blocks of 256
    "q2_k": "q4_0", "q3_k": "q4_0", "tq1_0": "q4_0", "tq2_0": "q4_0", "q4_k": "q5_0",
    "q5_k": "q5_1", "q6_k": "q8_0",
}  # fmt: skip
FUSED = frozenset(("phi3", "gpt_neox", "gpt2", "falcon", "bloom", "mpt", "gpt_bigcode", "chatglm"))
LOW = ("iq1_s", "iq1_m", "iq2_xxs", "iq2_xs", "iq2_s", "iq2_m")
KINDS = {
    "self_attn.q_proj": "q", "self_attn.k_proj": "k", "self_attn.v_proj": "v",
    "self_attn.o_proj": "out", "linear_attn.in_proj_qkv": "qkv", "lm_head": "output",
    "embed_tokens": "embedding", "embed_tokens_per_layer": "embedding",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the choice looks at, of a whole model."""

    name: str  # of the mixture
    usual: str
    n_layers: int
    n_experts: int
    group_size: int
    is_70b: bool
    is_falcon: bool
    is_tied: bool
    n_values: int  # layers with a matrix of values


def mixed(
    shape: ModelShape, matrices: Iterable[Matrix], name: str, large: str = ""
) -> tuple[tuple[Matrix, Layout], ...]:
    """Every matrix of the file with the format that it gets.

    Args:
        name: a key of :data:`MIXTURES`.
        large: the format of embedding and output instead, as files named ``_L`` have it.
    """
    found = tuple(matrices)
    facts = _facts(shape, found, name)
    values = sorted({i for m in found if kind_of(m, shape) in ("v", "qkv") for i in m.layers})
    parts: list[tuple[Matrix, Layout]] = []
    for matrix in found:
        if (not matrix.is_linear and not matrix.is_vocabulary) or matrix.is_router:
            parts.append((matrix, PLAIN_LAYOUTS["float32"]))
            continue
        kind = kind_of(matrix, shape)
        by_type: dict[str, list[int]] = {}
        for index in matrix.layers or (0,):
            place = values.index(index) if kind in ("v", "qkv") else index
            wanted = large if large and matrix.is_vocabulary else _type(kind, place, facts, matrix)
            by_type.setdefault(_fitting(wanted, matrix.columns), []).append(index)
        for stored, of in by_type.items():
            layers = tuple(of) if matrix.layers else ()
            parts.append((replace(matrix, layers=layers), block_layout(stored)))
    return tuple(parts)


def kind_of(matrix: Matrix, shape: ModelShape) -> str:
    """What llama.cpp takes it for: ``"v"``, ``"down"`` …, ``""`` for none of its kinds."""
    kind = KINDS.get(matrix.name, "")
    if not kind:
        end = matrix.name.rpartition(".")[2]
        kind = {"gate_proj": "gate", "up_proj": "up", "down_proj": "down"}.get(end, "")
    return "qkv" if kind in ("q", "k", "v") and shape.model_type in FUSED else kind


def _facts(shape: ModelShape, matrices: tuple[Matrix, ...], name: str) -> Facts:
    layer = next((layer for layer in shape.layers if layer.n_kv_heads), None)
    return Facts(
        name=name,
        usual=MIXTURES[name],
        n_layers=shape.n_layers,
        n_experts=max((m.copies for m in matrices if m.is_expert), default=0),
        group_size=layer.group_size if layer else 0,
        is_70b=shape.n_layers == 80 and shape.model_type in ("llama", "qwen2"),
        is_falcon=shape.model_type == "falcon",
        is_tied=not any(m.name == "lm_head" for m in matrices),
        n_values=len({i for m in matrices if kind_of(m, shape) in ("v", "qkv") for i in m.layers}),
    )


def _fitting(stored: str, columns: int) -> str:
    """The format, or the one that a row of so many numbers falls back to."""
    if columns % BLOCKS[stored][0]:
        stored = SMALLER.get(stored, "iq4_nl") if BLOCKS[stored][0] == 256 else stored
        return stored if columns % BLOCKS[stored][0] == 0 else "float16"
    return stored


def _type(kind: str, place: int, facts: Facts, matrix: Matrix) -> str:
    name = facts.name
    if kind == "output" or (kind == "embedding" and facts.is_tied):
        return _output(facts, matrix.columns)
    if name == "mxfp4_moe":
        return "mxfp4" if matrix.is_expert else "q8_0"
    if kind == "embedding":
        return _embedding(facts)
    if name in LOW:
        return _low(kind, place, facts)
    if kind in ("v", "qkv"):
        return _values(place, facts)
    if kind in ("q", "k"):
        return _queries(kind, facts)
    if kind == "down":
        return _down(place, facts)
    if kind == "out":
        return _out(facts)
    middle = facts.n_layers // 8 <= place < 7 * facts.n_layers // 8
    return "iq3_xxs" if name == "iq3_xs" and kind in ("gate", "up") and middle else facts.usual


def _output(facts: Facts, columns: int) -> str:
    if facts.name == "mxfp4_moe" or facts.is_falcon or columns % BLOCKS[facts.usual][0]:
        return "q8_0"
    if facts.name in (*LOW, "iq3_xxs"):
        return "q5_k"
    return "q8_0" if facts.usual == "q8_0" else "q6_k"


def _embedding(facts: Facts) -> str:
    if facts.name in ("iq2_xxs", "iq2_xs", "iq1_s", "iq1_m"):
        return "q2_k"
    if facts.name in ("iq2_s", "iq2_m", "iq3_xxs"):
        return "iq3_s"
    return "q4_k" if facts.name in ("tq1_0", "tq2_0") else facts.usual


def _low(kind: str, place: int, facts: Facts) -> str:
    """Mixtures of 2 bits and less."""
    better = "iq3_s" if facts.name in ("iq2_s", "iq2_m") else "q2_k"
    if kind in ("v", "qkv"):
        return "q4_k" if facts.group_size >= 4 or facts.n_experts >= 4 else better
    if kind == "k" and facts.n_experts == 8:
        return "q4_k"
    if kind == "down" and place < facts.n_layers // 8:
        return better
    if kind == "out":
        if facts.n_experts == 8:
            return "q5_k"
        one_bit = "iq2_xxs" if facts.name in ("iq1_s", "iq1_m") else facts.usual
        return "iq3_s" if better == "iq3_s" else one_bit
    return facts.usual


def _more_bits(place: int, n_layers: int) -> bool:
    eighth = n_layers // 8
    return place < eighth or place >= 7 * n_layers // 8 or (place - eighth) % 3 == 2


def _values(place: int, facts: Facts) -> str:
    name, stored, shared = facts.name, facts.usual, facts.group_size >= 4
    if name == "q2_k":
        stored = "q4_k" if shared else "q3_k"
    elif (shared and name in ("q2_k_s", "iq3_xxs", "iq3_xs", "iq3_s")) or name == "iq3_m":
        stored = "q4_k"
    elif name == "q3_k_m":
        stored = "q5_k" if place < 2 else "q4_k"
    elif name == "q3_k_l" or (shared and name in ("iq4_nl", "iq4_xs")):
        stored = "q5_k"
    elif name in ("q4_k_m", "q5_k_m") and _more_bits(place, facts.n_values):
        stored = "q6_k"
    elif name == "q4_k_s" and place < 4:
        stored = "q5_k"
    if facts.is_70b and stored in ("q3_k", "q4_k"):
        stored = "q5_k"
    return "q8_0" if facts.n_experts == 8 else stored


def _queries(kind: str, facts: Facts) -> str:
    if kind == "k" and facts.n_experts == 8:
        return "q8_0"
    return {"iq3_xs": "iq3_xxs", "iq3_xxs": "iq2_s"}.get(facts.name, facts.usual)


def _down(place: int, facts: Facts) -> str:
    name, n_layers = facts.name, facts.n_layers
    early, more = place < n_layers // 8, _more_bits(place, n_layers)
    if facts.is_falcon and name in ("q3_k_l", "q4_k_m", "q4_k_s"):
        first = "q6_k" if place < n_layers // 16 else "q5_k" if more else "q4_k"
        return first if name == "q4_k_m" else "q4_k"
    if name in ("q2_k", "q3_k_l"):
        return {"q2_k": "q3_k", "q3_k_l": "q5_k"}[name]
    if name == "q3_k_m":
        late = "q4_k" if more or not facts.is_falcon else "q3_k"
        return "q5_k" if place < n_layers // 16 else late
    if early and name in ("q2_k_s", "q4_k_s"):
        return {"q2_k_s": "q4_k", "q4_k_s": "q5_k"}[name]
    if name == "iq3_m" and (early or (facts.n_experts == 8 and more)):
        return "q4_k"
    return "q6_k" if more and name in ("q4_k_m", "q5_k_m") else facts.usual


def _out(facts: Facts) -> str:
    name = facts.name
    if facts.is_falcon:
        return "q4_k" if name == "q3_k_l" else facts.usual
    if facts.n_experts == 8:
        raised = ("q2_k", "iq3_xs", "iq3_xxs", "q3_k_s", "q3_k_m", "iq4_nl", "q4_k_s", "q4_k_m",
                  "iq3_s", "iq3_m", "iq4_xs")  # fmt: skip
        return "q5_k" if name in raised else facts.usual
    better = {"q2_k": "q3_k", "iq3_xxs": "iq3_s", "q3_k_m": "q4_k", "q3_k_l": "q5_k",
              "iq3_m": "q4_k"}  # fmt: skip
    return better.get(name, facts.usual)
