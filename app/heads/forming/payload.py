"""What the player draws, as one ``bytes`` object, which a Streamlit component passes efficiently::

uint32   length of the header in bytes, little-endian
header   UTF-8 JSON
uint8    tiles  [runs, n, n_layers, n_heads, tokens, tokens]; 255 is a weight of 1
"""

import json
import struct
from collections.abc import Sequence

from app.heads.forming.change import fastest_rise
from app.heads.forming.choice import FormingChoice, index_of
from app.heads.forming.telling import title_of, twin_text
from app.i18n import Words
from attention.models.layouts.forming import Forming
from attention.scores import MOSTLY

LABELS = (
    "play", "pause", "back", "forward", "slider", "state", "layer", "loss", "tokens", "tiles",
    "tiles_hint", "strongest", "pointed", "head", "loss_now",
)  # fmt: skip


def encode(runs: Sequence[Forming], choice: FormingChoice, made: int, words: Words) -> bytes:
    """The trainings with the chosen score and the tiles of the chosen sentence.

    Args:
        made: when the player told the last choice that was heard, by its own clock; 0: none.
    """
    tiles = b"".join(run.tiles[choice.sentence].tobytes() for run in runs)
    first = runs[0]
    header = {
        "lang": words.lang,
        "at": index_of(choice),
        "made": made,
        "steps": first.steps.tolist(),
        "tokens": first.tokens.tolist(),
        "side": first.tiles[choice.sentence].shape[-1],
        "mostly": MOSTLY,
        "labels": {name: words(f"heads.forming.{name}") for name in LABELS}
        | {"score": words(f"heads.forming.score_{choice.score}")},
        "runs": [_run(run, choice.score, words) for run in runs],
    }
    text = json.dumps(header, ensure_ascii=False).encode()
    return b"".join((struct.pack("<I", len(text)), text, tiles))


def _run(run: Forming, score: str, words: Words) -> dict[str, object]:
    """Three decimals are more than a line or a word can show."""
    scores = run.scores[score]  # [n, n_layers, n_heads]
    rise = fastest_rise(scores)
    return {
        "title": title_of(run, words),
        "says": twin_text(run, score, words),
        "losses": run.losses.astype(float).round(3).tolist(),
        "scores": scores.astype(float).round(3).tolist(),
        "abrupt": rise.at if rise.is_abrupt else None,
    }
