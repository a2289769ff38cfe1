"""Who checked what the site says, in each language, and what somebody has to look at again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from pages.languages import OWN_NAMES
from pages.nodes import OutcomeFigure, Reviewed, Study
from pages.preflight.registry import Finding, Values, each, hint, overall
from pages.site import Site
from pages.translations import State

SOON = dt.timedelta(days=30)


def _day(day: dt.date) -> str:
    return date_format(day, gettext("F j, Y"))


@each(Reviewed, "pages.W004", _("Its review was due on %(day)s."))
@hint(_("Ask a clinician to check it and enter the new dates."))
def review_overdue(row: Reviewed) -> Iterator[Values]:
    if row.review_due_on and row.review_due_on < timezone.localdate():
        yield {"day": _day(row.review_due_on)}


@each(Reviewed, "pages.W005", _("Its review is due on %(day)s."))
@hint(_("Ask a clinician to check it before that day."))
def review_due_soon(row: Reviewed) -> Iterator[Values]:
    today = timezone.localdate()
    if row.review_due_on and today <= row.review_due_on <= today + SOON:
        yield {"day": _day(row.review_due_on)}


@each(OutcomeFigure, "pages.W006", _("No clinician has reviewed this figure yet."))
@hint(_("Enter the clinician who checked it and the day, once somebody has."))
def figure_never_reviewed(figure: OutcomeFigure) -> bool:
    return figure.reviewed_on is None


@each(Study, "pages.W007", _("Parts of this citation are from memory."))
@hint(_("Open the source itself, then set “citation checked”."))
def citation_not_checked(study: Study) -> bool:
    return study.cite_verified == "partly"


@each(Study, "pages.W008", _("A reader has no way to look this study up."))
@hint(_("Add a DOI, a PubMed number or an address."))
def study_cannot_be_looked_up(study: Study) -> bool:
    return not (study.doi or study.pmid or study.pmcid or study.url)


@overall("pages.W013", "%(language)s: %(state)s.")
@hint(_("Translate what is missing or new."))
def translation_not_shown(site: Site) -> Iterator[Finding]:
    for key, state in site.states.items():
        if state in {State.OUTDATED, State.PARTLY}:
            yield key, {"language": OWN_NAMES[site.language], "state": state.words}


@overall(
    "pages.W014",
    ngettext_lazy(
        "%(language)s: %(n)s text awaits a qualified translator's review.",
        "%(language)s: %(n)s texts await a qualified translator's review.",
        "n",
    ),
)
@hint(_("Ask one, then enter the name and the day with each translation."))
def awaiting_a_translator(site: Site) -> Iterator[Finding]:
    if waiting := sum(state is State.AWAITING for state in site.states.values()):
        yield "", {"language": OWN_NAMES[site.language], "n": waiting}
