"""Adapters of the package peft: small matrices beside those of a model, or a folder of them.

A folder is read without peft (0.21 wrote those that the tests check this against).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from attention.models.huggingface.errors import CheckpointError
from attention.models.huggingface.folder import ADAPTER, read_json, refuse_pickled

MATRICES = "adapter_model.safetensors"
PREFIX = "base_model.model."  # what peft puts before the path of a module

# Settings under which more than scaling · B A is added, or to something else than each matrix, or
# the base's own weights are changed as well (peft 0.21, tuners/lora/config.py).
OTHERWISE = (
    "use_dora", "use_qalora", "use_bdlora", "alora_invocation_tokens", "layer_replication",
    "target_parameters", "trainable_token_indices", "arrow_config", "kasa_config",
    "monteclora_config", "ensure_weight_tying",
)  # fmt: skip
BEFORE_THE_TEXT = (
    "PREFIX_TUNING", "PROMPT_TUNING", "P_TUNING", "MULTITASK_PROMPT_TUNING", "CPT", "CARTRIDGE",
)  # fmt: skip
PUTS_VECTORS = (
    "The adapter puts vectors of its own before the text, which are no tokens: only those that "
    "change the model's matrices can be shown, such as LoRA."
)
# How the matrices began matters only where the base's weights were changed by it
# (tuners/lora/layer.py, ``update_layer``: PiSSA, OLoRA, CorDA, LoftQ, LoRA-GA).
HARMLESS_BEGINNINGS = (None, True, False, "gaussian", "eva", "orthogonal")
# A pattern of a file from anyone is a path with little in it that could make matching slow.
PATTERN = re.compile(r"\^?(\\\.|[\w.-])+(\*(\\\.|[\w.-])*)?", re.ASCII)


@dataclass(frozen=True, kw_only=True, eq=False)
class Adapter:
    """A plain LoRA (arXiv 2106.09685, section 4.1): W + scaling · B A for some matrices W."""

    base: str  # what it was trained on, as a model is named
    r: int  # rank of B A; single matrices may have another
    alpha: float  # scaling is alpha / r, or alpha / √r with rslora (arXiv 2312.03732)
    rslora: bool
    alphas: dict[str, float] = field(default_factory=dict)  # of single matrices, by pattern
    whole: tuple[str, ...] = ()  # names of modules whose weights are replaced


def read_adapter(folder: Path) -> Adapter:
    """What an adapter's folder says of it.

    Raises:
        CheckpointError: it is no plain LoRA, or names no base.
    """
    settings = read_json(folder / ADAPTER)
    _refuse_other_kinds(settings)
    patterns = settings.get("alpha_pattern") or {}
    if not isinstance(patterns, dict):
        patterns = {str(patterns): 0}
    if odd := [key for key in patterns if not PATTERN.fullmatch(key)]:
        raise CheckpointError(
            "{file} has the alpha_pattern {pattern!r}: only paths of modules are read.",
            file=ADAPTER,
            pattern=odd[0][:60],
        )
    try:
        base = settings["base_model_name_or_path"]
        if not isinstance(base, str) or not base:
            raise ValueError
        return Adapter(
            base=base,
            r=int(settings["r"]),
            alpha=float(settings["lora_alpha"]),
            rslora=bool(settings.get("use_rslora")),
            alphas={key: float(alpha) for key, alpha in patterns.items()},
            whole=tuple(map(str, settings.get("modules_to_save") or ())),
        )
    except (KeyError, ValueError, TypeError):
        raise CheckpointError(
            "{file} lacks base_model_name_or_path, r or lora_alpha: write them in, as peft's "
            "save_pretrained does.",
            file=ADAPTER,
        ) from None


def read_matrices(folder: Path) -> dict[str, Tensor]:
    """What it holds, by the path in the model: ``….q_proj.lora_A.weight`` and the like.

    Raises:
        CheckpointError: they are pickled, not there or broken.
    """
    if not (folder / MATRICES).is_file():
        refuse_pickled([path.name for path in folder.iterdir()])
        raise CheckpointError("The folder holds no {weights}.", weights=MATRICES)
    try:
        found = load_file(folder / MATRICES)
    except (SafetensorError, OSError):
        raise CheckpointError(
            "{name} is no safetensors file: the download may be broken.", name=MATRICES
        ) from None
    return {
        key.removeprefix(PREFIX).replace(".base_layer.", "."): value for key, value in found.items()
    }


def adapter_of(model: Any) -> Adapter | None:
    """What is active in a PeftModel; None where it is no LoRA, or more than one."""
    settings = model.active_peft_config
    if (
        len(model.active_adapters) > 1
        or getattr(settings.peft_type, "value", settings.peft_type) != "LORA"
    ):
        return None
    base = model.get_base_model()
    return Adapter(
        base=str(settings.base_model_name_or_path or type(base).__name__),
        r=settings.r,
        alpha=settings.lora_alpha,
        rslora=settings.use_rslora,
        alphas=dict(settings.alpha_pattern or {}),
        whole=tuple(settings.modules_to_save or ()),
    )


@contextmanager
def switched_off(model: Any) -> Iterator[None]:
    """A PeftModel computes as its base inside; what its owner trains stays what it was."""
    trained = [(weight, weight.requires_grad) for weight in model.parameters()]
    try:
        with model.disable_adapter():
            yield
    finally:
        for weight, was in trained:
            weight.requires_grad_(was)


def _refuse_other_kinds(settings: dict) -> None:
    kind = str(settings.get("peft_type"))[:60]
    if kind in BEFORE_THE_TEXT:
        raise CheckpointError(PUTS_VECTORS)
    if kind != "LORA":
        raise CheckpointError(
            "It is an adapter of the kind {kind}: only LoRA is put onto its base here. Load it "
            "with peft and show that model, or save what merge_and_unload() gives.",
            kind=kind,
        )
    used = [name for name in OTHERWISE if settings.get(name)]
    if settings.get("init_lora_weights") not in HARMLESS_BEGINNINGS:
        used.append(f"init_lora_weights={settings['init_lora_weights']!r}"[:60])
    if used:
        raise CheckpointError(
            "The LoRA was made with {setting}, which adds something else than B A to its base's "
            "weights: load it with peft and save what merge_and_unload() gives.",
            setting=used[0],
        )


def under_adapter(model: Any) -> Any:
    """A PeftModel's network, whose matrices have the adapter's beside them; others as they are.

    Raises:
        CheckpointError: the adapter is put before the text, and the network knows nothing of it.
    """
    if not hasattr(model, "get_base_model"):
        return model
    if getattr(getattr(model, "active_peft_config", None), "is_prompt_learning", False):
        raise CheckpointError(PUTS_VECTORS)
    return model.get_base_model()
