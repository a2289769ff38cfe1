"""Two requests of one person on the sheet: proposed with reasons, merged, taken apart."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from intake import queue
from intake.models import AuditEvent, CallbackRequest
from intake.references import show_reference
from tests.desk.conftest import MONDAY, words
from tests.intake.making import make_request, reload


@pytest.fixture
def pair(clinic: object) -> tuple[CallbackRequest, CallbackRequest]:
    """The older and the newer of one number."""
    older = make_request(received_at=MONDAY - timedelta(hours=2), name="Wilhelmina")
    return older, make_request(received_at=MONDAY, name="Mina", comment="it is urgent")


def fields(page: str, action: str) -> dict[str, str]:
    form = page[page.index(f'action="{action}"') :]
    form = form[: form.index("</form>")]
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))


def test_a_merge_is_proposed_with_its_reason_and_its_direction(
    desk: Client, pair: tuple[CallbackRequest, CallbackRequest]
) -> None:
    older, newer = pair
    desk.post(f"/desk/{older.pk}/claim/")

    for one in pair:
        text = words(desk.get(f"/desk/{one.pk}/").text)
        assert "same phone number" in text
        merging = f"Merge {show_reference(newer.reference)} into {show_reference(older.reference)}"
        assert (merging in text) == (one == older)


def test_the_button_merges_and_the_sheet_of_the_older_shows_both(
    desk: Client, pair: tuple[CallbackRequest, CallbackRequest]
) -> None:
    older, newer = pair
    desk.post(f"/desk/{older.pk}/claim/")
    page = desk.get(f"/desk/{older.pk}/").text

    response = desk.post(
        f"/desk/{older.pk}/merge/", fields(page, f"/desk/{older.pk}/merge/"), follow=True
    )

    assert response.redirect_chain[-1][0] == f"/desk/{older.pk}/"
    text = words(response.text)
    assert "Also asked as" in text
    assert f"Asked too, as {show_reference(newer.reference)}" in text
    assert "urgent" not in text
    uncovered = words(desk.post(f"/desk/{older.pk}/reveal/", follow=True).text)
    assert "Wilhelmina" in uncovered
    assert "Name Mina" in uncovered
    assert "it is urgent" in uncovered
    opened = AuditEvent.objects.filter(action="opened", actor__username="dana")
    assert set(opened.values_list("reference", flat=True)) == {older.reference, newer.reference}


def test_calls_and_notes_of_the_merged_one_stand_in_the_history(
    desk: Client, dana: User, pair: tuple[CallbackRequest, CallbackRequest]
) -> None:
    older, newer = pair
    queue.record_attempt(
        request_id=newer.pk, user=dana, outcome="no_answer", note="rang out", now=MONDAY
    )
    queue.merge(request_id=newer.pk, into_id=older.pk, user=dana)
    desk.post(f"/desk/{older.pk}/claim/")

    text = words(desk.post(f"/desk/{older.pk}/reveal/", follow=True).text)

    assert f"No answer, by you ({show_reference(newer.reference)})" in text
    assert "rang out" in text


def test_the_merged_one_says_where_it_went_and_can_be_taken_apart(
    office: Client, sue: User, pair: tuple[CallbackRequest, CallbackRequest]
) -> None:
    older, newer = pair
    queue.merge(request_id=newer.pk, into_id=older.pk, user=sue)
    page = office.get(f"/desk/{newer.pk}/").text
    assert f"This is part of {show_reference(older.reference)}" in words(page)

    response = office.post(
        f"/desk/{newer.pk}/unmerge/", fields(page, f"/desk/{newer.pk}/unmerge/"), follow=True
    )

    assert "stands for itself again." in response.text
    assert reload(newer).state == "new"


def test_a_coordinator_who_holds_neither_merges_nothing(
    desk: Client, pair: tuple[CallbackRequest, CallbackRequest]
) -> None:
    older, newer = pair

    response = desk.post(f"/desk/{older.pk}/merge/", {"other": newer.pk})

    assert response.status_code == 409
    assert f"Take {show_reference(older.reference)}" in response.text
    assert reload(newer).state == "new"
    queue.merge(request_id=newer.pk, into_id=older.pk, user=User.objects.get(username="dana"))
    assert desk.post(f"/desk/{newer.pk}/unmerge/").status_code == 409
    assert reload(newer).state == "merged"


@pytest.mark.parametrize("other", ["", "x", "0", "99999999999999999999", "٣"])
def test_another_that_is_not_there_is_said(
    office: Client, pair: tuple[CallbackRequest, CallbackRequest], other: str
) -> None:
    response = office.post(f"/desk/{pair[0].pk}/merge/", {"other": other})

    assert response.status_code == 409
    assert "The other request is not here any more." in response.text


def test_a_stale_page_merges_nothing(
    office: Client, iris: User, pair: tuple[CallbackRequest, CallbackRequest]
) -> None:
    older, newer = pair
    page = office.get(f"/desk/{older.pk}/").text
    queue.record_attempt(request_id=newer.pk, user=iris, outcome="no_answer", now=MONDAY)

    response = office.post(f"/desk/{older.pk}/merge/", fields(page, f"/desk/{older.pk}/merge/"))

    assert response.status_code == 409
    assert "iris recorded a call" in response.text
    assert reload(newer).state == "awaiting_retry"


def test_the_sheet_asks_the_same_number_of_questions_however_much_was_merged(
    office: Client, sue: User, pair: tuple[CallbackRequest, CallbackRequest]
) -> None:
    older, newer = pair
    queue.merge(request_id=newer.pk, into_id=older.pk, user=sue)
    office.get(f"/desk/{older.pk}/")
    with CaptureQueriesContext(connection) as few:
        office.get(f"/desk/{older.pk}/")
    for _ in range(5):
        more = make_request(received_at=MONDAY)
        queue.record_attempt(request_id=more.pk, user=sue, outcome="no_answer", now=MONDAY)
        queue.merge(request_id=more.pk, into_id=older.pk, user=sue)

    with CaptureQueriesContext(connection) as many:
        office.get(f"/desk/{older.pk}/")

    assert len(many) == len(few)
