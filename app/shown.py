"""What one run of the page shows."""

from dataclasses import dataclass

from app.address import Settings
from app.i18n import Words
from app.look import Look, Reading
from app.scene import RealChoice


@dataclass(frozen=True, eq=False)
class Shown:
    """Settings with head and token decided, and everything computed from them."""

    settings: Settings
    reading: Reading
    look: Look
    real: RealChoice
    words: Words
