"""Recurrent states in vLLM's blocks: in which format, how many of them, and on what grid.

Read in ``vllm/model_executor/layers/mamba/`` and ``vllm/model_executor/models/config.py`` of 0.22
to 0.33.
"""

from attention.kv.allocation import Part
from attention.kv.engines import parts
from attention.kv.engines.vllm.settings import (
    NO_STATE_A_BLOCK,
    PREFILL_CHECKPOINTS,
    STATE_FORMAT,
    caches_prefixes,
    drafted,
    since,
)
from attention.kv.engines.vllm.spec import Spec
from attention.kv.formats import stored_format
from attention.kv.layer import Layer
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload

# Models whose recurrent states vLLM keeps in float32 whatever the model's format is: their
# config's mamba_ssm_dtype or mamba_ssm_cache_dtype (model_executor/models/config.py), or KDA.
FLOAT32 = ("qwen3_5", "qwen35", "nemotron_h", "kimi_linear", "kimi_k3", "glm5_next")
# Models with a state for every block where prefixes are cached (mode "all",
# SupportsMambaPrefixCaching in model_executor/models/ of 0.24), and their configs' chunk_size.
CHUNKS = {"nemotron_h": 128, "bamba": 256, "falcon_h1": 256, "granitemoehybrid": 256, "zamba2": 256,
          "mamba2": 256}  # fmt: skip
# Since when a prefill keeps one state more, of where its cached prefix ends
# (num_prefill_checkpoint_blocks): mamba_mixer2.py, kimi_k3/nvidia/kda.py, glm5next/common/kda.py.
CHECKPOINTS = {**dict.fromkeys(CHUNKS, "0.32"), "kimi_k3": "0.29", "glm5_next": "0.32",
               "glm5_next_text": "0.32"}  # fmt: skip
# Gated delta nets have it where FlashInfer computes them (Hopper, Blackwell); tokens of its grid.
DELTA_NETS = ("qwen3_next", "qwen3_5")
DELTA_NET_GRID = 64


def state_spec(layer: Layer, shape: ModelShape, workload: Workload) -> Spec:
    """1 state; with cached prefixes the last one beside it ("align"); 1 for each drafted token.

    Raises:
        AllocationError: a state that does not divide over the devices.
    """
    kept = tuple(_parts(layer, shape, workload))
    states = 2 if caches_prefixes(shape, workload) else 1
    if state_chunk(shape, workload):
        states = 0
    more = int(has_checkpoints(shape, workload)) + drafted(workload)
    return Spec("state", 1, kept, states=states + more)


def state_chunk(shape: ModelShape, workload: Workload) -> int:
    """Tokens that blocks are multiples of where each of them has a state; 0 where none has."""
    if not caches_prefixes(shape, workload) or since(workload, NO_STATE_A_BLOCK):
        return 0
    return CHUNKS.get(shape.model_type, 0)


def state_grid(shape: ModelShape, workload: Workload) -> int:
    """Tokens that blocks are multiples of besides, for the sake of states."""
    nets = shape.model_type.startswith(DELTA_NETS) and has_checkpoints(shape, workload)
    return DELTA_NET_GRID if nets else state_chunk(shape, workload) or 1


def has_checkpoints(shape: ModelShape, workload: Workload) -> bool:
    """Whether a prefill keeps one state more."""
    asked, since_when = workload[PREFILL_CHECKPOINTS], CHECKPOINTS.get(shape.model_type)
    if asked == "auto":
        asked = "on" if since_when and since(workload, since_when) else "off"
    return asked == "on" and caches_prefixes(shape, workload)


def _parts(layer: Layer, shape: ModelShape, workload: Workload) -> list[Part]:
    found = []
    for state in layer.states:
        # A convolution has a column more for each drafted token (mamba/mamba_utils.py).
        numbers = parts.state_share(state, workload.tp, drafted(workload))
        stored = workload.model
        if state.name != "convolution":
            float32 = shape.model_type.startswith(FLOAT32)
            name = workload[STATE_FORMAT] or ("float32" if float32 else workload.model.name)
            stored = stored_format(name)
        factors = ((numbers, f"{state.name} number"),)
        found.append(Part(slot="state", what=state.name, factors=factors, stored=stored))
    return found
