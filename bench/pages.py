"""What a public page asks of a phone: bytes over the wire, requests, and Lighthouse's scores.

The bytes are those of a first visit, compressed. ``tests/front/test_budgets.py`` holds them; this
prints them as a running server sends them. Lighthouse simulates a mid-range phone on slow 4G; its
scores move with a busy machine, so they are medians and hold nobody up.
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[1]
CHROMIUM: Final = Path("/usr/bin/chromium")
LIGHTHOUSE: Final = Path(sys.prefix) / "lighthouse" / "node_modules" / "lighthouse"
RUNS: Final = int(os.environ.get("LIGHTHOUSE_RUNS", "3"))
CATEGORIES: Final = ("performance", "accessibility", "best-practices", "seo")
FLAGS: Final = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update --disable-dev-shm-usage"
)

# Bytes over the wire on a first visit, at most.
BUDGET: Final = {"html": 14_000, "css": 10_000, "script": 3_000, "font": 35_000, "all": 70_000}
MOST_REQUESTS: Final = 6


class Answer(NamedTuple):
    """What came for one address: its text, how many bytes that was on the wire, and what its
    header says to ask for besides (the rules for the next page)."""

    text: str
    size: int
    besides: str = ""


@dataclass(frozen=True)
class Weight:
    """Bytes of one page by kind, as ``BUDGET`` names them, and the addresses it asked for."""

    path: str
    sizes: dict[str, int]
    asked: tuple[str, ...]

    @property
    def requests(self) -> int:
        return 1 + len(self.asked)

    def broken(self) -> list[str]:
        """One line for each budget that this page exceeds."""
        lines = [
            f"{self.path}: {kind} {self.sizes[kind]} bytes, {most} allowed"
            for kind, most in BUDGET.items()
            if self.sizes[kind] > most
        ]
        if self.requests > MOST_REQUESTS:
            lines.append(f"{self.path}: {self.requests} requests, {MOST_REQUESTS} allowed")
        return lines


class _Resources(HTMLParser):
    """The addresses that a browser loads with a page, by kind."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "link" and given.get("rel") in {"stylesheet", "preload", "icon", "modulepreload"}:
            kind = {"stylesheet": "css", "font": "font"}.get(
                given.get("as") or given["rel"], "rest"
            )
            self.found[given["href"]] = kind
        elif tag == "script" and "src" in given:
            self.found[given["src"]] = "script"
        elif tag in {"img", "source", "iframe", "video"} and "src" in given:
            self.found[given["src"]] = "rest"


def weigh(path: str, get: Callable[[str], Answer]) -> Weight:
    """What a first visit to ``path`` loads: the page, what it names, what its styles name."""
    page = get(path)
    parser = _Resources()
    parser.feed(page.text)
    sizes = dict.fromkeys((*BUDGET, "rest"), 0)
    sizes["html"] = page.size
    if page.besides:
        parser.found[page.besides] = "rest"
    asked = dict(parser.found)
    for address, kind in parser.found.items():
        answer = get(address)
        sizes[kind] += answer.size
        if kind == "css":
            for name in re.findall(r"url\(\"?([^)\"]+)\"?\)", answer.text):
                inner = f"{address.rpartition('/')[0]}/{name}"
                if inner not in asked:
                    asked[inner] = "font" if name.endswith("woff2") else "rest"
                    sizes[asked[inner]] += get(inner).size
    sizes["all"] = sum(size for kind, size in sizes.items() if kind != "all")
    return Weight(path, sizes, tuple(asked))


def measure() -> list[str]:
    """The table of weights, and the table of scores where Lighthouse is installed."""
    with running_site() as origin:
        paths = paths_of(origin)
        lines = [
            "| page | HTML | CSS | script | font | all bytes | requests | |",
            "|---|---|---|---|---|---|---|---|",
        ]
        for path in paths:
            weight = weigh(path, lambda address: ask(origin, address))
            cells = [str(weight.sizes[kind]) for kind in BUDGET]
            verdict = "; ".join(weight.broken()) or "within budget"
            lines.append(f"| {path} | {' | '.join(cells)} | {weight.requests} | {verdict} |")
        if not (LIGHTHOUSE.exists() and CHROMIUM.exists()):
            return [*lines, "", "No Lighthouse here; get it with: make bench, with npm's registry"]
        lines += [
            "",
            f"Lighthouse, mobile, default throttling, medians of {RUNS}:",
            "",
            "| page | performance | accessibility | best practices | SEO | LCP ms | CLS | TBT ms |",
            "|---|---|---|---|---|---|---|---|",
        ]
        return lines + [f"| {path} | {' | '.join(scores(origin + path))} |" for path in paths]


