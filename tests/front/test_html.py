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
from django.conf import settings
from django.test import Client

from clinic_site import errors
from tests.content.seed import seeds
from tests.form.sending import make_token, send

HERE: Final = Path(__file__).parent / "html"
INSTALLED: Final = Path(sys.prefix) / "html" / "node_modules" / "html-validate"
ERRORS: Final = sorted(
    path.stem for path in (settings.BASE_DIR / "templates" / "errors").glob("*.html")
)
# Firefox writes the hidden token of an earlier form into a newly loaded one unless told not to, and
# two people's requests would become one. HTML has no valid way to tell it; no browser minds.
ACCEPTED: Final = {("valid-autocomplete", "#id_token")}

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
        f"{Path(page['filePath']).stem}, line {found['line']}: {found['ruleId']}: {found['message']}"
        for page in json.loads(report.read_text())
        for found in page["messages"]
        if (found["ruleId"], found["selector"]) not in ACCEPTED
    ]


def pages_of_the_site(client: Client) -> Iterator[tuple[str, str]]:
    for seed in seeds("page"):
        yield seed.slug, client.get(seed.fields["path"]).content.decode()
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


def test_every_page_is_valid(open_clinic: None, client: Client, tmp_path: Path) -> None:
    pages = dict(pages_of_the_site(client))

    assert problems_of(tmp_path, pages) == []


def test_every_state_of_the_form_is_valid(
    open_clinic: None, client: Client, tmp_path: Path
) -> None:
    states = dict(states_of_the_form(client))

    assert problems_of(tmp_path, states) == []


def test_every_error_page_is_valid(tmp_path: Path) -> None:
    pages = {name: errors.error_page(name, 500, reason="So.").content.decode() for name in ERRORS}

    assert problems_of(tmp_path, pages) == []
