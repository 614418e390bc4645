"""Code that comes with a checkpoint, and is never run."""

import transformers

from attention.models.huggingface.errors import CheckpointError


def refuse_foreign_code(config: dict) -> None:
    """Refuse what transformers has no code of its own for.

    Many checkpoints name Python files of theirs (``auto_map`` in config.json) although transformers
    has long had the architecture itself (Phi-3, Falcon). Those are loaded with transformers' code,
    and their files are left alone.

    Args:
        config: of config.json, with a model_type.

    Raises:
        CheckpointError: the model needs code of its own, or is not known.
    """
    version, kind = transformers.__version__, config["model_type"][:60]
    known = config["model_type"] in transformers.CONFIG_MAPPING
    if config.get("auto_map") and not (known and architecture(config)):
        raise CheckpointError(
            "The model brings Python code of its own (auto_map in config.json), and code from a "
            "checkpoint is never run: transformers {version} must know model_type {kind!r} and "
            "its architecture by itself.",
            version=version,
            kind=kind,
        )
    if not known:
        raise CheckpointError(
            "model_type {kind!r} is not known to transformers {version}.",
            kind=kind,
            version=version,
        )


def architecture(config: dict) -> str | None:
    """The class that a config names, if transformers has it; None otherwise."""
    named = config.get("architectures")
    if not isinstance(named, list) or not named or not isinstance(named[0], str):
        return None
    return named[0] if isinstance(getattr(transformers, named[0], None), type) else None
