"""Pages are served while the database is away, even by a process that started without it."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import Client, RequestFactory
from django.utils.functional import SimpleLazyObject

from pages import delivery, last_release, live
from pages.models import Question
from pages.publishing import publish_all, publish_rows
from tests.operations.servers import wait_until
from tests.pages.factories import make_page, make_question, make_section

pytestmark = pytest.mark.django_db

LAST_RELEASE = Path(settings.VAR_DIR) / "last_release.json"


@contextmanager
def database_away() -> Iterator[list[str]]:
    """Every query fails as when the server is gone, and no listener hears of it; yields what was
    asked."""
    asked: list[str] = []

    def refuse(execute: Callable[..., Any], sql: str, *args: Any) -> None:
        asked.append(sql)
        raise OperationalError("the database is away")

    with (
        connection.execute_wrapper(refuse),
        mock.patch.object(live.probe, "has_heard_since", return_value=False),
    ):
        yield asked


@pytest.fixture(autouse=True)
def _published(site_rows: None) -> None:
    make_section(make_page(), kind="questions", lists="practical")
    make_question()
    publish_all(by=None)


def test_a_running_process_serves_what_it_remembers(client: Client) -> None:
    client.get("/safety/")

    with database_away():
        response = client.get("/faq/")

    assert b"Can I drive home?" in response.content


def test_it_does_not_ask_a_database_that_is_away_on_every_request(client: Client) -> None:
    client.get("/faq/")

    with database_away() as asked:
        for _ in range(5):
            client.get("/faq/")

    assert len(asked) == 1


def test_it_asks_again_and_sees_the_next_release(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_RETRY_SECONDS", 0.0)
    with database_away():
        client.get("/faq/")
    Question.objects.update(question="Is it back?")
    publish_rows(keys=["question:driving-home"], by=None)

    assert b"Is it back?" in client.get("/faq/").content


def test_a_refusal_that_takes_long_is_asked_for_less_often(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/faq/")
    now = 1_000.0
    monkeypatch.setattr(live.time, "monotonic", lambda: now)
    asked = []

    def refuse_after(seconds: float) -> None:
        nonlocal now
        asked.append(now)
        now += seconds
        raise OperationalError("the database is away")

    with database_away():
        for took in (0.0, 0.5, 2.5, 6.0, 0.0):
            monkeypatch.setattr(live, "_from_database", lambda took=took: refuse_after(took))
            before = len(asked)
            while len(asked) == before:
                now += 0.25
                live.live()

    pauses = [later - earlier for earlier, later in itertools.pairwise(asked)]
    # The rest begins when the refusal is there: two seconds, or ten times as long as it took, or 30.
    assert pauses == [2.0, 0.5 + 5.0, 2.5 + 25.0, 6.0 + 30.0]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_who_listens_and_hears_it_again_ends_the_rest(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/faq/")
    monkeypatch.setattr(live, "RETRY_SECONDS", 3_600.0)
    monkeypatch.setattr(live, "MOST_RETRY_SECONDS", 3_600.0)
    with database_away():
        live.live()
        assert live._memory.rests()

    wait_until(lambda: not live._memory.rests(), "the listener", 10)
    live.live()

    assert not live._memory.failed_at


def test_nobody_waits_behind_the_one_who_asks_again(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/faq/")
    monkeypatch.setattr(live, "MOST_RETRY_SECONDS", 0.0)
    with database_away():
        client.get("/faq/")
    asking, over, asked = threading.Event(), threading.Event(), []

    def refuse_late() -> None:
        asked.append(threading.get_ident())
        asking.set()
        assert over.wait(30)
        raise OperationalError("the database is away")

    monkeypatch.setattr(live, "_from_database", refuse_late)
    monkeypatch.setattr(live.probe, "ask", lambda: None)
    with ThreadPoolExecutor(2) as pool:
        try:
            first = pool.submit(live.live)
            assert asking.wait(30)
            second = pool.submit(live.live).result(30)
            third = live.known()
        finally:
            over.set()

    assert len(asked) == 1
    assert first.result().site is second.site
    assert third is second


def test_a_new_process_serves_what_another_one_saved(client: Client) -> None:
    client.get("/faq/")
    live.forget()

    with database_away():
        response = client.get("/faq/")

    assert response.status_code == 200
    assert b"Can I drive home?" in response.content


def test_a_member_of_staff_is_served_as_a_visitor_meanwhile(
    client: Client, rf: RequestFactory
) -> None:
    client.get("/faq/")
    request = rf.get("/faq/")
    request.COOKIES[settings.SESSION_COOKIE_NAME] = "of somebody"
    request.user = SimpleLazyObject(User.objects.get)  # type: ignore[assignment]

    with database_away() as asked:
        response = delivery.respond(request, "/faq/")

    assert len(asked) == 2
    assert response.status_code == 200
    assert response["Cache-Control"].startswith("public")


def test_the_sitemap_is_served_without_days(client: Client) -> None:
    client.get("/faq/")

    with database_away():
        response = client.get("/sitemap.xml")

    assert b"/faq/</loc></url>" in response.content


def test_each_new_release_is_saved_whole(client: Client) -> None:
    client.get("/faq/")
    Question.objects.update(question="A second one?")
    publish_rows(keys=["question:driving-home"], by=None)
    client.get("/faq/")

    saved = json.loads(LAST_RELEASE.read_text())

    assert saved["number"] == 2
    assert saved["content"]["question:driving-home"]["question"] == "A second one?"
    assert [path.name for path in LAST_RELEASE.parent.glob("last_release*")] == [LAST_RELEASE.name]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"number": 1}', '{"number": 1, "approved_at": "", "content": {"a:b": {}}}'],
)
def test_a_damaged_file_is_no_worse_than_none(client: Client, text: str) -> None:
    LAST_RELEASE.write_text(text)

    with database_away():
        response = client.get("/")

    assert response.status_code == 503
    assert b"tel:988" in response.content


def test_a_full_disk_does_not_keep_a_release_from_readers(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(last_release.tempfile, "mkstemp", refuse)

    assert client.get("/faq/").status_code == 200


def test_a_process_started_without_a_database_serves_the_site(
    client: Client, tmp_path: Path
) -> None:
    client.get("/faq/")
    (tmp_path / "last_release.json").write_bytes(LAST_RELEASE.read_bytes())
    nowhere = {
        "VAR_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/none/clinic.sqlite3",
    }
    script = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "from django.conf import settings\n"
        "settings.STORAGES['staticfiles'] = "
        "{'BACKEND': 'django.contrib.staticfiles.storage.StaticFilesStorage'}\n"
        "response = Client(SERVER_NAME='localhost').get('/faq/')\n"
        "print(response.status_code, 'Can I drive home?' in response.content.decode())\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **nowhere, "DJANGO_SETTINGS_MODULE": "clinic_site.settings"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.stdout.strip().splitlines()[-1:] == ["200 True"], done.stderr


def test_somebody_with_a_session_reads_on_and_the_desk_says_that_it_is_away(
    client: Client, django_user_model: type[User]
) -> None:
    client.get("/safety/")
    client.force_login(django_user_model.objects.create_user("dana"))

    with database_away():
        page = client.get("/faq/")
        desk = client.get("/desk/")

    assert page.status_code == 200
    assert b"Can I drive home?" in page.content
    assert desk.status_code == 503
    assert b"tel:988" in desk.content