@contextmanager
def running_site() -> Iterator[str]:
    """The site as ``make run`` starts it, on the seed content, in a place of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    origin = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as var:
        # The other measurements of this run have chosen the settings of the tests.
        ours = {"DJANGO_SETTINGS_MODULE": "clinic_site.settings", "VAR_DIR": var, "PORT": port}
        environ = {**os.environ, **ours, "CLINIC_URL": origin}
        start = [sys.executable, "manage.py", "prepare", "--quiet"]
        subprocess.run(start, cwd=ROOT, env=environ, check=True, stdout=subprocess.DEVNULL)
        serve = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"]
        with (Path(var) / "gunicorn.log").open("wb") as log:
            server = subprocess.Popen(
                [*serve, "clinic_site.asgi"], cwd=ROOT, env=environ, stdout=log, stderr=log
            )
        try:
            wait_for(origin)
            yield origin
        finally:
            server.terminate()
            server.wait(30)


def wait_for(origin: str) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            ask(origin, "/health/live")
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return


def ask(origin: str, address: str) -> Answer:
    """What the server sends to a browser. Where it leaves compressing to a proxy, as a proxy would.

    Raises ``OSError`` when nobody answers, ``AssertionError`` for anything but 200.
    """
    connection = http.client.HTTPConnection(origin.removeprefix("http://"), timeout=10)
    try:
        connection.request("GET", address, headers={"Accept-Encoding": "gzip"})
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()
    assert response.status == 200, f"{address}: {response.status}"
    return answer_of(body, response.headers)


def answer_of(body: bytes, headers: Mapping[str, str]) -> Answer:
    """A body as it was sent, or what it would be once a proxy has compressed it."""
    besides = headers.get("Speculation-Rules", "").strip('"')
    if headers.get("Content-Encoding") == "gzip":
        return Answer(gzip.decompress(body).decode(), len(body), besides)
    kinds = ("text/", "image/svg", "application/javascript", "application/xml")
    if headers["Content-Type"].startswith(kinds):
        return Answer(body.decode(), len(gzip.compress(body, 6)), besides)
    return Answer("", len(body))


def paths_of(origin: str) -> list[str]:
    """Every address of the sitemap, without its origin."""
    found = re.findall(r"<loc>([^<]+)</loc>", ask(origin, "/sitemap.xml").text)
    assert found, "the sitemap names no page"
    return [address.removeprefix(origin) for address in found]


def scores(address: str) -> list[str]:
    """Lighthouse's four scores, then LCP in ms, CLS and TBT in ms: the median of each."""
    runs = [_lighthouse(address) for _ in range(RUNS)]
    return [f"{statistics.median(values):g}" for values in zip(*runs, strict=True)]


def _lighthouse(address: str) -> list[float]:
    command = [Path(sys.prefix) / "bin" / "node", LIGHTHOUSE / "cli" / "index.js", address]
    options = ["--quiet", "--output=json", f"--chrome-flags={FLAGS}"]
    for _ in range(3):  # now and then Chromium does not come up
        done = subprocess.run(
            [*command, *options],
            env={**os.environ, "CHROME_PATH": str(CHROMIUM)},
            capture_output=True,
        )
        if done.returncode == 0:
            break
    done.check_returncode()
    report = json.loads(done.stdout)
    marks = [round(100 * report["categories"][name]["score"]) for name in CATEGORIES]
    timed = [
        round(report["audits"][name]["numericValue"], 3 if "shift" in name else 0)
        for name in ("largest-contentful-paint", "cumulative-layout-shift", "total-blocking-time")
    ]
    return [float(value) for value in [*marks, *timed]]
