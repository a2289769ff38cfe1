"""The doors of staff: from where they open, what they are called, and who is told of a hole."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.core.checks import CheckMessage
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from clinic_site.checks import weaknesses_can_be_told
from tests.operations.place import ROOT, Place
from tests.staff.people import make_staff

pytestmark = pytest.mark.django_db

DOORS = ["/sign-in/", "/desk/", "/admin/", "/admin/login/", "/staff/"]
# Asked by a process of its own, because addresses are read once, at the start.
NAMES = """
import django; django.setup()
from django.conf import settings
from django.urls import resolve, reverse
from clinic_site.headers import policy
print(reverse("desk:list"), reverse("admin:index"), settings.STAFF_PATHS[:2])
print(resolve("/desk/").view_name, resolve("/admin/").view_name)
print("sha256" in policy(settings.SECURE_CSP, "/office/"), "sha256" in policy({}, "/admin/"))
"""


@pytest.mark.parametrize("path", DOORS)
def test_from_elsewhere_the_doors_are_not_there(
    client: Client, settings: Settings, path: str
) -> None:
    settings.STAFF_NETWORKS = [ip_network("203.0.113.0/24")]
    client.force_login(make_staff(is_superuser=True, is_staff=True))

    assert client.get(path, REMOTE_ADDR="198.51.100.7").status_code == 404
    assert client.post(path, REMOTE_ADDR="198.51.100.7").status_code == 404
    assert client.get(path, REMOTE_ADDR="203.0.113.7").status_code in {200, 302}


def test_a_header_from_elsewhere_opens_no_door(client: Client, settings: Settings) -> None:
    settings.STAFF_NETWORKS = [ip_network("203.0.113.0/24")]
    forged = {"REMOTE_ADDR": "198.51.100.7", "HTTP_X_FORWARDED_FOR": "203.0.113.7"}

    assert client.get("/sign-in/", **forged).status_code == 404

    settings.TRUSTED_PROXIES = ["198.51.100.7"]
    assert client.get("/sign-in/", **forged).status_code == 200


def test_the_public_site_is_open_to_everybody_all_the_same(
    client: Client, settings: Settings
) -> None:
    settings.STAFF_NETWORKS = [ip_network("203.0.113.0/24")]

    assert client.get(reverse("intake:contact"), REMOTE_ADDR="198.51.100.7").status_code == 200


def test_desk_and_admin_have_the_names_that_the_clinic_gives_them(tmp_path: Path) -> None:
    place = Place(tmp_path, environ={"CLINIC_DESK_PATH": "ward", "CLINIC_ADMIN_PATH": "office"})

    said = subprocess.run(
        [sys.executable, "-c", NAMES],
        cwd=ROOT,
        env=place.environment(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()

    assert said == [
        "/ward/ /office/ ('/ward/', '/office/')",
        "pages:page pages:page",
        "True False",
    ]


def test_whoever_finds_a_weakness_is_told_whom_to_tell(client: Client, settings: Settings) -> None:
    settings.SECURITY_CONTACT = "mailto:security@example.org"
    settings.SECURITY_EXPIRES = date(2027, 6, 30)

    answer = client.get("/.well-known/security.txt")

    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert "Contact: mailto:security@example.org\nExpires: 2027-06-30T00:00:00Z\n" in answer.text


def test_without_a_contact_there_is_no_such_file(client: Client) -> None:
    assert client.get("/.well-known/security.txt").status_code == 404


def test_a_contact_that_is_missing_or_nearly_over_is_remarked_on(settings: Settings) -> None:
    def remarks() -> list[str | None]:
        found: list[CheckMessage] = weaknesses_can_be_told(None)
        return [remark.id for remark in found]

    assert remarks() == ["clinic_site.W002"]
    settings.SECURITY_CONTACT = "mailto:security@example.org"
    settings.SECURITY_EXPIRES = date.today() + timedelta(days=20)
    assert remarks() == ["clinic_site.W003"]
    settings.SECURITY_EXPIRES = date.today() + timedelta(days=300)
    assert remarks() == []
