"""The roles of a language model's heads: measured once on our own text, and kept on disk.

The text (``assets/held_out.toml``) is small: about a dozen passes of a hundred tokens. What was
found stays under ``roles/`` in the cache folder, by a fingerprint of the weights and the text.
"""

from __future__ import annotations

import hashlib
import json
import random
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from attention.assets import asset
from attention.models.roles import Candidate, Role, Roles, decide
from attention.models.store import inventory
from attention.scores import occasions
from attention.text.words import token_of_word

if TYPE_CHECKING:
    from attention.models.huggingface.model import LanguageModel

HELD_OUT = asset("held_out.toml")
PLAIN = ("previous", "first", "self", "spread")  # of any text
SEGMENTS = 4  # of random words, each said twice
SEGMENT_WORDS = 24
MOST_TOKENS = 256  # of each text
SAMPLE = 8  # numbers of each parameter that make the fingerprint

Each = Callable[[Callable[[], "Taken"]], "Taken"]


@dataclass(frozen=True, eq=False)
class Taken:
    """Scores of every head on one text, ``[layer][head]`` by name, and the places of each."""

    scores: dict[str, list[np.ndarray]]
    places: dict[str, int]


def at_once(work: Callable[[], Taken]) -> Taken:
    """One text after another, by whoever asks."""
    return work()


def measure(model: LanguageModel, each: Each = at_once) -> Roles:
    """Measure every head.

    Args:
        each: runs the work on one text; where visitors share a model, it lets their passes come
            between.
    """
    texts = _texts()
    found = [each(partial(_on_text, model, text, PLAIN)) for text in texts["prose"]]
    found += [each(partial(_on_text, model, text, ("induction",))) for text in _segments(texts)]
    if model.causal:
        found += [each(partial(_on_verbs, model, row)) for row in texts["agreement"]]
    names = {name for taken in found for name in taken.scores}
    means = {name: _mean([each for each in found if name in each.scores], name) for name in names}
    return tuple(
        tuple(
            _role({name: (score[layer][head], n) for name, (score, n) in means.items()})
            for head in range(config.n_heads)
        )
        for layer, config in enumerate(model.configs)
    )


def kept(model: LanguageModel) -> Roles | None:
    """What was measured of these weights before; None where nothing was kept."""
    try:
        rows = json.loads(_place(model).read_text(encoding="utf-8"))
        roles = tuple(tuple(Role(*head) for head in layer) for layer in rows)
    except (OSError, ValueError, TypeError):
        return None
    heads = [config.n_heads for config in model.configs]
    return roles if [len(layer) for layer in roles] == heads else None


def keep(model: LanguageModel, roles: Roles) -> None:
    """Write it down; where the folder cannot be written, it is measured again next time."""
    place = _place(model)
    text = json.dumps([[astuple(head) for head in layer] for layer in roles])
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        part.replace(place)
    except OSError:
        return


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(HELD_OUT.read_text(encoding="utf-8"))


def _segments(texts: dict[str, Any]) -> list[str]:
    """Random words, and the same words again: nothing but their first time foretells them."""
    chosen, words = random.Random(0), texts["words"].split()
    drawn = [chosen.sample(words, SEGMENT_WORDS) for _ in range(SEGMENTS)]
    return [" ".join(["The", *words, *words]) for words in drawn]


def _on_text(model: LanguageModel, text: str, names: Sequence[str]) -> Taken:
    ids = model.encode(text)[: min(MOST_TOKENS, model.max_tokens)]
    look = model.look(ids)
    places = occasions(ids, model.causal)
    return Taken(
        {name: _rows(look.layers, name) for name in names if places[name]},
        {name: places[name] for name in names},
    )


def _on_verbs(model: LanguageModel, row: dict[str, Any]) -> Taken:
    """From the word before each verb to its subject, and for comparison to the noun between."""
    ids = model.encode(row["text"])[: min(MOST_TOKENS, model.max_tokens)]
    tokens = model.token_texts(ids)

    def pairs(earlier: int) -> list[tuple[int, int]]:
        places = [
            [token_of_word(tokens, row["text"], word) for word in verb] for verb in row["verbs"]
        ]
        return [(verb[0], verb[earlier]) for verb in places]

    look = model.look(ids, pairs=pairs(1))
    other = [kept.survey(ids, pairs(2)) for kept in look.kept]
    scores = {"subject": _rows(look.layers, "agreement"), "between": _rows(other, "agreement")}
    return Taken(scores, dict.fromkeys(scores, len(row["verbs"])))


def _rows(layers: Sequence[Any], name: str) -> list[np.ndarray]:
    return [np.array([head[name] for head in layer.scores], float) for layer in layers]


def _mean(found: Sequence[Taken], name: str) -> tuple[list[np.ndarray], int]:
    """Over the texts, and all their places."""
    layers = zip(*(taken.scores[name] for taken in found), strict=True)
    return [np.mean(rows, axis=0) for rows in layers], sum(taken.places[name] for taken in found)


def _role(scores: dict[str, tuple[float, int]]) -> Role:
    spread, n = scores.pop("spread", (0.0, 0))
    between, _ = scores.pop("between", (0.0, 0))
    candidates = [
        Candidate(name, round(float(score), 4), places)
        if name != "subject"
        else Candidate(name, round(float(score), 4), places, chance=float(between))
        for name, (score, places) in sorted(scores.items())
    ]
    return decide(candidates or [Candidate("mixed", 0.0, 0)], round(float(spread), 4), n)


def _place(model: LanguageModel) -> Path:
    """Named by the text and by a few numbers of every weight."""
    digest = hashlib.sha256(HELD_OUT.read_bytes() + model.architecture.encode())
    for name, weight in model.model.named_parameters():
        digest.update(f"{name}{tuple(weight.shape)}".encode())
        if weight.device.type != "meta":
            digest.update(weight.detach().flatten()[:SAMPLE].float().cpu().numpy().tobytes())
    return inventory.folder() / "roles" / f"{digest.hexdigest()[:32]}.json"
