"""The card of a layout: how it was made and what was measured of it."""

from collections.abc import Sequence

import numpy as np
import torch
from tokenizers import Tokenizer

from attention import probes
from attention.models.layouts.decoder import Decoder
from attention.training import evaluation
from attention.training.corpus import Corpus, random_words
from attention.training.sentences import Chooser
from attention.training.trainer import Trainer

HELD_OUT_SEED = 1_000_003  # far from every training seed
VERBS_A_FORM = 200
INITIALISATION = (
    "Layer 0 began with heads that look one token back: its q and k biases were set so before "
    "training, and trained afterwards. Everything else, induction and agreement heads included, "
    "grew from random weights."
)


def build_card(trainer: Trainer, tokenizer: Tokenizer, versions: dict[str, str]) -> dict:
    """Measure a trained layout on held-out text and put everything into one dictionary."""
    decoder, recipe = trainer.decoder, trainer.recipe
    shape = decoder.config.attention

    def encode(text: str) -> list[int]:
        return tokenizer.encode(text).ids

    corpus = Corpus(encode, decoder.config.vocab_size, HELD_OUT_SEED)
    story_loss, repeat_loss = evaluation.losses(decoder, corpus)
    verbs = {lang: agreement_card(decoder, encode, lang) for lang in evaluation.LANGUAGES}
    scores = {
        "previous": previous_scores(decoder, corpus),
        "induction": induction_scores(decoder, encode),
        **{f"agreement_{lang}": np.array(card.pop("heads")) for lang, card in verbs.items()},
    }
    return {
        "n_heads": shape.n_heads,
        "n_kv_heads": shape.n_kv_heads,
        "d_model": shape.d_model,
        "head_dim": shape.head_dim,
        "n_layers": decoder.config.n_layers,
        "mlp_dim": decoder.config.mlp_dim,
        "rope_bases": list(decoder.config.rope_bases),
        "vocab_size": decoder.config.vocab_size,
        "parameters": sum(p.numel() for p in decoder.parameters()),
        "initialisation": INITIALISATION,
        "steps": recipe.steps,
        "tokens": recipe.tokens,
        "seed": recipe.seed,
        "device": trainer.device,
        "seconds": round(trainer.seconds),
        "validation_loss": round(story_loss, 4),
        "repeat_loss": round(repeat_loss, 4),
        "agreement": verbs,
        "previous_token": best_head(scores["previous"]),
        "induction": best_head(scores["induction"]),
        "heads": per_head(scores),
        "versions": versions,
    }


def agreement_card(decoder: Decoder, encode: evaluation.Encode, language: str) -> dict:
    """Accuracy on held-out combinations and on held-out words, and the head that looks best."""
    verbs = evaluation.agreement_probes(
        language, encode, VERBS_A_FORM, "combinations", HELD_OUT_SEED
    )
    new = evaluation.agreement_probes(language, encode, VERBS_A_FORM, "words", HELD_OUT_SEED)
    accuracy, looks = evaluation.agreement(decoder, verbs)
    return {
        "accuracy": round(accuracy, 4),
        "majority": round(evaluation.majority(verbs), 4),
        "n": len(verbs),
        "accuracy_new_subjects": round(evaluation.agreement(decoder, new)[0], 4),
        "best_head": best_head(looks),
        "heads": looks,
    }


def previous_scores(decoder: Decoder, corpus: Corpus) -> np.ndarray:
    """Previous-token score ``[n_layers, n_heads]``, mean over held-out stories."""
    rows = corpus.batch(1, 0, 32).stories[:, :-1]
    return _mean([[probes.previous_token(w) for w in _weights(decoder, row)] for row in rows])


def induction_scores(decoder: Decoder, encode: evaluation.Encode) -> np.ndarray:
    """Induction score ``[n_layers, n_heads]``: random segments of 12–24 words, said twice."""
    choose = Chooser(f"induction:{HELD_OUT_SEED}")
    scores = []
    for _ in range(32):
        words = random_words(choose, choose.random.randint(12, 24))
        ids = [i for word in words for i in encode(word)] * 2
        scores.append([probes.induction(w, ids) for w in _weights(decoder, ids)])
    return _mean(scores)


@torch.no_grad()
def _weights(decoder: Decoder, ids: Sequence[int]) -> list[np.ndarray]:
    batch = torch.tensor([list(ids)], device=decoder.embedding.weight.device)
    return [layer.weights[0].float().cpu().numpy() for layer in decoder.trace(batch).layers]


def _mean(scores: list[list[np.ndarray | None]]) -> np.ndarray:
    """Over the texts, each of which is long enough to have the score in every layer."""
    return np.array(scores).mean(axis=0)


def best_head(scores: np.ndarray) -> dict:
    """The head with the largest score of ``[n_layers, n_heads]``."""
    layer, head = np.unravel_index(scores.argmax(), scores.shape)
    return {"layer": int(layer), "head": int(head), "score": round(float(scores.max()), 4)}


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
