"""How many forms a second are taken, by real gunicorn, beside a Wagtail form page.

Ours runs behind our gunicorn settings, Wagtail behind as many processes; both have four threads for
Django in each. On SQLite all have the same database settings (WAL, every commit synced). They take
turns on the same machine. Ours seals each form, and its worker admits what came in while the load
lasts; Wagtail's form page stores its fields as they are. Wagtail is also measured with the database
settings that ``wagtail start`` writes, which is what somebody who installs it gets.
"""

from __future__ import annotations

import os
import re
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import psycopg

from bench import _verdicts as verdicts
from bench._load import CannotMeasure, Load, in_turn, load
from bench._ours import Place, Site, make_form, new_place, own_database, running_site
from bench._servers import Server, install, make_wagtail, wagtail

CLIENTS = (1, 4, 16)
SECONDS = int(os.environ.get("BENCH_SECONDS", "4"))
STARTING = 3  # seconds, until a worker has read the program and begins its round
MOST = 3_000  # forms a second that the load could send at most: each is sent once
POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
WAGTAIL = "Wagtail form page, SQLite"
AS_STARTED = "Wagtail form page, SQLite as it comes"
COUNT = "from intake.models import Submission; print(Submission.objects.count())"


@dataclass
class Taker:
    """Who takes forms: the server, where to, and what one form looks like."""

    pid: int
    url: str
    form: Callable[[], dict[str, object]]
    headers: dict[str, str]
    site: Site | None = None
    acknowledged: int = 0

    def run(self, folder: Path, clients: int) -> Load:
        bodies = folder / "bodies"
        count = min(MOST, 200 * clients + 800) * SECONDS
        bodies.write_text("\n".join(urlencode(self.form()) for _ in range(count)))
        with self._worker():
            found = load(
                self.pid,
                self.url,
                clients=clients,
                seconds=SECONDS,
                headers=self.headers,
                bodies=bodies,
            )
        assert found.count <= count, "forms were sent twice: more are needed"
        self.acknowledged += int(found.count - found.errors)
        return found

    @contextmanager
    def _worker(self):  # type: ignore[no-untyped-def]
        """Our worker is at work while ours is measured, and gone while others are.

        Only to stop it would be wrong: it could hold the database meanwhile, and would take the
        time that went by for a database that is away.
        """
        if self.site is None:
            yield
            return
        self.site.start("worker")
        time.sleep(STARTING)
        yield
        self.site.end("worker", signal.SIGKILL)


def measure() -> list[str]:
    with tempfile.TemporaryDirectory(prefix="clinic-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        takers = {"ours, SQLite": _ours(stack, new_place(folder / "sqlite"))}
        notes = []
        if _is_up(POSTGRES):
            url = stack.enter_context(own_database(POSTGRES))
            takers["ours, PostgreSQL"] = _ours(stack, new_place(folder / "postgres", url))
        else:
            notes.append("No PostgreSQL server at TEST_POSTGRES_URL, so it was not measured.")
        try:
            takers[WAGTAIL] = _wagtail(stack, folder / "wagtail")
            takers[AS_STARTED] = _wagtail(stack, folder / "started", PEER_DATABASE="default")
        except CannotMeasure as error:
            notes.append(f"Nothing beside it: {error}.")
        found = {}
        for clients in CLIENTS:
            runs = {
                label: lambda taker=taker, n=clients: taker.run(folder, n)
                for label, taker in takers.items()
            }
            found[clients] = in_turn(runs)
        notes += [_account(label, taker) for label, taker in takers.items() if taker.site]
    _judge(found[CLIENTS[-1]])
    return [*_table(found), "", *notes]


def _ours(stack: ExitStack, place: Place) -> Taker:
    site = stack.enter_context(running_site(place))
    url = f"http://127.0.0.1:{site.port}/contact/"
    return Taker(site.pid("web"), url, lambda: make_form(uuid4()), {"Host": "127.0.0.1"}, site)


def _wagtail(stack: ExitStack, folder: Path, **environ: str) -> Taker:
    install()
    make_wagtail(folder, 10_000)
    server: Server = stack.enter_context(wagtail(folder, **environ))
    answer = server.get("/contact/")
    token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', answer.body)
    assert token
    cookie = str(answer.headers["Set-Cookie"]).partition(";")[0]

    def form() -> dict[str, object]:
        key = uuid4().hex
        return {
            "csrfmiddlewaretoken": token[1].decode(),
            "name": f"V{key[:12]}",
            "phone": "303-555-0142",
            "email": "",
            "state": "",
            "comment": f"Call {key}",
            "call_consent": "on",
        }

    headers = {"Cookie": cookie, "Host": "127.0.0.1"}
    return Taker(server.pid, f"{server.url}/contact/", form, headers)


def _account(label: str, taker: Taker) -> str:
    """Every confirmed form is there. What was under way when a run ended may be there too."""
    assert taker.site
    site = taker.site
    stored = int(site.place.python(COUNT))
    stored += len(site.spooled())
    assert stored >= taker.acknowledged, f"{label}: {taker.acknowledged} confirmed, {stored} stored"
    return f"{label}: {taker.acknowledged} confirmed, {stored} stored, of those {len(site.spooled())} in the spool.  "


def _is_up(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def _judge(found: dict[str, Load]) -> None:
    theirs = found.get(WAGTAIL)
    for engine in ("SQLite", "PostgreSQL"):
        ours = found.get(f"ours, {engine}")
        for what, target in (("forms/s", ">= 8x"), ("p99", "<= 0.35x")):
            name = f"{what} with 16 clients, {engine}, vs a Wagtail form page"
            if not (ours and theirs):
                verdicts.unknown(name, target, "one of the two is missing")
            elif what == "p99":
                verdicts.at_most(name, ours.p99 / theirs.p99, 0.35)
            else:
                verdicts.at_least(name, ours.per_second / theirs.per_second, 8)
        if ours:
            verdicts.at_most(f"errors with 16 clients, {engine}", ours.errors, 0, "")


def _table(found: dict[int, dict[str, Load]]) -> list[str]:
    lines = [
        f"{SECONDS} s for each run; the medians of runs that took turns.",
        "",
        "| | clients | forms/s | p50 ms | p99 ms | CPU us a form | errors | times Wagtail |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for clients, each in found.items():
        theirs = each.get(WAGTAIL)
        for label, one in each.items():
            ratio = f"{one.per_second / theirs.per_second:.1f}" if theirs else ""
            lines.append(
                f"| {label} | {clients} | {one.per_second:.1f} | {one.p50:.0f} | {one.p99:.0f} "
                f"| {one.cpu:.0f} | {one.errors:.0f} | {ratio} |"
            )
    return lines
