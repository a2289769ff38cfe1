"""What is refused, with which answer; nothing of it is stored."""

from __future__ import annotations

from io import BytesIO
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from intake.models import Submission
from tests.form.sending import URL, fields, receipt_of, send, stored_one

pytestmark = pytest.mark.django_db
URLENCODED = "application/x-www-form-urlencoded"


def raw(client: Client, body: bytes, content_type: str = URLENCODED, **extra: str) -> HttpResponse:
    return client.generic("POST", URL, body, content_type=content_type, **extra)


def sentences(response: HttpResponse) -> dict[str, str]:
    """Field id to sentence, as the error summary shows them."""
    return dict(response.context["problems"])


def refuses(response: HttpResponse, status: int, sentence: str) -> None:
    """The page says why, shows the way to help, and nothing was stored."""
    page = response.content.decode()
    assert response.status_code == status
    assert sentence in page
    assert 'href="tel:988"' in page
    assert 'href="tel:+18669514325"' in page
    assert not Submission.objects.exists()


# -- Fields --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"name": ""}, "id_name", "Tell us what to call you"),
        ({"name": None}, "id_name", "Tell us what to call you"),
        ({"name": "\u200b \u200d"}, "id_name", "Tell us what to call you"),
        (
            {"name": "a" * 81},
            "id_name",
            "The name has 81 characters and 80 is the most; take out 1",
        ),
        (
            {"name": "An\0a"},
            "id_name",
            "The name contains a hidden control character. Delete it and type it again",
        ),
        (
            {"name": "Ana\r\nBcc: x@example.org"},
            "id_name",
            "The name must be on one line. Take out the line breaks",
        ),
        (
            {"name": "An\ufffd"},
            "id_name",
            "The name contains a character that did not reach us whole. Type it again",
        ),
        (
            {"phone": "303-555-014"},
            "id_phone",
            "The phone number has 9 digits; a US number has 10",
        ),
        (
            {"phone": "303-555-0142\0"},
            "id_phone",
            "The phone number contains a hidden control character. Delete it and type it again",
        ),
        (
            {"phone": "3" * 61},
            "id_phone",
            "The phone number has 61 characters and 60 is the most; take out 1",
        ),
        (
            {"phone": "", "call_consent": None},
            "id_phone",
            "Give a phone number or an email address so that we can reach you",
        ),
        (
            {"phone": "\u200b", "call_consent": None},
            "id_phone",
            "Give a phone number or an email address so that we can reach you",
        ),
        (
            {"phone": "", "email": "ana@example.org"},
            "id_phone",
            "You ticked a box about calls or texts: give us the number",
        ),
        ({"call_consent": None}, "id_call_consent", "Tick the box so that we may call you"),
        (
            {"email": "ana at example.org"},
            "id_email",
            "Write the email address in full, such as name@example.com",
        ),
        (
            {"email": "ana@example.org\nBcc: all@example.org"},
            "id_email",
            "The email address must be on one line. Take out the line breaks",
        ),
        (
            {"email_receipt": "on"},
            "id_email",
            "Give the address for your receipt, or untick its box",
        ),
        ({"state": "ZZ"}, "id_state", "Choose one of the answers shown"),
        ({"window": "midnight"}, "id_window", "Choose one of the answers shown"),
        ({"topic": "\0"}, "id_topic", "Choose one of the answers shown"),
        ({"adult": "perhaps"}, "id_adult_0", "Choose one of the answers shown"),
        ({"for_whom": "dog"}, "id_for_whom_0", "Choose one of the answers shown"),
        (
            {"access_needs": "a" * 90},
            "id_access_needs",
            "This answer has 90 characters and 80 is the most; take out 10",
        ),
        (
            {"language": "a\nb"},
            "id_language",
            "The language must be on one line. Take out the line breaks",
        ),
        (
            {"comment": "a" * 301},
            "id_comment",
            "This note has 301 characters and 300 is the most; take out 1",
        ),
    ],
)
def test_a_field_says_how_to_put_it_right(
    client: Client, changes: dict[str, str | None], field: str, sentence: str
) -> None:
    response = send(client, **changes)

    assert response.status_code == 422
    assert sentences(response) == {field: sentence}
    assert not Submission.objects.exists()


