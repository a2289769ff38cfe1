"""Every address of the site, by every kind of person and method. An unknown address fails.

The desk and the admin have tables of their own, with rows to work on; this test holds the three
tables together and tries what is left.
"""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import Settings

from clinic_site.roles import ROLES
from pages import live
from pages.publishing import publish_all
from tests.desk.test_access import DOORS as DESK
from tests.operations.place import ROOT, Place
from tests.pages.factories import make_site
from tests.pages.test_admin_roles import AT_THE_DOOR, who_may
from tests.staff.people import make_staff

STRANGER = "stranger"
EVERYBODY = {STRANGER, *ROLES, "superuser"}
STAFF = EVERYBODY - {STRANGER}
CONTENT = STAFF - {"coordinator"}
NOBODY: set[str] = set()
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")

# Name: who may read there, and who may post.
SITE: dict[str, tuple[set[str], set[str]]] = {
    "health-live": (EVERYBODY, NOBODY),
    "health-ready": (EVERYBODY, NOBODY),
    "metrics": (EVERYBODY, NOBODY),  # asked from this machine; test_metrics.py asks from others
    "security-txt": (EVERYBODY, NOBODY),
    "csp-report": (NOBODY, EVERYBODY),
    "gallery": (NOBODY, NOBODY),  # only under DEBUG
    "gallery-component": (NOBODY, NOBODY),
    "gallery-page": (NOBODY, NOBODY),
    "intake:contact": (EVERYBODY, EVERYBODY),
    "intake:received": (EVERYBODY, NOBODY),
    "pages:sitemap": (EVERYBODY, NOBODY),
    "pages:robots": (EVERYBODY, NOBODY),
    "pages:search": (EVERYBODY, NOBODY),
    "pages:speculation-rules": (EVERYBODY, NOBODY),
    "pages:page": (EVERYBODY, NOBODY),
    "pages:photo": (NOBODY, NOBODY),  # there is none
    "pages:picture": (NOBODY, NOBODY),
    "pages:preview": (CONTENT, NOBODY),
    "pages:preview-frame": (CONTENT, NOBODY),
    "pages:preview-shared": (NOBODY, NOBODY),  # the link of this test is made up
    "sign-in": ({STRANGER}, {STRANGER}),  # whoever is signed in is led on
    "account_login": ({STRANGER}, {STRANGER}),
    "mfa_authenticate": (NOBODY, NOBODY),  # only with a password just given
    "mfa_login_webauthn": (NOBODY, NOBODY),  # answers the script of the sign-in page only
    "sign-out": (STAFF, EVERYBODY),
    "account_logout": (STAFF, EVERYBODY),
    "staff-language": (NOBODY, EVERYBODY),
    "mfa_index": (STAFF, NOBODY),
    "account_change_password": (STAFF, STAFF),
    "mfa_activate_totp": (STAFF, STAFF),
    "mfa_deactivate_totp": (NOBODY, NOBODY),  # nobody here has an app
    "mfa_list_webauthn": (NOBODY, NOBODY),  # leads to mfa_index
    "mfa_add_webauthn": (STAFF, STAFF),
    "mfa_remove_webauthn": (NOBODY, NOBODY),  # not their own
    "mfa_edit_webauthn": (NOBODY, NOBODY),
    "mfa_view_recovery_codes": (NOBODY, NOBODY),  # nobody here has codes
    "mfa_generate_recovery_codes": (STAFF, STAFF),
    "mfa_download_recovery_codes": (NOBODY, NOBODY),
    "account_reauthenticate": (STAFF, STAFF),
    "mfa_reauthenticate": (NOBODY, NOBODY),
    "mfa_reauthenticate_webauthn": (NOBODY, NOBODY),
    "usersessions_list": (STAFF, NOBODY),
    "staff-session-end": (NOBODY, NOBODY),  # not their own
    "staff-invitation-accept": (NOBODY, NOBODY),
    "staff-invitation": (NOBODY, NOBODY),
}
# A POST that is answered by leading to the home page.
DONE_BY_LEADING_ON = {"staff-language", "sign-out", "account_logout"}
ARGUMENTS = {
    "gallery-component": ["crisis"],
    "gallery-page": ["home"],
    "pages:page": [""],
    "pages:photo": ["0" * 32 + "-960.jpg"],
    "pages:picture": ["faq", "0" * 16],
    "pages:preview": ["working", ""],
    "pages:preview-frame": ["working", ""],
    "pages:preview-shared": ["x" * 40, ""],
    "mfa_remove_webauthn": [1],
    "mfa_edit_webauthn": [1],
    "staff-session-end": [1],
    "staff-invitation": ["MQ", "abc-def"],
}
ADMINS_LEFTOVERS = ("at the door: (?P<url>.*)$", "at the door: <path:object_id>/")
# The internet-facing role has these and no more.
PUBLIC = {
    *("health-live", "health-ready", "metrics", "security-txt", "csp-report"),
    *("gallery", "gallery-component", "gallery-page", "intake:contact", "intake:received"),
    *("pages:sitemap", "pages:robots", "pages:search", "pages:page", "pages:photo"),
    "pages:picture",
    "pages:speculation-rules",
}
NAMES_OF_PUBLIC = """
import django; django.setup()
from django.urls import get_resolver
from tests.staff.test_every_address import names
print(*names(get_resolver().url_patterns))
"""


