"""Static files: stylesheets joined from their components, then hashed and compressed.

The sources in ``static/css/`` are plain CSS, one file per component. Nobody
serves them: a finder offers the joined sheets in their place, to
``collectstatic`` as well as to the development and test servers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.storage import FileSystemStorage, Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

SOURCES = Path(settings.BASE_DIR) / "static"
LAYERS = "@layer reset, tokens, base, layout, components, print, utilities;"

# What each sheet is joined from, in this order; a pattern's files by name.
SHEETS = {
    "site.css": (
        "css/reset.css",
        "css/tokens.css",
        "css/fonts.css",
        "css/base.css",
        "css/layout.css",
        "css/components/*.css",
        "css/print.css",
        "css/utilities.css",
    ),
    "desk.css": ("css/desk/*.css",),
    # Stands alone: Django admin's own sheets are in no layer, and would win over any.
    "admin.css": ("css/tokens.css", "css/fonts.css", "css/admin/*.css"),
}

_STRING = r"""("[^"\n]*"|'[^'\n]*')"""
_STRING_OR_COMMENT = re.compile(_STRING + r"|/\*.*?\*/", re.DOTALL)


def sheet(name: str, sources: Path = SOURCES) -> str:
    """The joined and minified text of a sheet, such as ``site.css``."""
    files = [path for pattern in SHEETS[name] for path in sorted(sources.glob(pattern))]
    return minify(LAYERS + "".join(path.read_text(encoding="utf-8") for path in files))


def minify(css: str) -> str:
    """Drop comments and the white space that never carries meaning in CSS.

    White space before a colon stays: between nested selectors it is the
    descendant combinator. White space around + and - stays: calc() needs it.
    Strings stay as they are.
    """
    bare = _STRING_OR_COMMENT.sub(lambda match: match[1] or " ", css)
    parts = re.split(_STRING, bare)
    for index in range(0, len(parts), 2):  # the odd ones are strings
        part = re.sub(r"\s+", " ", parts[index])
        part = re.sub(r" ?([{};,>]) ?", r"\1", part)
        parts[index] = part.replace(": ", ":").replace(";}", "}")
    return "".join(parts).strip() + "\n"


class ClinicFinder(FileSystemFinder):
    """Finds what is in ``static/``, with the joined sheets in place of their sources."""

    def __init__(self, app_names: Sequence[str] | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(app_names, *args, **kwargs)
        self.joined = FileSystemStorage(location=Path(settings.VAR_DIR) / "sheets")

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The place of ``path`` on disk; a sheet is joined afresh when it is asked for."""
        places = [self._write(path)] if path in SHEETS else super().find(path, find_all=True)
        return places[0] if places and not find_all else places

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """Every file to collect, with the storage it comes from."""
        for path, storage in super().list(ignore_patterns):
            if not path.startswith("css/"):
                yield path, storage
        for name in SHEETS:
            self._write(name)
            yield name, self.joined

    def _write(self, name: str) -> str:
        """Join a sheet into ``VAR_DIR``; untouched when nothing changed, swapped in whole."""
        place = Path(self.joined.path(name))
        text = sheet(name)
        if not place.exists() or place.read_text(encoding="utf-8") != text:
            place.parent.mkdir(parents=True, exist_ok=True)
            fresh = place.with_suffix(".new")
            fresh.write_text(text, encoding="utf-8")
            fresh.replace(place)
        return str(place)


class ClinicStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed names, and brotli and gzip beside every file.

    A file that was not collected keeps its plain name instead of failing the
    page: an error page must come out even when the collected files are gone.
    ``tests/front/test_templates.py`` holds that every name in a template exists.
    """

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        hashed: str | None = self.hashed_files.get(self.hash_key(self.clean_name(name)))
        return hashed if hashed is not None else name
