"""How the heads of a layout look along the dependencies of held-out text.

After Clark et al. 2019, "What Does BERT Look At?" (arXiv 1906.04341), section 4. What role a head
has, :mod:`attention.atlas` says.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from attention.models.layouts.decoder import Decoder
from attention.training import probes
from attention.training.corpus import Corpus, ids_of
from attention.training.encoding import Encoder
from attention.training.evaluation import ask
from attention.training.languages import LANGUAGES
from attention.training.probes import Asked, Probe
from attention.training.sentences import KINDS, Chooser

A_KIND = 200  # probes
NOT_FIRST = 0.05  # weight beside the first token's that counts as some


@dataclass(frozen=True, eq=False)
class Looks:
    """How heads look along one kind of link in one language.

    Args:
        weights: ``[n_layers, n_heads]``, the mean weight from the later word to the earlier one,
            of all that is not on the first token.
        chance: the same, what the head gives a word at this distance anywhere in held-out text.
        n: probes.
    """

    weights: np.ndarray
    chance: np.ndarray
    n: int


def link_probes(encoder: Encoder, seed: int) -> Asked:
    """Probes by (language, kind) of :data:`attention.training.sentences.KINDS`, and "verb": from
    the verb itself to its subject. Kinds that held-out text never shows are left out, and probes
    whose word is the first, where heads look that find nothing.

    Links with attractors stand for their kind where there are some: an adjective is always near,
    but a subject shows only where another noun is nearer.
    """
    found: dict[tuple[str, str], list[Probe]] = {}
    for language, grammar in LANGUAGES.items():
        templates = (*grammar.templates, *grammar.held_out_templates)
        choose = Chooser(f"links:{language}:{seed}", evaluation="combinations")
        asked = probes.linked(
            templates, choose, encoder, A_KIND, lambda _, link: (link.kind, bool(link.attractors))
        )
        choose = Chooser(f"verbs:{language}:{seed}", evaluation="combinations")
        verbs = probes.at_verbs(templates, choose, encoder, A_KIND)
        for kind in KINDS:
            far, near = asked.get((kind, True), []), asked.get((kind, False), [])
            found[language, kind] = far if len(far) >= A_KIND // 2 else far + near
        found[language, "verb"] = verbs
    kept = {key: [each for each in some if 0 not in each.keys] for key, some in found.items()}
    return {key: some for key, some in kept.items() if some}


def link_looks(decoder: Decoder, corpus: Corpus, asked: Asked) -> dict[tuple[str, str], Looks]:
    """How heads look along each kind of link of :func:`link_probes`, and at the "subject": there
    a head is worth what it gives in the harder case, before a verb that stands beyond another
    noun, or from the verb of any sentence."""
    by_distance = distances(decoder, corpus)
    found: dict[tuple[str, str], Looks] = {}
    for key, some in asked.items():
        answers = ask(decoder, some)
        weights = (answers.looks / np.maximum(1 - answers.first, NOT_FIRST)).mean(0)
        found[key] = Looks(weights, _chance(by_distance, some), len(some))
    for language in LANGUAGES:
        before, at = found.get((language, "agreement")), found.pop((language, "verb"), None)
        if before and at:
            found[language, "subject"] = Looks(
                np.minimum(before.weights, at.weights),
                np.maximum(before.chance, at.chance),
                before.n + at.n,
            )
    return found


@torch.no_grad()
def distances(decoder: Decoder, corpus: Corpus) -> np.ndarray:
    """Mean weight by distance ``[n_layers, n_heads, ROW_LEN]`` on held-out stories, of all that is
    not on the first token."""
    found = []
    for row in torch.from_numpy(ids_of(corpus.rows(2, 0, 24))[:, :-1]):
        layers = decoder.trace(row[None].to(decoder.embedding.weight.device)).layers
        weights = torch.stack([layer.weights[0] for layer in layers])
        weights = weights / (1 - weights[..., :1]).clamp(min=NOT_FIRST)
        means = [weights.diagonal(-d, -2, -1).mean(-1) for d in range(len(row))]
        found.append(torch.stack(means, -1).float().cpu().numpy())
    return np.mean(found, axis=0)


def _chance(by_distance: np.ndarray, asked: Sequence[Probe]) -> np.ndarray:
    """What each head gives places as far away as the words that are asked for."""
    usual = np.zeros(by_distance.shape[:2])
    for probe in asked:
        for key in probe.keys:
            usual += by_distance[..., len(probe.ids) - 1 - key]
    return usual / len(asked)
