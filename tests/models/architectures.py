"""Every class of transformers for text, tried on a small random model of its own kind.

``python -m tests.models.architectures`` writes what ``models --architectures`` prints.
"""

import json
import sys
from collections.abc import Iterator

import transformers
from transformers.models.auto import modeling_auto

from attention.assets import asset
from attention.models.huggingface.checkpoint import CheckpointError, wrap
from attention.models.huggingface.quiet import quiet
from attention.picture.blocks import told
from attention.words import load_words
from tests.models import small, tiny

MAPPINGS = ("CAUSAL_LM", "MASKED_LM", "TEXT_ENCODING")


def classes() -> dict[str, str]:
    """Model types by class, of all that transformers has for text."""
    found: dict[str, str] = {}
    for mapping in MAPPINGS:
        names = getattr(modeling_auto, f"MODEL_FOR_{mapping}_MAPPING_NAMES")
        for kind, name in names.items():
            found.setdefault(name if isinstance(name, str) else name[0], kind)
    return dict(sorted(found.items()))


def outcome(name: str) -> dict[str, str]:
    """What becomes of a class: ``shown`` is "whole", "part", "refused" or "untried"; ``why`` what
    lacks, or the sentence that refuses it."""
    why = "no small model of it could be made"
    for make in small.ways(name):
        try:
            model = wrap(make(), tiny.make_tokenizer("bytes"))
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


def every() -> Iterator[dict[str, str]]:
    """One a class, in the order of their names."""
    for name, kind in classes().items():
        with quiet():
            yield {"class": name, "model_type": kind, **outcome(name)}


if __name__ == "__main__":
    rows = []
    for row in every():
        rows.append(row)
        print(f"{row['shown']:8} {row['class']}: {row['why'][:150]}", file=sys.stderr, flush=True)
    listed = {"transformers": transformers.__version__, "classes": rows}
    text = json.dumps(listed, ensure_ascii=False, indent=0)
    asset("architectures.json").write_text(text + "\n", encoding="utf-8")