def names(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from names(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name}" if pattern.name else f"at the door: {pattern.pattern}"


def is_known(name: str) -> bool:
    if name.startswith("admin:"):
        inner = name.removeprefix("admin:")
        return inner in AT_THE_DOOR or inner == "None" or who_may(inner) is not None
    if name.startswith("desk:"):
        return name.removeprefix("desk:") in DESK
    doors = ("at the door: login/", "at the door: logout/", "at the door: password_change/")
    # Of the admin's own without a name: what matches nothing, and addresses of Django 1.8.
    return name in SITE or name in doors or name in ADMINS_LEFTOVERS


@pytest.fixture
def site_published(db: None) -> Iterator[None]:
    make_site()
    publish_all(by=None)
    live.forget()
    yield
    live.forget()


@pytest.fixture
def people(settings: Settings, site_published: None) -> dict[str, Client]:
    settings.SECURITY_CONTACT = "mailto:security@example.org"
    settings.SECURITY_EXPIRES = date(2027, 6, 30)
    settings.FORM_LIMITS = {"address": 1_000_000, "everybody": 1_000_000}
    found = {STRANGER: Client()}
    for role in ROLES:
        found[role] = _client(make_staff(role, role))
    root = make_staff("root", "editor", is_superuser=True, is_staff=True)
    return {**found, "superuser": _client(root)}


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(name: str) -> str:
    return reverse(name, args=ARGUMENTS.get(name, []))


def ask(client: Client, method: str, name: str) -> int:
    """The status of the answer; nothing is kept of what the request did."""
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        form = "application/x-www-form-urlencoded"
        data = "name=" if method == "POST" else ""
        status = client.generic(method, address(name), data, content_type=form).status_code
        transaction.set_rollback(True)
    client.cookies = cookies
    return status


def is_let_in(status: int, method: str, name: str) -> bool:
    """Whether the view did its work, or explained what is wrong with the form."""
    assert status < 500 or name == "health-ready", (method, name)
    done = status == 302 and method == "POST" and name in DONE_BY_LEADING_ON
    return done or status in {200, 204, 304, 422, 503}


def test_every_address_is_in_one_of_the_three_tables() -> None:
    found = list(names(get_resolver().url_patterns))

    assert len(found) > 150
    assert [name for name in found if not is_known(name)] == []
    assert set(SITE) <= set(found), "no longer an address"
    with pytest.raises(KeyError):
        is_known("admin:pages_secret")


@pytest.mark.django_db
def test_every_address_answers_whom_it_should_and_nobody_else(people: dict[str, Client]) -> None:
    wrong = []
    for name, (readers, posters) in SITE.items():
        may = {"GET": readers, "HEAD": readers, "POST": posters}
        for method in METHODS:
            got = {person: ask(client, method, name) for person, client in people.items()}
            let_in = {person for person, status in got.items() if is_let_in(status, method, name)}
            if let_in != may.get(method, NOBODY):
                wrong.append(f"{method} {name}: {got}")

    assert not wrong, "\n".join(wrong)


def test_the_public_role_has_no_door_at_all(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NAMES_OF_PUBLIC],
        cwd=ROOT,
        env=Place(tmp_path).environment(CLINIC_ROLE="public"),
        capture_output=True,
        text=True,
        check=True,
    )

    assert set(done.stdout.split()) == PUBLIC
