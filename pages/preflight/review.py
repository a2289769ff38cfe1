"""Who checked a medical statement, and when it has to be checked again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.utils import timezone

from pages.nodes import OutcomeFigure, Reviewed, Study
from pages.preflight.registry import Finding, warning
from pages.site import Site

SOON = dt.timedelta(days=30)


@warning("pages.W004", hint="Ask a clinician to check it and enter the new dates.")
def review_overdue(site: Site) -> Iterator[Finding]:
    today = timezone.localdate()
    for row in site.all(Reviewed):
        if row.review_due_on and row.review_due_on < today:
            yield row.key, f"Its review was due on {row.review_due_on:%B %-d, %Y}."


@warning("pages.W005", hint="Ask a clinician to check it before that day.")
def review_due_soon(site: Site) -> Iterator[Finding]:
    today = timezone.localdate()
    for row in site.all(Reviewed):
        if row.review_due_on and today <= row.review_due_on <= today + SOON:
            yield row.key, f"Its review is due on {row.review_due_on:%B %-d, %Y}."


@warning("pages.W006", hint="Enter the clinician who checked it and the day, once somebody has.")
def figure_never_reviewed(site: Site) -> Iterator[Finding]:
    for figure in site.all(OutcomeFigure):
        if figure.reviewed_on is None:
            yield figure.key, "No clinician has reviewed this figure yet."


@warning("pages.W007", hint="Open the source itself, then set “citation checked”.")
def citation_not_checked(site: Site) -> Iterator[Finding]:
    for study in site.all(Study):
        if study.cite_verified == "partly":
            yield study.key, "Parts of this citation are from memory."


@warning("pages.W008", hint="Add a DOI, a PubMed number or an address.")
def study_cannot_be_looked_up(site: Site) -> Iterator[Finding]:
    for study in site.all(Study):
        if not (study.doi or study.pmid or study.pmcid or study.url):
            yield study.key, "A reader has no way to look this study up."
