"""A figure is a record: who says so, of whom, when, compared with what, with which limits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.nodes import OutcomeFigure, Section, whole_people
from pages.preflight.registry import Values, each, hint, texts_of
from pages.rich import plain

_IN_WORDS = re.compile(r"(\d+)(?: to (\d+))? in 100\b")
_PERCENT = re.compile(r"\d(?:\.\d+)?\s?%|\b\d+ in 100?\b")


@each(OutcomeFigure, "pages.E001", _("This figure does not say where it comes from."))
@hint(_("Choose the study it comes from and write the small print."))
def figure_without_source(figure: OutcomeFigure) -> bool:
    return not figure.provenance or (not figure.is_clinic_reported and figure.study is None)


@each(OutcomeFigure, "pages.E002", _("This figure does not say out of how many people."))
@hint(_("Give the counts, or say why there are none."))
def figure_without_denominator(figure: OutcomeFigure) -> bool:
    return figure.denominator is None and not figure.no_denominator_reason


@each(OutcomeFigure, "pages.E003", _("This figure does not say what it was compared with."))
@hint(_("Name the other arm, or write “nothing” or “no comparison group”."))
def figure_without_comparator(figure: OutcomeFigure) -> bool:
    return not figure.comparator


@each(OutcomeFigure, "pages.E004", _("A clinic-reported figure is never shown without a caveat."))
@hint(_("Say that nobody checked it independently and how it was counted."))
def clinic_figure_without_caveat(figure: OutcomeFigure) -> bool:
    return figure.is_clinic_reported and not figure.caveat


@each(OutcomeFigure, "pages.E005", _("This figure does not say %(what)s."))
@hint(_("Fill in every one of them; “not yet published” will do."))
def figure_without_circumstances(figure: OutcomeFigure) -> Iterator[Values]:
    needed = {
        gettext("the kind of source"): figure.origin_note,
        gettext("how it was measured"): figure.measure,
        gettext("when"): figure.time_point,
        gettext("of whom"): figure.population,
        gettext("for which condition"): figure.condition,
    }
    if missing := [words for words, given in needed.items() if not given]:
        yield {"what": ", ".join(missing)}


@each(
    OutcomeFigure,
    "pages.E006",
    _("A clinic-reported figure stands beside a published one, always."),
)
@hint(_("Choose at least one published figure under “context”."))
def clinic_figure_without_context(figure: OutcomeFigure) -> bool:
    beside = [other for other in figure.context if not other.is_clinic_reported]
    return figure.is_clinic_reported and not beside


@each(
    OutcomeFigure, "pages.E007", _("The picture “%(label)s” has %(people)s people in one hundred.")
)
@hint(_("The parts of one picture add up to one hundred people or fewer."))
def picture_with_too_many_people(figure: OutcomeFigure) -> Iterator[Values]:
    for arm in figure.arms:
        people = sum(segment.people for segment in arm.segments)
        if people > 100:
            yield {"label": arm.label, "people": people}


@each(OutcomeFigure, "pages.W001", _("The headline says %(numbers)s in 100, the record does not."))
@hint(_("Make the words and the record say the same."))
def headline_and_record_differ(figure: OutcomeFigure) -> Iterator[Values]:
    said = {int(n) for pair in _IN_WORDS.findall(figure.headline) for n in pair if n}
    percents = (figure.low, figure.high, figure.comparator_percent)
    recorded = {whole_people(percent) for percent in percents if percent is not None}
    recorded |= {segment.people for arm in figure.arms for segment in arm.segments}
    recorded |= {100 - segment.people for arm in figure.arms for segment in arm.segments[-1:]}
    unrecorded = sorted(said - recorded)
    if unrecorded and (recorded or figure.parts):
        yield {"numbers": ", ".join(map(str, unrecorded))}


@each(Section, "pages.W002", _("This text gives a share of people and cites no study."))
@hint(_("Choose the study under “cites”, or use an outcome figure instead."))
def number_without_source(section: Section) -> bool:
    gives_share = any(_PERCENT.search(plain(text)) for text in texts_of(section).values())
    return gives_share and not (section.cites or section.provenance)
