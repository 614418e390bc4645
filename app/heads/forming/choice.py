"""What is chosen in the section: a text, a score, a sentence, a checkpoint. Pure; no Streamlit."""

from dataclasses import dataclass
from functools import cache

from app.kinds import CUTOFF, Choice, Found, Number
from app.parameters import Moves, Parameter, Values, silent
from app.picture import parse_click
from app.table import Table
from attention.models.layouts.forming import TEXTS, Forming, load_forming

TEXT, SCORE = "heads_forming_text", "heads_forming_score"
SENTENCE, PLAYER = "heads_forming_sentence", "heads_forming_player"
FIRST_SCORE = "induction"


@dataclass(frozen=True)
class FormingChoice:
    """``text``: how the stories were read, of ``TEXTS``. ``step`` None: the last checkpoint."""

    text: str = TEXTS[0]
    score: str = FIRST_SCORE
    sentence: int = 0
    step: int | None = None


UNCHOSEN = FormingChoice()


_kept = cache(load_forming)  # one file of all texts


@cache
def runs(text: str) -> tuple[Forming, ...]:
    """The trainings on a text; their steps and sentences are the same."""
    return tuple(run for run in _kept() if run.text == text)


def scores(text: str) -> tuple[str, ...]:
    """The scores of the trainings on a text, by the name that they are kept under."""
    return tuple(runs(text)[0].scores)


def steps(text: str) -> tuple[int, ...]:
    """At which the trainings were looked at, ascending."""
    return tuple(map(int, runs(text)[0].steps))


def index_of(choice: FormingChoice) -> int:
    """Which of the checkpoints is chosen."""
    known = steps(choice.text)
    return len(known) - 1 if choice.step is None else known.index(choice.step)


def _texts(values: Values) -> tuple[str, ...]:
    """Those that have the score."""
    return tuple(text for text in TEXTS if values["score"] in scores(text))


class Read(Parameter):
    """The text; where the visitor takes one that has not the score, the first is shown."""

    def hear(self, values: Values, moves: Moves) -> None:
        super().hear(values, moves)
        if values["text"] not in _texts(values):
            values["score"] = FIRST_SCORE


@dataclass(frozen=True)
class Step(Parameter):
    """A checkpoint, as the player tells its index; it repeats the last one at every run."""

    def hear(self, values: Values, moves: Moves) -> None:
        now, was = (parse_click(said.get(PLAYER), "step") for said in (moves.now, moves.was))
        known = steps(values["text"])
        if now is not None and now != was and now.value < len(known):
            values[self.name] = None if now.value == len(known) - 1 else known[now.value]


@dataclass(frozen=True)
class StepNumber(Number):
    """The last step is None."""

    def read(self, raw: str) -> Found | None:
        found = super().read(raw)
        if found is None or found.value != self.options[-1]:
            return found
        return Found(None, found.used)


def forming_table() -> Table[FormingChoice]:
    """The section's part of the address."""
    every = tuple(dict.fromkeys(score for text in TEXTS for score in scores(text)))
    return Table(
        FormingChoice(),
        (
            Parameter("score", Choice(every, CUTOFF), FIRST_SCORE, (SCORE,), "forms"),
            Read(
                "text", lambda values: Choice(_texts(values)), lambda values: _texts(values)[0],
                (TEXT,), "reads",
            ),
            Parameter(
                "sentence", lambda values: Number(range(len(runs(values["text"])[0].sentences))),
                0, (SENTENCE,),
            ),
            Step("step", lambda values: StepNumber(steps(values["text"])), moved=silent),
        ),
    )  # fmt: skip
