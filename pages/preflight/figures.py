"""A figure is a record: who says so, of whom, when, compared with what, with which limits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.nodes import OutcomeFigure, Section, whole_people
from pages.preflight.registry import each, texts_of
from pages.rich import plain

_IN_WORDS = re.compile(r"(\d+)(?: to (\d+))? in 100\b")
_PERCENT = re.compile(r"\d(?:\.\d+)?\s?%|\b\d+ in 100?\b")


@each(
    OutcomeFigure,
    "pages.E001",
    hint=_("Choose the study it comes from and write the small print."),
)
def figure_without_source(figure: OutcomeFigure) -> Iterator[str]:
    if not figure.provenance or (not figure.is_clinic_reported and figure.study is None):
        yield gettext("This figure does not say where it comes from.")


@each(OutcomeFigure, "pages.E002", hint=_("Give the counts, or say why there are none."))
def figure_without_denominator(figure: OutcomeFigure) -> Iterator[str]:
    if figure.denominator is None and not figure.no_denominator_reason:
        yield gettext("This figure does not say out of how many people.")


@each(
    OutcomeFigure,
    "pages.E003",
    hint=_("Name the other arm, or write “nothing” or “no comparison group”."),
)
def figure_without_comparator(figure: OutcomeFigure) -> Iterator[str]:
    if not figure.comparator:
        yield gettext("This figure does not say what it was compared with.")


@each(
    OutcomeFigure,
    "pages.E004",
    hint=_("Say that nobody checked it independently and how it was counted."),
)
def clinic_figure_without_caveat(figure: OutcomeFigure) -> Iterator[str]:
    if figure.is_clinic_reported and not figure.caveat:
        yield gettext("A clinic-reported figure is never shown without a caveat.")


@each(
    OutcomeFigure,
    "pages.E005",
    hint=_("Fill in every one of them; “not yet published” will do."),
)
def figure_without_circumstances(figure: OutcomeFigure) -> Iterator[str]:
    needed = {
        gettext("the kind of source"): figure.origin_note,
        gettext("how it was measured"): figure.measure,
        gettext("when"): figure.time_point,
        gettext("of whom"): figure.population,
        gettext("for which condition"): figure.condition,
    }
    if missing := [words for words, given in needed.items() if not given]:
        yield gettext("This figure does not say %(what)s.") % {"what": ", ".join(missing)}


@each(
    OutcomeFigure,
    "pages.E006",
    hint=_("Choose at least one published figure under “context”."),
)
def clinic_figure_without_context(figure: OutcomeFigure) -> Iterator[str]:
    beside = [other for other in figure.context if not other.is_clinic_reported]
    if figure.is_clinic_reported and not beside:
        yield gettext("A clinic-reported figure stands beside a published one, always.")


@each(
    OutcomeFigure,
    "pages.E007",
    hint=_("The parts of one picture add up to one hundred people or fewer."),
)
def picture_with_too_many_people(figure: OutcomeFigure) -> Iterator[str]:
    for arm in figure.arms:
        people = sum(segment.people for segment in arm.segments)
        if people > 100:
            yield gettext("The picture “%(label)s” has %(people)s people in one hundred.") % {
                "label": arm.label,
                "people": people,
            }


@each(OutcomeFigure, "pages.W001", hint=_("Make the words and the record say the same."))
def headline_and_record_differ(figure: OutcomeFigure) -> Iterator[str]:
    said = {int(n) for pair in _IN_WORDS.findall(figure.headline) for n in pair if n}
    percents = (figure.low, figure.high, figure.comparator_percent)
    recorded = {whole_people(percent) for percent in percents if percent is not None}
    recorded |= {segment.people for arm in figure.arms for segment in arm.segments}
    recorded |= {100 - segment.people for arm in figure.arms for segment in arm.segments[-1:]}
    if said - recorded and (recorded or figure.parts):
        numbers = ", ".join(str(number) for number in sorted(said - recorded))
        yield gettext("The headline says %(numbers)s in 100, the record does not.") % {
            "numbers": numbers
        }


@each(
    Section,
    "pages.W002",
    hint=_("Choose the study under “cites”, or use an outcome figure instead."),
)
def number_without_source(section: Section) -> Iterator[str]:
    has_source = section.cites or section.provenance
    if not has_source and any(_PERCENT.search(plain(text)) for _, text in texts_of(section)):
        yield gettext("This text gives a share of people and cites no study.")
