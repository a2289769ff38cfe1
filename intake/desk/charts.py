"""The charts of the numbers page, as inline SVG. Each stands above a table of the same figures.

Sizes are chosen so that text stays above 10 px on a screen 320 px wide.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta

from django.utils import dateformat
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from intake.desk.numbers import BUCKET_HOURS, PROMISE_HOURS, Bar, Day
from intake.desk.wording import span

WIDTH, HEIGHT = 460, 230
WIDE = 1060  # for a card across the page; on a phone it scrolls sideways
BASE = HEIGHT - 34  # the y of zero


def frame(labelled_by: str, height: int, *parts: SafeString, width: int = WIDTH) -> SafeString:
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-labelledby="{}">{}</svg>',
        width,
        height,
        labelled_by,
        format_html_join("", "{}", ((part,) for part in parts)),
    )


def round_step(top: int) -> int:
    """The distance of grid lines: 1, 2 or 5 times a power of ten, three or four lines in all."""
    rough = max(1, top / 3)
    power = 10 ** math.floor(math.log10(rough))
    return int(next(m * power for m in (1, 2, 5, 10) if m * power >= rough))


def waits(
    bars: Sequence[Bar],
    *,
    median: timedelta | None,
    ninety: timedelta | None,
    labelled_by: str,
) -> SafeString:
    """How long people waited for the first try; what broke the promise is red."""
    left, top = 34, 70
    width = (WIDTH - left - 6) / len(bars)
    step = round_step(max(bar.count for bar in bars))
    most = max(step * math.ceil(max(bar.count for bar in bars) / step), step)

    def y(count: float) -> str:
        return f"{BASE - count / most * (BASE - top):.1f}"

    def x(hours: float) -> float:
        return left + hours / BUCKET_HOURS * width

    grid = format_html_join(
        "",
        '<path class="c-grid" d="M{0} {1}H{2}"/><text x="{3}" y="{4}" text-anchor="end">{5}</text>',
        ((left, y(g), WIDTH, left - 8, float(y(g)) + 5, g) for g in range(0, most + 1, step)),
    )
    columns = format_html_join(
        "",
        '<path class="{}" d="M{} {}V{}h{}V{}z"/>',
        (
            (
                "c-x" if i == len(bars) - 1 else "c-a",
                f"{left + i * width + 1.5:.1f}",
                BASE,
                y(bar.count),
                f"{width - 3:.1f}",
                BASE,
            )
            for i, bar in enumerate(bars)
            if bar.count
        ),
    )
    hours = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="middle">{} h</text>',
        ((f"{x(h):.1f}", HEIGHT - 10, h) for h in range(0, PROMISE_HOURS + 1, 6)),
    )
    over = bars[-1].count
    promise = format_html(
        '<path class="c-rule" d="M{0} 44V{1}"/><text x="{2}" y="56" text-anchor="end">{3}</text>'
        '<text x="{4}" y="{5}" text-anchor="middle">{6}</text>',
        f"{x(PROMISE_HOURS):.1f}",
        BASE,
        f"{x(PROMISE_HOURS) - 6:.1f}",
        gettext("promise, %(hours)s h") % {"hours": PROMISE_HOURS},
        f"{x(PROMISE_HOURS) + width / 2:.1f}",
        float(y(over)) - 6,
        over or "",
    )
    marks = [
        _mark(x(min(wait.total_seconds() / 3600, PROMISE_HOURS)), f"{words} {span(wait)}", line)
        for line, (words, wait) in enumerate(
            ((gettext("half by"), median), (gettext("9 in 10 by"), ninety))
        )
        if wait is not None
    ]
    return frame(labelled_by, HEIGHT, grid, columns, promise, *marks, hours)


def _mark(x: float, words: str, line: int) -> SafeString:
    """A short rule at the figure; each on a line of its own, so that two never collide."""
    near_the_end = x > WIDTH * 0.6
    top = 3 + 20 * line
    return format_html(
        '<path class="c-mark" d="M{} {}v14"/><text x="{}" y="{}" text-anchor="{}">{}</text>',
        f"{x:.1f}",
        top,
        f"{x - 6 if near_the_end else x + 6:.1f}",
        top + 12,
        "end" if near_the_end else "start",
        words,
    )


def lowest_shown(days: Sequence[Day]) -> int:
    """Where the percent scale starts: at the ten below the lowest day, 90 at most."""
    shares = [s.percent for day in days for s in (day.attempted, day.reached)]
    lowest = min((p for p in shares if p is not None), default=100)
    return min(90, lowest // 10 * 10)


def days(rows: Sequence[Day], *, labelled_by: str, width: int = WIDTH) -> SafeString:
    """Promises kept, by day; a day without requests has no point."""
    left, top, right = 58, 22, 92
    named = width // 115  # so many dates have room
    low = lowest_shown(rows)
    gap = (width - left - right - 18) / max(1, len(rows) - 1)

    def x(i: int) -> float:
        return round(left + 10 + i * gap, 1)

    def y(percent: float) -> float:
        return round(top + (100 - percent) / (100 - low) * (BASE - top), 1)

    step = max(10, math.ceil((100 - low) / 40) * 10)
    grid = format_html_join(
        "",
        '<path class="c-grid" d="M{} {}H{}"/><text x="{}" y="{}" text-anchor="end">{}%</text>',
        ((left, y(g), width - right, left - 8, y(g) + 5, g) for g in range(100, low - 1, -step)),
    )
    attempted = [(x(i), y(p)) for i, d in enumerate(rows) if (p := d.attempted.percent) is not None]
    reached = [(x(i), y(p)) for i, d in enumerate(rows) if (p := d.reached.percent) is not None]
    every = max(1, math.ceil(len(rows) / named))
    dates = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (x(i), HEIGHT - 10, dateformat.format(row.date, gettext("j M")))
            for i, row in enumerate(rows)
            if (len(rows) - 1 - i) % every == 0
        ),
    )
    ends = _end_labels(attempted, reached, x=width - right + 8)
    return frame(
        labelled_by,
        HEIGHT,
        grid,
        _line("c-la", attempted),
        _line("c-lb", reached),
        format_html_join("", '<circle class="c-a" cx="{}" cy="{}" r="3.6"/>', attempted),
        format_html_join("", '<path class="c-b" d="M{} {}h6.8v6.8h-6.8z"/>', _corners(reached)),
        ends,
        dates,
        width=width,
    )


def _corners(points: Sequence[tuple[float, float]]) -> list[tuple[str, str]]:
    return [(f"{x - 3.4:.1f}", f"{y - 3.4:.1f}") for x, y in points]


def _line(css: str, points: Sequence[tuple[float, float]]) -> SafeString:
    if len(points) < 2:
        return SafeString("")
    path = "M" + "L".join(f"{x} {y}" for x, y in points)
    return format_html('<path class="{}" d="{}"/>', css, path)


def _end_labels(
    attempted: Sequence[tuple[float, float]],
    reached: Sequence[tuple[float, float]],
    *,
    x: float,
) -> SafeString:
    """Names beside the ends of the lines, pushed apart when the ends are close."""
    first = attempted[-1][1] if attempted else 22
    second = reached[-1][1] if reached else 54
    if abs(first - second) < 36:
        second = first + 36 if second >= first else first - 36
    lift = min(0, BASE - 16 - max(first, second))
    drop = max(0, 20 - min(first, second))
    label = '<text x="{0}" y="{1}">{3}</text><text x="{0}" y="{2}">{4}</text>'
    return format_html(
        label,
        x,
        first + lift + drop,
        first + lift + drop + 16,
        gettext("called"),
        gettext("in 24 h"),
    ) + format_html(
        label,
        x,
        second + lift + drop,
        second + lift + drop + 16,
        gettext("reached"),
        gettext("in 48 h"),
    )


MOODS = {
    "booked": "c-a",
    "contacted": "c-a",
    "in_hand": "c-b",
    "declined": "c-b",
    "referred_out": "c-b",
    "unreachable": "c-x",
    "withdrawn": "c-x",
}


def outcomes(bars: Sequence[Bar], *, labelled_by: str) -> SafeString:
    """How requests ended, each bar named and counted directly."""
    row, text = 32, 206
    most = max((bar.count for bar in bars), default=0) or 1
    scale = (WIDTH - text - 40) / most
    drawn = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="end">{}</text>'
        '<path class="{}" d="M{} {}h{}v19H{}z"/><text class="n" x="{}" y="{}">{}</text>',
        (
            (
                text - 10,
                i * row + 22,
                bar.label,
                MOODS[bar.key],
                text,
                i * row + 7,
                f"{bar.count * scale:.1f}",
                text,
                f"{text + bar.count * scale + 8:.1f}",
                i * row + 22,
                bar.count,
            )
            for i, bar in enumerate(bars)
        ),
    )
    return frame(labelled_by, len(bars) * row + 4, drawn)
