"""Publishing in the admin: what is said, and what the pages around a release offer."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from clinic_site.roles import EDITOR, REVIEWER, SUPERVISOR
from pages.models import PublishingPolicy, Question, Release
from pages.publishing import propose_rows, publish_all, publish_rows
from pages.releases import live_content
from tests.pages.factories import make_figure, make_question, make_study
from tests.pages.people import make_staff
from tests.pages.test_admin import save

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site_rows")]

CHANGES = "/admin/pages/release/changes/"
SAFE, PLAIN = "question:safe", "question:plain"


@pytest.fixture(autouse=True)
def _published(site_rows: None) -> None:
    make_question(slug="safe", topic="safety", question="Is it safe?")
    make_question(slug="plain", question="Where are you?")
    publish_all(by=None)


@pytest.fixture
def erin(site_rows: None) -> User:
    return make_staff("erin", EDITOR)


@pytest.fixture
def dana(site_rows: None) -> User:
    return make_staff("dana", REVIEWER)


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def said(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def change(*slugs: str, answer: str = "<p>Changed.</p>") -> None:
    Question.objects.filter(slug__in=slugs).update(answer=answer)


def propose(by: User, *keys: str, **options: Any) -> str:
    release = propose_rows(keys=keys, by=by, **options)
    return f"/admin/pages/release/{release.number}/look/"


def tick(client: Client, *keys: str, **fields: str) -> Any:
    return client.post(CHANGES, {"row": list(keys), **fields}, follow=True)


def test_save_and_publish_of_a_medical_statement_says_that_it_waits(erin: User) -> None:
    client = as_(erin)
    question = Question.objects.get(slug="safe")
    address = f"/admin/pages/question/{question.pk}/change/"
    page = client.get(address)
    assert b'value="Save and propose"' in page.content

    response = save(client, question, answer="<p>New.</p>", _publish="")

    assert "waits for a second person, because it touches medical statements" in said(response)
    assert "“Is it safe?”" in said(response)
    assert live_content()[SAFE]["answer"] != "<p>New.</p>"
    assert Release.objects.get(number=2).proposed_by == erin


@pytest.mark.parametrize(("kind", "says"), [("study", "propose"), ("question", "publish")])
def test_a_new_row_offers_what_will_come_of_it(erin: User, kind: str, says: str) -> None:
    text = as_(erin).get(f"/admin/pages/{kind}/add/").content.decode()

    assert f'value="Save and {says}" name="_publish"' in text


def test_a_row_that_is_no_medical_statement_offers_to_publish(erin: User) -> None:
    question = Question.objects.get(slug="plain")

    page = as_(erin).get(f"/admin/pages/question/{question.pk}/change/").content

    assert b'value="Save and publish"' in page


def test_the_page_of_changes_marks_what_needs_a_second_person(erin: User) -> None:
    change("safe", "plain")

    text = as_(erin).get(CHANGES).content.decode()

    assert text.count("A second person has to approve this.") == 1
    assert "<del>No. Ask an adult to take you.</del>" in text
    assert "<ins>Changed.</ins>" in text


def test_a_change_of_a_link_alone_is_shown(erin: User) -> None:
    change("plain", answer='<p><a href="/faq/">No. Ask an adult to take you.</a></p>')

    assert "/faq/" in as_(erin).get(CHANGES).content.decode()


def test_what_is_ticked_can_be_proposed_or_scheduled(erin: User) -> None:
    change("safe", "plain")
    client = as_(erin)

    proposed = tick(client, PLAIN, do="propose")
    with time_machine.travel("2026-06-01T12:00:00Z"):
        Release.objects.update(live_from=timezone.now() - dt.timedelta(days=1))
        scheduled = tick(client, PLAIN, do="publish", when="2026-06-02T09:00")

    assert "it was proposed to one" in said(proposed)
    assert "goes live on Tuesday, June 2, 2026, 9 a.m. MDT" in said(scheduled)
    assert "Release 2</a> changes" not in said(scheduled)
    assert "Release 2 changes some of the same rows" in said(scheduled)
    assert Release.objects.get(number=3).live_from == dt.datetime(2026, 6, 2, 15, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ("2020-01-01T10:00", "That moment has passed"),
        ("2030-03-10T02:30", "comes twice or not at all"),  # skipped
        ("2030-11-03T01:30", "comes twice or not at all"),  # twice
        ("tomorrow", "Enter a valid date/time"),
    ],
)
def test_a_moment_that_cannot_be_is_explained_beside_its_field(
    erin: User, when: str, message: str
) -> None:
    change("plain")

    response = tick(as_(erin), PLAIN, do="publish", when=when)

    assert response.status_code == 422
    assert message in response.content.decode()
    assert re.search(rf'value="{PLAIN}"[^>]* checked', response.content.decode())
    assert Release.objects.count() == 1


def test_what_changed_after_the_page_was_opened_is_not_published(erin: User) -> None:
    change("plain")
    client = as_(erin)
    seen = re.findall(r'name="seen" value="([^"]+)"', client.get(CHANGES).content.decode())
    change("plain", answer="<p>Slipped in.</p>")

    response = tick(client, PLAIN, do="publish", seen=seen[0])

    assert "changed after you opened this page" in said(response)
    assert Release.objects.count() == 1


def test_putting_back_asks_first_and_keeps_new_rows_unless_they_are_ticked(erin: User) -> None:
    change("plain")
    make_question(slug="new")
    client = as_(erin)

    asked = tick(client, PLAIN, "question:new", do="discard")
    assert "Delete “Can I drive home?”" in asked.content.decode()
    assert Question.objects.get(slug="plain").answer == "<p>Changed.</p>"
    done = tick(client, PLAIN, do="discard", confirmed="yes")

    assert "Put back: 1. Deleted: 0." in said(done)
    assert Question.objects.get(slug="plain").answer == "<p>No. Ask an adult to take you.</p>"
    assert Question.objects.filter(slug="new").exists()
    assert "Deleted: 1." in said(tick(client, "question:new", do="discard", confirmed="yes"))


def test_a_reviewer_may_not_delete_a_row_by_putting_back(dana: User) -> None:
    make_question(slug="new")

    response = tick(as_(dana), "question:new", do="discard", confirmed="yes")

    assert response.status_code == 403
    assert Question.objects.filter(slug="new").exists()


def test_the_reviewer_sees_every_field_and_approves(erin: User, dana: User) -> None:
    study = make_study()
    make_figure(study)
    address = propose(erin, "outcomefigure:trial-response")
    client = as_(dana)

    text = client.get(address).content.decode()
    for words in ("47 in 100 on ketamine responded", "Midazolam", "published", study.title):
        assert words in text
    assert "Preflight: nothing blocks it" in text
    assert "No clinician has reviewed this figure yet." in text
    response = client.post(address, {"do": "approve", "seen": _seen(text)}, follow=True)

    assert "Release 2 is live" in said(response)
    assert "outcomefigure:trial-response" in live_content()


def _seen(text: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', text)
    assert found is not None
    return found.group(1)


def test_an_approval_says_what_it_saw(erin: User, dana: User) -> None:
    change("safe")
    address = propose(erin, SAFE)

    response = as_(dana).post(address, {"do": "approve"}, follow=True)

    assert "was changed while you read it" in said(response)
    assert Release.objects.get(number=2).approved_at is None


def test_nobody_is_offered_to_approve_their_own(dana: User) -> None:
    change("safe")
    address = propose(dana, SAFE)
    client = as_(dana)

    text = client.get(address).content.decode()

    assert "somebody else has to approve it" in text
    assert 'value="approve"' not in text
    assert client.post(address, {"do": "approve"}).status_code == 403


def test_an_override_asks_for_a_reason_and_shows_it_for_good(dana: User) -> None:
    dana.user_permissions.add(Permission.objects.get(codename="override_second_person"))
    change("safe")
    address = propose(dana, SAFE)
    client = as_(dana)
    seen = _seen(client.get(address).content.decode())

    refused = client.post(address, {"do": "approve", "seen": seen}, follow=True)
    assert "other than its proposer" in said(refused)
    reason = {"override_reason": "The dose on the page is wrong; nobody else is in."}
    client.post(address, {"do": "approve", "seen": seen} | reason)

    release = Release.objects.get(number=2)
    for page in ("/admin/pages/release/", f"/admin/pages/release/{release.pk}/change/", "/admin/"):
        assert "The dose on the page is wrong" in client.get(page).content.decode()


def test_declining_asks_why_and_tells_everybody(erin: User, dana: User) -> None:
    change("safe")
    address = propose(erin, SAFE)
    client = as_(dana)

    assert "Say why" in said(client.post(address, {"do": "close", "remark": ""}, follow=True))
    client.post(address, {"do": "close", "remark": "It is 40 mg, not 4."})

    detail = as_(erin).get(address, follow=True).content.decode()
    assert "It is 40 mg, not 4." in detail
    assert "Declined or withdrawn" in detail
    assert Question.objects.get(slug="safe").answer == "<p>Changed.</p>"


def test_a_proposal_whose_rows_have_moved_on_names_them_and_can_be_refreshed(
    erin: User, dana: User
) -> None:
    change("safe")
    address = propose(erin, SAFE)
    change("safe", answer="<p>Quicker.</p>")
    publish_rows(keys=[SAFE], by=None)
    change("safe", answer="<p>Both.</p>")
    client = as_(dana)
    text = client.get(address).content.decode()
    assert "in the same rows: “Is it safe?”" in text
    refused = client.post(address, {"do": "approve", "seen": _seen(text)}, follow=True)
    assert "in the same rows: “Is it safe?”" in said(refused)

    as_(erin).post(address, {"do": "amend", "note": "Now with both", "refresh": "on"})
    text = client.get(address).content.decode()
    client.post(address, {"do": "approve", "seen": _seen(text)})

    assert live_content()[SAFE]["answer"] == "<p>Both.</p>"


def test_a_schedule_is_listed_warned_about_and_cancelled(erin: User, dana: User) -> None:
    soon = timezone.now() + dt.timedelta(days=2)
    change("plain")
    publish_rows(keys=[PLAIN], by=erin, live_from=soon, note="The move")
    change("plain", answer="<p>Other.</p>")
    address = propose(erin, PLAIN, live_from=soon + dt.timedelta(days=1))
    client = as_(dana)

    calendar = client.get("/admin/pages/release/calendar/").content.decode()
    assert "Release 2 goes live. The move" in calendar
    assert calendar.count("changes some of the same rows") == 2
    assert "Only if somebody approves it before." in calendar
    assert "Release 2</a> changes some of the same rows" in client.get(address).content.decode()
    cancelled = client.post(
        "/admin/pages/release/2/look/", {"do": "close", "remark": "The move is off."}, follow=True
    )

    assert "will not go live" in said(cancelled)
    with time_machine.travel(soon + dt.timedelta(hours=1)):
        assert live_content()[PLAIN]["answer"] == "<p>No. Ask an adult to take you.</p>"


def test_who_publishes_over_a_schedule_is_told(erin: User) -> None:
    change("plain")
    publish_rows(keys=[PLAIN], by=erin, live_from=timezone.now() + dt.timedelta(days=2))
    change("plain", answer="<p>At once.</p>")

    response = tick(as_(erin), PLAIN, do="publish")

    assert "Release 2 was approved, and changes the same rows" in said(response)


def test_the_calendar_knows_ends_of_notices_and_reviews(erin: User) -> None:
    from pages.models import Notice

    day = timezone.localdate() + dt.timedelta(days=5)
    make_figure(make_study(), review_due_on=day)
    Notice.objects.create(slug="n", kind="legal", heading="Closed in May", hidden_from=day)
    publish_all(by=None)

    text = as_(erin).get("/admin/pages/release/calendar/").content.decode()

    assert "“Closed in May” is no longer shown." in text
    assert "47 in 100 on ketamine responded” is under review" in text


def test_any_two_releases_are_compared(erin: User) -> None:
    change("plain")
    publish_rows(keys=[PLAIN], by=None)
    change("plain", answer="<p>Again.</p>")
    publish_rows(keys=[PLAIN], by=None)
    client = as_(erin)

    text = client.get("/admin/pages/release/compare/?before=3&after=1").content.decode()

    assert "<del>Again.</del>" in text
    assert "<ins>No. Ask an adult to take you.</ins>" in text
    same = client.get("/admin/pages/release/compare/?before=2&after=2").content.decode()
    assert "They say the same." in same
    for query in ("", "?before=1", "?before=x&after=1", "?before=9&after=1", "?before=²&after=1"):
        assert client.get(f"/admin/pages/release/compare/{query}").status_code == 200


def test_undo_asks_and_takes_back_one_release(erin: User) -> None:
    change("plain")
    publish_rows(keys=[PLAIN], by=None)
    client = as_(erin)
    assert "/admin/pages/release/2/undo/" in client.get("/admin/").content.decode()

    asked = client.get("/admin/pages/release/2/undo/")
    assert b"Changed." in asked.content
    response = client.post("/admin/pages/release/2/undo/", follow=True)

    assert "Release 3 is live" in said(response)
    assert live_content()[PLAIN]["answer"] == "<p>No. Ask an adult to take you.</p>"


def test_the_front_page_says_what_to_do_now(erin: User, dana: User) -> None:
    make_figure(make_study(), review_due_on="2026-01-02", headline="46.9 in a hundred")
    publish_all(by=None)
    change("plain", "safe")
    Question.objects.filter(slug="plain").update(edited_by=erin)
    propose(erin, SAFE, note="Side effects")
    publish_rows(keys=[PLAIN], by=None, live_from=timezone.now() + dt.timedelta(days=2))

    mine, hers = (as_(user).get("/admin/").content.decode() for user in (erin, dana))

    assert "Where are you?</a>: question, changed, saved by erin on" in mine
    assert ", needs a second person" not in mine
    assert ", already in Release 3" in mine
    assert "Release 3: Side effects</a>, proposed by erin" in mine
    assert "yours, so somebody else has to approve it" in mine
    assert "you can approve it" in hers
    assert "overdue since January 2, 2026; readers do not see it" in mine
    assert "Release 4</a> goes live on" in mine
    assert "Preview what is saved" in mine
    assert "No clinician has reviewed this figure yet." in mine


def test_the_front_page_of_a_supervisor_offers_nothing_they_may_not_do() -> None:
    change("safe")
    propose_rows(keys=[SAFE], by=None)

    text = as_(make_staff("sue", SUPERVISOR)).get("/admin/").content.decode()

    assert "a reviewer has to approve it" in text
    assert "/undo/" not in text
    assert "Look at them side by side</a>" in text


def test_a_supervisor_changes_the_policy_and_is_named_for_it() -> None:
    sue = make_staff("sue", SUPERVISOR)
    client = as_(sue)

    before = client.get("/admin/pages/publishingpolicy/").content.decode()
    client.post("/admin/pages/publishingpolicy/add/", {"second_person": "everything"})
    after = client.get("/admin/pages/publishingpolicy/").content.decode()

    assert "a second person has to approve, for medical statements" in before
    assert "a second person has to approve, for everything" in after
    policy = PublishingPolicy.now()
    assert (policy.second_person, policy.changed_by) == ("everything", sue)


@pytest.mark.parametrize("words", ["<script>alert(1)</script>", '" onfocus="alert(1)'])
def test_what_is_typed_is_escaped_everywhere(erin: User, dana: User, words: str) -> None:
    Question.objects.filter(slug="safe").update(question=words, answer="<p>&lt;script&gt;x</p>")
    address = propose(erin, SAFE, note=words[:200])
    client = as_(dana)

    client.post(address, {"do": "close", "remark": words})
    pages = ["/admin/", CHANGES, "/admin/pages/release/", "/admin/pages/release/calendar/"]
    for page in (*pages, "/admin/pages/release/compare/?before=1&after=2"):
        text = client.get(page).content.decode()
        assert "<script>alert" not in text
        assert "<script>x" not in text
        assert 'onfocus="alert' not in text
