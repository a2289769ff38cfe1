"""The small drawings of the desk, as inline SVG colored by the tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

DAY_START, DAY_END = 6, 22  # hours shown on the strip, in the person's zone
STRIP_WIDTH = 480
LABELED_HOURS = (8, 10, 12, 14, 16, 18, 20)


@dataclass(frozen=True)
class Band:
    """A span of one day in hours since midnight, such as 8 to 20.5."""

    start: float
    end: float


def ring(percent: int, mood: str) -> SafeString:
    """The share of a promise that is used up. ``mood`` is ``risk``, ``soon`` or empty."""
    return format_html(
        '<svg class="ring {}" viewBox="0 0 22 22" aria-hidden="true" focusable="false">'
        '<circle cx="11" cy="11" r="8.5"/><circle class="r" cx="11" cy="11" r="8.5" pathLength="100"'
        ' stroke-dasharray="{} 100" transform="rotate(-90 11 11)"/></svg>',
        mood,
        max(0, min(100, percent)),
    )


def _x(hour: float) -> str:
    inside = min(max(hour, DAY_START), DAY_END)
    return f"{(inside - DAY_START) / (DAY_END - DAY_START) * STRIP_WIDTH:.1f}"


def _bands(css: str, bands: Sequence[Band], top: int, height: int) -> SafeString:
    return format_html_join(
        "",
        '<path class="{}" d="M{} {}H{}v{}H{}z"/>',
        ((css, _x(b.start), top, _x(b.end), height, _x(b.start)) for b in bands),
    )


def strip(
    *,
    lawful: Sequence[Band],
    clinic: Sequence[Band],
    wanted: Sequence[Band],
    now: float,
    due: float | None,
    label: str,
) -> SafeString:
    """One day where the person is, 6 am to 10 pm: when we may, can and should call."""
    ticks = format_html_join(
        "",
        '<path class="ws-tick" d="M{} 34v5"/><text x="{}" y="56" text-anchor="middle">{}{}</text>',
        ((_x(h), _x(h), (h - 1) % 12 + 1, "a" if h < 12 else "p") for h in LABELED_HOURS),
    )
    flag = SafeString("")
    if due is not None:
        flag = format_html(
            '<path class="ws-due" d="M{0} 4v34"/><path class="ws-duef" d="M{0} 4h12l-3 4.5 3 4.5h-12z"/>',
            _x(due),
        )
    hand = format_html(
        '<path class="ws-now" d="M{0} 2v36"/><path class="ws-nowf" d="M{0} 8l-6 -8h12z"/>', _x(now)
    )
    return format_html(
        '<svg class="strip" viewBox="-8 -1 496 62" role="img" aria-label="{}">'
        '<path class="ws-base" d="M0 8h480v26H0z"/>{}{}{}{}{}{}</svg>',
        label,
        _bands("ws-law", lawful, 8, 26),
        _bands("ws-clinic", clinic, 8, 26),
        _bands("ws-want", wanted, 13, 16),
        ticks,
        flag,
        hand,
    )
