"""Words that promise, numbers that endanger, sentences too long to read at 2 a.m."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.languages import ENGLISH, SPANISH
from pages.nodes import Node, Notice, Question, Section, Study, TreatmentStep
from pages.preflight.registry import each, texts_of
from pages.rich import plain

# An old leaflet printed the Lifeline's number with two digits swapped.
_WRONG_HOTLINE = re.compile(r"237\W{0,3}8255|237\W{0,3}TALK", re.IGNORECASE)

_PROMISE = re.compile(
    r"\b(?:cur(?:e|es|ed|ing|ative)|guarantee[sd]?|guaranteeing|eliminat\w+|miracle\w*|miraculous\w*"
    r"|breakthroughs?(?! (?:pain|headache|medicine|medication))|(?-i:heal(?:s|ed|ing)?)"
    r"|immediate relief|instant relief|repairs? (?:the |any )?damage|risk[- ]free|side[- ]effect[- ]free"
    r"|non-?addictive|not addictive|HIPAA[- ]compliant|FDA[- ]approved treatment|(?:is|are) safe|safely"
    r"|safe(?:,| and| treatment| way| option| drug| medicine| alternative))(?!\w)",
    re.IGNORECASE,
)
_SPANISH_PROMISE = re.compile(
    r"\b(?:cura(?:s|n|r|rá|rán|do|da|dos|das|ción|tiv\w+)?|garant\w+|elimin\w+|milagr\w+"
    r"|revolucionari\w+|san(?:ar|ará|arán|a|an|ación)|(?:alivio|efecto) (?:inmediato|instantáneo)"
    r"|repara\w* (?:el |los |cualquier )?daños?|(?:sin|libres? de) (?:riesgos?|efectos secundarios)"
    r"|cumple con (?:la )?HIPAA|tratamiento aprobado por la FDA|no (?:es |son )?adictiv\w+"
    r"|(?:es|son|totalmente|completamente|muy) segur[oa]s?|de (?:forma|manera) segura"
    r"|(?:tratamiento|opción|fármaco|medicamento|alternativa|ketamina|infusión) segur[oa]"
    r"|segur[oa]s? y (?:eficaz|efectiv|rápid)\w*)(?!\w)",
    re.IGNORECASE,
)
_PROMISES = {ENGLISH: _PROMISE, SPANISH: _SPANISH_PROMISE}
_DENIAL = re.compile(
    r"(?:\b(?:not|no|never|cannot|nor|neither|without|nobody|nothing|none"
    r"|nunca|nadie|nada|ni|ningún|ninguna|tampoco|sin)\b|n['\u2019]t\b)"
    r"(?:\W+\w[\w'\u2019-]*){0,5}\W*$",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")
_WORD = re.compile(r"[A-Za-z][A-Za-z'\u2019-]*")
_VOWELS = re.compile(r"[aeiouy]+")

GRADE_WANTED = 9.0
WORDS_NEEDED = 60  # below this a grade says more about one word than about the text


def promises_in(text: str, language: str = ENGLISH) -> list[str]:
    """The promising words of a text, except where its own sentence denies or asks them."""
    return [
        match.group()
        for sentence in _SENTENCE.findall(plain(text))
        if not sentence.endswith("?")
        for match in _PROMISES.get(language, _PROMISE).finditer(sentence)
        if not _DENIAL.search(sentence[: match.start()])
    ]


def reading_grade(text: str) -> float:
    """The Flesch-Kincaid grade (Kincaid and others 1975): US school years needed to follow it."""
    words = _WORD.findall(text)
    sentences = [part for part in re.split(r"[.!?:;]\s|\n", text) if _WORD.search(part)]
    if not words:
        return 0.0
    syllables = sum(_syllables(word) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def _syllables(word: str) -> int:
    word = word.lower()
    silent = word.endswith("e") and not word.endswith("le")
    return max(1, len(_VOWELS.findall(word)) - silent)


@each(Node, "pages.E008", hint=_("Say what was seen, in how many people. “Not a cure” is fine."))
def promising_words(row: Node) -> Iterator[str]:
    # Of a study what we say it found is ours to choose, not its title.
    ours = [text for name, text in texts_of(row) if not isinstance(row, Study) or name == "finding"]
    for text in ours:
        for words in promises_in(text, row.language):
            yield gettext("“%(words)s” promises more than anyone can.") % {"words": words}


@each(Node, "pages.E009", hint=_("The crisis line is 988; its old number is 1-800-273-8255."))
def wrong_hotline(row: Node) -> Iterator[str]:
    for text in (row.slug, *(text for _name, text in texts_of(row))):
        if _WRONG_HOTLINE.search(text) or _WRONG_HOTLINE.search(plain(text)):
            yield gettext("This is not the crisis line's number: two digits are swapped.")


@each(
    Node,
    "pages.W003",
    hint=_("Shorter sentences and shorter words. Grade 9 or below is the aim."),
)
def hard_to_read(row: Node) -> Iterator[str]:
    if not isinstance(row, (Section, Question, Notice, TreatmentStep)):
        return
    text = plain(" \n".join(text for name, text in texts_of(row) if name in {"body", "answer"}))
    is_long = len(_WORD.findall(text)) >= WORDS_NEEDED
    # The formula is made for English.
    if row.language == ENGLISH and is_long and reading_grade(text) > GRADE_WANTED:
        yield gettext("This text reads at school grade %(grade)s.") % {
            "grade": f"{reading_grade(text):.0f}"
        }
