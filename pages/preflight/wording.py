"""Words that promise, numbers that endanger, sentences too long to read at 2 a.m."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from pages.languages import ENGLISH, SPANISH
from pages.nodes import Node, Notice, Question, Section, Study, TreatmentStep
from pages.preflight.registry import Values, each, hint, texts_of
from pages.reading import english_words, reading_grade
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


@each(Node, "pages.E008", _("“%(words)s” promises more than anyone can."))
@hint(_("Say what was seen, in how many people. “Not a cure” is fine."))
def promising_words(row: Node) -> Iterator[Values]:
    # Of a study what we say it found is ours to choose, not its title.
    texts = [row.finding] if isinstance(row, Study) else texts_of(row).values()
    for text in texts:
        for words in promises_in(text, row.language):
            yield {"words": words}


@each(Node, "pages.E009", _("This is not the crisis line's number: two digits are swapped."))
@hint(_("The crisis line is 988; its old number is 1-800-273-8255."))
def wrong_hotline(row: Node) -> Iterator[Values]:
    for text in (row.slug, *texts_of(row).values()):
        if _WRONG_HOTLINE.search(text) or _WRONG_HOTLINE.search(plain(text)):
            yield {}


@each(Node, "pages.W003", _("This text reads at school grade %(grade)s."))
@hint(_("Shorter sentences and shorter words. Grade 9 or below is the aim."))
def hard_to_read(row: Node) -> Iterator[Values]:
    if not isinstance(row, (Section, Question, Notice, TreatmentStep)):
        return
    text = plain(row.answer if isinstance(row, Question) else row.body)
    is_long = len(english_words(text)) >= WORDS_NEEDED
    # The formula is made for English.
    if row.language == ENGLISH and is_long and reading_grade(text) > GRADE_WANTED:
        yield {"grade": f"{reading_grade(text):.0f}"}
