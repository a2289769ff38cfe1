"""The real thing to break: gunicorn and the worker as processes, visitors who keep trying."""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import shlex
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID, uuid4

from intake.tokens import open_receipt
from tests.form.sending import fields, make_token
from tests.operations.place import ROOT, Place
from tests.operations.servers import HOST, answers, free_port, wait_until

IS_FULL = os.environ.get("FAULTS") == "full"
SECRET_KEY = "only-for-tests-" * 5
# What visitors write, which no file and no log may show.
WRITTEN = (b"Quuxly", b"Kumquat", b"5550142", b"5550143", b"555-0143")

# What the database holds, told by a process that is not under test.
_COUNT = """
import json
from django.utils import timezone
from intake import audit, orphans
from intake.models import CallbackRequest, Message, Submission
print(json.dumps({
    "forms": [[key.hex, ref, spam] for key, ref, spam in
              Submission.objects.values_list("submission_key", "reference", "suspicion")],
    "requests": [[key.hex, ref, state] for key, ref, state in
                 CallbackRequest.objects.values_list("submission_key", "reference", "state")],
    "unadmitted": Submission.objects.filter(admitted_at=None).count(),
    "notices": list(Message.objects.filter(kind="new_request").values_list(
        "message_id", flat=True)),
    "messages": list(Message.objects.values_list("message_id", flat=True)),
    "sent": list(Message.objects.exclude(sent_at=None).values_list("message_id", flat=True)),
    # Of a worker that was killed, or lost its database, while it sent: another one may have it
    # after five minutes.
    "leased": Message.objects.filter(sent_at=None, leased_until__gt=timezone.now()).count(),
    "unsent": Message.objects.filter(sent_at=None).count(),
    "audit": str(audit.verify()),
    "orphans": list(orphans.orphans()),
}))
"""


