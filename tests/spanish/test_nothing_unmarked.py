"""No page of staff says a word that gettext has not seen, and no template has one outside its tags."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings as conf
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from intake.desk.urls import urlpatterns
from intake.models import AuditEvent, CallbackRequest, OpeningHours
from intake.schedule import load_policy
from pages.releases import working_content
from tests.desk import test_access
from tests.desk.conftest import (  # noqa: F401  a desk on a Monday
    clinic,
    clock,
    office,
    place,
    signed_in,
    sue,
)
from tests.desk.test_access import rows  # noqa: F401
from tests.desk.test_supervisor import add
from tests.intake.making import make_content
from tests.pages import test_admin_roles
from tests.pages.conftest import site_rows  # noqa: F401
from tests.pages.test_admin_roles import AT_THE_DOOR, names_of, staff  # noqa: F401
from tests.spanish.unmarked import mark_all, words_left, words_of
from tests.staff.people import give_codes, make_staff

# Names, and what is the same in every language.
NAMES = words_of(
    "English Español dana iris sue Ketamine Infusion Clinic Esc Enter min MST MDT CSV PIN JavaScript",
    "Marisol Vega Quinn Rang out New Year doi PubMed DOI HEAL en",
    "Search",  # the picture of a glass in Django's lists, which Django does not translate,
)


# -- Templates --------------------------------------------------------------------

TEMPLATES = Path(conf.BASE_DIR) / "templates"
# Where a template rightly holds words of its own.
OWN_WORDS = {
    "components/crisis.html": {"En", "español", "oprima"},  # said in Spanish on English pages
    "components/study.html": {"doi", "PubMed"},
    "desk/keys.html": {"Esc"},
    "desk/list.html": {"Enter"},
}


def _words_outside_tags(text: str) -> list[str]:
    text = re.sub(
        r"\{% comment %\}.*?\{% endcomment %\}|\{#.*?#\}|<script.*?</script>"
        r"|\{% blocktranslate.*?\{% endblocktranslate %\}",
        " ",
        text,
        flags=re.DOTALL,
    )
    handed_on = re.findall(
        r'\b(?:label|heading|hint|title|text|way)="([^"]+)"',
        " ".join(re.findall(r"\{% include.*?%\}", text)),
    )
    handed_on += re.findall(r'\|default(?:_if_none)?:"([^"]*)"', text)
    firsts = " ".join(re.findall(r"\{% firstof .*?%\}", text))
    handed_on += [words for mark, words in re.findall(r'(_\()?"([^"]*)"', firsts) if not mark]
    html = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", text, flags=re.DOTALL)
    handed_on = [words for words in handed_on if not words.startswith("/")]  # addresses
    return [word for part in (html, *handed_on) for word in words_left(part)]


@pytest.mark.parametrize(
    "path",
    [p for p in sorted(TEMPLATES.rglob("*.html")) if "gallery" not in p.parts],
    ids=lambda p: str(p.relative_to(TEMPLATES)),
)
def test_a_template_says_nothing_outside_its_translate_tags(path: Path) -> None:
    name = str(path.relative_to(TEMPLATES))
    allowed = OWN_WORDS.get(name, set()) | {"calm", "door"}  # classes, in blocks of their own

    assert [word for word in _words_outside_tags(path.read_text()) if word not in allowed] == []


def test_words_outside_tags_are_found() -> None:
    assert _words_outside_tags("<p>Take it {{ back }}</p>") == ["Take", "it"]
    assert _words_outside_tags('{% include "x.html" with label="Name" only %}') == ["Name"]
    assert _words_outside_tags('<nav aria-label="Desk">{% translate "Hours" %}</nav>') == ["Desk"]
    assert _words_outside_tags('{% firstof name _("a command") "nobody" %}') == ["nobody"]


# -- Pages, with what code says on them -------------------------------------------


def left_on(client: Client, path: str, data: dict[str, str] | None = None, **own: str) -> list[str]:
    response = client.post(path, data, follow=True) if data is not None else client.get(path)
    assert response.status_code in {200, 409, 422}, (path, response.status_code)
    known = NAMES | words_of(*own.values())
    return sorted({w for w in words_left(response.content.decode()) if w.lower() not in known})


READ = [p.name for p in urlpatterns if test_access.DOORS[p.name][0] == "get" and p.name != "export"]


@pytest.mark.parametrize("name", READ)
def test_a_page_of_the_desk_says_only_what_is_marked(
    office: Client,  # noqa: F811
    rows: CallbackRequest,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    office.post("/desk/find/", {"what": "303-555-0142"})
    kept = " ".join(str(event.detail) for event in AuditEvent.objects.all())  # as it is on record
    mark_all(monkeypatch)

    assert left_on(office, test_access.address(name), kept=kept, said=callers_words()) == []


def test_a_sheet_says_only_what_is_marked_whatever_is_done_on_it(
    office: Client,  # noqa: F811
    rows: CallbackRequest,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mark_all(monkeypatch)
    sheet = f"/desk/{rows.pk}/"
    own = {"said": callers_words(), "wrote": json.dumps(make_content())}

    for move, data in (
        ("claim/", {}),
        ("reveal/", {}),
        ("consent/", {"purpose": "voicemail", "answer": "yes"}),
        ("attempt/", {}),
        ("attempt/", {"outcome": "no_answer", "next": "other"}),
        ("attempt/", {"outcome": "voicemail", "next": "other", "other_at": "2026-11-24T10:00"}),
        ("reopen/", {"reason": ""}),
        ("unreachable/", {}),
    ):
        version = str(CallbackRequest.objects.get().version)
        assert left_on(office, sheet + move, {"expected_version": version, **data}, **own) == [], (
            move
        )
    assert left_on(office, sheet, **own) == []


def test_forms_of_the_office_refuse_in_marked_words(
    office: Client,  # noqa: F811
    rows: CallbackRequest,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add(office, "hours", weekday="5", opens_at="09:00", closes_at="12:00")
    office.get("/desk/hours/")  # says that they were added
    mark_all(monkeypatch)
    own = {"said": callers_words()}

    for path, data in (
        ("/desk/find/", {"what": "abc"}),
        ("/desk/find/", {"what": "K7QM4-TXW9R"}),
        ("/desk/find/name/", {"name": "q"}),
        ("/desk/phrases/", {"text": "Call 303 555 0142"}),
        ("/desk/wording/", {"opening_words": "", "voicemail_words": "ketamine"}),
        ("/desk/hours/", {"form": "hours", "hours-weekday": "5"}),
        ("/desk/hours/", {"form": "policy", "policy-waits": "x"}),
        (f"/desk/hours/{OpeningHours.objects.get(weekday=0).pk}/remove/", {}),
    ):
        assert left_on(office, path, data, **own, typed=str(data.values())) == [], (path, data)


def callers_words() -> str:
    policy = load_policy()
    return f"{policy.opening_words} {policy.voicemail_words}"


SIGNING_IN = ("/staff/", "/staff/app/new/", "/staff/passkeys/new/", "/staff/password/")


@pytest.mark.parametrize("path", [*SIGNING_IN, "/staff/sessions/", "/staff/recovery-codes/new/"])
def test_a_page_about_signing_in_says_only_what_is_marked(
    db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    settings.REQUIRE_SECOND_FACTOR = False
    user = make_staff(role="supervisor")
    client = Client()
    client.post("/sign-in/", {"username": user.username, "password": "quiet lantern over gravel"})
    give_codes(user)
    mark_all(monkeypatch)

    assert left_on(client, path, name=user.username, agent="unknown") == []


def test_the_sign_in_page_and_its_refusal_say_only_what_is_marked(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark_all(monkeypatch)

    assert left_on(Client(), "/sign-in/") == []
    assert left_on(Client(), "/sign-in/", {"username": "nobody", "password": "wrong"}) == []


def in_the_admin(user: User, settings: Settings) -> tuple[Client, str, list[str]]:
    """Somebody signed in, the words that are the site's own, and the names of all its addresses."""
    settings.REQUIRE_SECOND_FACTOR = False
    own = json.dumps(working_content(), ensure_ascii=False)
    return signed_in(user), own, list(names_of(admin.site.urls[0]))


