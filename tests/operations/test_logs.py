"""Log lines: searchable, tied to a request, and without a word of what a visitor wrote."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from clinic_site.log_lines import JsonFormatter, LineFormatter, without_personal_data
from clinic_site.logs import AT_ONCE, id_of, name_requests
from tests.operations.place import ROOT
from tests.operations.servers import answers, free_port, wait_until


def logged(formatter: logging.Formatter, message: str, *args: object, error: bool = False) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    log = logging.getLogger("clinic.test")
    log.propagate = False
    log.addHandler(handler)
    log.error(message, *args, exc_info=error)
    log.removeHandler(handler)
    return stream.getvalue()


@pytest.mark.parametrize(
    "personal",
    [
        "303-555-0142",
        "(303) 555-0142",
        "3035550142",
        "+1 303 555 0142",
        "+13035550142",
        "+44 20 7946 0958",
        "jordan.doe+clinic@mail.example.org",
        "/preview/b7Jq0Hn3yYw2kQb8mXc5vT1z/",
        "/desk/?q=jordan+doe",
    ],
)
def test_what_looks_personal_is_struck_out(personal: str) -> None:
    said = without_personal_data(f"failed for {personal} today")

    for word in ("0142", "0958", "jordan", "doe", "b7Jq0Hn3"):
        assert word not in said
    assert said.startswith("failed for ")
    assert said.endswith(" today")


@pytest.mark.parametrize("formatter", [JsonFormatter(), LineFormatter()])
def test_both_formats_strike_it_out_of_what_was_filled_in(formatter: logging.Formatter) -> None:
    assert "jordan" not in logged(formatter, "no mail to %s", "jordan@mail.example.org")


@pytest.mark.parametrize(
    "plain",
    [
        "admitted R4TXNW7KQC",
        "2026-11-23 01:24:09 drain: 12",
        "listening on 127.0.0.1:8000",
        "release 12 is live",
        "/contact/received/",
    ],
)
def test_what_operators_need_stays(plain: str) -> None:
    assert without_personal_data(plain) == plain


def fail_with_a_name() -> None:
    try:
        {}["Jordan Doe wrote this"]
    except KeyError as error:
        raise RuntimeError("row (Jordan Doe, 303-555-0142)") from error


@pytest.mark.parametrize("formatter", [JsonFormatter(), LineFormatter()])
def test_an_exception_is_logged_by_kind_never_by_message(formatter: logging.Formatter) -> None:
    try:
        fail_with_a_name()
    except RuntimeError:
        line = logged(formatter, "it failed", error=True)

    assert "Jordan" not in line
    assert "RuntimeError" in line
    assert "KeyError" in line


def test_a_json_line_is_one_object_with_the_places_of_an_error() -> None:
    try:
        {}["x"]
    except KeyError:
        line = logged(JsonFormatter(), "it\nfailed %s", 1, error=True)

    found = json.loads(line)
    assert line.count("\n") == 1
    assert found["level"] == "ERROR"
    assert found["logger"] == "clinic.test"
    assert found["message"] == "it\nfailed 1"
    assert found["error"] == ["KeyError"]
    assert found["places"][-1].startswith("tests/operations/test_logs.py:")


def test_a_text_record_is_one_line_whatever_is_in_it() -> None:
    assert logged(LineFormatter(), "one\ntwo").count("\n") == 1


def answer(request: HttpRequest) -> tuple[HttpResponse, str]:
    lines: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        lines.append(logged(JsonFormatter(), "in the view"))
        return HttpResponse()

    response = name_requests(view)(request)
    return response, json.loads(lines[0])["request"]


def test_a_request_has_one_id_in_its_lines_and_in_its_answer() -> None:
    response, name = answer(RequestFactory().get("/"))

    assert response["X-Request-ID"] == name
    assert len(name) == 32
    assert "request" not in json.loads(logged(JsonFormatter(), "outside"))


@override_settings(TRUSTED_PROXIES=["10.0.0.1"])
@pytest.mark.parametrize(
    ("given", "address", "is_taken"),
    [
        ("0123456789abcdef" * 2, "10.0.0.1", True),
        ("0123456789abcdef" * 2, "10.0.0.2", False),
        ("short", "10.0.0.1", False),
        ('x" level="ERROR' + "0" * 17, "10.0.0.1", False),
    ],
)
def test_only_a_trusted_proxys_well_formed_id_is_taken_over(
    given: str, address: str, is_taken: bool
) -> None:
    request = RequestFactory().get("/", HTTP_X_REQUEST_ID=given, REMOTE_ADDR=address)

    assert (answer(request)[1] == given) is is_taken


def test_the_log_of_a_failed_request_carries_its_id_even_after_the_middleware() -> None:
    request = RequestFactory().get("/")
    response = name_requests(lambda request: HttpResponse(status=404))(request)
    record = logging.LogRecord("django.request", 30, "", 1, "Not Found", None, None)
    record.request = request

    assert json.loads(JsonFormatter().format(record))["request"] == response["X-Request-ID"]


def test_no_two_requests_have_one_id_even_after_a_fork() -> None:
    mine = [id_of("", "")]
    heard, said = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(said, id_of("", "").encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(heard, 100).decode()
    os.close(heard)
    os.close(said)
    mine += [id_of("", "") for _ in range(2 * AT_ONCE)]

    assert len({*mine, theirs}) == len(mine) + 1
    assert {len(one) for one in (*mine, theirs)} == {32}


BROKEN = """
async def application(scope, receive, send):
    raise ValueError("Quuxly, 303-555-0142, asked us to call")
"""


@pytest.mark.parametrize("form", ["json", "text"])
def test_the_web_servers_own_lines_are_like_ours(tmp_path: Path, form: str) -> None:
    (tmp_path / "broken.py").write_text(BROKEN)
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "broken"],
        cwd=ROOT,
        env=os.environ
        | {"PORT": str(port), "PYTHONPATH": str(tmp_path), "CLINIC_LOG_FORMAT": form},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_until(lambda: answers(port, status=500), "gunicorn")
    finally:
        process.terminate()
        lines = process.communicate(timeout=30)[1].splitlines()

    errors = [line for line in lines if "Error in ASGI application" in line]
    assert errors
    assert len(lines) > 4
    assert "Quuxly" not in "".join(lines)
    if form == "json":
        assert {json.loads(line)["logger"] for line in lines} == {"gunicorn.error"}
        assert json.loads(errors[0])["error"] == ["ValueError"]
    else:
        assert [line for line in lines if " gunicorn.error: " not in line] == []
        assert errors[0].endswith("error=ValueError")


def test_the_first_process_knows_nothing_that_a_reload_has_to_bring() -> None:
    """Those that it starts would have it from there, as it was before the reload."""
    code = """
import runpy, sys
from gunicorn.config import Config
runpy.run_path("deploy/gunicorn.conf.py")["Logger"](Config())
print([name for name in sys.modules if name.split(".")[0] in {"clinic_site", "django", "pages"}])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
