"""What a generation is asked and what it shows, as plain values. Pure; see app/generating.py."""

from dataclasses import dataclass, replace

from attention.figures.growth import GrowthPoint
from attention.interventions.off import ALL_ON, Off
from attention.models.outlook import Choice, End, Outlook, Step


@dataclass(frozen=True)
class Subject:
    """What a generation goes on from. Another one starts afresh."""

    name: str  # of the model
    ids: tuple[int, ...]
    seed: int
    max_tokens: int  # of text and generated tokens
    part: str = ""  # of an encoder–decoder, and the source that it was given
    given: tuple[int, ...] = ()
    off: Off = ALL_ON  # heads that are switched off, in every step


@dataclass(frozen=True)
class How:
    """What a visitor may change on the way."""

    temperature: float = 0.0
    compare: bool = True  # run each step without the cache too


@dataclass(frozen=True, eq=False)
class View:
    """Where a generation is, of one piece: never half of one step and half of the next.

    ``outlook`` is of the text as it stands, or once that has ended of the text before its end.
    """

    outlook: Outlook
    last: Step | None  # None before the first
    tokens: tuple[str, ...]  # readable, with those generated
    n_prompt: int
    written: str
    top: tuple[Choice, ...]  # the likeliest next tokens, see :meth:`at`
    growth: tuple[GrowthPoint, ...]  # one an outlook
    ended: End | None

    def at(self, temperature: float) -> tuple[Choice, ...]:
        """The likeliest next tokens with the chance that this temperature gives each."""
        chances = self.outlook.probabilities(temperature)
        return tuple(replace(choice, chance=float(chances[choice.token])) for choice in self.top)


@dataclass(frozen=True)
class Looks:
    """All that the page draws of a run; unequal once it would look otherwise."""

    view: View | None  # None until the text was looked at once
    playing: bool
    ahead: int  # pieces of work that come before this one's
    problem: BaseException | None  # why the last step failed
