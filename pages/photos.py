"""Photographs: what is refused, what is made of the rest, and where it stands.

Nobody ever gets the bytes that were uploaded. They are decoded and drawn anew in three formats
and some widths, so nothing that hides in a file (a place, a name, a script) is passed on.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from django.conf import settings
from django.utils.translation import gettext
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

MOST_BYTES: Final = 15 * 1024 * 1024
MOST_PIXELS: Final = 50_000_000  # a 50-megapixel camera; decoded about 150 MB
LEAST_WIDTH: Final = 480
WIDTHS: Final = (480, 960, 1600)
SOCIAL: Final = (1200, 630)  # the size that Open Graph readers crop least
MADE: Final = 1  # to be counted up when the files below are made in another way

# By the ending of the name: what the file has to be inside.
FORMATS: Final = {
    ".jpg": {"JPEG", "MPO"},  # MPO: what many phones call a JPEG with a second picture in it
    ".jpeg": {"JPEG", "MPO"},
    ".png": {"PNG"},
    ".webp": {"WEBP"},
    ".avif": {"AVIF"},
}
TYPES: Final = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}
_SAVED: Final = {
    "avif": ("AVIF", {"quality": 60, "speed": 8}),
    "webp": ("WEBP", {"quality": 78, "method": 4}),
    "jpg": ("JPEG", {"quality": 82, "progressive": True, "optimize": True}),
}
# A picture that is also a page: the marks by which a browser would take it for one.
_MARKUP: Final = re.compile(rb"<(?:!doctype|html|head|body|script|iframe|svg)[\s>/]", re.IGNORECASE)


class BadPhoto(ValueError):
    """The upload is refused. The message says why, for the person who uploaded it."""


@dataclass(frozen=True)
class Stored:
    """The files of a photograph; width and height are the largest file's, in pixels."""

    digest: str
    width: int
    height: int


def widths_of(width: int) -> tuple[int, ...]:
    """The widths in which a photograph stands on disk, the largest last."""
    largest = min(width, WIDTHS[-1])
    return (*(w for w in WIDTHS if w < largest), largest)


def file_name(digest: str, width: int, ending: str) -> str:
    return f"{digest}-{width}.{ending}"


def social_name(digest: str, focal_x: int, focal_y: int) -> str:
    return f"{digest}-social-{focal_x}-{focal_y}.jpg"


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "photos"


def store(file: IO[bytes], name: str) -> Stored:
    """Check an upload and make its files; raises :class:`BadPhoto`.

    The same upload always makes the same files, so it may be done again.
    """
    data = file.read(MOST_BYTES + 1)
    image = _opened(data, name)
    digest = hashlib.sha256(data + bytes([MADE])).hexdigest()[:32]
    sizes = widths_of(image.width)
    for width in sizes:
        height = max(1, round(image.height * width / image.width))
        small = image.resize((width, height), Image.Resampling.LANCZOS)
        for ending in _SAVED:
            _write(small, file_name(digest, width, ending), ending)
    return Stored(digest, sizes[-1], max(1, round(image.height * sizes[-1] / image.width)))


def crop_for_sharing(*, digest: str, width: int, focal_x: int, focal_y: int) -> None:
    """Make the picture that other sites show, cut so that what matters stays in it."""
    with Image.open(folder() / file_name(digest, width, "jpg")) as image:
        centre = (focal_x / 100, focal_y / 100)
        cut = ImageOps.fit(image, SOCIAL, Image.Resampling.LANCZOS, centering=centre)
        _write(cut, social_name(digest, focal_x, focal_y), "jpg")


def _opened(data: bytes, name: str) -> Image.Image:
    """The picture, upright, in sRGB, without anything but its pixels."""
    if len(data) > MOST_BYTES:
        raise BadPhoto(gettext("The file is larger than 15 MB. Export it smaller."))
    wanted = FORMATS.get(Path(name).suffix.lower())
    if wanted is None:
        raise BadPhoto(
            gettext("Upload a photograph whose name ends in .jpg, .png, .webp or .avif.")
        )
    if _MARKUP.search(data):
        raise BadPhoto(gettext("The file holds parts of a web page. Export the photograph anew."))
    try:
        with warnings.catch_warnings():
            # Pillow warns of sizes that we refuse below, and of harmless slips of cameras.
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP", "AVIF"])
            _check(image, wanted)
            image.load()
            return _plain(image)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError) as error:
        raise BadPhoto(gettext("This is not a photograph that we can read.")) from error


def _check(image: Image.Image, wanted: set[str]) -> None:
    """What the head of the file says, before anything large is decoded."""
    if image.format not in wanted:
        raise BadPhoto(gettext("The file is not what its name says. Export the photograph anew."))
    if image.width * image.height > MOST_PIXELS:
        raise BadPhoto(
            gettext("The photograph has more than 50 million pixels. Export it smaller.")
        )
    if image.width < LEAST_WIDTH or image.height < LEAST_WIDTH // 4:
        raise BadPhoto(
            gettext("The photograph is too small: it needs a width of 480 pixels or more.")
        )
    if image.format != "MPO" and getattr(image, "is_animated", False):
        raise BadPhoto(gettext("The file moves. Upload a still photograph."))


def _plain(image: Image.Image) -> Image.Image:
    upright = ImageOps.exif_transpose(image)
    if upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info:
        upright = upright.convert("RGBA")
        ground = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(ground, upright)
    plain = Image.new("RGB", upright.size)
    plain.paste(_in_srgb(upright))
    return plain


def _in_srgb(image: Image.Image) -> Image.Image:
    """The colors of a wide-gamut camera as every screen shows them."""
    profile = image.info.get("icc_profile")
    if profile and image.mode in {"RGB", "CMYK"}:
        with contextlib.suppress(ImageCms.PyCMSError, OSError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            changed = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
            if changed is not None:
                return changed
    return image.convert("RGB")


def _write(image: Image.Image, name: str, ending: str) -> None:
    """Whole or not at all; a file that is there says what it should already."""
    path = folder() / name
    if path.exists():
        return
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    handle, fresh = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            kind, options = _SAVED[ending]
            image.save(file, kind, **options)
        Path(fresh).chmod(0o644)
        Path(fresh).replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            Path(fresh).unlink()
