"""The card of a layout: how it was made and what was measured of it."""

from dataclasses import asdict, dataclass

import numpy as np

from attention.atlas import Atlas
from attention.models.layouts.decoder import Decoder
from attention.training import gate
from attention.training.corpus import Corpus
from attention.training.encoding import Encoder
from attention.training.evaluation import ask, best_head, induction_scores, losses, text_scores
from attention.training.gate import HELD_OUT_SEED
from attention.training.languages import LANGUAGES
from attention.training.links import Looks, link_looks, link_probes
from attention.training.probes import Asked
from attention.training.tasks import Task

LOOK_BACK = (
    "Layer 0 began with heads that look one token back: its q and k biases were set so before "
    "training, and trained afterwards. Everything else, induction and agreement heads included, "
    "grew from random weights."
)
RANDOM = "All weights of the layers began at random."
EMBEDDING = "The embedding was trained once, in a first training of 8/8; all layouts share it."
TF32 = "On the GPU products were taken in TF32 (10 bits of mantissa), sums in float32."


@dataclass(frozen=True, eq=False)
class Questions:
    """What is asked for a card, the same of every layout: saying it takes longer than asking."""

    links: Asked
    gate: Asked

    @classmethod
    def of(cls, encoder: Encoder) -> "Questions":
        return cls(link_probes(encoder, HELD_OUT_SEED), gate.gate_probes(encoder))


def build_card(
    decoder: Decoder, task: Task, encoder: Encoder, *, device: str, seconds: float,
    versions: dict[str, str],
) -> dict:  # fmt: skip
    """Measure a trained layout on held-out text and put everything into one dictionary.

    Args:
        device: that it was trained on.
        seconds: that its training took, beside others.
    """
    recipe = task.recipe
    return {
        **shape_of(decoder),
        "initialisation": f"{LOOK_BACK if recipe.look_back else RANDOM} {EMBEDDING}",
        "recipe": asdict(recipe),
        "steps": recipe.steps,
        "tokens": recipe.tokens,
        "seed": recipe.seed,
        "device": device,
        "precision": TF32 if device == "cuda" else "float32",
        "seconds": round(seconds),
        **measured(decoder, encoder, Questions.of(encoder)),
        "versions": versions,
    }


def measured(decoder: Decoder, encoder: Encoder, asked: Questions) -> dict:
    """The part of a card that is measured, on held-out text."""
    corpus = Corpus(encoder, decoder.config.vocab_size, HELD_OUT_SEED)
    story_loss, repeat_loss = losses(decoder, corpus)
    verbs = {language: agreement_card(decoder, asked.gate, language) for language in LANGUAGES}
    looks = {language: np.array(card.pop("looks")) for language, card in verbs.items()}
    previous = text_scores(decoder, corpus, ("previous",))["previous"].heads
    induction = induction_scores(decoder, encoder, HELD_OUT_SEED).heads
    links = link_looks(decoder, corpus, asked.links)
    by_head = {
        "previous": previous,
        "induction": induction,
        **{f"{kind}_{language}": found.weights for (language, kind), found in links.items()},
        **{f"agreement_{language}": weights for language, weights in looks.items()},
    }
    return {
        "validation_loss": round(story_loss, 4),
        "repeat_loss": round(repeat_loss, 4),
        "agreement": verbs,
        "previous_token": best_head(previous),
        "induction": best_head(induction),
        "heads": per_head(by_head),
        "links": links_card(links),
        "gate": gate_card(gate.gate(decoder, encoder, asked.gate, subjects(links))),
    }


def roles_card(atlas: Atlas) -> dict:
    """The role of every head, ``[layer][head]``, and the protocol that it was measured by."""
    roles = [
        [{"role": role.name, "score": role.score, "n": role.n} for role in layer]
        for layer in atlas.roles
    ]
    how = {"protocol": atlas.protocol, "seed": atlas.seed, "seeds": atlas.seeds}
    return {"roles": roles, "atlas": how}


def subjects(links: dict[tuple[str, str], Looks]) -> dict[str, tuple[int, int]]:
    """By language the head that looks most at the subject. Where too few verbs were asked for
    that, it is the first head."""
    looks = {language: links.get((language, "subject")) for language in LANGUAGES}
    return {
        language: _place(best_head(each.weights)) if each else (0, 0)
        for language, each in looks.items()
    }


def gate_card(figures: dict[str, gate.Figure]) -> dict[str, dict]:
    """Figures as a card keeps them."""
    return {
        name: {key: _rounded(value) for key, value in asdict(figure).items()}
        for name, figure in figures.items()
    }


def figures_card(card: dict) -> dict:
    """The few lines of a card that a comparison of layouts needs."""
    kept = (
        *("n_heads", "n_kv_heads", "mlp_dim", "seed", "parameters", "steps", "tokens"),
        *("validation_loss", "repeat_loss", "agreement", "previous_token", "induction"),
    )
    return {name: card[name] for name in kept}


def shape_of(decoder: Decoder) -> dict:
    """The sizes that the layout is built from again, and how many numbers it has."""
    config, shape = decoder.config, decoder.config.attention
    return {
        "n_heads": shape.n_heads,
        "n_kv_heads": shape.n_kv_heads,
        "d_model": shape.d_model,
        "head_dim": shape.head_dim,
        "n_layers": config.n_layers,
        "mlp_dim": config.mlp_dim,
        "rope_bases": list(config.rope_bases),
        "vocab_size": config.vocab_size,
        "parameters": sum(p.numel() for p in decoder.parameters()),
    }


def agreement_card(decoder: Decoder, asked: Asked, language: str) -> dict:
    """Accuracy on held-out combinations and on held-out words, and the head that looks best."""
    verbs, new = asked[language, "new combinations"], asked[language, "new nouns"]
    answers = ask(decoder, verbs)
    return {
        "accuracy": round(answers.accuracy, 4),
        "majority": round(sum(1 / len(probe.options) for probe in verbs) / len(verbs), 4),
        "n": len(verbs),
        "accuracy_new_subjects": round(ask(decoder, new).accuracy, 4),
        "n_new_subjects": len(new),
        "best_head": best_head(answers.weights),
        "looks": answers.weights.tolist(),
    }


def links_card(links: dict[tuple[str, str], Looks]) -> dict:
    """By language and kind: how many links, and the head that looks most along them."""
    card: dict[str, dict] = {}
    for (language, kind), found in links.items():
        best = best_head(found.weights)
        chance = round(float(found.chance[_place(best)]), 4)
        card.setdefault(language, {})[kind] = {"n": found.n, "best_head": best | {"chance": chance}}
    return card


def per_head(scores: dict[str, np.ndarray]) -> list[list[dict[str, float]]]:
    """All scores as ``[layer][head]{name: score}``."""
    n_layers, n_heads = scores["previous"].shape
    return [
        [
            {name: round(float(values[layer, head]), 4) for name, values in scores.items()}
            for head in range(n_heads)
        ]
        for layer in range(n_layers)
    ]


def _place(best: dict) -> tuple[int, int]:
    return best["layer"], best["head"]


def _rounded(value: float | None) -> float | None:
    return round(value, 4) if isinstance(value, float) else value
