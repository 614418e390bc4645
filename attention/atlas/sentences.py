"""Sentences of the grammar whose dependencies are known, from templates that training never had."""

from collections import Counter
from collections.abc import Iterator

from attention.atlas.templates import OWN
from attention.atlas.texts import RELATIONS, Text, frame, of_sentences
from attention.models.base import Model
from attention.training.languages import LANGUAGES
from attention.training.sentences import Chooser, NoPairError, Sentence

PAIRS = 60  # of each relation, where the texts have room for them
TEXTS, TOKENS = 6, 200  # of each language
TRIES = 4000  # sentences


def generated(model: Model, seed: int) -> list[Text]:
    """Texts of up to 200 tokens, at most six a language, other ones for each seed."""
    return [
        of_sentences(model, sentences, language)
        for language in LANGUAGES
        for sentences in _packed(model, language, seed)
    ]


def _packed(model: Model, language: str, seed: int) -> list[list[Sentence]]:
    before, after = frame(model)
    room = min(TOKENS, model.max_tokens, model.kept_tokens) - len(before) - len(after)
    texts: list[list[Sentence]] = [[]]
    used = 0
    for sentence in _wanted(language, seed):
        n = len(model.encode(" " + sentence.text)) - len(before) - len(after)
        if n > room:
            continue
        if used + n > room:
            if len(texts) == TEXTS:
                break
            texts.append([])
            used = 0
        texts[-1].append(sentence)
        used += n
    return [sentences for sentences in texts if sentences]


def _wanted(language: str, seed: int) -> Iterator[Sentence]:
    """Each shows a relation of which there were not enough yet, the scarcest more often."""
    choose = Chooser(f"atlas:{language}:{seed}", evaluation="combinations")
    templates = (*LANGUAGES[language].held_out_templates, *OWN[language] * 2)
    shown: Counter[str] = Counter()
    for at in range(TRIES):
        try:
            sentence = templates[at % len(templates)](choose)
        except NoPairError:
            continue
        kinds = {link.kind for link in sentence.links if link.kind in RELATIONS}
        if any(shown[kind] < PAIRS for kind in kinds):
            shown.update(link.kind for link in sentence.links)
            yield sentence
        elif all(shown[kind] >= PAIRS for kind in RELATIONS):
            return
