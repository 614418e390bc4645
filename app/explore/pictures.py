"""The picture of a model that reads pictures: one that is built in, or a visitor's own. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.explore.keys import Keys
from app.kinds import CUTOFF, Choice
from app.parameters import Moves, Parameter, Values
from attention.models.patches import SAMPLES

OWN = "own"  # the visitor's file


@dataclass(frozen=True)
class Upload:
    """A file that a visitor gave; two of the same bytes are the same.

    Args:
        name: as it is called on the visitor's machine.
    """

    name: str
    digest: str
    content: bytes = field(compare=False, repr=False)


class PictureChoice(Parameter):
    """Which picture is shown. An address holds the name of one that is built in; a visitor's file
    stays in the session."""

    def write(self, values: Values) -> dict[str, str]:
        return {} if values[self.name] == OWN else super().write(values)

    def hear(self, values: Values, moves: Moves) -> None:
        super().hear(values, moves)
        if Keys.UPLOAD not in moves.now:
            return
        values["upload"] = _upload_of(moves.now[Keys.UPLOAD])
        if values["upload"] is not None:
            values[self.name] = OWN
        elif values[self.name] == OWN:  # the file was taken away
            values[self.name] = SAMPLES[0]

    def keep(self, values: Values, old: Values) -> None:
        values["upload"] = old["upload"]


def picture_choice() -> PictureChoice:
    return PictureChoice("image", Choice(SAMPLES, CUTOFF), SAMPLES[0], (Keys.IMAGE,))


def offered(settings: Any) -> Mapping[str, str]:
    """The pictures to choose from; of each the key of its name, but of the visitor's file that."""
    built_in = {name: f"pictures.{name}" for name in SAMPLES}
    return built_in if settings.upload is None else built_in | {OWN: settings.upload.name}


def _upload_of(file: Any) -> Upload | None:
    if file is None:
        return None
    content = file.getvalue()
    return Upload(file.name, hashlib.sha256(content).hexdigest(), content)
