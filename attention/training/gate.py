"""Whether the text was learnt: the figures on which a recipe is taken or left.

Each is taken on text that training never saw: nouns that are never subject there, pairs of nouns
that it never joins, and sentences that nobody's grammar made (``everyday.toml``).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from attention.models.layouts.decoder import Decoder
from attention.training import probes
from attention.training.corpus import Corpus
from attention.training.encoding import Encoder
from attention.training.evaluation import ask, best_head, induction_scores, text_scores
from attention.training.grammar.english import across
from attention.training.grammar.hindi import location
from attention.training.languages import LANGUAGES
from attention.training.probes import Probe
from attention.training.sentences import Chooser, Link

HELD_OUT_SEED = 1_000_003  # far from every training seed
VERBS_A_FORM = 200
PAIRS = 200
ACROSS = {"en": across.across_phrase, "hi": location.is_there}
REFERENT = ("pronoun", "sense", "resumed")


@dataclass(frozen=True)
class Figure:
    """One figure of the gate.

    Args:
        value: what was measured.
        wanted: the least that is asked for; None where it only stands beside.
        n: of how many probes, heads or texts.
        chance: what guessing gives; None where there is no such thing.
    """

    value: float
    wanted: float | None = None
    n: int | None = None
    chance: float | None = None


def gate(
    decoder: Decoder, encoder: Encoder, subject: dict[str, tuple[int, int]]
) -> dict[str, Figure]:
    """Every figure by its name.

    Args:
        subject: by language the ``(layer, head)`` that the card names "subject".
    """
    corpus = Corpus(encoder, decoder.config.vocab_size, HELD_OUT_SEED)
    figures: dict[str, Figure] = {}
    for language, wanted in (("en", 0.95), ("hi", 0.90)):
        for n_attractors in (1, 2):
            verbs = agreement_probes(language, "nouns", encoder, n_attractors)
            name = f"agreement {language}, new nouns, {n_attractors} between"
            figures[name] = _accuracy(verbs, decoder, wanted)
        figures[f"agreement {language}, everyday"] = _accuracy(
            everyday_agreement(language, encoder), decoder, 0.95
        )
    figures |= referent_figures(decoder, encoder)
    for name, found in (
        ("previous token", text_scores(decoder, corpus, ("previous",))["previous"]),
        ("induction", induction_scores(decoder, encoder, HELD_OUT_SEED)),
    ):
        figures[name] = Figure(best_head(found.heads)["score"], 0.6, chance=found.chance)
    return figures | everyday_figures(decoder, encoder, subject)


def everyday_figures(
    decoder: Decoder, encoder: Encoder, subject: dict[str, tuple[int, int]]
) -> dict[str, Figure]:
    """Verbs of nouns that people use daily, and whether the named head finds their subjects."""
    figures: dict[str, Figure] = {}
    for language, head in subject.items():
        nouns = everyday_nouns(language, encoder)
        figures[f"agreement {language}, everyday nouns"] = _accuracy(nouns, decoder, 0.95)
        for back, place in ((1, "before the verb"), (0, "the verb")):
            figures[f"subject {language}, everyday, from {place}"] = role_figure(
                decoder, encoder, language, head, back=back
            )
    return figures


def everyday_nouns(language: str, encoder: Encoder) -> list[Probe]:
    """Verbs of everyday nouns in a sentence of the grammar, beyond one noun that misleads."""
    known = frozenset(probes.everyday_words(language))
    choose = Chooser(f"everyday:{language}:{HELD_OUT_SEED}", evaluation="combinations")

    def form(words: Sequence[str], link: Link) -> tuple[int, int] | None:
        options = tuple(dict.fromkeys(link.options))
        if link.kind != "agreement" or not link.attractors or words[link.later] not in options:
            return None
        if words[link.earlier].lower() not in known:
            return None
        return len(options), options.index(words[link.later])

    found = probes.linked((ACROSS[language],), choose, encoder, VERBS_A_FORM, form)
    return [probe for some in found.values() for probe in some]


def agreement_probes(
    language: str, held_out: str, encoder: Encoder, n_attractors: int | None = None
) -> list[Probe]:
    """See :func:`attention.training.probes.agreement`."""
    return probes.agreement(language, held_out, VERBS_A_FORM, encoder, HELD_OUT_SEED, n_attractors)


def everyday_agreement(language: str, encoder: Encoder) -> list[Probe | None]:
    """Verbs of sentences as people type them."""
    return [
        probes.choice(
            row["words"], row["options"], row["answer"], encoder, row["subject"], row["attractors"]
        )
        for row in probes.everyday("agreement")
        if row["language"] == language
    ]


def referent_probes(language: str, held_out: str, encoder: Encoder) -> dict[str, list[Probe]]:
    """From the pronoun, from the word that shows who is meant, and from the place where that noun
    is said again, with the choice of the two nouns: each by its kind."""
    choose = Chooser(f"referent:{language}:{HELD_OUT_SEED}", evaluation=held_out)
    templates = LANGUAGES[language].resumed

    def kind(_: Sequence[str], link: Link) -> str | None:
        return link.kind if link.kind in REFERENT and link.attractors else None

    return probes.linked(templates, choose, encoder, PAIRS, kind) if templates else {}


def referent_figures(decoder: Decoder, encoder: Encoder) -> dict[str, Figure]:
    """Whether the right noun is said again, and the head that gives the referent most."""
    figures = {}
    for language, wanted in (("en", 0.85), ("hi", None)):
        by_kind = referent_probes(language, "combinations", encoder)
        if not by_kind:
            continue
        answers = {kind: ask(decoder, some) for kind, some in by_kind.items()}
        resumed = answers["resumed"]
        figures[f"resumed {language}, new pairs"] = Figure(
            resumed.accuracy, wanted, len(resumed.right), 0.5
        )
        looks = {kind: best_head(each.weights)["score"] for kind, each in answers.items()}
        for kind, score in looks.items():
            name = f"referent {language}, from {_FROM[kind]}"
            figures[name] = Figure(
                score, None, len(answers[kind].right), float(answers[kind].usual.mean())
            )
        figures[f"referent {language}, the best of these"] = Figure(
            max(looks.values()), 0.4 if language == "en" else None
        )
        some = [
            probes.choice(row["words"], row["options"], row["answer"], encoder, row["noun"])
            for row in probes.everyday("resumed")
            if row["language"] == language
        ]
        figures[f"resumed {language}, everyday"] = _accuracy(some, decoder, None)
    return figures


def _accuracy(asked: Sequence[Probe | None], decoder: Decoder, wanted: float | None) -> Figure:
    some = [probe for probe in asked if probe is not None]
    if not some:
        return Figure(float("nan"), wanted, 0)
    chance = sum(1 / len(probe.options) for probe in some) / len(some)
    return Figure(ask(decoder, some).accuracy, wanted, len(some), chance)


_FROM = {"pronoun": "the pronoun", "sense": "the word that tells", "resumed": "where it is resumed"}


def role_figure(
    decoder: Decoder, encoder: Encoder, language: str, head: tuple[int, int], *, back: int
) -> Figure:
    """Of everyday sentences, the share in which this head looks at the subject more than at any
    other word.

    Args:
        back: words before the verb from which it looks: 1 is the place that foretells the verb.
    """
    asked = []
    for row in probes.everyday("roles"):
        if row["language"] == language:
            last = row["verb"] - back
            asked.append(probes.glance(row["words"], last, row["subject"], encoder, rivals=True))
    most = ask(decoder, asked).most[:, *head]
    return Figure(float(most.mean()), 0.8 if back else None, len(most))
