"""The picture of a page that other sites show when somebody shares its address.

Drawn from the look (colors of ``tokens.css``, the display font, the mark) and from the page's own
title, so it holds nothing about a person. Its address carries a hash of all that goes into it:
what stands there never changes. A process draws each picture once, when it is first asked for;
a page only computes the address.
"""

from __future__ import annotations

import functools
import hashlib
import io
import re
import threading
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageFont

from pages.languages import speaking
from pages.nodes import Page
from pages.site import Site

WIDTH, HEIGHT = 1200, 630  # the size that Open Graph readers crop least
SCALE: Final = 2  # drawn larger and made smaller, for smooth edges
MARGIN: Final = 72
BAND: Final = 132  # height of the ground the page stands on
TITLE_WIDTH: Final = 780
TITLE_SIZES: Final = (92, 84, 76, 68, 60, 52)
TITLE_LINES: Final = 4
MOST_KEPT: Final = 64
DRAWING: Final = 1  # to be counted up when the drawing below changes

_COLOR: Final = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")
_turn = threading.Lock()

Point = tuple[float, float]


@dataclass(frozen=True)
class Picture:
    """All that a picture says: the name of the clinic, the page's title, the line of the ground."""

    name: str
    title: str
    line: str

    @property
    def digest(self) -> str:
        parts = (*astuple(self), str(DRAWING), _look())
        return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:16]


def picture_of(site: Site, page: Page) -> Picture:
    """What the picture of a page says. The risks go where the page goes."""
    with speaking(site.language):
        return _picture_of(site, page)


def _picture_of(site: Site, page: Page) -> Picture:
    name = site.profile.name if site.profile else settings.CLINIC_NAME
    if page.is_calm:
        line = _("Call or text 988, day or night. In danger now: 911.")
    elif page.is_treatment and site.notices["off_label"]:
        line = site.notices["off_label"][0].short
    else:
        line = _("General information only. In a crisis, call or text 988.")
    return Picture(name, page.title, line)


def address_of(site: Site, page: Page) -> str:
    """Where the picture of a page stands, below the site's own address."""
    return f"/social/{page.slug}-{picture_of(site, page).digest}.png"


def png(picture: Picture) -> bytes:
    """The picture as a PNG file; drawn once in a process, however many ask at a time."""
    with _turn:
        return _drawn(picture, _look())


@functools.lru_cache(maxsize=MOST_KEPT)
def _drawn(picture: Picture, look: str) -> bytes:
    image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), _colors()["ground"])
    draw = ImageDraw.Draw(image)
    _draw_sign(draw, center=(1000, 249), size=400, line=22, color=_colors()["wash"])
    _draw_sign(draw, center=(MARGIN + 26, 96), size=52, line=4, color=_colors()["ink"])
    _write(draw, (MARGIN + 72, 96), picture.name, 34, 550, "ink", anchor="lm")
    lines, size = _fitted(picture.title)
    top = 160 + (HEIGHT - BAND - 160 - 28 - len(lines) * size * 1.08) / 2
    for number, line in enumerate(lines):
        _write(draw, (MARGIN - 3, top + number * size * 1.08), line, size, 500, "ink", anchor="la")
    _draw_band(draw, picture.line)
    small = image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.quantize(128, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def _draw_band(draw: ImageDraw.ImageDraw, line: str) -> None:
    """The ground: dark, with the line that a claim stands on."""
    draw.rectangle(
        (0, (HEIGHT - BAND) * SCALE, WIDTH * SCALE, HEIGHT * SCALE), fill=_colors()["crisis"]
    )
    lines = _wrapped(line, _font(30, 450), WIDTH - 2 * MARGIN)[:2]
    top = HEIGHT - BAND / 2 - (len(lines) - 1) * 20
    for number, part in enumerate(lines):
        _write(draw, (MARGIN, top + number * 40), part, 30, 450, "on-crisis", anchor="lm")


def _draw_sign(
    draw: ImageDraw.ImageDraw, *, center: Point, size: float, line: float, color: str
) -> None:
    """The sign of the house: two endings and the lit gap between them (``mark.svg``)."""
    unit = size / 32 * SCALE
    left, top = center[0] * SCALE - 16 * unit, center[1] * SCALE - 16 * unit
    for side in (1, -1):
        edge = [
            (left + (16 + side * (x - 16)) * unit, top + y * unit)
            for x, y in [
                *_curve((3, 4), (7.6, 6.2), (10, 10.6), (10, 16)),
                *_curve((10, 16), (10, 21.4), (7.6, 25.8), (3, 28)),
            ]
        ]
        draw.line(edge, fill=color, width=round(line * SCALE))
        for point in edge:
            _dot(draw, point, line * SCALE / 2, color)
    middle = (left + 16 * unit, top + 16 * unit)
    _dot(draw, middle, 3.35 * unit, _colors()["ink"])
    _dot(draw, middle, 3 * unit, _colors()["lamp"])


def _dot(draw: ImageDraw.ImageDraw, middle: Point, radius: float, color: str) -> None:
    x, y = middle
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=color)


def _curve(start: Point, one: Point, two: Point, end: Point) -> list[Point]:
    """Points on a cubic Bezier curve."""
    points = []
    for step in range(33):
        t = step / 32
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
        corners = (start, one, two, end)
        points.append(
            (
                sum(w * x for w, (x, _) in zip(weights, corners, strict=True)),
                sum(w * y for w, (_, y) in zip(weights, corners, strict=True)),
            )
        )
    return points


def _fitted(title: str) -> tuple[list[str], int]:
    """The title in the largest size that leaves it at most four lines, and that size."""
    for size in TITLE_SIZES:
        lines = _wrapped(title, _font(size, 500), TITLE_WIDTH)
        if len(lines) * size * 1.08 <= 280:
            return lines, size
    return [*lines[: TITLE_LINES - 1], f"{lines[TITLE_LINES - 1]} …"], size


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """The text in lines that are not wider than ``width``, and about equally long."""
    words = text.split()
    lines = _filled(words, font, width)
    for narrower in range(round(width) - 20, 200, -20):
        if len(tried := _filled(words, font, narrower)) > len(lines):
            break
        lines = tried
    return lines


def _filled(words: list[str], font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    lines = [""]
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width * SCALE:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _write(
    draw: ImageDraw.ImageDraw,
    at: Point,
    text: str,
    size: int,
    weight: int,
    color: str,
    *,
    anchor: str,
) -> None:
    x, y = at
    draw.text(
        (x * SCALE, y * SCALE),
        text,
        fill=_colors()[color],
        font=_font(size, weight),
        anchor=anchor,
    )


@functools.cache
def _font(size: int, weight: int) -> ImageFont.FreeTypeFont:
    """The display font; FreeType reads WOFF2 and its one axis, the weight, as they are."""
    font = ImageFont.truetype(_static() / "fonts" / "display.woff2", size * SCALE)
    font.set_variation_by_axes([weight])
    return font


@functools.cache
def _colors() -> dict[str, str]:
    """The colors of the light set, by token."""
    light = (_static() / "css" / "tokens.css").read_text(encoding="utf-8").partition("@media")[0]
    return dict(_COLOR.findall(light))


@functools.cache
def _look() -> str:
    """A hash of what every picture is drawn with."""
    font = (_static() / "fonts" / "display.woff2").read_bytes()
    return hashlib.sha256(font + repr(sorted(_colors().items())).encode()).hexdigest()


def _static() -> Path:
    return Path(settings.BASE_DIR) / "static"
