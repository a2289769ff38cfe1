"""Search over the live release: forgiving, in memory, and without a trace of who asked what.

Nothing here writes to a log, a file or a database what somebody typed. The index is an SQLite
FTS5 table in memory, built by each process from the site's tree when a release is first searched:
``docs/decisions/0004-search-in-memory.md`` says why.
"""

from __future__ import annotations

import logging
import re
import sqlite3
import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from pages import search_words
from pages.search_words import plain_words
from pages.searchable import Document, documents_of
from pages.site import Site

logger = logging.getLogger(__name__)

LONGEST: Final = 100  # characters that are read
MOST_WORDS: Final = 16
MOST_RESULTS: Final = 12
ENOUGH: Final = 3  # results with every word; with fewer, those with some of the words follow
EXCERPT: Final = 36  # words

_ON, _OFF = "\x02", "\x03"  # around a word that was found; documents hold no control characters
_MARKS: Final = re.compile(f"[{_ON}{_OFF}]")
# How much more a thing is worth than its words alone: a question is asked in the asker's own
# words, a study is what a reader of abstracts looks for.
_WORTH: Final = {"page": 1.5, "section": 1.0, "question": 1.35, "study": 0.5}

_TABLE: Final = """
    CREATE VIRTUAL TABLE documents USING fts5(
        title, place, text, more, worth UNINDEXED, tokenize = 'porter unicode61 remove_diacritics 2')
"""
# Column weights: title, place, text, more. The smaller the score, the better.
_FIND: Final = f"""
    SELECT rowid,
           highlight(documents, 0, '{_ON}', '{_OFF}'),
           snippet(documents, 2, '{_ON}', '{_OFF}', '…', {EXCERPT})
      FROM documents
     WHERE documents MATCH ?
     ORDER BY bm25(documents, 6.0, 1.0, 1.0, 1.0) * worth, rowid
     LIMIT {MOST_RESULTS}
"""  # noqa: S608  only constants


class Piece(NamedTuple):
    """A run of text, and whether it is what was looked for."""

    text: str
    is_hit: bool


@dataclass(frozen=True)
class Result:
    document: Document
    title: tuple[Piece, ...]
    excerpt: tuple[Piece, ...]


@dataclass(frozen=True)
class Answer:
    """What a search found. ``corrected`` is what was looked for instead, or empty."""

    typed: str = ""
    corrected: str = ""
    results: tuple[Result, ...] = ()
    is_crisis: bool = False
    is_cut: bool = False
    is_partial: bool = False  # no result has every word


@dataclass(frozen=True)
class Index:
    """The words of one site. Threads share it, one query at a time."""

    site: Site
    documents: tuple[Document, ...]
    vocabulary: Counter[str]  # how often the documents use each word
    spellings: Counter[str]  # the same, and the words of the lists
    forms: dict[str, list[str]]  # the words by their stem, where FTS5 cannot stem them
    database: sqlite3.Connection
    turn: threading.Lock = field(default_factory=threading.Lock)

    def find(self, expression: str) -> list[Result]:
        """The best matches of an FTS5 expression."""
        with self.turn:
            rows = self.database.execute(_FIND, [expression]).fetchall()
        return [
            Result(self.documents[row], _pieces(title), _pieces(excerpt))
            for row, title, excerpt in rows
        ]

    def forms_of(self, word: str) -> list[str]:
        """The words of the documents that differ from this one by their endings only."""
        return self.forms.get(search_words.stems([word], self.site.language)[0], [])

    def has(self, word: str) -> bool:
        """Whether some document has the word in any of its forms."""
        if word in self.vocabulary or self.forms_of(word):
            return True
        with self.turn:
            rows = self.database.execute(
                "SELECT 1 FROM documents WHERE documents MATCH ? LIMIT 1", [_quoted(word)]
            ).fetchall()
        return bool(rows)

    def begins(self, word: str) -> bool:
        """Whether some word of the documents begins like this."""
        return len(word) > 2 and any(other.startswith(word) for other in self.vocabulary)


def build_index(site: Site) -> Index:
    """The index of every document of the site; some tens of milliseconds."""
    documents = tuple(documents_of(site))
    database = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    database.execute(_TABLE)
    database.executemany(
        "INSERT INTO documents (rowid, title, place, text, more, worth) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (row, each.title, each.place, each.text, each.more, _WORTH[each.kind])
            for row, each in enumerate(documents)
        ],
    )
    database.execute("PRAGMA query_only = ON")
    words = Counter(
        word
        for document in documents
        for text in (document.title, document.text, document.more)
        for word in plain_words(text)
    )
    spellings = words + Counter(search_words.known_words(site.language))
    forms: dict[str, list[str]] = {}
    if site.language in search_words.STEMMERS:
        for stem, word in zip(search_words.stems(words, site.language), words, strict=True):
            forms.setdefault(stem, []).append(word)
    return Index(site, documents, words, spellings, forms, database)


class _Memory:
    """The indexes of the release that was searched last, by language."""

    def __init__(self) -> None:
        self.indexes: dict[str, Index] = {}
        self.building = threading.Lock()


_memory = _Memory()


