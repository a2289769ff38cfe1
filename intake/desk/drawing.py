"""The small drawings of the desk, as inline SVG colored by the tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

STRIP_WIDTH = 480

Bands = Sequence[tuple[float, float]]  # from and until, in hours since the strip begins


@dataclass(frozen=True)
class Tick:
    """A named hour on the strip."""

    at: float
    words: str


def ring(percent: int, mood: str) -> SafeString:
    """The share of a promise that is used up. ``mood`` is ``risk``, ``soon`` or empty."""
    return format_html(
        '<svg class="ring {}" viewBox="0 0 22 22" aria-hidden="true" focusable="false">'
        '<circle cx="11" cy="11" r="8.5"/><circle class="r" cx="11" cy="11" r="8.5" pathLength="100"'
        ' stroke-dasharray="{} 100" transform="rotate(-90 11 11)"/></svg>',
        mood,
        max(0, min(100, percent)),
    )


def strip(
    *,
    hours: float,
    lawful: Bands,
    clinic: Bands,
    wanted: Bands,
    ticks: Sequence[Tick],
    now: float,
    due: float | None,
    label: str,
) -> SafeString:
    """``hours`` where the person is: when we may, can and should call, what time it is, what is due.

    Places are hours since the strip begins.
    """

    def x(at: float) -> str:
        return f"{min(max(at, 0), hours) / hours * STRIP_WIDTH:.1f}"

    def bands(css: str, spans: Bands, top: int, height: int) -> SafeString:
        return format_html_join(
            "",
            '<path class="{}" d="M{} {}H{}v{}H{}z"/>',
            ((css, x(begin), top, x(end), height, x(begin)) for begin, end in spans),
        )

    named = format_html_join(
        "",
        '<path class="ws-tick" d="M{0} 34v5"/><text x="{0}" y="56" text-anchor="middle">{1}</text>',
        ((x(tick.at), tick.words) for tick in ticks),
    )
    flag = SafeString("")
    if due is not None:
        flag = format_html(
            '<path class="ws-due" d="M{0} 4v34"/><path class="ws-duef" d="M{0} 4h12l-3 4.5 3 4.5h-12z"/>',
            x(due),
        )
    hand = format_html(
        '<path class="ws-now" d="M{0} 2v36"/><path class="ws-nowf" d="M{0} 8l-6 -8h12z"/>', x(now)
    )
    return format_html(
        '<svg class="strip" viewBox="-8 -1 496 62" role="img" aria-label="{}">'
        '<path class="ws-base" d="M0 8h480v26H0z"/>{}{}{}{}{}{}</svg>',
        label,
        bands("ws-law", lawful, 8, 26),
        bands("ws-clinic", clinic, 8, 26),
        bands("ws-want", wanted, 13, 16),
        named,
        flag,
        hand,
    )
