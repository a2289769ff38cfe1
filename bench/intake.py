"""How many forms a second are taken, by real gunicorn, beside a Wagtail form page.

Both run with the same gunicorn settings and, on SQLite, the same database settings (WAL, every
commit synced), on the same machine, one after the other in the same run. Ours seals each form
and has its worker running beside it; Wagtail's form page stores its fields as they are. The
clients run on the same machine too, so the figures say how the two compare, not what a server does.
"""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import django
import psycopg

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.conf import settings  # noqa: E402

from tests.faults.conftest import SECRET_KEY as SECRET_OF_OURS  # noqa: E402
from tests.faults.conftest import environ  # noqa: E402
from tests.faults.site import Site, make_form  # noqa: E402
from tests.operations.place import ROOT, Place, own_database  # noqa: E402
from tests.operations.servers import free_port, wait_until  # noqa: E402

settings.SECRET_KEY = SECRET_OF_OURS  # the visitors' tokens are made here

CLIENTS = (1, 4, 16)
SECONDS = float(os.environ.get("BENCH_SECONDS", "10"))
POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
WAGTAIL = "wagtail==8.0.1"

Send = Callable[[], bool]  # one form; whether it was confirmed


@dataclass
class Figure:
    clients: int
    per_second: float
    p50: float  # milliseconds
    p99: float
    errors: int


def measure() -> list[str]:
    with tempfile.TemporaryDirectory(prefix="clinic-bench-") as name:
        folder = Path(name)
        ours = {"SQLite": _ours(folder / "sqlite", "", folder / "static")}
        if _is_up(POSTGRES):
            with own_database(POSTGRES) as url:
                ours["PostgreSQL"] = _ours(folder / "postgres", url, folder / "static")
        theirs = _wagtail(folder / "wagtail")
    lines = [
        f"Forms taken in {SECONDS:.0f} s for each line; the worker runs beside.",
        "",
        "| | clients | forms/s | p50 ms | p99 ms | errors | times Wagtail |",
        "|---|---|---|---|---|---|---|",
    ]
    for engine, figures in ours.items():
        lines += [_row(f"ours, {engine}", one, theirs) for one in figures]
    lines += [_row("Wagtail form page, SQLite", one, {}) for one in theirs.values()]
    if not theirs:
        lines.append("\nWagtail could not be installed here, so there is nothing beside it.")
    if "PostgreSQL" not in ours:
        lines.append("\nNo PostgreSQL server at TEST_POSTGRES_URL, so it was not measured.")
    return lines


def _row(name: str, one: Figure, beside: dict[int, Figure]) -> str:
    other = beside.get(one.clients)
    ratio = f"{one.per_second / other.per_second:.1f}" if other and other.per_second else ""
    return (
        f"| {name} | {one.clients} | {one.per_second:.1f} | {one.p50:.0f} | {one.p99:.0f} "
        f"| {one.errors} | {ratio} |"
    )


