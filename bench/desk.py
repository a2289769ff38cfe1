"""The desk under load: claims by 16 clients at once beside django-helpdesk, the list and the next
call with 100 and with 10,000 open requests, and the numbers page with 100,000 requests.

Both write to the same SQLite settings (WAL, ``synchronous=FULL``) and the same PostgreSQL server.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import _verdicts as verdicts
from bench._desk import CLIENTS

ROOT = Path(__file__).resolve().parent.parent
POSTGRES = "postgres://postgres@127.0.0.1/clinic_bench_desk"
SECONDS = 10.0
HELPDESK = ("django-helpdesk==2.6.1", "psycopg[binary]")


def measure() -> list[str]:
    """Ours and django-helpdesk's take turns, so that both meet the same machine."""
    lines = [
        "| 16 clients, 200 open | claims | a second | taken twice |",
        "|---|---:|---:|---:|",
    ]
    with tempfile.TemporaryDirectory(prefix="clinic-bench-") as place:
        other = _install_helpdesk(Path(place))
        for name, url in (("SQLite", ""), ("PostgreSQL", _make_postgres())):
            if name == "PostgreSQL" and not url:
                lines.append("| PostgreSQL | no server at 127.0.0.1:5432 | | |")
                continue
            lines.append(_ours(name, url))
            if other:
                lines.append(_helpdesks(name, _make_postgres() if url else "", other))
    if not other:
        lines.append("| django-helpdesk | could not be installed | | |")
    return [*lines, "", *_told(_in_process("pages"))]


def _told(found: dict[str, list[list[float]]]) -> list[str]:
    """The tables of one process, and what of them has a target."""
    (_, few, few_asked, _), (_, many, many_asked, _) = found["lists"]
    verdicts.at_most("list of 10,000 open requests vs 100, CPU", many / few, 3)
    verdicts.at_most("queries of the list of 10,000 vs 100", many_asked / few_asked, 1)
    for days, took in found["numbers"]:
        name = f"numbers page, {days:.0f} of 730 days, 100,000 requests, SQLite, CPU"
        verdicts.at_most(name, took, 200, " ms")
    return [
        "| open requests | list, ms of one core | queries | next call, ms of one core |",
        "|---|---:|---:|---:|",
        *(
            f"| {n:,.0f} | {ms:.0f} | {asked:.0f} | {call:.0f} |"
            for n, ms, asked, call in found["lists"]
        ),
        "",
        "| numbers, 100,000 requests | ms of one core |",
        "|---|---:|",
        *(f"| {days:.0f} days of two years | {took:.0f} |" for days, took in found["numbers"]),
    ]


def _install_helpdesk(place: Path) -> str:
    """A Python with django-helpdesk, gone after the run; nothing when there is no registry."""
    environment = place / "helpdesk"
    python = str(environment / "bin" / "python")
    try:
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *HELPDESK], check=True)
    except (subprocess.CalledProcessError, OSError):
        return ""
    return python


def _ours(name: str, url: str) -> str:
    def client(folder: Path, n: int) -> list[str]:
        return [sys.executable, "-m", "bench._desk", str(folder), str(n), str(SECONDS)]

    with tempfile.TemporaryDirectory(prefix="clinic-bench-") as place:
        environ = _environ(Path(place), url)
        _run("claims", environ)
        return _claims(f"this desk, {name}", Path(place), environ, client)


def _helpdesks(name: str, url: str, python: str) -> str:
    script = str(ROOT / "bench" / "_helpdesk.py")

    def client(folder: Path, n: int) -> list[str]:
        return [python, script, "take", str(folder), str(n), str(SECONDS)]

    with tempfile.TemporaryDirectory(prefix="clinic-bench-") as place:
        environ = _environ(Path(place), "") | {"DATABASE": url.rpartition("/")[2]}
        subprocess.run([python, script, "fill", place], env=environ, check=True)
        return _claims(f"django-helpdesk, {name}", Path(place), environ, client)


