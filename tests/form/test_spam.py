"""What looks like spam is held for a person, never dropped, and the sender sees no difference."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from intake.models import Submission
from tests.form.sending import URL, fields, make_token, receipt_of, send

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"website": "https://example.org"}, "trap"),
        ({"website": "\0"}, "trap"),
        ({"comment": "https://a.example and http://b.example"}, "links"),
        ({"comment": "<a href=x>y</a> [url=x]"}, "links"),
        ({"name": "Buy at www.example.org"}, "links"),
        ({"comment": "I read about it at https://example.org"}, ""),
        ({}, ""),
    ],
)
def test_the_reason_is_kept_and_the_sender_sees_the_ordinary_confirmation(
    client: Client, changes: dict[str, str], reason: str
) -> None:
    response = send(client, **changes)

    assert receipt_of(response).reference
    assert Submission.objects.get().suspicion == reason
    assert b"We have your request" in client.get(response["Location"]).content


@pytest.mark.parametrize(
    ("seconds", "reason"), [(0, "too-fast"), (2, "too-fast"), (4, ""), (-60, "")]
)
def test_a_form_sent_within_three_seconds_of_being_shown_is_suspect(
    client: Client, seconds: int, reason: str
) -> None:
    send(client, token=make_token(age=timedelta(seconds=seconds)))

    assert Submission.objects.get().suspicion == reason


def test_the_same_words_in_a_fourth_form_are_suspect(client: Client) -> None:
    for _ in range(4):
        send(client, token=make_token())

    assert [s.suspicion for s in Submission.objects.order_by("pk")] == ["", "", "", "repeated"]


def test_one_form_sent_often_is_not_a_repetition(client: Client) -> None:
    same = fields()
    for _ in range(6):
        client.post(URL, same)

    assert Submission.objects.get().suspicion == ""


def test_the_trap_is_out_of_sight_reach_and_speech(client: Client) -> None:
    page = client.get(URL).content.decode()
    around = page[: page.index('name="website"')].rpartition("visually-hidden")[2]
    tag = next(tag for tag in page.split("<input") if 'name="website"' in tag)

    assert 'aria-hidden="true"' in around
    assert 'tabindex="-1"' in tag
    assert 'autocomplete="off"' in tag