@dataclass
class Site:
    """A place with its two processes. Both are started anew after a kill, as systemd would."""

    place: Place
    port: int = field(default_factory=free_port)
    host: str = "127.0.0.1"
    prefix: tuple[str, ...] = ()  # runs a program on another machine
    others: list[Place] = field(default_factory=list)  # places whose mail and spool count, too
    kills: Counter[str] = field(default_factory=Counter)
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, name: str) -> None:
        log = (self.place.var.parent / f"{name}-{self.port}.log").open("ab")
        lines = (line.split(": exec ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
        command = shlex.split(dict(lines)[name])[1:]  # without its interpreter
        self._running[name] = subprocess.Popen(
            [*self.prefix, sys.executable, *command],
            cwd=ROOT,
            env=self.place.environment(HOST=self.host, PORT=str(self.port)),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()

    def pid(self, name: str) -> int:
        return self._running[name].pid

    def wait_until_up(self) -> None:
        wait_until(lambda: answers(self.port), "gunicorn", 90)

    def kill(self, what: str) -> None:
        """SIGKILL to the worker, to the whole web service, or to one of its processes."""
        with self._lock:
            if what == "a web process":
                master = self._running["web"].pid
                listed = Path(f"/proc/{master}/task/{master}/children").read_text().split()
                if listed:
                    os.kill(int(random.choice(listed)), signal.SIGKILL)
            else:
                self.end(what, signal.SIGKILL)
                self.start(what)
            self.kills[what] += 1

    def replace_a_web_process(self) -> None:
        """Let one of gunicorn's processes finish and another start in its place."""
        master = self._running["web"].pid
        listed = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        os.kill(int(listed[0]), signal.SIGTERM)

    def stop(self) -> None:
        with self._lock:
            for name in list(self._running):
                self.end(name, signal.SIGKILL)

    def end(self, name: str, how: signal.Signals) -> None:
        process = self._running.pop(name)
        os.killpg(process.pid, how)
        process.wait(30)

    def log(self) -> str:
        return "".join(
            path.read_text(errors="replace")
            for path in sorted(self.place.var.parent.glob(f"*-{self.port}.log"))
        )

    def count(self) -> dict[str, Any]:
        return json.loads(self.place.python(_COUNT))

    def spooled(self) -> list[Path]:
        return [
            path
            for place in (self.place, *self.others)
            for kind in ("*.json", "*.damaged")
            for path in sorted((place.var / "spool").glob(kind))
        ]

    def wait_until_settled(self, seconds: float, leases: int = 0) -> dict[str, Any]:
        """Until nothing waits in spool, admission or outbox but for leases; what there is then.

        ``leases`` is how many workers may have been stopped while they sent: more than these are
        messages that a living worker has in hand. A slow machine may take its time: ``seconds`` is
        how long nothing at all may move.
        """
        before, end = None, time.monotonic()
        while True:
            found = self.count()
            waits = {name: found[name] for name in ("unadmitted", "unsent", "leased")}
            waits["spooled"] = len(self.spooled())
            if (
                not waits["spooled"]
                and not waits["unadmitted"]
                and waits["unsent"] == waits["leased"] <= leases
            ):
                return found
            if waits != before:
                before, end = waits, time.monotonic() + seconds
            assert time.monotonic() < end, f"not settled: {waits}"
            time.sleep(1)

    def shown(self) -> list[str]:
        """The files, logs among them, that have something of what visitors wrote."""
        logs = self.place.var.parent.glob(f"*-{self.port}.log")
        files = [path for path in (*self.place.var.rglob("*"), *logs) if path.is_file()]
        return [path.name for path in files if any(word in path.read_bytes() for word in WRITTEN)]

    def mails(self) -> list[str]:
        """The Message-ID of every mail that went out, copies included."""
        found = []
        places = (self.place, *self.others)
        for path in (path for place in places for path in (place.var / "mail").glob("*")):
            found += re.findall(
                r"^Message-ID: (\S+)", path.read_text(errors="replace"), re.MULTILINE
            )
        return found


@contextmanager
def running(place: Place) -> Iterator[Site]:
    site = Site(place)
    site.start("web")
    site.start("worker")
    try:
        site.wait_until_up()
        yield site
    finally:
        site.stop()


@dataclass
class Answer:
    status: int
    location: str
    page: str

    @property
    def reference(self) -> str:
        receipt = open_receipt(parse_qs(urlsplit(self.location).query)["r"][0])
        assert receipt is not None
        return receipt.reference


def make_form(key: UUID, **changes: object) -> dict[str, object]:
    """A form nobody could call spam: its token is two minutes old, its words are its own."""
    return fields(
        name=f"Quuxly {key.hex}", comment=f"Kumquat {key.hex}", token=make_token(key=key), **changes
    )


def post(
    port: int, form: dict[str, object], *, hang_up: bool = False, tls: bool = False
) -> Answer | None:
    """Send a form. ``hang_up``: close the line without waiting for the answer.

    Raises :exc:`OSError` or :exc:`http.client.HTTPException` when the line breaks.
    """
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=90)
    if tls:  # nginx answers to its own name only, and signed its certificate itself
        line.connect()
        trusting = ssl._create_unverified_context()
        line.sock = trusting.wrap_socket(line.sock, server_hostname=HOST)
    try:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        headers["Host"] = HOST if tls else "127.0.0.1"
        line.request("POST", "/contact/", urlencode(form), headers)
        if hang_up:
            return None
        response = line.getresponse()
        page = response.read().decode()
        return Answer(response.status, response.getheader("Location", ""), page)
    finally:
        line.close()


class Visitors:
    """Threads that send forms and try again until each has its confirmation, as people do.

    One in ten hangs up before the answer and sends again, one in ten presses twice, one in ten
    corrects the number afterwards.
    """

    def __init__(
        self, port: int, *, forms: int, threads: int, pause: float = 0, tls: bool = False
    ) -> None:
        self.port = port
        self.tls = tls
        self.pause = pause
        self.left = iter(range(forms))
        self.lock = threading.Lock()
        self.acknowledged: dict[str, set[str]] = {}  # key: the references shown for it
        self.versions: Counter[str] = Counter()  # key: how many contents were confirmed
        self.statuses: Counter[int] = Counter()
        self.broken_lines = 0
        self.seconds: list[float] = []
        self.gave_up: list[str] = []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self._visit) for _ in range(threads)]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def join(self) -> None:
        for thread in self.threads:
            thread.join()

    def done(self) -> int:
        return len(self.acknowledged)

    def _visit(self) -> None:
        while not self.stop.is_set():
            with self.lock:
                if next(self.left, None) is None:
                    return
            key, mood = uuid4(), random.random()
            form = make_form(key)
            if mood < 0.1:
                self._hang_up(form)
            self._send(key, form)
            if 0.1 <= mood < 0.2:
                self._send(key, form, is_new=False)
            if 0.2 <= mood < 0.3:
                self._send(key, form | {"phone": "303-555-0143"})
            time.sleep(self.pause)

    def _hang_up(self, form: dict[str, object]) -> None:
        with suppress(OSError, http.client.HTTPException):
            post(self.port, form, hang_up=True, tls=self.tls)

    def _send(self, key: UUID, form: dict[str, object], *, is_new: bool = True) -> None:
        end, answer = time.monotonic() + 90, None
        while time.monotonic() < end:
            began = time.monotonic()
            try:
                answer = post(self.port, form, tls=self.tls)
            except (OSError, http.client.HTTPException):
                self.broken_lines += 1
                time.sleep(0.1)
                continue
            assert answer is not None
            with self.lock:
                self.statuses[answer.status] += 1
                self.seconds.append(time.monotonic() - began)
                if answer.status == 303:
                    self.acknowledged.setdefault(key.hex, set()).add(answer.reference)
                    self.versions[key.hex] += is_new
                    return
            if answer.status < 500:  # people try again after an error page, nginx's too
                break
            time.sleep(0.2)
        said = re.findall(r"<li><a href=\"#[^>]*>([^<]+)", answer.page) if answer else []
        self.gave_up.append(f"{key.hex}: {answer and answer.status} {said}")


def account(site: Site, visitors: Visitors, *, seconds: float, leases: int) -> dict[str, Any]:
    """Every confirmation stands for exactly one request; nothing else is there.

    ``seconds`` and ``leases`` as for :meth:`Site.wait_until_settled`.
    """
    found = site.wait_until_settled(seconds, leases)
    forms = Counter(key for key, _, _ in found["forms"])
    requests = Counter(key for key, _, _ in found["requests"])
    references = {key: reference for key, reference, _ in found["requests"]}

    assert visitors.gave_up == [], visitors.gave_up
    assert all(len(shown) == 1 for shown in visitors.acknowledged.values())
    assert set(visitors.acknowledged) - set(requests) == set(), "lost"
    assert [key for key, times in requests.items() if times > 1] == [], "doubled"
    assert set(requests) == set(visitors.acknowledged), "out of nowhere"
    assert forms == visitors.versions, "each confirmed version is kept, once"
    assert references == {key: next(iter(s)) for key, s in visitors.acknowledged.items()}
    assert {spam for _, _, spam in found["forms"]} == {""}
    assert {state for _, _, state in found["requests"]} == {"new"}
    assert len(found["notices"]) == len(requests)
    assert set(found["sent"]) - set(site.mails()) == set(), "noted as sent and never sent"
    assert set(site.mails()) - set(found["messages"]) == set(), "sent by nobody"
    assert found["audit"] == "None"
    assert found["orphans"] == []
    assert site.shown() == []
    return found
