"""The chart of calls by hour of the day. Its table stands beneath it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from intake.desk.charts import BASE, HEIGHT, WIDTH, frame, round_step
from intake.desk.numbers import Hour


def hours(rows: Sequence[Hour], *, labelled_by: str) -> SafeString:
    """A bar for the calls of each hour, its dark foot for those that reached the person."""
    left, top = 40, 24
    width = (WIDTH - left - 6) / max(1, len(rows))
    step = round_step(max((row.reached.of for row in rows), default=1))
    most = max(step, step * math.ceil(max((r.reached.of for r in rows), default=1) / step))
    scale = (BASE - top) / most
    grid = format_html_join(
        "",
        '<path class="c-grid" d="M{0} {1}H{2}"/><text x="{3}" y="{4}" text-anchor="end">{5}</text>',
        (
            (left, f"{BASE - g * scale:.1f}", WIDTH, left - 8, f"{BASE - g * scale + 5:.1f}", g)
            for g in range(0, most + 1, step)
        ),
    )
    bars = format_html_join(
        "",
        '<path class="{}" d="M{} {}v-{}h{}v{}z"/>',
        (
            (css, f"{left + i * width + 1.5:.1f}", BASE, high, f"{width - 3:.1f}", high)
            for i, row in enumerate(rows)
            for css, count in (("c-b", row.reached.of), ("c-a", row.reached.kept))
            if (high := f"{count * scale:.1f}") and count
        ),
    )
    every = max(1, math.ceil(len(rows) / 6))
    labels = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (f"{left + (i + 0.5) * width:.1f}", HEIGHT - 10, row.label)
            for i, row in enumerate(rows)
            if i % every == 0
        ),
    )
    return frame(labelled_by, HEIGHT, grid, bars, labels)
