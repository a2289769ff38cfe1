"""``/metrics``: right numbers, from every process, for those who may ask."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.test import RequestFactory, override_settings

from clinic_site import metrics
from tests.operations.place import ROOT, Place
from tests.operations.servers import free_port, gunicorn


@pytest.fixture(scope="module")
def place(migrated: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = migrated.copy_to(tmp_path_factory.mktemp("measured") / "var")
    place.write("M", 3)
    (place.var / "spool").mkdir()
    (place.var / "spool" / "one.json").write_text("{}")
    return place


@pytest.fixture(scope="module")
def port(place: Place) -> Iterator[int]:
    found = free_port()
    with gunicorn(place, found, CLINIC_HOSTS="www.example.org,127.0.0.1", WEB_PROCESSES="2"):
        yield found


def ask(port: int, path: str = "/metrics", **headers: str) -> tuple[int, str]:
    from http.client import HTTPConnection

    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, body


def value(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found, f"no {name} in\n{text}"
    return float(found[1])


def test_the_numbers_are_those_of_the_site(port: int) -> None:
    status, text = ask(port)

    assert status == 200
    assert value(text, "clinic_database_up") == 1
    assert value(text, "clinic_unadmitted") == 3
    assert value(text, "clinic_unadmitted_oldest_seconds") > 0
    assert value(text, "clinic_spool_files") == 1
    assert value(text, 'clinic_queue_requests{state="new"}') == 0
    assert value(text, "clinic_outbox_dead") == 0
    assert value(text, "clinic_release_number") == 0


def test_requests_are_counted_whichever_process_answered(port: int) -> None:
    name = 'clinic_requests_total{area="other",method="GET",status="2xx"}'
    before = value(ask(port)[1], name)

    for _ in range(20):
        ask(port, "/health/live")
    text = ask(port)[1]

    assert value(text, name) - before == 21  # the first reading counts as well
    assert value(text, 'clinic_request_seconds_count{area="other"}') >= 21


def test_no_path_and_no_reference_is_in_it(port: int) -> None:
    ask(port, "/somebody-s-secret-path/?q=jordan")

    text = ask(port)[1]

    assert "secret-path" not in text
    assert "jordan" not in text
    assert "M0000001" not in text


def test_somebody_behind_a_proxy_is_not_taken_for_this_machine(port: int) -> None:
    assert ask(port, "/metrics", **{"X-Forwarded-For": "127.0.0.1"})[0] == 404
    assert ask(port, "/metrics", Via="1.1 proxy")[0] == 404


@pytest.mark.parametrize(
    ("token", "sent", "address", "may"),
    [
        ("", "", "127.0.0.1", True),
        ("", "", "::1", True),
        ("", "", "10.0.0.9", False),
        ("t" * 32, "", "127.0.0.1", False),
        ("t" * 32, "Bearer " + "t" * 31, "127.0.0.1", False),
        ("t" * 32, "Bearer " + "t" * 32, "10.0.0.9", True),
    ],
)
def test_who_may_ask(token: str, sent: str, address: str, may: bool) -> None:
    headers = {"HTTP_AUTHORIZATION": sent} if sent else {}
    request = RequestFactory().get("/metrics", REMOTE_ADDR=address, **headers)

    with override_settings(METRICS_TOKEN=token):
        assert metrics.may_ask(request) is may


def test_while_the_database_is_away_the_rest_is_still_answered(place: Place) -> None:
    away = Place(place.var.parent / "away", "postgres://nobody@127.0.0.1:1/nothing")
    port = free_port()
    away.var.mkdir()
    with gunicorn(away, port, CLINIC_HOSTS="www.example.org,127.0.0.1"):
        status, text = ask(port)

    assert status == 200
    assert value(text, "clinic_database_up") == 0
    assert "clinic_unadmitted " not in text
    assert value(text, "clinic_spool_files") == 0


def test_a_public_node_answers_for_itself_and_asks_the_queue_nothing(place: Place) -> None:
    port = free_port()
    with gunicorn(place, port, CLINIC_ROLE="public", CLINIC_HOSTS="www.example.org,127.0.0.1"):
        text = ask(port)[1]

    assert value(text, "clinic_spool_files") == 1
    assert "clinic_unadmitted" not in text
    assert "clinic_queue" not in text


def test_every_alert_uses_numbers_that_exist_and_has_its_page_in_the_runbook(
    place: Place,
) -> None:
    rules = (ROOT / "deploy/alerts.yml").read_text()
    code = (
        "import django; django.setup(); from clinic_site import metrics as m;"
        "from django.utils import timezone; from intake.models import Heartbeat;"
        "Heartbeat.objects.get_or_create(worker='w', defaults={'at': timezone.now()});"
        "print(*[s.name for f in m.SiteCollector().collect() for s in f.samples])"
    )
    backups = place.backups
    backups.mkdir(exist_ok=True)
    (backups / "clinic-x.backup").touch()
    exposed = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=place.environment(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    known = {*exposed, "clinic_requests_total", "clinic_request_seconds_bucket"}

    used = set(re.findall(r"\bclinic_\w+", rules))
    alerts = re.findall(r"alert: (\w+)", rules)
    described = re.findall(
        r"^### (Clinic\w+)$", (ROOT / "docs/operations.md").read_text(), re.MULTILINE
    )

    assert used <= known
    assert sorted(alerts) == sorted(described)


def test_an_answer_is_given_though_it_cannot_be_counted(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def disk_is_full(*labels: str) -> None:
        raise OSError(27, "File too large")

    monkeypatch.setattr(metrics.REQUESTS, "labels", disk_is_full)
    answer = HttpResponse("you will be called", status=303)

    given = metrics.count_requests(lambda request: answer)(RequestFactory().get("/contact/"))

    assert given is answer
    assert "not counted: File too large" in caplog.text