def test_errors_are_shown_in_the_summary_and_at_the_field_in_the_order_of_the_page(
    client: Client,
) -> None:
    response = send(client, name="", phone="303-555-014", call_consent=None, comment="Evenings")

    page = response.content.decode()
    assert list(sentences(response)) == ["id_name", "id_phone", "id_call_consent"]
    assert "<title>Error: " in page
    assert "There are 3 things to fix" in page
    assert '<a href="#id_phone">The phone number has 9 digits; a US number has 10</a>' in page
    assert '<div id="id_phone_error" class="invalid-feedback">' in page
    assert 'value="303-555-014"' in page
    assert "Evenings" in page
    assert response["Cache-Control"] == "private, no-store"


def test_a_wrong_field_names_its_error_and_its_hint_to_a_screen_reader(client: Client) -> None:
    page = send(client, phone="303").content.decode()
    tag = next(tag for tag in page.split("<input") if 'id="id_phone"' in tag)

    assert 'aria-invalid="true"' in tag
    assert 'aria-describedby="id_phone_helptext id_phone_error"' in tag
    assert 'role="alert"' in page


def test_one_error_is_counted_as_one(client: Client) -> None:
    assert "There is one thing to fix" in send(client, name="").content.decode()


def test_ticked_boxes_and_chosen_answers_stay_when_something_else_is_wrong(client: Client) -> None:
    page = send(client, name="", voicemail="on", state="CO", adult="no").content.decode()

    assert '<option value="CO" selected>' in page
    assert any('name="voicemail"' in tag and "checked" in tag for tag in page.split("<input"))
    assert any(
        'name="text_consent"' in tag and "checked" not in tag for tag in page.split("<input")
    )


def test_a_note_comes_back_with_its_line_breaks(client: Client) -> None:
    page = send(client, name="", comment="one\r\n\r\n\r\n    four <b>\r\nfive").content.decode()

    assert "one\r\n\r\n\r\n    four &lt;b&gt;\r\nfive</textarea>" in page


def test_correcting_an_error_at_once_is_not_too_fast(client: Client) -> None:
    wrong = send(client, name="")
    send(client, token=wrong.context["form"].data["token"])

    assert Submission.objects.get().suspicion == ""


# -- What looks odd and is taken -------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "Cher",
        "\u0639\u0644\u064a",
        "\u202eana\u202c",
        "=HYPERLINK(0)",
        "<script>alert(1)</script>",
        "\U0001f600",
        "\u0928\u0947\u0939\u093e",
    ],
)
def test_a_name_is_stored_as_it_was_typed(client: Client, name: str) -> None:
    receipt_of(send(client, name=name))

    assert stored_one()["name"] == name


def test_a_note_of_one_word_of_300_characters_is_taken(client: Client) -> None:
    receipt_of(send(client, comment="a" * 300))

    assert stored_one()["comment"] == "a" * 300


def test_the_300_characters_count_a_line_break_once(client: Client) -> None:
    receipt_of(send(client, comment="a\r\n" * 149 + "bc"))

    assert len(stored_one()["comment"]) == 300


def test_markup_in_what_was_typed_is_shown_as_text(client: Client) -> None:
    page = send(client, name='"><script>alert(1)</script>', phone="1").content.decode()

    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page


# -- Requests that are not our form ----------------------------------------------------


def test_a_body_of_ten_megabytes_is_refused(client: Client) -> None:
    response = raw(client, b"name=" + b"a" * 10_000_000)

    refuses(response, 413, "That was too much at once")


