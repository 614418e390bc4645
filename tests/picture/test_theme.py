"""The colours, against the formulas of WCAG, CIELAB and a published model of colour blindness."""

import itertools

import numpy as np
import pytest

from attention.models.roles import LINKS
from attention.theme import DARK, LIGHT, Theme, kv_color, plotly_colorscale, role_color

BOTH = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])

# Machado, Oliveira, Fernandes 2009, severity 1, for linear RGB.
SIGHT = {
    "usual": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}  # fmt: skip


@BOTH
def test_text_on_every_fill_is_readable(theme: Theme) -> None:
    pairs = [(theme.on_kv, fill) for fill in theme.kv]
    pairs += [(theme.on_neutral, theme.neutral)]
    pairs += [(color, theme.background) for color in (theme.text, theme.muted)]
    pairs += [(color, theme.background) for color in (theme.looks, theme.looked)]
    assert min(contrast(*pair) for pair in pairs) >= 4.5


ROLES = ("previous", "next", "self", "positional", "first", "duplicate", "induction", *LINKS)


@BOTH
def test_every_role_has_a_colour_that_text_can_be_read_on(theme: Theme) -> None:
    fills = [role_color(theme, role) for role in (*ROLES, "semantic", "broad", "mixed")]
    assert len(set(fills)) == len(fills)
    assert fills[-2:] == [theme.neutral, theme.background]
    assert min(contrast(theme.text, fill) for fill in fills) >= 4.5
    seen = [lab(linear(fill)) for fill in fills]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 9


@BOTH
@pytest.mark.parametrize("sight", SIGHT)
def test_kv_colors_stay_apart(theme: Theme, sight: str) -> None:
    seen = [lab(np.clip(np.array(SIGHT[sight]) @ linear(color), 0, 1)) for color in theme.kv]
    apart = min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2))
    assert apart > 9  # CIE76; about 2 can just be told apart side by side


@BOTH
def test_scale_begins_at_the_background_and_moves_evenly(theme: Theme) -> None:
    assert theme.scale[0] == theme.background
    lightness = [lab(linear(color))[0] for color in theme.scale]
    steps = np.abs(np.diff(lightness))
    assert len(set(np.sign(np.diff(lightness)))) == 1
    assert steps.max() < 1.75 * steps.min()


@BOTH
def test_kv_color_never_repeats(theme: Theme) -> None:
    assert len({kv_color(theme, kv, 8) for kv in range(8)}) == 8
    many = [kv_color(theme, kv, 16, chosen=3) for kv in range(16)]
    assert many.count(theme.neutral) == 15
    assert many[3] == theme.kv[0]


@BOTH
def test_plotly_scale_runs_from_0_to_1(theme: Theme) -> None:
    scale = plotly_colorscale(theme)
    assert [scale[0][0], scale[-1][0]] == [0.0, 1.0]
    assert [color for _, color in scale] == list(theme.scale)


def linear(color: str) -> np.ndarray:
    rgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    low, high = sorted(linear(color) @ [0.2126, 0.7152, 0.0722] for color in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB (D65) of linear sRGB."""
    to_xyz = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
              [0.0193339, 0.1191920, 0.9503041]]  # fmt: skip
    xyz = np.array(to_xyz) @ rgb / [0.95047, 1, 1.08883]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])
