"""Where to open: the layer, head and token that show most, and what is told of a model.

No Streamlit.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from app.explore.examples import Example
from app.explore.offer import ModelFacts, Telling
from attention.models.look import Look, Reading
from attention.models.parts import PARTS, Parted
from attention.models.roles import LINKS, Role, Roles
from attention.models.store import inventory
from attention.models.store.names import NAMED
from attention.models.store.twins import base_of
from attention.scores import MOSTLY, HeadScores
from attention.text.words import token_of_word

if TYPE_CHECKING:  # transformers, seconds before the first picture
    from attention.models.huggingface.model import LanguageModel

NEARLY = 0.05  # a token that shows so little less than the best may be the one that was meant
CLOSE = 0.1  # a head whose score is so little less may be the one that has the role
JOBS = ("induction", "previous")  # roles that any text can show, the more telling first


def telling_heads(look: Look) -> tuple[tuple[int, ...], int]:
    """A head for each layer and a layer to open with: where a head has a clear job on a text.

    Of a layer the head with the largest induction or previous-token score; of all layers that with
    the largest induction score, or where none is clear, previous-token score. Across two texts
    there are no such scores: the head whose weights are least even, and the layer of the least.
    """
    if "induction" not in look.layers[0].scores[0]:
        return _least_even(look)

    def value(scores: HeadScores, *names: str) -> float:
        return max(scores[name] or 0.0 for name in names)

    layers = [layer.scores for layer in look.layers]
    jobs = [[value(scores, *JOBS) for scores in heads] for heads in layers]
    telling = tuple(values.index(max(values)) for values in jobs)

    def best(name: str) -> tuple[float, int]:
        top = [max(value(scores, name) for scores in heads) for heads in layers]
        return max(top), top.index(max(top))

    strength, layer = best("induction")
    return telling, layer if strength >= MOSTLY else best("previous")[1]


def _least_even(look: Look) -> tuple[tuple[int, ...], int]:
    even = [[scores["spread"] or 0.0 for scores in layer.scores] for layer in look.layers]
    least = [min(values) for values in even]
    heads = tuple(values.index(value) for values, value in zip(even, least, strict=True))
    return heads, least.index(min(least))


def head_with_a_job(roles: Sequence[Role]) -> int:
    """Of a layer the head that most clearly has one of :data:`JOBS`; the first where none has."""
    for job in JOBS:
        heads = [(role.score, -head) for head, role in enumerate(roles) if role.name == job]
        if heads:
            return -max(heads)[1]
    return 0


def best_shown(
    telling: Telling,
    look: Look,
    reading: Reading,
    raw: bool,
    example: Example,
    roles: Roles | None,
) -> Telling:
    """Where an example shows best what it is for: the head with the largest score on it, and of the
    places that the score is taken on the one that gives most.

    Of heads that score nearly as much those come first that have the role beyond this text, too,
    where ``roles`` are given. The token of ``example.word`` is preferred where it gives as much as
    any, or nearly. Without an occasion, as where the dependencies are not known, it stays at
    ``telling``.
    """
    name = "agreement" if example.shows in LINKS else example.shows
    found = [
        (value, -layer, -head)
        for layer, survey in enumerate(look.layers)
        for head, scores in enumerate(survey.scores)
        if (value := scores[name]) is not None
    ]
    targets = _targets(look, reading, raw, example)
    if not found or not targets:
        return telling
    most = max(found)[0]
    of_role = [
        each
        for each in found
        if roles and roles[-each[1]][-each[2]].name == example.shows and each[0] >= most - CLOSE
    ]
    _, layer, head = max(of_role or found)
    layer, head = -layer, -head
    weights = look.weights(layer, head)
    if weights is None:
        return telling
    given = {
        query: float(sum(weights[query, key] for key in keys)) for query, keys in targets.items()
    }
    best, token = max(given, key=lambda query: given[query]), None
    if example.word is not None:
        token = token_of_word(reading.shown(raw), example.text, example.word)
    if token not in given or given[token] < given[best] - NEARLY:
        token = best
    heads = (*telling.heads[:layer], head, *telling.heads[layer + 1 :])
    return Telling(heads, layer, token)


def _targets(look: Look, reading: Reading, raw: bool, example: Example) -> dict[int, list[int]]:
    """By query the keys that a head of the example's role looks at, in what is shown. Of induction
    those that foretell the next token rightly."""
    units, found = reading.merged(raw), dict[int, list[int]]()
    if example.shows in LINKS:
        places = np.asarray(look.pairs, dtype=int).reshape(-1, 2)
        for query, key in (places if units is None else units.units_of_tokens[places]).tolist():
            found.setdefault(query, []).append(key)
        return found
    ids = list(reading.ids) if units is None else units.ids(reading.ids)
    for query in range(len(ids) - 1):
        said = ids[query : query + 2]
        if keys := [at + 1 for at in range(query) if ids[at : at + 2] == said]:
            found[query] = keys
    return found


def facts_of(name: str, model: "LanguageModel", probe: str) -> ModelFacts:
    """What is told of a model, and of an encoder–decoder of each of its attentions.

    Args:
        probe: a text with words that come again; the telling heads are taken on it.
    """
    source = model.encode(probe)[: model.max_tokens]
    own = _facts(name, model, source)
    if not isinstance(model, Parted):
        return own
    others = []
    for part in PARTS[1:]:
        view = model.of(part, source)
        facts = _facts(name, view, view.encode(probe)[: view.max_tokens])
        others.append(replace(facts, part=part))
    return replace(own, part=PARTS[0], parts=tuple(others))


def _facts(name: str, model: "LanguageModel", probe: Sequence[int]) -> ModelFacts:
    telling, default_layer = telling_heads(model.look(probe))
    known = NAMED.get(base_of(name))
    held = inventory.held(known.name) if known else None
    return ModelFacts(
        name=name,
        title=model.title,
        base=model.base.title if model.base else "",
        source=(held.source if held else None) or model.source,
        weights=(held.weights if held else None) or "",
        licence=known.licence if known else "",
        configs=model.configs,
        windows=model.windows,
        telling=telling,
        default_layer=default_layer,
        causal=model.causal,
        predicts=model.predicts,
        pairs=model.pairs,
        generates=model.predicts,
        weights_only=model.weights_only,
        blocks=model.blocks,
    )
