"""Every pair of colors that meet, by day and by night, as WCAG 2.2 measures them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

TOKENS = Path(settings.BASE_DIR) / "static" / "css" / "tokens.css"
TEXT, TEXT_AA, SHAPE = 7.0, 4.5, 3.0  # AAA text, AA text (secondary), non-text contrast

# Foreground, background, least ratio.
PAIRS = [
    *(
        ("ink", ground, TEXT)
        for ground in ("ground", "surface", "sunk", "wash", "sun", "alert-wash")
    ),
    *(("ink-soft", ground, TEXT) for ground in ("ground", "surface", "sunk")),
    ("ink-soft", "sun", TEXT_AA),
    *(("link", ground, TEXT) for ground in ("ground", "surface", "sunk", "alert-wash", "sun")),
    ("on-action", "action", TEXT),
    ("on-action", "action-hover", TEXT),
    ("on-lamp", "lamp", TEXT),
    *(("lamp-ink", ground, TEXT_AA) for ground in ("ground", "surface", "sunk")),
    *(("alert", ground, TEXT) for ground in ("ground", "surface", "alert-wash")),
    ("alert", "sun", TEXT_AA),
    ("leaf", "surface", TEXT_AA),
    ("on-crisis", "crisis", TEXT),
    ("crisis-lamp", "crisis", TEXT),
    *(("edge", ground, SHAPE) for ground in ("ground", "surface", "sunk")),
    *(("action", ground, SHAPE) for ground in ("ground", "surface", "sunk")),
    *(("mid", ground, SHAPE) for ground in ("ground", "surface")),
    ("alert", "surface", SHAPE),
    ("leaf", "sun", SHAPE),
    ("lamp-ink", "surface", SHAPE),
    ("ink", "ground", SHAPE),
]


def tokens(scheme: str) -> dict[str, str]:
    """The raw colors by name; the dark set lies over the light one."""
    day, _, rest = TOKENS.read_text().partition("@media screen")
    night = rest.partition("@media (forced-colors")[0]
    found = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})\b", day))
    if scheme == "dark":
        found |= dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})\b", night))
    return found


def luminance(color: str) -> float:
    """Relative luminance, WCAG 2.2."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ratio(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_is_twenty_one() -> None:
    assert ratio("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_a_pair_of_colors_has_enough_contrast(
    front: str, ground: str, least: float, scheme: str
) -> None:
    colors = tokens(scheme)

    assert ratio(colors[front], colors[ground]) >= least


def test_the_two_schemes_differ() -> None:
    assert tokens("light")["ground"] != tokens("dark")["ground"]


def test_browser_chrome_takes_the_color_of_the_crisis_bar() -> None:
    templates = Path(settings.BASE_DIR) / "templates"
    for name in ("frame.html", "desk_base.html"):
        pairs = re.findall(
            r'theme-color" media="\(prefers-color-scheme: (\w+)\)" content="(#\w+)"',
            (templates / name).read_text(),
        )

        assert dict(pairs) == {scheme: tokens(scheme)["crisis"] for scheme in ("light", "dark")}
