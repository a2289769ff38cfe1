"""What the calendar takes from readers by itself: overdue figures, notices that have ended."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pages import live
from pages.days import as_shown_on, today
from pages.models import Notice, OutcomeFigure, Page
from pages.publishing import publish_all
from pages.releases import live_content
from tests.pages.factories import make_figure, make_part, make_section, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site_rows")]

# Midnight in Denver between June 10 and June 11, 2026.
MIDNIGHT = dt.datetime(2026, 6, 11, 6, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _published(site_rows: None) -> None:
    with time_machine.travel(MIDNIGHT - dt.timedelta(days=30)):
        page = Page.objects.get(slug="home")
        page.is_treatment = True
        page.save()
        make_section(page, slug="rates", kind="figures", lists="mood")
        figure = make_figure(make_study(), review_due_on="2026-06-10", body="<p>Nearly half.</p>")
        make_part(figure)
        make_section(page, slug="news", kind="notices", lists="legal", heading="News", body="")
        Notice.objects.create(
            slug="closed", kind="legal", heading="Closed", body="<p>Closed in May.</p>"
        )
        Notice.objects.filter(slug="closed").update(hidden_from="2026-06-11")
        publish_all(by=None)


def home(client: Client, at: dt.datetime) -> str:
    with time_machine.travel(at, tick=False):
        return client.get("/").content.decode()


def test_a_figure_is_shown_on_the_day_its_review_is_due_and_withheld_from_midnight(
    client: Client,
) -> None:
    before, after = home(client, MIDNIGHT - SECOND), home(client, MIDNIGHT)

    assert "47 in 100" in before.replace("<span>", "").replace("</span>", "")
    assert "Nearly half." in before
    assert "This figure is under review" in after
    for secret in ("47", "Nearly half", "responded", "Midazolam", "Jelovac"):
        assert secret not in after


def test_a_notice_is_gone_from_midnight_and_so_is_a_section_that_listed_it_alone(
    client: Client,
) -> None:
    before, after = home(client, MIDNIGHT - SECOND), home(client, MIDNIGHT)

    assert "Closed in May." in before
    assert "Closed in May." not in after
    assert 'id="news"' not in after


def test_the_day_is_the_clinics_also_where_a_reader_has_another(client: Client) -> None:
    from django.utils import timezone

    with time_machine.travel(MIDNIGHT - SECOND), timezone.override("Pacific/Auckland"):
        assert today() == dt.date(2026, 6, 10)


def test_a_new_day_asks_the_database_for_the_content_once(client: Client) -> None:
    home(client, MIDNIGHT - SECOND)
    home(client, MIDNIGHT)

    with CaptureQueriesContext(connection) as queries:
        home(client, MIDNIGHT + SECOND)

    assert len(queries) == 1


def test_the_day_changes_also_while_the_database_is_away(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    home(client, MIDNIGHT - SECOND)

    def away() -> None:
        raise live.DatabaseAway("away")

    monkeypatch.setattr(live, "_ask", away)

    assert "This figure is under review" in home(client, MIDNIGHT)


def test_the_days_on_which_the_clocks_change_begin_at_the_clinics_midnight(client: Client) -> None:
    for midnight in (  # 2026-03-08 is 23 hours long in Denver, 2026-11-01 is 25
        dt.datetime(2026, 3, 9, 6, 0, tzinfo=dt.UTC),
        dt.datetime(2026, 11, 2, 7, 0, tzinfo=dt.UTC),
    ):
        with time_machine.travel(midnight - SECOND):
            last = today()
        with time_machine.travel(midnight):
            assert today() == last + dt.timedelta(days=1)


def test_a_clinic_reported_figure_does_not_stand_without_its_published_one() -> None:
    figure = OutcomeFigure.objects.get()
    own = make_figure(
        slug="ours", origin="clinic_reported", caveat="Not checked.", no_denominator_reason="No."
    )
    own.context.add(figure)
    publish_all(by=None)

    _, withheld = as_shown_on(dt.date(2026, 6, 11), live_content())

    assert withheld == {"outcomefigure:trial-response", "outcomefigure:ours"}


def test_a_second_published_figure_keeps_it_standing() -> None:
    own = make_figure(slug="ours", origin="clinic_reported", caveat="Not checked.")
    own.context.set([OutcomeFigure.objects.get(slug="trial-response"), _another()])
    publish_all(by=None)

    _, withheld = as_shown_on(dt.date(2026, 6, 11), live_content())

    assert withheld == {"outcomefigure:trial-response"}


def _another() -> OutcomeFigure:
    study = OutcomeFigure.objects.get(slug="trial-response").study
    return make_figure(study, slug="other-response")


def test_searching_does_not_find_what_is_withheld(client: Client) -> None:
    with time_machine.travel(MIDNIGHT, tick=False):
        assert "Nearly half" not in client.get("/search/", {"q": "nearly half"}).content.decode()


@pytest.mark.parametrize("kind", ["off_label", "safety", "not_emergency", "clinic_figure"])
def test_the_database_keeps_safety_notices_from_ending(kind: str) -> None:
    changes: dict[str, Any] = {"kind": kind, "hidden_from": "2026-06-11"}

    with (
        pytest.raises(IntegrityError, match="notice_safety_does_not_end"),
        transaction.atomic(),
    ):
        Notice.objects.create(slug="x", heading="X", **changes)


def test_the_release_itself_stays_as_it_was_published() -> None:
    with time_machine.travel(MIDNIGHT):
        content = live_content()

    assert content["outcomefigure:trial-response"]["headline"].startswith("47 in 100")
    assert settings.TIME_ZONE == "America/Denver"
