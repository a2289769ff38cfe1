"""Previews: the site as it would be, for staff and for whoever holds a link, and for nobody else."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.db import Error as DatabaseAway
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from pages import preview, preview_links
from pages.models import NavLink, Page, PreviewLink, Question, Section
from pages.preview_links import find_link, make_link, revoke_link, token_of
from pages.publishing import propose_rows, publish_all, publish_rows
from pages.redirects import move
from tests.pages.factories import make_page, make_question, make_section
from tests.pages.test_admin import address, said, save

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site_rows")]

WORKING = "/preview/working/"


@pytest.fixture
def admin(client: Client, chief: User) -> Client:
    client.force_login(chief)
    return client


@pytest.fixture
def question(site_rows: None) -> Question:
    make_section(make_page(), kind="questions", lists="practical")
    return make_question()


def shared_address(link: PreviewLink, path: str = "") -> str:
    return reverse("pages:preview-shared", args=[token_of(link), path])


def test_staff_see_what_is_saved_before_readers_do(admin: Client, question: Question) -> None:
    publish_all(by=None)
    Question.objects.update(question="Not live yet?")

    shown = admin.get(f"{WORKING}faq/").content.decode()

    assert "Not live yet?" in shown
    assert "<strong>Preview</strong> of what is saved" in shown
    assert "Not live yet?" not in Client().get("/faq/").content.decode()


def test_a_proposal_and_an_old_release_are_shown_as_they_are(
    admin: Client, chief: User, question: Question
) -> None:
    publish_all(by=None)
    Question.objects.update(question="Proposed?")
    propose_rows(keys=[question.key], by=chief)

    assert "Proposed?" in admin.get("/preview/2/faq/").content.decode()
    assert "release 2 (waits for approval)" in admin.get("/preview/2/").content.decode()
    assert "Can I drive home?" in admin.get("/preview/1/faq/").content.decode()
    assert "release 1 (live)" in admin.get("/preview/1/").content.decode()
    assert admin.get("/preview/3/").status_code == 404


def test_links_stay_in_the_preview(admin: Client, question: Question) -> None:
    # Or the foot is the one that needs no database, and offers every language that could be there.
    NavLink.objects.create(slug="to-faq", area="footer", label="Questions", target="/faq/")
    Section.objects.filter(slug="faq-text").update(
        body='<p><a href="/safety/#safety-text">Risks</a> <a href="https://988lifeline.org/">988</a></p>'
    )

    html = admin.get(f"{WORKING}faq/").content.decode()

    assert f'href="{WORKING}safety/#safety-text"' in html
    assert 'href="https://988lifeline.org/"' in html
    left = {a for a in re.findall(r'<a\b[^>]*\bhref="(/[^"]*)"', html) if not a.startswith(WORKING)}
    # The bar's own, "Edit this", and the search, which only knows the live site.
    own = {"/preview-frame/working/faq/?at=phone", "/faq/", "/search/"}
    assert all(a in own or a.startswith("/admin/") for a in left), left


def test_every_page_of_the_working_copy_can_be_opened(admin: Client, question: Question) -> None:
    for page in Page.objects.all():
        response = admin.get(WORKING + page.path.removeprefix("/"))
        assert response.status_code == 200
        assert b'class="preview-bar"' in response.content


def test_the_contact_page_of_a_preview_has_its_form_and_the_new_words(admin: Client) -> None:
    Page.objects.filter(path="/contact/").update(title="Ask for a call, as saved")

    html = admin.get(f"{WORKING}contact/").content.decode()

    assert "Ask for a call, as saved" in html
    assert 'id="callback"' in html
    assert "form-action 'none'" in admin.get(f"{WORKING}contact/")["Content-Security-Policy"]


def test_an_old_address_leads_on_within_the_preview(admin: Client, question: Question) -> None:
    Page.objects.filter(slug="faq").update(path="/questions/")
    move(before="/faq/", after="/questions/", by=None)

    assert admin.get(f"{WORKING}faq/")["Location"] == f"{WORKING}questions/"
    assert admin.get(f"{WORKING}questions")["Location"] == f"{WORKING}questions/"
    missing = admin.get(f"{WORKING}nowhere/")
    assert missing.status_code == 404
    assert b'class="preview-bar"' in missing.content


def test_previews_are_for_staff_who_may_read_releases(client: Client, editor: User) -> None:
    publish_all(by=None)
    for path in (WORKING, "/preview/1/", "/preview-frame/working/"):
        assert client.get(path)["Location"] == f"/sign-in/?next={path}"

    client.force_login(editor)
    assert client.get(WORKING).status_code == 403
    assert client.get("/preview-frame/working/").status_code == 403
    editor.user_permissions.add(Permission.objects.get(codename="view_release"))
    reader = Client()
    reader.force_login(User.objects.get(pk=editor.pk))
    assert reader.get(WORKING).status_code == 200
    User.objects.update(is_staff=False)
    stranger = Client()
    stranger.force_login(User.objects.get(pk=editor.pk))
    assert stranger.get(WORKING).status_code == 403


def test_previews_are_never_kept_found_or_framed_by_others(admin: Client) -> None:
    link = make_link(release=None, note="Dr. A", by=None)

    for path in (WORKING, "/preview-frame/working/", shared_address(link), f"{WORKING}x/"):
        response = admin.get(path)
        assert response["Cache-Control"] in {"private, no-store", "no-store, private"}
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert '<meta name="robots" content="noindex">' in response.content.decode()
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["X-Frame-Options"] == "SAMEORIGIN"
        policy = response["Content-Security-Policy"]
        assert "frame-ancestors 'self'" in policy
        assert "form-action 'none'" in policy
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_other_pages_still_cannot_be_framed(admin: Client) -> None:
    publish_all(by=None)

    for path in ("/", "/admin/"):
        assert "frame-ancestors 'none'" in admin.get(path)["Content-Security-Policy"]
        assert admin.get(path)["X-Frame-Options"] == "DENY"


def test_a_link_opens_the_preview_to_somebody_without_an_account(
    chief: User, question: Question
) -> None:
    publish_all(by=None)
    Question.objects.update(question="For Dr. A?")
    release = propose_rows(keys=[question.key], by=chief)
    link = make_link(release=release, note="Dr. A", by=chief)

    response = Client().get(shared_address(link, "faq/"))
    html = response.content.decode()

    assert "For Dr. A?" in html
    assert f'href="{shared_address(link, "safety/")}"' in html
    assert "This link works until" in html
    assert "/admin/" not in html
    assert "/preview-frame/" not in html
    assert not response.cookies


@pytest.mark.parametrize("days", [1, 7])
def test_a_link_ends_after_its_days(days: int) -> None:
    link = make_link(release=None, note="Dr. A", by=None, days=days)
    just_before = link.expires_at - dt.timedelta(seconds=1)

    with time_machine.travel(just_before, tick=False):
        assert Client().get(shared_address(link)).status_code == 200
    with time_machine.travel(link.expires_at, tick=False):
        response = Client().get(shared_address(link))

    assert abs(link.expires_at - timezone.now() - dt.timedelta(days=days)).total_seconds() < 60
    assert response.status_code == 410
    _is_a_clear_end(response.content.decode())
    assert response["X-Robots-Tag"] == "noindex, nofollow"


def test_a_link_that_was_taken_back_shows_nothing(chief: User) -> None:
    link = make_link(release=None, note="Dr. A", by=chief)

    assert revoke_link(link=link, by=chief) is True

    response = Client().get(shared_address(link))
    assert response.status_code == 410
    _is_a_clear_end(response.content.decode())
    assert revoke_link(link=link, by=None) is False
    link.refresh_from_db()
    assert link.revoked_by == chief


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"), lambda t: "x" + t]
)
def test_a_forged_link_opens_nothing(change) -> None:  # type: ignore[no-untyped-def]
    token = change(token_of(make_link(release=None, note="Dr. A", by=None)))

    response = Client().get(reverse("pages:preview-shared", args=[token, ""]))

    assert response.status_code == 404
    _is_a_clear_end(response.content.decode())
    assert find_link(token) is None


def _is_a_clear_end(html: str) -> None:
    assert "This preview is over" in html
    assert "tel:988" in html
    assert "866-951-HEAL" in html


def test_a_link_says_so_when_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    link = make_link(release=None, note="Dr. A", by=None)

    def gone(token: str) -> None:
        raise DatabaseAway("away")

    monkeypatch.setattr(preview, "find_link", gone)

    assert Client().get(shared_address(link)).status_code == 503


def test_the_name_of_a_link_alone_does_not_open_it() -> None:
    link = make_link(release=None, note="Dr. A", by=None)

    assert link.name in token_of(link)
    assert preview_links.find_link(link.name) is None


def test_links_are_made_listed_and_taken_back_in_the_admin(admin: Client, chief: User) -> None:
    publish_all(by=None)
    added = admin.post(
        "/admin/pages/previewlink/add/", {"note": "Dr. A", "release": "", "days": "7"}, follow=True
    )
    link = PreviewLink.objects.get()

    assert link.made_by == chief
    assert token_of(link) in said(added)
    assert token_of(link) in admin.get("/admin/pages/previewlink/").content.decode()
    admin.post(
        "/admin/pages/previewlink/",
        {"action": "revoke_selected", "_selected_action": [link.pk]},
    )
    assert Client().get(shared_address(link)).status_code == 410
    listed = admin.get("/admin/pages/previewlink/").content.decode()
    assert token_of(link) not in listed
    assert "Taken back" in listed


@pytest.mark.parametrize("days", ["0", "31", "x"])
def test_a_link_works_for_a_month_at_most(admin: Client, days: str) -> None:
    admin.post("/admin/pages/previewlink/add/", {"note": "Dr. A", "release": "", "days": days})

    assert not PreviewLink.objects.exists()


def test_save_and_preview_leads_to_the_place_where_readers_will_find_it(
    admin: Client, question: Question
) -> None:
    publish_all(by=None)

    response = save(admin, question, question="Saved and looked at?", _preview="")

    assert response.redirect_chain == [(f"{WORKING}faq/#faq-text", 302)]
    assert b"Saved and looked at?" in response.content
    assert "Saved and looked at?" not in Client().get("/faq/").content.decode()


def test_every_form_offers_a_preview_and_says_where_the_row_shows(
    admin: Client, question: Question
) -> None:
    publish_all(by=None)

    html = admin.get(address(question)).content.decode()

    assert 'name="_preview"' in html
    assert f'<a href="{WORKING}faq/#faq-text">Faq</a>' in html
    study = admin.get(address(Section.objects.get(slug="faq-text"))).content.decode()
    assert f'href="{WORKING}faq/#faq-text"' in study


def test_the_frame_has_the_widths_of_a_phone_a_tablet_and_a_desktop(admin: Client) -> None:
    for name, width in (("phone", 360), ("tablet", 768), ("desktop", 1280), ("toaster", 360)):
        html = admin.get(f"/preview-frame/working/safety/?at={name}").content.decode()
        assert f'<iframe src="{WORKING}safety/" width="{width}"' in html


def test_a_release_shows_the_page_of_its_own_day(admin: Client) -> None:
    first = publish_all(by=None)
    Page.objects.filter(slug="safety").update(title="Later words")
    publish_rows(keys=["page:safety"], by=None)

    assert b"Later words" not in admin.get(f"/preview/{first.number}/safety/").content
    assert b"Later words" in admin.get("/preview/2/safety/").content
