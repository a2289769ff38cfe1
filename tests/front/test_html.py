"""The HTML of every page and state, as html-validate reads it: the standard, and more.

``.venv/html`` holds the tool; ``make test`` puts it there from ``tests/front/html``. Of its rules two
are off: white space at the end of a line, and no-break characters in telephone numbers, which would
be copied with the number (the style sheet keeps numbers together instead).
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from django.conf import settings as project
from django.test import Client
from pytest_django import Settings

from clinic_site import errors
from intake.schedule import set_up
from tests.content.seed import seeds
from tests.form.sending import make_token, send
from tests.intake.making import make_request
from tests.staff.people import give_app, make_staff, sign_in, sign_in_fully

HERE: Final = Path(__file__).parent / "html"
INSTALLED: Final = Path(sys.prefix) / "html" / "node_modules" / "html-validate"
ERRORS: Final = sorted(
    path.stem for path in (project.BASE_DIR / "templates" / "errors").glob("*.html")
)
# Firefox writes the hidden token of an earlier form into a newly loaded one unless told not to, and
# two people's requests would become one. HTML has no valid way to tell it; no browser minds.
# The form that keeps a call in hand is hidden, and nobody but the desk's script sends it.
ACCEPTED: Final = {("valid-autocomplete", "#id_token"), ("wcag/h32", "#renew")}

pytestmark = pytest.mark.html


def problems_of(folder: Path, pages: dict[str, str]) -> list[str]:
    """What html-validate says of these pages, by name."""
    for name, html in pages.items():
        (folder / f"{name}.html").write_text(html)
    command = [Path(sys.prefix) / "bin" / "node", INSTALLED / "bin" / "html-validate.mjs"]
    options = ["--config", HERE / ".htmlvalidate.json", "--formatter", "json"]
    report = folder / "report.json"
    with report.open("w") as out:  # a pipe would be cut off: the tool exits before it is drained
        done = subprocess.run([*command, *options, *folder.glob("*.html")], stdout=out, check=False)
    assert done.returncode in {0, 1}
    return [
        f"{Path(page['filePath']).stem}, {found['selector']}: {found['ruleId']}: {found['message']}"
        for page in json.loads(report.read_text())
        for found in page["messages"]
        if (found["ruleId"], found["selector"]) not in ACCEPTED
    ]


def pages_of_the_site(client: Client) -> Iterator[tuple[str, str]]:
    for seed in seeds("page"):
        yield seed.slug, client.get(seed.fields["path"]).content.decode()
        spanish = f"/es{seed.fields['path']}"
        yield f"es-{seed.slug}", client.get(spanish).content.decode()
    yield "nowhere", client.get("/nowhere/").content.decode()
    for name, words in (("empty", ""), ("found", "sad"), ("crisis", "kill myself"), ("no", "xyzq")):
        yield f"search-{name}", client.get("/search/", {"q": words}).content.decode()


def states_of_the_form(client: Client) -> Iterator[tuple[str, str]]:
    yield "form-empty-answers", send(client, name="", phone="", call_consent=None).content.decode()
    yield "form-one-error", send(client, phone="12").content.decode()
    old = make_token(age=timedelta(days=30))
    yield "form-expired", send(client, token=old).content.decode()
    elsewhere = client.post("/contact/", {}, headers={"origin": "https://elsewhere.example"})
    yield "form-elsewhere", elsewhere.content.decode()
    for name, comment in (("received", ""), ("received-crisis", "I want to kill myself")):
        sent = send(client, comment=comment)
        yield name, client.get(sent["Location"]).content.decode()
    yield (
        "form-correcting",
        client.get(f"/contact/?{sent['Location'].partition('?')[2]}").content.decode(),
    )
    yield "received-nothing", client.get("/contact/received/").content.decode()


def pages_of_staff(client: Client) -> Iterator[tuple[str, str]]:
    secret = give_app(make_staff(role="supervisor"))
    yield "sign-in", client.get("/sign-in/").content.decode()
    yield "sign-in-wrong", sign_in(client, password="wrong").content.decode()
    sign_in(client)
    yield "second-step", client.get("/sign-in/code/").content.decode()
    yield "second-step-wrong", client.post("/sign-in/code/", {"code": "0"}).content.decode()
    sign_in_fully(client, "dana.w", secret)
    for name in ("staff", "staff/sessions", "staff/password", "staff/app/remove"):
        yield name.replace("/", "-"), client.get(f"/{name}/").content.decode()


def pages_of_the_desk(client: Client) -> Iterator[tuple[str, str]]:
    set_up()
    request = make_request(comment="my back hurts", email="w@example.org")
    client.force_login(make_staff(role="supervisor"))
    yield "covered-sheet", client.get(f"/desk/{request.pk}/").content.decode()
    client.post(f"/desk/{request.pk}/claim/")
    yield "open-sheet", client.post(f"/desk/{request.pk}/reveal/", follow=True).content.decode()
    for name in ("", "numbers/", "team/", "held/", "hours/", "unsent/", "record/", "find/"):
        yield f"desk-{name.strip('/')}", client.get(f"/desk/{name}").content.decode()


def test_every_page_is_valid(open_clinic: None, client: Client, tmp_path: Path) -> None:
    pages = dict(pages_of_the_site(client))

    assert problems_of(tmp_path, pages) == []


def test_every_state_of_the_form_is_valid(
    open_clinic: None, client: Client, tmp_path: Path
) -> None:
    states = dict(states_of_the_form(client))

    assert problems_of(tmp_path, states) == []


def test_every_page_of_staff_is_valid(
    open_clinic: None, client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.REQUIRE_SECOND_FACTOR = True

    pages = dict(pages_of_staff(client))

    assert problems_of(tmp_path, pages) == []


def test_every_page_of_the_desk_is_valid(
    open_clinic: None, client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.REQUIRE_SECOND_FACTOR = False

    pages = dict(pages_of_the_desk(client))

    assert problems_of(tmp_path, pages) == []


def test_every_error_page_is_valid(tmp_path: Path) -> None:
    pages = {name: errors.error_page(name, 500, reason="So.").content.decode() for name in ERRORS}

    assert problems_of(tmp_path, pages) == []
