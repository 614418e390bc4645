"""What is chosen in the section: a score, a sentence, a checkpoint. Pure; no Streamlit here."""

from dataclasses import dataclass
from functools import cache

from app.kinds import CUTOFF, Choice, Found, Number
from app.parameters import Moves, Parameter, Values
from app.picture import parse_click
from app.table import Table
from attention.models.layouts.forming import Forming, load_forming

SCORE, SENTENCE, PLAYER = "heads_forming_score", "heads_forming_sentence", "heads_forming_player"
FIRST_SCORE = "induction"


@dataclass(frozen=True)
class FormingChoice:
    """``step`` None: the last checkpoint."""

    score: str = FIRST_SCORE
    sentence: int = 0
    step: int | None = None


UNCHOSEN = FormingChoice()


@cache
def runs() -> tuple[Forming, ...]:
    """Every training that was kept; their steps and sentences are the same."""
    return load_forming()


def scores() -> tuple[str, ...]:
    """The scores of every training, by the name that they are kept under."""
    return tuple(runs()[0].scores)


def steps() -> tuple[int, ...]:
    """At which the trainings were looked at, ascending."""
    return tuple(map(int, runs()[0].steps))


def index_of(choice: FormingChoice) -> int:
    """Which of the checkpoints is chosen."""
    return len(steps()) - 1 if choice.step is None else steps().index(choice.step)


@dataclass(frozen=True)
class Step(Parameter):
    """A checkpoint, as the player tells its index; it repeats the last one at every run."""

    def hear(self, values: Values, moves: Moves) -> None:
        now, was = (parse_click(said.get(PLAYER), "step") for said in (moves.now, moves.was))
        if now is not None and now != was and now.value < len(steps()):
            step = steps()[now.value]
            values[self.name] = None if step == steps()[-1] else step


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
    return Table(
        FormingChoice(),
        (
            Parameter(
                "score", lambda _: Choice(scores(), CUTOFF), FIRST_SCORE, (SCORE,), "forms"
            ),
            Parameter(
                "sentence", lambda _: Number(range(len(runs()[0].sentences))), 0, (SENTENCE,)
            ),
            Step("step", lambda _: StepNumber(steps())),
        ),
    )  # fmt: skip