@pytest.mark.usefixtures("site_rows")
def test_the_admin_says_only_what_is_marked(
    staff: dict[str, User],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
) -> None:
    client, own, names = in_the_admin(staff["reviewer"], settings)
    people = " ".join(user.username for user in User.objects.all())
    mark_all(monkeypatch)
    skipped = AT_THE_DOOR | {"autocomplete", "view_on_site", "jsi18n", "app_list"}
    wrong = {}

    for name in sorted(set(names) - skipped):
        path = test_admin_roles.address(name)
        if client.get(path).status_code == 200:
            left = left_on(client, path, own=own, people=people, made="For the printer")
            if left:
                wrong[name] = left

    assert wrong == {}


@pytest.mark.usefixtures("site_rows")
def test_forms_of_the_admin_refuse_in_marked_words(
    staff: dict[str, User],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
) -> None:
    client, own, names = in_the_admin(staff["editor"], settings)
    mark_all(monkeypatch)
    paths = [reverse(f"admin:{name}") for name in names if name[-4:] == "_add"]
    paths = [path for path in paths if client.get(path).status_code == 200]

    assert len(paths) > 10
    wrong = {
        path: left_on(client, path, {"slug": "Not One"}, own=own, name="editor") for path in paths
    }
    assert {path: left for path, left in wrong.items() if left} == {}
