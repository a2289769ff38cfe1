"""Interface strings: found in templates and code, kept in ``locale/``, compiled for Django.

Babel reads and writes the catalogues, so that no machine needs GNU gettext: Django's own commands
would call its programs, and nothing may have to be installed by hand. Templates are read the way
Django's ``makemessages`` reads them, by its own ``templatize``.
"""

from __future__ import annotations

import ast
import datetime as dt
import os
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from django.utils.translation.template import (  # type: ignore[attr-defined]
    TranslatorCommentWarning,
    templatize,
)

from pages.languages import TRANSLATED

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

# Not from the settings: an image is built without any.
BASE_DIR: Final = Path(__file__).resolve().parent.parent
FOLDERS: Final = ("clinic_site", "intake", "pages", "templates")
# How many of the first arguments are words, by the name of the function.
_FUNCTIONS: Final = {
    **dict.fromkeys(["_", "gettext", "gettext_lazy", "gettext_noop"], 1),
    **dict.fromkeys(["ngettext", "ngettext_lazy"], 2),
}
# Those whose first argument says which of two meanings the words have.
_IN_CONTEXT: Final = frozenset({"pgettext", "pgettext_lazy"})
_LITERAL: Final = r"""u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_IN_TEMPLATE: Final = re.compile(
    rf"\b(?:ngettext\(({_LITERAL}),\s*({_LITERAL}),|(?:gettext|_)\(({_LITERAL})\)"
    rf"|pgettext\((?P<context>{_LITERAL}),\s*({_LITERAL})\))",
    re.DOTALL,
)
# How a catalogue tells what it is; no dates and no names, so that it changes only with its strings.
_HEADER: Final = "# What the site says in its own words, for translators: docs/translating.md.\n#"

_NO_DATE: Final = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class Found(NamedTuple):
    """One string of the interface: the words, or singular and plural, and where they stand."""

    words: tuple[str, ...]
    place: str
    context: str | None = None


def find_strings() -> Iterator[Found]:
    """Every string of our templates and code that is marked for translation."""
    for folder in FOLDERS:
        for path in sorted((BASE_DIR / folder).rglob("*")):
            place = path.relative_to(BASE_DIR).as_posix()
            if path.suffix == ".py" and "migrations" not in path.parts:
                for context, words in _strings_of_code(path.read_text(encoding="utf-8")):
                    yield Found(words, place, context)
            elif folder == "templates" and path.is_file():
                for context, words in _strings_of_template(path.read_text(encoding="utf-8")):
                    yield Found(words, place, context)


def _strings_of_code(text: str) -> Iterator[tuple[str | None, tuple[str, ...]]]:
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        said = [str(arg.value) for arg in node.args if isinstance(arg, ast.Constant)]
        if node.func.id in _IN_CONTEXT and len(said) == 2:
            yield said[0], (said[1],)
        count = _FUNCTIONS.get(node.func.id, 0)
        if count and len(said) >= count:
            yield None, tuple(said[:count])


def _strings_of_template(text: str) -> Iterator[tuple[str | None, tuple[str, ...]]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TranslatorCommentWarning)
        code = templatize(text)
    for match in _IN_TEMPLATE.finditer(code):
        said = [ast.literal_eval(literal) for literal in match.groups() if literal]
        yield (said[0], (said[1],)) if match["context"] else (None, tuple(said))


def path_of(language: str) -> Path:
    return BASE_DIR / "locale" / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """The catalogue of that language; an empty one where there is none yet."""
    # Only here and where it is written: most starts find nothing to compile, and Babel takes time.
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po

    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update(language: str) -> Catalog:
    """Bring the catalogue up to date with the strings found, and write it.

    A string that was changed a little keeps its old translation, marked as fuzzy: it is not used
    until somebody has looked at it. Strings that are gone are dropped.
    """
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    template = Catalog()
    for found in find_strings():
        key = found.words if len(found.words) > 1 else found.words[0]
        template.add(key, locations=[(found.place, 0)], context=found.context)
    catalogue = read(language)
    catalogue.update(template, no_fuzzy_matching=False)
    catalogue.obsolete.clear()
    catalogue.header_comment = _HEADER
    catalogue.fuzzy = False
    catalogue.project, catalogue.version = "clinic-site", "1"
    catalogue.creation_date = catalogue.revision_date = _NO_DATE
    catalogue.msgid_bugs_address = catalogue.last_translator = catalogue.language_team = "see docs"
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=100, include_lineno=False, sort_by_file=True)
    return catalogue


def compile_all() -> None:
    """Write what Django reads (``.mo``) wherever the catalogue is newer. Raises :exc:`OSError`."""
    for language in TRANSLATED:
        source = path_of(language)
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        from babel.messages.mofile import write_mo

        fresh = target.with_suffix(f".{os.getpid()}.mo")
        with fresh.open("wb") as file:
            write_mo(file, read(language))
        fresh.replace(target)  # whole or not at all, whoever else compiles it


def problems_of(language: str) -> Iterator[str]:
    """What keeps the catalogue from being complete and good."""
    catalogue = read(language)
    for found in find_strings():
        message = catalogue.get(found.words[0], found.context)
        said = message.string if message else ""
        forms = tuple(said) if isinstance(said, (list, tuple)) else (said or "",)
        if message is None or not all(forms):
            yield f"not translated: {found.words[0]!r} ({found.place})"
        elif message.fuzzy:
            yield f"fuzzy: {found.words[0]!r} ({found.place})"
        elif not _has_same_marks(found.words, forms):
            yield f"other placeholders: {found.words[0]!r} ({found.place})"


def _has_same_marks(words: tuple[str, ...], forms: tuple[str, ...]) -> bool:
    """Whether each form has the placeholders and the markup of its original, in any order."""
    pairs = zip(forms, (*words, words[-1]), strict=False)
    return all(sorted(_marks(form)) == sorted(_marks(original)) for form, original in pairs)


def _marks(words: str) -> list[str]:
    """Placeholders, links and other markup: a translation has the very same ones."""
    return re.findall(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|</?\w+[^>]*>", words)


if __name__ == "__main__":
    compile_all()
