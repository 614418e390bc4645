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
from attention.training.probes import Asked, Probe
from attention.training.sentences import Chooser, Link

HELD_OUT_SEED = 1_000_003  # far from every training seed
VERBS_A_FORM = 200
PAIRS = 200
ACROSS = {"en": across.across_phrase, "hi": location.is_there}
BETWEEN = (1, 2)  # nouns that mislead
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


def gate_probes(encoder: Encoder) -> Asked:
    """What every layout is asked, by language and name."""
    asked: dict[tuple[str, str], Sequence[Probe]] = {}
    for language in LANGUAGES:
        asked[language, "new combinations"] = agreement_probes(language, "combinations", encoder)
        asked[language, "new nouns"] = agreement_probes(language, "nouns", encoder)
        for n in BETWEEN:
            verbs = agreement_probes(language, "nouns", encoder, n)
            asked[language, f"new nouns, {n} between"] = verbs
        asked[language, "everyday"] = everyday_choices("agreement", "subject", language, encoder)
        asked[language, "everyday nouns"] = everyday_nouns(language, encoder)
        for kind, some in referent_probes(language, "combinations", encoder).items():
            asked[language, kind] = some
        asked[language, "resumed, everyday"] = everyday_choices(
            "resumed", "noun", language, encoder
        )
    return asked


def gate(
    decoder: Decoder, encoder: Encoder, asked: Asked, subject: dict[str, tuple[int, int]]
) -> dict[str, Figure]:
    """Every figure by its name.

    Args:
        asked: of :func:`gate_probes`.
        subject: by language the ``(layer, head)`` that looks most at the subject.
    """
    corpus = Corpus(encoder, decoder.config.vocab_size, HELD_OUT_SEED)
    figures: dict[str, Figure] = {}
    for language, wanted in (("en", 0.95), ("hi", 0.90)):
        for name in (*(f"new nouns, {n} between" for n in BETWEEN), "everyday"):
            least = 0.95 if name == "everyday" else wanted
            figures[f"agreement {language}, {name}"] = _accuracy(
                asked[language, name], decoder, least
            )
    figures |= referent_figures(decoder, asked)
    for name, found in (
        ("previous token", text_scores(decoder, corpus, ("previous",))["previous"]),
        ("induction", induction_scores(decoder, encoder, HELD_OUT_SEED)),
    ):
        figures[name] = Figure(best_head(found.heads)["score"], 0.6, chance=found.chance)
    for language, head in subject.items():
        nouns = asked[language, "everyday nouns"]
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


def everyday_choices(kind: str, earlier: str, language: str, encoder: Encoder) -> list[Probe]:
    """Choices in sentences as people type them; those whose forms begin alike are left out.

    Args:
        kind: "agreement", of a verb's forms, or "resumed", of the nouns that may be meant.
        earlier: what the row calls the word that decides.
    """
    asked = (
        probes.choice(
            row["words"], row["options"], row["answer"], encoder, row[earlier],
            row.get("attractors", ()),
        )
        for row in probes.everyday(kind)
        if row["language"] == language
    )  # fmt: skip
    return [probe for probe in asked if probe is not None]


def referent_probes(language: str, held_out: str, encoder: Encoder) -> dict[str, list[Probe]]:
    """From the pronoun, from the word that shows who is meant, and from the place where that noun
    is said again, with the choice of the two nouns: each by its kind."""
    choose = Chooser(f"referent:{language}:{HELD_OUT_SEED}", evaluation=held_out)
    templates = LANGUAGES[language].resumed

    def kind(_: Sequence[str], link: Link) -> str | None:
        return link.kind if link.kind in REFERENT and link.attractors else None

    return probes.linked(templates, choose, encoder, PAIRS, kind) if templates else {}


def referent_figures(decoder: Decoder, asked: Asked) -> dict[str, Figure]:
    """Whether the right noun is said again, and the head that gives the referent most."""
    figures = {}
    for language, wanted in (("en", 0.85), ("hi", None)):
        kinds = [kind for kind in REFERENT if (language, kind) in asked]
        if not kinds:
            continue
        answers = {kind: ask(decoder, asked[language, kind]) for kind in kinds}
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
        everyday = asked[language, "resumed, everyday"]
        figures[f"resumed {language}, everyday"] = _accuracy(everyday, decoder, None)
    return figures


def _accuracy(asked: Sequence[Probe], decoder: Decoder, wanted: float | None) -> Figure:
    if not asked:
        return Figure(float("nan"), wanted, 0)
    chance = sum(1 / len(probe.options) for probe in asked) / len(asked)
    return Figure(ask(decoder, asked).accuracy, wanted, len(asked), chance)


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
