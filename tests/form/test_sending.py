"""A form in order: what is stored, and what the visitor sees."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from intake import references
from intake.models import Submission
from intake.wordings import WORDINGS
from tests.form.sending import (
    URL,
    fields,
    key_of,
    make_token,
    press_again,
    receipt_of,
    send,
    stored,
    stored_one,
)

pytestmark = pytest.mark.django_db


def test_the_empty_form_is_shown_without_any_cookie(client: Client) -> None:
    response = client.get(URL)

    assert response.status_code == 200
    assert not response.cookies
    assert "Set-Cookie" not in response.headers


def test_no_cookie_is_set_by_sending_or_by_the_confirmation(client: Client) -> None:
    response = client.post(URL, fields(), follow=True)

    assert response.status_code == 200
    assert not client.cookies


def test_a_shared_cache_may_not_keep_the_form_but_the_browser_may(client: Client) -> None:
    directives = client.get(URL)["Cache-Control"]

    assert "private" in directives
    assert "no-store" not in directives


def test_only_a_form_that_repeats_nothing_is_compressed(client: Client) -> None:
    empty = client.get(URL, headers={"accept-encoding": "gzip"})
    again = client.post(URL, fields(name=""), headers={"accept-encoding": "gzip"})

    assert empty["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in empty["Vary"]
    assert "</html>" in gzip.decompress(empty.content).decode()
    assert again.status_code == 422
    assert "Content-Encoding" not in again.headers


def test_two_visitors_get_two_submission_keys(client: Client) -> None:
    first, second = (client.get(URL).context["form"].initial["token"] for _ in range(2))

    assert first != second


def test_a_form_in_order_leads_to_the_confirmation(client: Client) -> None:
    response = send(client)

    receipt = receipt_of(response)
    assert response["Location"].startswith("/contact/received/?r=")
    assert Submission.objects.get().reference == receipt.reference


def test_the_stored_document_has_what_was_given_and_nothing_else(client: Client) -> None:
    send(
        client,
        name="Ana",
        for_whom="other",
        adult="yes",
        phone="+1 (303) 555-0142 ext. 7",
        email="ana@example.org",
        window="morning",
        state="CO",
        topic="mood",
        language="Spanish",
        access_needs="Speak slowly",
        comment="After lunch is best.\r\nThank you.",
        voicemail="on",
        text_consent="on",
        email_receipt="on",
    )

    assert stored_one() == {
        "name": "Ana",
        "phone": "+13035550142",
        "phone_extension": "7",
        "phone_as_typed": "+1 (303) 555-0142 ext. 7",
        "email": "ana@example.org",
        "window": "morning",
        "voicemail": True,
        "call_consent": True,
        "text_consent": True,
        "email_receipt": True,
        "adult": True,
        "for_whom": "other",
        "state": "CO",
        "time_zone": "",
        "topic": "mood",
        "language": "Spanish",
        "form_language": "en",
        "access_needs": "Speak slowly",
        "comment": "After lunch is best.\nThank you.",
        "wordings": {
            "call": "call-1",
            "voicemail": "voicemail-1",
            "text": "text-1",
            "email": "email-1",
        },
    }


def test_boxes_left_alone_mean_no(client: Client) -> None:
    send(client)

    content = stored_one()
    assert (content["voicemail"], content["text_consent"], content["email_receipt"]) == (False,) * 3
    assert content["adult"] is None


@pytest.mark.parametrize(("answer", "meaning"), [("yes", True), ("no", False), ("", None)])
def test_whether_the_person_is_adult_may_stay_unsaid(
    client: Client, answer: str, meaning: bool | None
) -> None:
    send(client, adult=answer)

    assert stored_one()["adult"] is meaning


def test_an_email_address_alone_is_enough(client: Client) -> None:
    response = send(client, phone="", call_consent=None, email="ana@example.org")

    assert receipt_of(response).is_by_email
    assert stored_one()["phone"] == ""


def test_a_form_without_the_fields_that_have_defaults_is_in_order(client: Client) -> None:
    send(client, for_whom=None, window=None, topic=None, state=None, adult=None, comment=None)

    content = stored_one()
    assert (content["for_whom"], content["window"], content["topic"]) == ("self", "any", "phone")


def test_each_consent_box_has_the_words_that_are_kept_and_is_not_ticked(client: Client) -> None:
    page = client.get(URL).content.decode()

    for wording in WORDINGS["en"].values():
        assert wording.text in page
    assert 'type="checkbox"' in page
    assert not [tag for tag in page.split("<input")[1:] if "checkbox" in tag and "checked" in tag]


def test_the_form_asks_for_nothing_by_html_attribute(client: Client) -> None:
    page = client.get(URL).content.decode()

    assert "novalidate" in page
    assert " required" not in page
    assert "maxlength" not in page
    assert "asterisk" not in page


def test_the_crisis_notice_stands_before_the_first_field(client: Client) -> None:
    page = client.get(URL).content.decode()
    form = page[page.index('id="callback"') :]

    before_first_field = form[: form.index("<input")]
    assert "Nobody watches this form for emergencies" in before_first_field
    assert 'href="tel:988"' in before_first_field
    assert 'href="tel:911"' in before_first_field
    assert (
        '<a class="help-now" href="/thoughts-of-suicide/">I need help now</a>' in before_first_field
    )


# -- Exactly once ------------------------------------------------------------------


def test_a_double_click_is_one_request_with_one_reference(client: Client) -> None:
    same = fields()

    first, second = (receipt_of(client.post(URL, same)) for _ in range(2))

    assert first.reference == second.reference
    assert Submission.objects.count() == 1


def test_fifty_presses_of_the_button_are_one_request(client: Client) -> None:
    same = fields()

    found = {receipt_of(client.post(URL, same)).reference for _ in range(50)}

    assert len(found) == 1
    assert Submission.objects.count() == 1


@pytest.mark.parametrize("shared", [False, True])
def test_a_retry_is_promised_what_the_first_try_was(
    client: Client, settings: Any, shared: bool
) -> None:
    if shared:
        cache = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
        settings.CACHES = {**settings.CACHES, "limits": cache}
    with time_machine.travel("2026-11-23T10:00:30Z", tick=False) as clock:
        same = fields()
        first = client.get(client.post(URL, same)["Location"]).context["due"]
        clock.shift(3600)
        again = client.get(client.post(URL, same)["Location"]).context["due"]
        other = client.get(send(client)["Location"]).context["due"]
        clock.shift(-7200)  # a clock that went back promises nothing from the future
        back = receipt_of(client.post(URL, same)).received_at

    assert again == first
    assert other != first
    assert Submission.objects.earliest("pk").received_at.minute == 0
    assert back == datetime(2026, 11, 23, 9, 0, 30, tzinfo=UTC)


def test_a_correction_is_promised_from_its_own_moment(client: Client) -> None:
    """The request may be closed meanwhile, and then the correction reopens it with a new promise."""
    same = fields()
    with time_machine.travel("2026-11-23T10:00:30Z", tick=False) as clock:
        receipt_of(client.post(URL, same))
        clock.shift(3600)
        corrected = receipt_of(client.post(URL, same | {"phone": "303-555-0143"}))

    assert corrected.received_at == datetime(2026, 11, 23, 11, 0, 30, tzinfo=UTC)


def test_a_corrected_number_keeps_the_reference_and_both_versions(client: Client) -> None:
    token = make_token()

    first = receipt_of(send(client, phone="303-555-0142", token=token))
    second = receipt_of(send(client, phone="303-555-0143", token=token))

    assert first.reference == second.reference
    assert [content["phone"] for content in stored()] == ["+13035550142", "+13035550143"]


def test_the_correct_link_of_the_confirmation_leads_to_the_same_request(client: Client) -> None:
    first = send(client)
    confirmation = client.get(first["Location"])

    form = client.get(confirmation.context["correct_url"])
    second = send(
        client,
        phone="303-555-0143",
        token=make_token(key=key_of(form.context["form"].initial["token"])),
    )

    assert receipt_of(first).reference == receipt_of(second).reference
    shown = references.show_reference(receipt_of(first).reference)
    assert f'You are correcting request <b class="ref">{shown}</b>' in form.content.decode()


def test_two_tabs_are_two_requests(client: Client) -> None:
    first, second = (receipt_of(send(client, token=make_token())) for _ in range(2))

    assert first.reference != second.reference
    assert Submission.objects.count() == 2


# -- When time passes --------------------------------------------------------------


def test_a_form_left_open_overnight_comes_back_filled_in_and_is_sent_by_one_press(
    client: Client,
) -> None:
    token = make_token(age=timedelta(hours=13))
    response = send(client, comment="Evenings are best", token=token)

    page = response.content.decode()
    assert response.status_code == 422
    assert "please press the button once more" in page
    assert 'value="Ana"' in page
    assert "Evenings are best" in page
    assert not Submission.objects.exists()

    again = press_again(client, response)
    assert receipt_of(again).reference == references.reference_for(key_of(token))


def test_a_form_that_came_back_is_not_too_fast_when_sent_at_once(client: Client) -> None:
    response = send(client, token=make_token(age=timedelta(hours=13)))

    press_again(client, response)

    assert Submission.objects.get().suspicion == ""


@pytest.mark.parametrize("token", ["", "nonsense", "a:b:c", make_token()[:-1] + "!"])
def test_a_form_without_our_seal_comes_back_filled_in(client: Client, token: str) -> None:
    response = send(client, token=token)

    assert response.status_code == 422
    assert 'value="Ana"' in response.content.decode()
    receipt_of(press_again(client, response))


def test_a_token_of_last_month_begins_a_new_request(client: Client) -> None:
    token = make_token(age=timedelta(days=31))
    old = receipt_of(send(client, token=make_token(key=key_of(token))))

    response = send(client, token=token)
    new = receipt_of(press_again(client, response))

    assert new.reference != old.reference


def test_cookies_blocked_and_no_csrf_token_are_no_obstacle(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)

    receipt_of(send(strict))


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
    ],
)
def test_a_post_by_another_site_comes_back_for_the_person_to_send(
    client: Client, headers: dict[str, str]
) -> None:
    response = client.post(URL, fields(), headers=headers)

    page = response.content.decode()
    assert response.status_code == 422
    assert "by way of another website" in page
    assert 'value="Ana"' in page
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "null"},
        {"Origin": "http://testserver"},
        {},
    ],
)
def test_a_post_by_our_own_page_is_taken(client: Client, headers: dict[str, str]) -> None:
    receipt_of(client.post(URL, fields(), headers=headers))