def test_a_body_just_over_the_form_s_own_limit_is_refused(client: Client, settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000_000

    refuses(raw(client, b"name=" + b"a" * 70_000), 413, "That was too much at once")


def test_ten_thousand_fields_are_refused(client: Client) -> None:
    refuses(raw(client, b"&".join([b"a=1"] * 10_000)), 400, "more fields than our form has")


def test_a_hundred_and_one_fields_are_refused(client: Client) -> None:
    refuses(raw(client, b"&".join([b"a=1"] * 101)), 400, "more fields than our form has")


@pytest.mark.parametrize(
    "body", [b"name=An%E9", b"name=An\xe9", b"name=%ED%A0%80", b"name=%C0%80", b"n%FFame=Ana"]
)
def test_bytes_that_are_not_utf_8_are_refused(client: Client, body: bytes) -> None:
    refuses(raw(client, body), 400, "contains bytes that are not text")


def test_bytes_that_are_not_utf_8_are_refused_in_a_multipart_form(client: Client) -> None:
    body = multipart(b'Content-Disposition: form-data; name="name"\r\n\r\nAn\xe9')

    refuses(
        raw(client, body, "multipart/form-data; boundary=x"),
        400,
        "contains bytes that are not text",
    )


def test_bytes_hidden_in_a_transfer_encoding_do_not_pass_as_text(client: Client) -> None:
    part = (
        b'Content-Disposition: form-data; name="name"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\nQW7p"
    )

    response = raw(client, multipart(part), "multipart/form-data; boundary=x")

    assert response.status_code == 422
    assert "did not reach us whole" in sentences(response)["id_name"]


@pytest.mark.parametrize("charset", ["klingon", "latin-1", "utf-16", "utf-7"])
def test_another_charset_is_refused(client: Client, charset: str) -> None:
    body = urlencode(fields()).encode()

    refuses(
        raw(client, body, f"{URLENCODED}; charset={charset}"), 400, "must be sent as UTF-8 text"
    )


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"'])
def test_our_charset_may_be_named(client: Client, charset: str) -> None:
    body = urlencode(fields()).encode()

    receipt_of(raw(client, body, f"{URLENCODED}; charset={charset}"))


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "", "nonsense"])
def test_what_is_not_a_form_is_refused(client: Client, content_type: str) -> None:
    refuses(raw(client, b"{}", content_type), 400, "can only be sent by a browser")


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", "multipart/form-data; boundary=y\u00e9"]
)
def test_a_multipart_form_without_a_boundary_is_refused(client: Client, content_type: str) -> None:
    refuses(raw(client, multipart(b"x"), content_type), 400, "We could not read that")


def test_a_multipart_form_that_broke_off_is_refused(client: Client) -> None:
    whole = multipart(b'Content-Disposition: form-data; name="name"\r\n\r\nAna')

    response = raw(client, whole[:-8], "multipart/form-data; boundary=x")

    refuses(response, 400, "broke off on its way to us")


def test_a_body_shorter_than_announced_is_refused(client: Client) -> None:
    body = urlencode(fields()).encode()

    half = BytesIO(body[:40])

    response = raw(client, body, **{"wsgi.input": half})  # type: ignore[arg-type]

    refuses(response, 400, "broke off on its way to us")


def test_an_unreadable_length_is_refused(client: Client) -> None:
    refuses(raw(client, b"name=Ana", CONTENT_LENGTH="many"), 400, "does not say how long it is")


def test_files_are_refused(client: Client) -> None:
    part = b'Content-Disposition: form-data; name="scan"; filename="scan.png"\r\n\r\nx'

    refuses(raw(client, multipart(part), "multipart/form-data; boundary=x"), 400, "takes no files")


def test_a_multipart_form_in_order_is_taken(client: Client) -> None:
    parts = [
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
        for name, value in fields().items()
    ]

    receipt_of(raw(client, multipart(*parts), "multipart/form-data; boundary=x"))


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_allowed(client: Client, method: str) -> None:
    assert client.generic(method, URL).status_code == 405


def multipart(*parts: bytes) -> bytes:
    return b"".join(b"--x\r\n" + part + b"\r\n" for part in parts) + b"--x--\r\n"