def _claims(
    name: str, folder: Path, environ: dict[str, str], client: Callable[[Path, int], list[str]]
) -> str:
    """Let 16 clients begin together; count what they took, and what was taken more than once."""
    clients = [subprocess.Popen(client(folder, n), cwd=ROOT, env=environ) for n in range(CLIENTS)]
    while len(list(folder.glob("ready*"))) < CLIENTS:
        if any(one.poll() for one in clients):
            return f"| {name} | a client failed | | |"
        time.sleep(0.05)
    (folder / "go").touch()
    for one in clients:
        one.wait()
    found = [path.read_text().split("\n") for path in folder.glob("claimed*")]
    taken = [pk for _, *pks in found for pk in pks if pk]
    lasted = max(float(seconds) for seconds, *_ in found)
    twice = len(taken) - len(set(taken))
    failed = CLIENTS - len(found)
    if name.startswith("this desk"):
        verdicts.at_most(f"taken twice by 16 clients, {name}", twice, 0, "")
    return f"| {name} | {len(taken)} | {len(taken) / lasted:.0f} | {twice} |" + (
        f" {failed} clients failed" if failed else ""
    )


def _make_postgres() -> str:
    """An empty database for this run, or nothing when there is no server."""
    import psycopg

    try:
        with psycopg.connect(
            POSTGRES.rpartition("/")[0] + "/postgres", autocommit=True, connect_timeout=2
        ) as server:
            server.execute("DROP DATABASE IF EXISTS clinic_bench_desk")
            server.execute("CREATE DATABASE clinic_bench_desk")
    except psycopg.OperationalError:
        return ""
    return POSTGRES


def _in_process(part: str) -> dict[str, list[list[float]]]:
    folder = Path(tempfile.mkdtemp(prefix="clinic-bench-"))
    try:
        found: dict[str, list[list[float]]] = json.loads(_run(part, _environ(folder, "")))
        return found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _environ(folder: Path, url: str) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("CLINIC_", "DATABASE_"))}
    return clean | {"VAR_DIR": str(folder), "DATABASE_URL": url, "CLINIC_LOG_LEVEL": "ERROR"}


def _run(part: str, environ: dict[str, str]) -> str:
    code = f"from bench import desk; desk.in_child({part!r})"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environ,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def in_child(part: str) -> None:
    """Runs in a process with a database of its own."""
    from bench import _desk

    _desk.start()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    if part == "claims":
        from intake.models import CallbackRequest

        _desk_users()
        _desk.fill(200)
        here = "America/Denver"  # each of them can be called now
        CallbackRequest.objects.update(
            window="any", time_zone=here, possible_zones=here, state="new", next_action_at=None
        )
    else:
        print(json.dumps(_pages()))


def _desk_users() -> None:
    from django.contrib.auth.models import User

    from intake.schedule import set_up

    set_up()
    User.objects.bulk_create(User(username=f"client{n}") for n in range(CLIENTS))


def _pages() -> dict[str, list[list[float]]]:
    from datetime import timedelta

    import time_machine
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, override_settings

    from bench._desk import NOW, fill
    from intake import keys
    from intake.claims import claim_next
    from intake.desk.numbers import numbers
    from intake.models import CallbackRequest

    _desk_users()
    keys.create()
    user = User.objects.get(username="client1")
    user.is_superuser = True
    user.save()
    lists: list[list[float]] = []
    with (
        time_machine.travel(NOW, tick=True),
        override_settings(ALLOWED_HOSTS=["testserver"], REQUIRE_SECOND_FACTOR=False),
    ):
        client = Client()
        client.force_login(user)
        for many in (100, 10_000):
            fill(many - CallbackRequest.objects.count())
            claim_next(user=user, now=NOW)  # a list with a taken one, each time
            client.get("/desk/")
            with CaptureQueriesContext(connection) as asked:
                assert client.get("/desk/").status_code == 200
            queries = len(asked)  # the next answer empties the log
            took = _best(lambda: client.get("/desk/"))
            lists.append([many, took, queries, _best(lambda: claim_next(user=user, now=NOW))])
        CallbackRequest.objects.all().delete()
        fill(100_000, over=timedelta(days=730), closed=True)
        times = [[d, _best(lambda d=d: numbers(now=NOW, days=d))] for d in (14, 91)]
    return {"lists": lists, "numbers": times}


def _best(work: Callable[[], object], rounds: int = 7) -> float:
    """The quickest of some rounds, in milliseconds of processor time: others share the machine."""
    times = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times) * 1000