def index_of(site: Site) -> Index:
    """The index of this very site: a new release is another site, and gets another index."""
    index = _memory.indexes.get(site.language)
    if index is None or index.site is not site:
        with _memory.building:
            index = _memory.indexes.get(site.language)
            if index is None or index.site is not site:
                index = _memory.indexes[site.language] = build_index(site)
    return index


def search(site: Site, typed: str) -> Answer:
    """What ``site`` says about what somebody typed. Never raises, never logs the words."""
    is_cut = len(typed) > LONGEST
    typed = " ".join(typed[:LONGEST].split())
    words = plain_words(typed)[:MOST_WORDS]
    if not words:
        return Answer(typed, is_cut=is_cut)
    try:
        return replace(_answer(index_of(site), words), typed=typed, is_cut=is_cut)
    except sqlite3.Error as error:
        # Built without FTS5, or out of memory. The words stay out of the log.
        logger.error("Searching is not possible: %s", type(error).__name__)
        return Answer(typed, is_crisis=search_words.is_crisis(words), is_cut=is_cut)


def _answer(index: Index, words: list[str]) -> Answer:
    read = _corrected(index, words)
    is_crisis = search_words.is_crisis(words) or search_words.is_crisis(read)
    rest = search_words.without_danger(read) if is_crisis else read
    results, is_partial = _results(index, rest)
    if is_crisis or (results and results[0].document.is_crisis):
        is_crisis = True
        results = _help_first(index, [] if is_partial else results)
    return Answer(
        corrected=" ".join(read) if read != words else "",
        results=tuple(results[:MOST_RESULTS]),
        is_crisis=is_crisis,
        is_partial=is_partial and not is_crisis,
    )


def _corrected(index: Index, words: list[str]) -> list[str]:
    """The words with typing errors put right."""
    known = search_words.known_words(index.site.language)
    return [
        word
        if word in known or index.has(word) or index.begins(word)
        else search_words.nearest(word, index.spellings)
        for word in words
    ]


def _results(index: Index, words: list[str]) -> tuple[list[Result], bool]:
    """Documents with every word, or something that means it; then documents with some."""
    groups, are_own_words = _groups(index, words)
    if not groups:
        return [], False
    every = " AND ".join(groups)
    if are_own_words and len(words) > 1:
        # In the site's own words: a question may stand there exactly as it was asked.
        every = f"({every}) OR {_quoted(' '.join(words))}"
    found = index.find(every)
    is_partial = not found
    if len(found) < ENOUGH and len(groups) > 1:
        already = {result.document for result in found}
        found += [
            result for result in index.find(" OR ".join(groups)) if result.document not in already
        ]
    return found, is_partial and bool(found)


def _groups(index: Index, words: list[str]) -> tuple[list[str], bool]:
    """FTS5 expressions, one for each thing that was named, the longest everyday phrase first; and
    whether no everyday words were among them."""
    language = index.site.language
    everyday, small = search_words.everyday(language), search_words.small_words(language)
    groups: list[str] = []
    are_own_words = True
    at = 0
    while at < len(words):
        for length in range(min(search_words.LONGEST_PHRASE, len(words) - at), 0, -1):
            phrase = tuple(words[at : at + length])
            if phrase in everyday:
                groups.append(_any_of([" ".join(phrase), *everyday[phrase]]))
                are_own_words = False
                break
        else:
            length = 1
            if words[at] not in small and len(words[at]) > 1:
                groups.append(_one(index, words[at]))
        at += length
    return list(dict.fromkeys(groups)), are_own_words


def _one(index: Index, word: str) -> str:
    if forms := index.forms_of(word):
        return _any_of(list(dict.fromkeys([word, *forms])))
    return _quoted(word) if index.has(word) else f"{_quoted(word)} *"


def _any_of(phrases: list[str]) -> str:
    return f"({' OR '.join(_quoted(phrase) for phrase in phrases)})"


def _quoted(phrase: str) -> str:
    """Taken by FTS5 as words, whatever they are; ``plain_words`` leaves no quotation mark."""
    return f'"{phrase}"'


def _help_first(index: Index, results: list[Result]) -> list[Result]:
    """The page for people in a crisis before everything else, and what stands on it next."""
    documents = index.documents
    paths = tuple(document.address for document in documents if document.is_crisis)
    others = [result for result in results if not result.document.is_crisis] or [
        _shown(document)
        for document in documents
        if document.address.startswith(paths) and not document.is_crisis
    ]
    others.sort(key=lambda result: not result.document.address.startswith(paths))
    return [_shown(document) for document in documents if document.is_crisis] + others


def _shown(document: Document) -> Result:
    """A result as it is, with its first words and nothing marked."""
    return Result(document, (Piece(document.title, False),), (Piece(_opening(document), False),))


def _opening(document: Document) -> str:
    words = document.text.split()
    return " ".join(words[:EXCERPT]) + (" …" if len(words) > EXCERPT else "")


def _pieces(marked: str) -> tuple[Piece, ...]:
    """Text with marks, cut at the marks: every second piece is a hit."""
    pieces = (Piece(text, at % 2 == 1) for at, text in enumerate(_MARKS.split(marked)))
    return tuple(piece for piece in pieces if piece.text)
