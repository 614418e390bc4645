"""What a trained layout can do, on text that training never saw."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from attention.models.layouts.decoder import Decoder
from attention.training import english, hindi
from attention.training.corpus import Corpus
from attention.training.sentences import Chooser, Link, Sentence

Encode = Callable[[str], list[int]]
LANGUAGES = {"en": english, "hi": hindi}


@dataclass(frozen=True)
class Probe:
    """A sentence up to a verb: the ids before it, what may follow, and where the subject stands."""

    ids: tuple[int, ...]
    options: tuple[int, ...]
    answer: int  # index into options
    subject: int  # position of the subject's last token


def agreement_probes(
    language: str, encode: Encode, n: int, held_out: str, seed: int
) -> list[Probe]:
    """Verbs that agree with a subject across another noun; every form is right equally often.

    Args:
        n: how many of each form.
        held_out: ``"combinations"`` or ``"words"``, see :class:`sentences.Chooser`.
    """
    choose = Chooser(f"agreement:{language}:{seed}", evaluation=held_out)
    by_answer: dict[int, list[Probe]] = {}
    while not by_answer or min(map(len, by_answer.values())) < n:
        sentence = choose.one(LANGUAGES[language].AGREEMENT)(choose)
        for link in sentence.links:
            if link.attractor is not None:
                probe = _probe(sentence, link, encode)
                for answer in range(len(link.options)):
                    by_answer.setdefault(answer, [])
                by_answer[probe.answer].append(probe)
    return [probe for probes in by_answer.values() for probe in probes[:n]]


def _probe(sentence: Sentence, link: Link, encode: Encode) -> Probe:
    words = sentence.words
    before = [encode(word) for word in words[: link.verb]]
    return Probe(
        ids=tuple(i for ids in before for i in ids),
        # Every form is one token: a test of the tokenizer sees to it.
        options=tuple(encode(form)[0] for form in link.options),
        answer=link.options.index(words[link.verb]),
        subject=sum(len(ids) for ids in before[: link.subject + 1]) - 1,
    )


@torch.no_grad()
def agreement(decoder: Decoder, probes: list[Probe]) -> tuple[float, np.ndarray]:
    """Share of verbs whose right form is the likeliest of its forms; and where heads look.

    Returns:
        ``(accuracy, weights [n_layers, n_heads])``: each head's mean weight from the position that
        predicts the verb to the subject.
    """
    right, looked = 0, []
    for probe in probes:
        ids = torch.tensor([probe.ids], device=decoder.embedding.weight.device)
        trace = decoder.trace(ids)
        scores = decoder.logits(trace.hidden[:, -1])[0, list(probe.options)]
        right += int(scores.argmax().item() == probe.answer)
        looked.append(
            torch.stack([layer.weights[0, :, -1, probe.subject] for layer in trace.layers])
        )
    return right / len(probes), torch.stack(looked).mean(0).cpu().numpy()


def majority(probes: list[Probe]) -> float:
    """Accuracy of always choosing the form (by its place) that is right most often."""
    answers = [probe.answer for probe in probes]
    return max(answers.count(a) for a in set(answers)) / len(answers)


@torch.no_grad()
def losses(decoder: Decoder, corpus: Corpus, n_stories: int = 96) -> tuple[float, float]:
    """Mean loss in nats a token on held-out stories, and on later copies of repeated segments."""
    batch = corpus.batch(0, n_stories // 2, n_stories)
    result = []
    everything = np.ones_like(batch.stories, bool)
    for rows, counts in ((batch.stories, everything), (batch.repeats, batch.repeated)):
        ids = torch.from_numpy(rows).to(decoder.embedding.weight.device)
        counted = torch.from_numpy(counts[:, 1:]).to(ids.device)
        logits = decoder(ids[:, :-1])[counted]
        result.append(F.cross_entropy(logits, ids[:, 1:][counted]).item())
    return result[0], result[1]
