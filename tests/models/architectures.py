"""Every class of transformers for text or pictures, tried on a small random model of its own kind.

``python -m tests.models.architectures`` writes what ``models --architectures`` prints; names of
classes behind it are tried alone, and all others stay as they are listed.
"""

import json
import sys
from collections.abc import Collection, Iterator
from typing import Any

import transformers
from transformers.models.auto import modeling_auto

from attention.assets import asset
from attention.models.huggingface.checkpoint import CheckpointError, wrap
from attention.models.huggingface.limits import named_in
from attention.models.huggingface.quiet import quiet
from attention.models.huggingface.towers import sees, split
from attention.picture.blocks import told
from attention.words import load_words
from tests.models import small, tiny, tiny_pictures

MAPPINGS = (
    "CAUSAL_LM", "MASKED_LM", "TEXT_ENCODING", "SEQ_TO_SEQ_CAUSAL_LM", "MULTIMODAL_LM",
)  # fmt: skip
#: Other tasks on text; of model types that have none of those above, the bare network is tried.
TASKS = ("QUESTION_ANSWERING", "SEQUENCE_CLASSIFICATION", "TOKEN_CLASSIFICATION")
PATCHED = ("patch_size", "hidden_size", "num_attention_heads")  # one of each: tokens may be patches
LISTED = asset("architectures.json")


def classes() -> dict[str, str]:
    """Model types by class, of all that transformers has for text, and for pictures of those whose
    tokens may be patches."""
    found: dict[str, str] = {}
    every = modeling_auto.MODEL_MAPPING_NAMES
    for mapping in MAPPINGS:
        for kind, name in _named(mapping).items():
            found.setdefault(name if isinstance(name, str) else name[0], kind)
    known = set(found.values())
    for kind in sorted({kind for task in TASKS for kind in _named(task)} - known):
        if (name := every.get(kind)) is not None:
            found.setdefault(name if isinstance(name, str) else name[0], kind)
    for kind, name in every.items():
        if isinstance(name, str) and _cuts_patches(kind):
            found.setdefault(name, kind)
    return dict(sorted(found.items()))


def _named(mapping: str) -> dict[str, str | tuple[str, ...]]:
    return getattr(modeling_auto, f"MODEL_FOR_{mapping}_MAPPING_NAMES")


def _cuts_patches(kind: str) -> bool:
    """Whether a model type reads pictures, and its tower for them is one stack of equal layers."""
    if kind not in transformers.CONFIG_MAPPING:
        return False
    try:
        settings = transformers.CONFIG_MAPPING[kind]()
        tower = getattr(settings, "vision_config", settings)
        cut = all(isinstance(named_in(tower, name), int) for name in PATCHED)
        return cut and sees(settings)
    except Exception:  # it has no default, or wants a package that is not here
        return False


def outcome(name: str) -> dict[str, str]:
    """What becomes of a class: ``shown`` is "whole", "part", "refused" or "untried"; ``why`` what
    lacks, or the sentence that refuses it."""
    why = "no small model of it could be made"
    for make in small.ways(name):
        try:
            made = make()
            model = wrap(made, _reader(name, made))
        except CheckpointError as error:
            if " does not run here: " not in str(error):
                return {"shown": "refused", "why": str(error)}
            why = str(error)
        except Exception:
            continue
        else:
            words = load_words("en")
            lacks = [words("sentence.weights_only")] if model.weights_only else []
            lacks += told(model.blocks, words)
            return {"shown": "part" if lacks else "whole", "why": " ".join(lacks)}
    return {"shown": "untried", "why": why}


def _reader(name: str, model: transformers.PreTrainedModel) -> Any:
    """A tokenizer, or what gives a picture as large as the model takes it."""
    known = [key for key, row in tiny_pictures.PICTURES.items() if row[0] == name]
    if known:
        return tiny_pictures.make_processor(known[0])
    if split(model)[0] is None:
        return tiny.make_tokenizer("bytes")
    return transformers.ViTImageProcessorPil(**tiny_pictures.SQUARE)


def every(names: Collection[str] = ()) -> Iterator[dict[str, str]]:
    """One a class, in the order of their names; or some, beside what is listed of the others."""
    known = {row["class"]: row for row in json.loads(LISTED.read_text("utf-8"))["classes"]}
    for name, kind in classes().items():
        if names and name not in names and name in known:
            yield known[name]
            continue
        with quiet():
            yield {"class": name, "model_type": kind, **outcome(name)}


if __name__ == "__main__":
    rows = []
    for row in every(sys.argv[1:]):
        rows.append(row)
        print(f"{row['shown']:8} {row['class']}: {row['why'][:150]}", file=sys.stderr, flush=True)
    listed = {"transformers": transformers.__version__, "classes": rows}
    text = json.dumps(listed, ensure_ascii=False, indent=0)
    LISTED.write_text(text + "\n", encoding="utf-8")
