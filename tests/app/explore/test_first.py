"""The picture that is computed beforehand is what the page computes."""

import numpy as np
import pytest

from app.explore import first
from attention.models.layouts import cards
from attention.picture.payload import decode

pytestmark = pytest.mark.skipif(
    (8, 2) not in cards.available_layouts(), reason="layout 8x2 is not trained yet"
)


def test_the_first_picture_is_up_to_date() -> None:
    payload = first.read_first()
    assert payload is not None, "run: python -m app.explore.first"
    header, tiles, chosen = decode(payload)
    computed_header, computed_tiles, computed_chosen = decode(first.make_first())
    for part in (header, computed_header):
        del part["tiles_id"], part["check"]  # these differ with the last bit of a float
        part["scale"] = round(part["scale"], 4)
    assert header == computed_header
    assert np.allclose(tiles, computed_tiles, atol=0.01)
    assert np.allclose(chosen, computed_chosen, atol=0.01)


def test_an_old_first_picture_is_passed_over(monkeypatch, tmp_path) -> None:
    old = tmp_path / "first_picture.bin"
    monkeypatch.setattr(first, "FIRST", old)
    assert first.read_first() is None
    old.write_bytes(b"\0" * 32 + b"made from something else")
    assert first.read_first() is None
    old.write_bytes(first.fingerprint() + b"payload")
    assert first.read_first() == b"payload"
