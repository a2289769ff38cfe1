"""A figure is a record: who says so, of whom, when, compared with what, with which limits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pages.nodes import OutcomeFigure, Section, whole_people
from pages.preflight.registry import Finding, error, plain, texts_of, warning
from pages.site import Site

_IN_WORDS = re.compile(r"(\d+)(?: to (\d+))? in 100\b")
_PERCENT = re.compile(r"\d(?:\.\d+)?\s?%|\b\d+ in 100?\b")


@error("pages.E001", hint="Choose the study it comes from and write the small print.")
def figure_without_source(site: Site) -> Iterator[Finding]:
    for figure in site.all(OutcomeFigure):
        if not figure.provenance or (not figure.is_clinic_reported and figure.study is None):
            yield figure.key, "This figure does not say where it comes from."


@error("pages.E002", hint="Give the counts, or say why there are none.")
def figure_without_denominator(site: Site) -> Iterator[Finding]:
    for figure in site.all(OutcomeFigure):
        if figure.denominator is None and not figure.no_denominator_reason:
            yield figure.key, "This figure does not say out of how many people."


@error("pages.E003", hint="Name the other arm, or write “nothing” or “no comparison group”.")
def figure_without_comparator(site: Site) -> Iterator[Finding]:
    for figure in site.all(OutcomeFigure):
        if not figure.comparator:
            yield figure.key, "This figure does not say what it was compared with."


@error("pages.E004", hint="Say that nobody checked it independently and how it was counted.")
def clinic_figure_without_caveat(site: Site) -> Iterator[Finding]:
    for figure in site.all(OutcomeFigure):
        if figure.is_clinic_reported and not figure.caveat:
            yield figure.key, "A clinic-reported figure is never shown without a caveat."


@error("pages.E005", hint="Fill in every one of them; “not yet published” is an answer.")
def figure_without_circumstances(site: Site) -> Iterator[Finding]:
    needed = {
        "origin_note": "the kind of source",
        "measure": "how it was measured",
        "time_point": "when",
        "population": "of whom",
        "condition": "for which condition",
    }
    for figure in site.all(OutcomeFigure):
        missing = [words for name, words in needed.items() if not getattr(figure, name)]
        if missing:
            yield figure.key, f"This figure does not say {', '.join(missing)}."


@error("pages.E006", hint="Choose at least one published figure under “context”.")
def clinic_figure_without_context(site: Site) -> Iterator[Finding]:
    for figure in site.all(OutcomeFigure):
        beside = [other for other in figure.context if not other.is_clinic_reported]
        if figure.is_clinic_reported and not beside:
            yield figure.key, "A clinic-reported figure stands beside a published one, always."


@error("pages.E007", hint="The parts of one picture add up to one hundred people or fewer.")
def picture_with_too_many_people(site: Site) -> Iterator[Finding]:
    for figure in site.all(OutcomeFigure):
        for arm in figure.arms:
            people = sum(segment.people for segment in arm.segments)
            if people > 100:
                yield figure.key, f"The picture “{arm.label}” has {people} people in one hundred."


@warning("pages.W001", hint="Make the words and the record say the same.")
def headline_and_record_differ(site: Site) -> Iterator[Finding]:
    for figure in site.all(OutcomeFigure):
        said = {int(n) for pair in _IN_WORDS.findall(figure.headline) for n in pair if n}
        percents = (figure.low, figure.high, figure.comparator_percent)
        recorded = {whole_people(percent) for percent in percents if percent is not None}
        recorded |= {segment.people for arm in figure.arms for segment in arm.segments}
        recorded |= {100 - segment.people for arm in figure.arms for segment in arm.segments[-1:]}
        if said - recorded and (recorded or figure.parts):
            numbers = ", ".join(str(number) for number in sorted(said - recorded))
            yield figure.key, f"The headline says {numbers} in 100, the record does not."


@warning("pages.W002", hint="Choose the study under “cites”, or use an outcome figure instead.")
def number_without_source(site: Site) -> Iterator[Finding]:
    for section in site.all(Section):
        if section.cites or section.provenance:
            continue
        if any(_PERCENT.search(plain(text)) for _, text in texts_of(section)):
            yield section.key, "This text gives a share of people and cites no study."
