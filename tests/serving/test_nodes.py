"""Two web nodes with their workers, PostgreSQL, and nginx with the release as files in front."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.operations.conftest import PRODUCTION
from tests.operations.place import ROOT, Place, own_database
from tests.operations.servers import HOST, Nginx, free_port, gunicorn, nginx, wait_until

pytestmark = [pytest.mark.nginx, pytest.mark.postgres]

SERVER = os.environ.get("TEST_POSTGRES_URL", "")

PUBLISH = """
import django; django.setup()
from pages.models import Page
from pages.publishing import publish_rows
Page.objects.filter(slug="faq").update(title="Fresh words")
publish_rows(keys=["page:faq"], by=None)
import time; print(time.time())
"""


@dataclass
class Clinic:
    places: tuple[Place, Place]
    ports: tuple[int, int]
    front: Nginx

    def node(self, n: int, path: str, **headers: str) -> http.client.HTTPResponse:
        """What a web node says, without nginx."""
        line = http.client.HTTPConnection("127.0.0.1", self.ports[n], timeout=20)
        sent = {"Host": HOST, "X-Forwarded-Proto": "https", **headers}
        line.request("GET", path, headers=sent)
        answer = line.getresponse()
        answer.text = answer.read()  # type: ignore[attr-defined]
        line.close()
        return answer

    def upstream(self) -> str:
        """Who answered the last request: empty when it was nginx itself."""
        return str(json.loads(self.front.log().splitlines()[-1])["upstream"])


@contextmanager
def worker(place: Place, **environ: str) -> Iterator[None]:
    """What clinic-spool runs on a node."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run_worker"],
        cwd=ROOT,
        env=place.environment(
            CLINIC_ROLE="public", CLINIC_RELEASES_DIR=str(place.var / "releases"), **environ
        ),
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    folder = tmp_path_factory.mktemp("nodes")
    with own_database(SERVER) as url:
        places = (
            Place(folder / "a/var", url, PRODUCTION),
            Place(folder / "b/var", url, PRODUCTION),
        )
        places[0].must("prepare", "--quiet")
        places[1].var.mkdir(parents=True)
        static = places[0].var / "static"
        environ = {"CLINIC_STATIC_DIR": str(static), "CLINIC_KEYS_DIR": str(places[0].var / "keys")}
        ports = free_port(), free_port()
        with (
            gunicorn(places[0], ports[0], **environ),
            gunicorn(places[1], ports[1], **environ),
            worker(places[0], **environ),
            worker(places[1], **environ),
            nginx(folder, public=list(ports), staff=ports[0], static=static) as front,
        ):
            for place in places:
                wait_until(lambda p=place: (p.var / "releases/current").exists(), "the files", 60)
            yield Clinic(places, ports, front)


@pytest.mark.parametrize("encoding", ["", "gzip", "br"])
def test_a_file_has_the_headers_of_the_site(clinic: Clinic, encoding: str) -> None:
    ours = clinic.node(0, "/safety/", **{"Accept-Encoding": encoding})

    answer = clinic.front.ask("/safety/", Accept_Encoding=encoding)

    assert clinic.upstream() == ""
    names = {"server", "date", "connection", "x-request-id", "etag", "content-length"}
    theirs = {n.lower(): v for n, v in answer.headers.items() if n.lower() not in names}
    assert theirs == {n.lower(): v for n, v in ours.headers.items() if n.lower() not in names}
    assert answer.headers["Content-Encoding"] == (encoding or None)
    assert answer.headers["ETag"].startswith('"')


@pytest.mark.parametrize("encoding", ["", "gzip", "br"])
def test_a_reader_who_has_the_file_is_told_so(clinic: Clinic, encoding: str) -> None:
    tag = clinic.front.ask("/faq/", Accept_Encoding=encoding).headers["ETag"]

    answer = clinic.front.ask("/faq/", Accept_Encoding=encoding, If_None_Match=tag)

    assert answer.status == 304
    assert clinic.front.ask("/faq/", If_None_Match='"other"').status == 200


def test_a_range_and_a_date_get_the_whole_page(clinic: Clinic) -> None:
    answer = clinic.front.ask(
        "/faq/", Range="bytes=0-9", If_Modified_Since="Sat, 01 Jan 2050 00:00:00 GMT"
    )

    assert answer.status == 200
    assert answer.body == clinic.front.ask("/faq/").body


def test_a_weight_of_nothing_is_heeded(clinic: Clinic) -> None:
    assert clinic.front.ask("/faq/", Accept_Encoding="br;q=0").headers["Content-Encoding"] is None


@pytest.mark.parametrize(
    "path", ["/contact/", "/search/", "/no-such-page/", "/faq", "/sitemap.xml"]
)
def test_what_is_no_file_is_asked_of_the_site(clinic: Clinic, path: str) -> None:
    clinic.front.ask(path)

    assert clinic.upstream() != ""


def test_somebody_with_a_session_is_answered_by_the_site(clinic: Clinic) -> None:
    clinic.front.ask("/faq/", Cookie="__Host-session=abc")

    assert clinic.upstream() != ""


def test_what_is_published_on_one_node_is_on_every_node(clinic: Clinic) -> None:
    for n in (0, 1):
        clinic.node(n, "/faq/")  # so that both answer from memory
    words = b"Fresh words"
    places = {
        "node a": lambda: words in clinic.node(0, "/faq/").text,  # type: ignore[attr-defined]
        "node b": lambda: words in clinic.node(1, "/faq/").text,  # type: ignore[attr-defined]
        "files a": lambda: words in _file(clinic.places[0]),
        "files b": lambda: words in _file(clinic.places[1]),
        "nginx": lambda: words.decode() in clinic.front.ask("/faq/").body,
    }
    assert not any(shows() for shows in places.values())

    seen: dict[str, float] = {}

    def watch(name: str) -> None:
        wait_until(places[name], name, 60)
        seen[name] = time.time()

    watchers = [threading.Thread(target=watch, args=[name]) for name in places]
    for watcher in watchers:
        watcher.start()
    done = subprocess.run(
        [sys.executable, "-c", PUBLISH],
        cwd=ROOT,
        env=clinic.places[0].environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    for watcher in watchers:
        watcher.join()

    after = {name: f"{at - float(done.stdout):.2f}" for name, at in seen.items()}
    print(f"\nseconds after the commit: {after}")
    assert set(seen) == set(places)


def _file(place: Place) -> bytes:
    return (place.var / "releases/current/faq/index.html").read_bytes()
