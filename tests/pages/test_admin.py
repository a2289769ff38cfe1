"""The admin of the content: every kind of row, saved, published, refused, restored."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pages.models import (
    CONTENT_MODELS,
    CrisisLine,
    Notice,
    OutcomeFigure,
    Page,
    Question,
    Release,
    Row,
    Section,
    Study,
)
from pages.publishing import publish_all, publish_rows
from pages.releases import live_content
from tests.pages.factories import (
    make_figure,
    make_item,
    make_page,
    make_part,
    make_question,
    make_section,
    make_step,
    make_study,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site_rows")]

CHANGES = "/admin/pages/release/changes/"


@pytest.fixture
def admin(client: Client, chief: User) -> Client:
    client.force_login(chief)
    return client


def address(row: Row | type[Row], view: str = "change") -> str:
    name = f"admin:pages_{row._meta.model_name}_{view}"
    return reverse(name, args=[row.pk] if view in {"change", "delete"} else [])


def form_of(response: Any) -> dict[str, Any]:
    """What a browser would send back of this admin form, inlines included."""
    forms = [response.context["adminform"].form]
    data: dict[str, Any] = {}
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is True:
                data[bound.html_name] = "on"
            elif value is not None and value is not False:
                data[bound.html_name] = value
    return data


def save(admin: Client, row: Row | type[Row], view: str = "change", **changes: Any) -> Any:
    data = form_of(admin.get(address(row, view))) | changes
    return admin.post(address(row, view), data, follow=True)


def said(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def make_one_of_each() -> None:
    study = make_study()
    make_part(make_figure(study))
    make_question().cites.add(study)
    make_step()
    make_item(make_section(make_page()))
    from pages.models import Mechanism, Photo, Redirect, Translation

    sized = {"digest": "0" * 32, "width": 960, "height": 640}
    Photo.objects.create(slug="door", label="Door", is_decorative=True, **sized)
    Redirect.objects.create(slug="from-old", from_path="/old/", to_path="/faq/")
    Mechanism.objects.create(slug="plasticity", heading="Plasticity", drawing="plasticity")
    Translation.objects.create(slug="es-page-faq", language="es", of="page:faq")


@pytest.mark.parametrize("model", CONTENT_MODELS, ids=lambda model: model.__name__)
def test_every_kind_of_row_can_be_listed_searched_added_and_opened(
    admin: Client, model: type[Row]
) -> None:
    make_one_of_each()

    assert b"On the site" in admin.get(address(model, "changelist")).content
    assert admin.get(address(model, "changelist"), {"q": "words"}).status_code == 200
    row = model._default_manager.first()
    assert row is not None
    assert b"Never published" in admin.get(address(row)).content
    may_add = model._meta.model_name != "clinicprofile"
    assert admin.get(address(model, "add")).status_code == (200 if may_add else 403)


@pytest.mark.parametrize("unseen", ["\u202e", "\u2066", "\x07", "\x85"])
def test_what_cannot_be_seen_is_refused_beside_its_field(admin: Client, unseen: str) -> None:
    question = make_question()

    refused = save(admin, question, answer=f"<p>Wait {unseen}a day.</p>")

    assert f"without pasting. (U+{ord(unseen):04X})" in refused.content.decode()
    assert '<a href="#id_answer_error">Answer</a>' in refused.content.decode()
    question.refresh_from_db()
    assert unseen not in question.answer


def test_a_short_form_that_no_page_would_show_is_refused(admin: Client) -> None:
    notice = Notice.objects.get(slug="off-label")

    kept = save(admin, notice, short="Approved as an anesthetic, not for this.")
    refused = save(admin, notice, kind="legal", short="Closed in May.")

    assert kept.status_code == 200
    assert '<a href="#id_short_error">Short form</a>' in refused.content.decode()
    assert "Move what matters into the full text" in refused.content.decode()
    notice.refresh_from_db()
    assert (notice.kind, notice.short) == ("off_label", "Approved as an anesthetic, not for this.")


def test_the_list_costs_the_same_for_1_row_and_for_50(admin: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert admin.get(address(Question, "changelist")).status_code == 200
        return len(seen)

    make_question().cites.add(make_study())
    queries()  # warms what Django keeps for good
    few = queries()
    for n in range(49):
        make_question(slug=f"q{n}")

    assert queries() == few


def test_saving_keeps_the_change_from_readers_and_says_so(admin: Client, chief: User) -> None:
    question = make_question()
    publish_all(by=None)

    response = save(admin, question, answer="<p>Not for a day.</p>")

    assert "Not live yet" in said(response)
    link = re.search(r'href="([^"]+)"', said(response))
    assert link is not None
    page = admin.get(link.group(1).replace("&amp;", "&"))
    assert b"Not for a day." in page.content
    assert re.search(rb'value="question:driving-home"[^>]* checked', page.content)
    question.refresh_from_db()
    assert question.edited_by == chief
    assert (
        live_content()["question:driving-home"]["answer"] == "<p>No. Ask an adult to take you.</p>"
    )


def test_save_and_publish_puts_this_row_live_and_no_other(admin: Client, chief: User) -> None:
    one, two = make_question(slug="one"), make_question(slug="two")
    publish_all(by=None)
    Question.objects.filter(pk=two.pk).update(question="Waiting?")

    response = save(admin, one, question="Published?", _publish="")

    assert "Release 2 is live, with 1 changed row" in said(response)
    live = live_content()
    assert live["question:one"]["question"] == "Published?"
    assert live["question:two"]["question"] == "Can I drive home?"
    release = Release.objects.get(number=2)
    assert (release.proposed_by, release.approved_by) == (chief, chief)


def test_a_reader_sees_what_was_published_on_the_next_request(admin: Client) -> None:
    make_section(make_page(), kind="questions", lists="practical")
    question = make_question()
    publish_all(by=None)
    visitor = Client()
    assert b"Seen at once?" not in visitor.get("/faq/").content

    save(admin, question, question="Seen at once?", _publish="")

    assert b"Seen at once?" in visitor.get("/faq/").content


def test_a_new_page_goes_live_with_the_sections_of_its_form(admin: Client) -> None:
    publish_all(by=None)
    section = {
        "sections-TOTAL_FORMS": "1",
        "sections-0-heading": "What it costs",
        "sections-0-kind": "prose",
        "sections-0-body": "<p>Ask for a written estimate.</p>",
        "sections-0-is_ready": "on",
        "sections-0-position": "10",
    }

    response = save(
        admin,
        Page,
        "add",
        title="Cost",
        path="/cost/",
        meta_title="Cost",
        meta_description="What an infusion costs, and how to get a written estimate of it.",
        _publish="",
        **section,
    )

    assert "is live, with 2 changed rows" in said(response)
    assert Client().get("/cost/").status_code == 200
    assert Page.objects.get(path="/cost/").slug == "cost"
    assert Section.objects.get(page__path="/cost/").slug == "what-it-costs"


def test_entries_saved_earlier_go_live_with_their_section(admin: Client) -> None:
    publish_all(by=None)
    section = make_section(make_page(), kind="risks", body="")
    make_item(section)

    save(admin, section, _publish="")

    assert {"page:faq", "section:faq-text", "sectionitem:faq-text-entry"} <= live_content().keys()


def test_an_entry_deleted_in_the_form_leaves_the_live_site(admin: Client) -> None:
    section = make_section(make_page())
    make_item(section)
    publish_all(by=None)

    save(admin, section, **{"items-0-DELETE": "on"}, _publish="")

    assert "sectionitem:faq-text-entry" not in live_content()
    assert "section:faq-text" in live_content()


def test_two_parts_with_the_same_words_get_different_short_names(admin: Client) -> None:
    figure = make_figure(make_study())
    parts = {"parts-TOTAL_FORMS": "2"}
    for n, arm in enumerate(("Ketamine", "Midazolam")):
        parts |= {
            f"parts-{n}-arm": arm,
            f"parts-{n}-people": "40",
            f"parts-{n}-label": "responded",
            f"parts-{n}-glyph": "on",
            f"parts-{n}-position": "0",
            f"parts-{n}-is_ready": "on",
        }

    save(admin, figure, **parts)

    assert figure.parts.count() == 2


def test_publishing_what_preflight_refuses_keeps_the_work_and_names_the_row(admin: Client) -> None:
    question = make_question()
    publish_all(by=None)

    response = save(admin, question, answer="<p>A miracle cure.</p>", _publish="")

    assert "Not published" in said(response)
    assert "question:driving-home" in said(response)
    assert response.redirect_chain[-1][0] == address(question)
    question.refresh_from_db()
    assert question.answer == "<p>A miracle cure.</p>"
    assert Release.objects.count() == 1


def test_what_an_editor_typed_is_escaped_in_messages(admin: Client) -> None:
    question = make_question()
    publish_all(by=None)
    CrisisLine.objects.filter(href="tel:911").update(label="<script>alert(1)</script>")
    Section.objects.filter(slug="safety-text").update(link_path="/<script>x</script>/")
    publish_rows(keys=["crisisline:line-2"], by=None)

    response = save(admin, Section.objects.get(slug="safety-text"), _publish="")
    response = admin.get(CHANGES)

    assert b"<script>x" not in response.content
    assert b"<script>alert" not in response.content
    assert question.pk


def test_saving_without_a_change_says_that_all_is_live(admin: Client) -> None:
    question = make_question()
    publish_all(by=None)

    assert "already says this" in said(save(admin, question))


def test_saving_a_row_that_is_not_ready_says_why_it_is_not_shown(admin: Client) -> None:
    publish_all(by=None)
    question = make_question(is_ready=False)

    assert "not ready" in said(save(admin, question, question="Still waiting?"))


def test_the_change_page_shows_field_by_field_what_is_not_live(admin: Client) -> None:
    question = make_question()
    publish_all(by=None)
    assert b"On the site: Live" in admin.get(address(question)).content
    Question.objects.update(answer="<p>Not for a <strong>day</strong>.</p>")

    text = admin.get(address(question)).content.decode()

    assert "On the site: Changed since it went live" in text
    assert "<del>No. Ask an adult to take you.</del></td>" in text
    assert "<ins>Not for a day.</ins></td>" in text


def test_a_short_name_cannot_be_changed_once_saved(admin: Client) -> None:
    question = make_question()

    save(admin, question, slug="something-else")

    question.refresh_from_db()
    assert question.slug == "driving-home"


def test_a_second_row_with_the_same_heading_gets_a_name_of_its_own(admin: Client) -> None:
    make_question(slug="can-i-drive-home")

    save(
        admin,
        Question,
        "add",
        question="Can I drive home?",
        answer="<p>No.</p>",
        topic="practical",
    )

    assert Question.objects.count() == 2
    assert all(slug.startswith("can-i-drive-home") for slug in _slugs())


def _slugs() -> list[str]:
    return list(Question.objects.values_list("slug", flat=True))


def test_pasted_word_markup_comes_out_clean(admin: Client) -> None:
    question = make_question()
    pasted = (
        '<p class="MsoNormal" style="color:red" onclick="x()">Clean<o:p></o:p></p>'
        "<script>alert(1)</script>"
    )

    save(admin, question, answer=pasted)

    question.refresh_from_db()
    assert question.answer == "<p>Clean</p>"


def test_a_figure_that_contradicts_itself_is_explained_in_the_form(admin: Client) -> None:
    figure = make_figure(make_study())

    response = save(admin, figure, low="20", high="15")

    assert b"The upper end of a range must be above its lower end." in response.content
    assert OutcomeFigure.objects.get().high is None


def test_a_deleted_row_stays_on_the_site_until_its_removal_is_published(admin: Client) -> None:
    question = make_question()
    publish_all(by=None)

    response = admin.post(address(question, "delete"), {"post": "yes"}, follow=True)

    assert "Not live yet" in said(response)
    assert "question:driving-home" in live_content()
    admin.post(CHANGES, {"row": ["question:driving-home"]})
    assert "question:driving-home" not in live_content()


def test_several_rows_are_published_from_the_list(admin: Client) -> None:
    publish_all(by=None)
    rows = [make_question(slug="one"), make_question(slug="two")]

    admin.post(
        address(Question, "changelist"),
        {"action": "publish_selected", "_selected_action": [row.pk for row in rows]},
    )

    assert Release.objects.get(number=2).changed_keys == ["question:one", "question:two"]


def test_the_page_of_changes_publishes_only_what_is_ticked(admin: Client) -> None:
    publish_all(by=None)
    make_question(slug="one")
    make_question(slug="two")

    response = admin.post(CHANGES, {"row": ["question:two"], "note": "One answer"}, follow=True)

    assert "Release 2 is live" in said(response)
    assert "question:one" not in live_content()
    assert Release.objects.get(number=2).note == "One answer"


def test_the_page_of_changes_asks_for_a_tick(admin: Client) -> None:
    publish_all(by=None)

    assert "Nothing was ticked" in said(admin.post(CHANGES, {}, follow=True))


def test_the_page_of_changes_shows_what_blocks_publishing(admin: Client) -> None:
    publish_all(by=None)
    make_question(answer="<p>A miracle.</p>")
    make_study(cite_verified="partly")

    text = admin.get(CHANGES).content.decode()

    other, _, row = text.partition("(question, new)")
    assert "Blocks publishing:</strong> “miracle” promises more" in row
    assert "Worth a look: Parts of this citation are from memory." in other


def test_a_problem_is_shown_in_the_form_of_the_row_that_causes_it(admin: Client) -> None:
    question = make_question(answer="<p>A miracle.</p>")
    other = make_question(slug="other")

    assert "“miracle” promises more" in admin.get(address(question)).content.decode()
    assert "promises more" not in admin.get(address(other)).content.decode()


def test_a_problem_of_a_part_is_shown_in_the_form_of_the_whole(admin: Client) -> None:
    page = make_page()
    make_section(page, body="<p>A miracle.</p>")

    assert "“miracle” promises more" in admin.get(address(page)).content.decode()


def test_problems_of_other_rows_are_gathered_by_check(admin: Client) -> None:
    for n in range(3):
        make_study(slug=f"s{n}", cite_verified="partly")
    publish_all(by=None)

    for page in ("/admin/", CHANGES):
        text = admin.get(page).content.decode()
        assert text.count("Parts of this citation are from memory.") == 1
        assert "<summary>3 rows: Parts of this citation are from memory." in text


def test_a_release_shows_what_it_changed_and_cannot_be_edited(admin: Client) -> None:
    question = make_question()
    publish_all(by=None)
    Question.objects.update(answer="<p>Not for a day.</p>")
    release = publish_rows(keys=[question.key], by=None, note="Longer wait")

    listed = admin.get("/admin/pages/release/").content.decode()
    shown = admin.get(f"/admin/pages/release/{release.pk}/change/").content.decode()

    assert "Longer wait" in listed
    assert "Not for a day." in shown
    assert 'name="_save"' not in shown
    assert admin.get("/admin/pages/release/add/").status_code == 403
    assert (
        admin.post(f"/admin/pages/release/{release.pk}/delete/", {"post": "yes"}).status_code == 403
    )


def test_going_back_asks_first_and_makes_a_new_release(admin: Client) -> None:
    question = make_question()
    first = publish_all(by=None)
    Question.objects.update(answer="<p>A slip.</p>")
    publish_rows(keys=[question.key], by=None)
    shown = admin.get(f"/admin/pages/release/{first.pk}/change/").content.decode()
    assert "/admin/pages/release/1/restore/" in shown

    asked = admin.get("/admin/pages/release/1/restore/")
    assert b"A slip." in asked.content
    assert Release.objects.count() == 2
    response = admin.post("/admin/pages/release/1/restore/", follow=True)

    assert "Release 3 is live" in said(response)
    assert live_content() == first.content


def test_going_back_to_what_is_live_is_refused_in_words(admin: Client) -> None:
    publish_all(by=None)

    response = admin.post("/admin/pages/release/1/restore/", follow=True)

    assert "already says this" in said(response)


def test_a_key_leads_to_its_row(admin: Client) -> None:
    question = make_question()

    assert admin.get("/admin/pages/release/row/question:driving-home/").url == address(question)  # type: ignore[attr-defined]
    gone = admin.get("/admin/pages/release/row/question:gone/")
    assert gone.url == address(Question, "changelist")  # type: ignore[attr-defined]
    assert admin.get("/admin/pages/release/row/poem:x/").status_code == 404


def test_an_editor_who_may_not_publish_is_not_offered_it(client: Client, editor: User) -> None:
    question = make_question()
    publish_all(by=None)
    names = ["view_question", "change_question", "view_release"]
    editor.user_permissions.add(*Permission.objects.filter(codename__in=names))
    client.force_login(editor)

    page = client.get(address(question)).content
    response = save(client, question, question="Slipped through?", _publish="")

    assert b"_publish" not in page
    assert "Not live yet" in said(response)
    assert Release.objects.count() == 1
    assert client.post(CHANGES, {"row": [question.key]}).status_code == 403
    assert client.post("/admin/pages/release/1/restore/").status_code == 403


def test_nobody_without_an_account_gets_in(client: Client) -> None:
    study = make_study()

    for path in (CHANGES, "/admin/pages/release/1/restore/", address(study)):
        assert client.get(path).status_code == 302
    assert Study.objects.count() == 1
