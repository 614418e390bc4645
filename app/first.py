"""The picture of the first visit, computed beforehand: it stands before torch is loaded.

``python -m app.first`` writes it anew; a test compares it with what the page computes.
"""

from app import address
from app.address import Family, Settings
from app.i18n import ROOT
from app.scene import DEFAULT_REAL, RealChoice

FIRST = ROOT / "assets" / "first_picture.bin"


def first_picture(settings: Settings, real: RealChoice, family: Family) -> bytes | None:
    """The payload for the settings of an address without parameters; None for any other."""
    if settings != address.defaults(family) or real != DEFAULT_REAL or not FIRST.exists():
        return None
    return FIRST.read_bytes()
