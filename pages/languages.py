"""The languages readers may choose. An address says which; no cookie and no header does.

English stands at the addresses that pages have, Spanish below ``/es/``.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from typing import Final

from django.utils import translation

ENGLISH: Final = "en"
SPANISH: Final = "es"
TRANSLATED: Final = (SPANISH,)  # every language besides English
LANGUAGES: Final = (ENGLISH, *TRANSLATED)
# As each calls itself, for the switch; and with its region, as browsers and networks want it.
OWN_NAMES: Final = {ENGLISH: "English", SPANISH: "Español"}
TAGS: Final = {ENGLISH: "en-US", SPANISH: "es-US"}

# The start of a link to a page of ours that names no language yet.
_OURS: Final = re.compile(rf'(?<=href=")(?=/(?!/|(?:{"|".join(TRANSLATED)})[/"#?]))')


def language_of(path: str) -> str:
    """The language in which the page at this address is written."""
    first = path.removeprefix("/").partition("/")[0]
    return first if first in TRANSLATED else ENGLISH


def in_language(path: str, language: str) -> str:
    """The address of the same page in that language; another site's address stays as it is."""
    if not path.startswith("/") or path.startswith("//"):
        return path
    there = language_of(path)
    if there != ENGLISH:
        path = path.removeprefix(f"/{there}") or "/"
    return path if language == ENGLISH else f"/{language}{path}"


def with_links_in(language: str, html: str) -> str:
    """The HTML with its links to our pages leading to them in that language."""
    return html if language == ENGLISH else _OURS.sub(f"/{language}", html)


def spoken_now() -> str:
    """The language that is active in this thread, as one of ``LANGUAGES``."""
    active = (translation.get_language() or ENGLISH).partition("-")[0]
    return active if active in TRANSLATED else ENGLISH


def speaking(language: str) -> AbstractContextManager[None]:
    """Inside, interface strings, dates and numbers are in that language."""
    return translation.override(TAGS[ENGLISH].lower() if language == ENGLISH else language)
