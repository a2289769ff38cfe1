"""Who checked what the site says, in each language, and what somebody has to look at again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from pages.languages import OWN_NAMES
from pages.nodes import OutcomeFigure, Reviewed, Study
from pages.preflight.registry import Finding, each, overall
from pages.site import Site
from pages.translations import State

SOON = dt.timedelta(days=30)


def _day(day: dt.date) -> str:
    return date_format(day, gettext("F j, Y"))


@overall("pages.W004", hint=_("Ask a clinician to check it and enter the new dates."))
def review_overdue(site: Site) -> Iterator[Finding]:
    today = timezone.localdate()
    for row in site.all(Reviewed):
        if row.review_due_on and row.review_due_on < today:
            yield (
                row.key,
                gettext("Its review was due on %(day)s.") % {"day": _day(row.review_due_on)},
            )


@overall("pages.W005", hint=_("Ask a clinician to check it before that day."))
def review_due_soon(site: Site) -> Iterator[Finding]:
    today = timezone.localdate()
    for row in site.all(Reviewed):
        if row.review_due_on and today <= row.review_due_on <= today + SOON:
            yield (
                row.key,
                gettext("Its review is due on %(day)s.") % {"day": _day(row.review_due_on)},
            )


@each(
    OutcomeFigure,
    "pages.W006",
    hint=_("Enter the clinician who checked it and the day, once somebody has."),
)
def figure_never_reviewed(figure: OutcomeFigure) -> Iterator[str]:
    if figure.reviewed_on is None:
        yield gettext("No clinician has reviewed this figure yet.")


@each(Study, "pages.W007", hint=_("Open the source itself, then set “citation checked”."))
def citation_not_checked(study: Study) -> Iterator[str]:
    if study.cite_verified == "partly":
        yield gettext("Parts of this citation are from memory.")


@each(Study, "pages.W008", hint=_("Add a DOI, a PubMed number or an address."))
def study_cannot_be_looked_up(study: Study) -> Iterator[str]:
    if not (study.doi or study.pmid or study.pmcid or study.url):
        yield gettext("A reader has no way to look this study up.")


@overall("pages.W013", hint=_("Translate what is missing or new."))
def translation_not_shown(site: Site) -> Iterator[Finding]:
    for key, state in site.states.items():
        if state in {State.OUTDATED, State.PARTLY}:
            yield key, f"{OWN_NAMES[site.language]}: {state.words}."


@overall("pages.W014", hint=_("Ask one, then enter the name and the day with each translation."))
def awaiting_a_translator(site: Site) -> Iterator[Finding]:
    waiting = sum(state is State.AWAITING for state in site.states.values())
    if waiting:
        words = ngettext(
            "%(language)s: %(n)s text awaits a qualified translator's review.",
            "%(language)s: %(n)s texts await a qualified translator's review.",
            waiting,
        )
        yield "", words % {"language": OWN_NAMES[site.language], "n": waiting}