def _load(clients: int, make_send: Callable[[], Send]) -> Figure:
    """Each client sends one form after the other until the time is over."""
    took: list[float] = []
    errors: list[float] = []
    end = time.monotonic() + SECONDS

    def run() -> None:
        send = make_send()
        while time.monotonic() < end:
            began = time.perf_counter()
            try:
                is_taken = send()
            except (OSError, http.client.HTTPException):
                is_taken = False
            (took if is_taken else errors).append((time.perf_counter() - began) * 1000)

    threads = [threading.Thread(target=run) for _ in range(clients)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lasted = time.monotonic() - began
    took.sort()
    return Figure(
        clients=clients,
        per_second=len(took) / lasted,
        p50=took[len(took) // 2] if took else 0,
        p99=took[int(len(took) * 0.99)] if took else 0,
        errors=len(errors),
    )


def _post(port: int, path: str, form: dict[str, object], **headers: str) -> tuple[int, str]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Host": "127.0.0.1"}
        line.request("POST", path, urlencode(form), kind | headers)
        answer = line.getresponse()
        return answer.status, answer.read().decode()
    finally:
        line.close()


# -- Ours --------------------------------------------------------------------------


def _ours(var: Path, url: str, static: Path) -> list[Figure]:
    place = Place(var, url, environ(static))
    place.must("prepare", "--quiet")
    site = Site(place)
    site.start("web")
    site.start("worker")
    try:
        site.wait_until_up()
        return [_load(clients, lambda: _visitor(site.port)) for clients in CLIENTS]
    finally:
        site.stop()


def _visitor(port: int) -> Send:
    return lambda: _post(port, "/contact/", make_form(uuid4()))[0] == 303


def _is_up(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


# -- Wagtail -----------------------------------------------------------------------

_MODELS = """
from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.contrib.forms.models import AbstractForm, AbstractFormField

class FormField(AbstractFormField):
    page = ParentalKey("FormPage", on_delete=models.CASCADE,
                       related_name="form_fields")

class FormPage(AbstractForm):
    pass
"""
_SETTINGS = """
from .base import *
DEBUG = False
SECRET_KEY = "only-for-this-measurement-" * 3
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS += ["wagtail.contrib.forms", "forms_here"]
STORAGES = {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
DATABASES["default"]["OPTIONS"] = {
    "transaction_mode": "IMMEDIATE", "timeout": 10,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=10000;",
}
"""
_PAGE = """
from wagtail.models import Page
from forms_here.models import FormField, FormPage
page = Page.objects.get(slug="home").add_child(instance=FormPage(title="Contact", slug="contact"))
for label, kind in (("name", "singleline"), ("phone", "singleline"), ("email", "email"),
                    ("state", "singleline"), ("comment", "multiline"), ("call consent", "checkbox")):
    FormField.objects.create(page=page, label=label, field_type=kind, required=False)
page = FormPage.objects.get(pk=page.pk)
page.save_revision().publish()
"""
_TEMPLATE = """{% load wagtailcore_tags %}<!doctype html><title>{{ page.title }}</title>
<form action="{% pageurl page %}" method="post">{% csrf_token %}{{ form.as_p }}<button>Send</button></form>"""


def _wagtail(folder: Path) -> dict[int, Figure]:
    try:
        python = _install(folder)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"Wagtail is left out: {type(error).__name__} while installing it.", flush=True)
        return {}
    with _wagtail_server(folder / "site", python) as port:
        return {one: _load(one, lambda: _wagtail_visitor(port)) for one in CLIENTS}


def _install(folder: Path) -> Path:
    """A Wagtail site with one form page, in an environment of its own."""
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    python = folder / "venv" / "bin" / "python"
    quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([str(python), *quiet, WAGTAIL, "gunicorn"], check=True, timeout=300)
    site = folder / "site"
    site.mkdir()
    run = [str(folder / "venv" / "bin" / "wagtail"), "start", "bench_site", str(site)]
    subprocess.run(run, check=True, stdout=subprocess.DEVNULL)
    app = site / "forms_here"
    (app / "templates" / "forms_here").mkdir(parents=True)
    (app / "__init__.py").touch()
    (app / "models.py").write_text(_MODELS)
    (app / "templates" / "forms_here" / "form_page.html").write_text(_TEMPLATE)
    landing = "<!doctype html><title>Thank you</title><p>We have it.</p>"
    (app / "templates" / "forms_here" / "form_page_landing.html").write_text(landing)
    (site / "bench_site" / "settings" / "bench.py").write_text(_SETTINGS)
    for words in (["makemigrations", "forms_here"], ["migrate"], ["shell", "-c", _PAGE]):
        subprocess.run(
            [str(python), "manage.py", *words],
            cwd=site,
            env=_environment(),
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return python


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"DJANGO_SETTINGS_MODULE": "bench_site.settings.bench"}


@contextmanager
def _wagtail_server(site: Path, python: Path) -> Iterator[int]:
    port = free_port()
    with (site / "gunicorn.log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(str(python), "-m", "gunicorn", "-c", str(ROOT / "deploy/gunicorn.conf.py")),
                *("--chdir", str(site), "bench_site.wsgi"),
            ],
            cwd=site,
            env=_environment() | {"HOST": "127.0.0.1", "PORT": str(port)},
            stdout=log,
            stderr=log,
        )
        try:
            wait_until(lambda: _shows_form(port), "Wagtail's form page", 90)
            yield port
        finally:
            process.terminate()
            process.wait(30)


def _shows_form(port: int) -> bool:
    try:
        return bool(_token_and_cookie(port))
    except (OSError, http.client.HTTPException, AttributeError):
        return False


def _token_and_cookie(port: int) -> tuple[str, str]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request("GET", "/contact/", headers={"Host": "127.0.0.1"})
        answer = line.getresponse()
        page = answer.read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None
        return token[1], answer.getheader("Set-Cookie", "").partition(";")[0]
    except AssertionError as error:
        raise AttributeError from error
    finally:
        line.close()


def _wagtail_visitor(port: int) -> Send:
    token, cookie = _token_and_cookie(port)

    def send() -> bool:
        key = uuid4().hex
        form = {
            "csrfmiddlewaretoken": token,
            "name": f"V{key[:12]}",
            "phone": "303-555-0142",
            "email": "",
            "state": "",
            "comment": f"Call {key}",
            "call_consent": "on",
        }
        status, page = _post(port, "/contact/", form, Cookie=cookie)
        return status == 200 and "We have it" in page

    return send
