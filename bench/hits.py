"""What a page from memory costs, beside a file, a constant and Wagtail.

All send the same page, uncompressed. Ours and the constants stand behind gunicorn's event loop with
the settings of ``deploy/``; WhiteNoise and Wagtail, which are WSGI, behind as many of its processes
with threads. Each row is the median of runs that took turns. The load comes from the same machine.

A constant is sent twice: with two headers, and with all of ours. gunicorn checks and writes each
header of an answer, so what ours costs above the first is our layer and a dozen headers; above the
second it is our layer. These differences are taken with one client, where a process sleeps between
two requests, and with many, where it does not: waking up is paid for by every answer alike.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from bench import _verdicts as verdicts
from bench._load import Load, children, in_turn, load, unique_set_size
from bench._ours import ROOT, Site, free_port, new_place, running_site
from bench._servers import (
    GUNICORN,
    PYTHON,
    Server,
    install,
    make_wagtail,
    nginx,
    peer,
    running,
    wagtail,
)

PATH = "/"
TWO_HEADERS = "constant, gunicorn"
SAME_HEADERS = "constant, our headers, gunicorn"
OF_THE_SERVER = {"Server", "Date", "Connection"}
CLIENTS = 16
FEW_AND_MANY = (1, CLIENTS)
PLAIN = {"Accept-Encoding": "identity", "Host": "127.0.0.1"}


def measure() -> list[str]:
    install()
    with tempfile.TemporaryDirectory(prefix="clinic-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        site = stack.enter_context(running_site(new_place(folder / "ours")))
        ours = Server(site.pid("web"), site.port)
        first = ours.get(PATH, **PLAIN)
        page = folder / "page" / "index.html"
        page.parent.mkdir()
        page.write_bytes(first.body)
        size = len(first.body)
        servers = {"ours, gunicorn": ours}
        standing = [pair for pair in first.headers.items() if pair[0] not in OF_THE_SERVER]
        servers |= _peers(stack, folder, page, size, json.dumps(standing))
        _warm(servers)
        lines = _table(servers, size)
        lines += _not_modified(ours, str(first.headers["ETag"]))
        lines += _memory(ours, site)
    return lines


def _peers(
    stack: ExitStack, folder: Path, page: Path, size: int, headers: str
) -> dict[str, Server]:
    start = stack.enter_context
    make_wagtail(folder, size)
    port = free_port()
    block = f"server {{ listen 127.0.0.1:{port}; root {page.parent}; }}"
    release, release_port = _release(folder), free_port()
    return {
        TWO_HEADERS: start(peer("constant", folder, GUNICORN, PAGE=str(page))),
        SAME_HEADERS: start(peer("constant", folder, GUNICORN, PAGE=str(page), HEADERS=headers)),
        "WhiteNoise file, gunicorn": start(peer("files", folder, PAGE=str(page))),
        "file, nginx": start(nginx(folder / "nginx", block, port)),
        "release, nginx": start(nginx(folder / "release", release(release_port), release_port)),
        "Wagtail": start(wagtail(folder)),
        "Wagtail, cached": start(wagtail(folder, PEER_CACHE="1")),
        "ours, granian": start(_granian(folder)),
    }


def _granian(folder: Path):  # type: ignore[no-untyped-def]
    """Our application behind granian; its interpreter is the peers', its packages are ours."""
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    place = new_place(folder / "granian")
    port = free_port()
    options = ["--interface", "asgi", "--no-ws", "--workers", "2"]
    where = ["--host", "127.0.0.1", "--port", str(port), "clinic_site.asgi:application"]
    environ = place.environment() | {"PYTHONPATH": f"{packages}:{ROOT}"}
    command = [str(PYTHON), "-m", "granian", *options, *where]
    return running(command, port, folder / "granian.log", **environ)


def _release(folder: Path) -> Callable[[int], str]:
    """The live release as files, and nginx's part of ``deploy/nginx.conf`` that sends them.

    Without the rate limit, TLS and the log, which a plain file has not either.
    """
    place = new_place(folder / "release-site")
    files = folder / "release" / "pages"
    place.python(
        "from pages.release_files import refresh; refresh()", CLINIC_RELEASES_DIR=str(files)
    )
    conf = (ROOT / "deploy" / "nginx.conf").read_text()
    maps = conf[conf.index("map $http_cookie") : conf.index("# -- The site's processes")]
    begin = conf.index("location ~ /$ {")
    location = conf[begin : conf.index("\n        }\n", begin)] + "}"
    location = re.sub(r"limit_req [^;]*;", "", location)
    location = location.replace("/var/lib/clinic/pages", str(files))
    return lambda port: (
        f"{maps} server {{ listen 127.0.0.1:{port}; {location} location @site {{ return 404; }} }}"
    )


def _warm(servers: dict[str, Server]) -> None:
    """Every process has drawn the page, and background work on it is over."""
    for server in servers.values():
        for _ in range(40):
            server.get(PATH, **PLAIN)


def _run(server: Server, clients: int, **headers: str) -> Callable[[], Load]:
    given = PLAIN | {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda: load(server.pid, server.url + PATH, clients=clients, headers=given)


def _table(servers: dict[str, Server], size: int) -> list[str]:
    found = in_turn({name: _run(server, CLIENTS) for name, server in servers.items()}, rounds=5)
    two = {name: _run(servers[name], 64) for name in ("ours, gunicorn", TWO_HEADERS)}
    many = in_turn(two)
    sizes = {name: len(server.get(PATH, **PLAIN).body) for name, server in servers.items()}
    ours = found["ours, gunicorn"]
    for name, target in (
        ("Wagtail", 60),
        ("Wagtail, cached", 2.5),
        ("WhiteNoise file, gunicorn", 2),
    ):
        ratio = ours.per_second / found[name].per_second
        verdicts.at_least(f"page from memory, requests/s, vs {name}", ratio, target)
    above = _above_a_constant(servers)
    slowest = many["ours, gunicorn"].p99 / many[TWO_HEADERS].p99
    verdicts.at_most("p99 with 64 clients vs gunicorn with a constant", slowest, 1.3)
    ratio = found["release, nginx"].per_second / found["file, nginx"].per_second
    verdicts.at_least(
        "page through nginx from the release, requests/s, vs a plain file", ratio, 0.95
    )
    lines = [
        f"`{PATH}`, {size} bytes, {CLIENTS} clients.",
        "",
        "| | bytes | requests/s | CPU us a request | p50 ms | p99 ms | errors |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, one in found.items():
        lines.append(
            f"| {name} | {sizes[name]} | {one.per_second:.0f} | {one.cpu:.0f} | {one.p50:.2f} "
            f"| {one.p99:.2f} | {one.errors:.0f} |"
        )
    rest = ", ".join(f"{name} {one.p99:.1f} ms" for name, one in many.items())
    return [*lines, *above, "", f"p99 with 64 clients: {rest}."]


def _above_a_constant(servers: dict[str, Server]) -> list[str]:
    lines = []
    for clients in FEW_AND_MANY:
        names = ("ours, gunicorn", SAME_HEADERS, TWO_HEADERS)
        found = in_turn({name: _run(servers[name], clients) for name in names}, rounds=7)
        for name, what in ((SAME_HEADERS, "the same headers"), (TWO_HEADERS, "two headers")):
            above = found["ours, gunicorn"].cpu - found[name].cpu
            figure = f"CPU of a hit above gunicorn's constant, {what}, clients: {clients}"
            verdicts.at_most(figure, above, 10, " us")
        lines += ["", f"CPU of a hit, clients: {clients}. {_each_cpu(found)}."]
    return lines


def _each_cpu(found: dict[str, Load]) -> str:
    return ", ".join(f"{name} {one.cpu:.0f} us" for name, one in found.items())


def _not_modified(ours: Server, etag: str) -> list[str]:
    assert ours.get(PATH, **PLAIN, **{"If-None-Match": etag}).status == 304
    lines = []
    for clients in FEW_AND_MANY:
        runs = {"200": _run(ours, clients), "304": _run(ours, clients, If_None_Match=etag)}
        found = in_turn(runs, rounds=7)
        ratio = found["304"].cpu / found["200"].cpu
        verdicts.at_most(f"304 vs 200, CPU, clients: {clients}", ratio, 0.7)
        lines += ["", f"CPU of an answer, clients: {clients}. {_each_cpu(found)}."]
    return lines


def _memory(ours: Server, site: Site) -> list[str]:
    sitemap = ours.get("/sitemap.xml").body.decode()
    paths = re.findall(r"<loc>https?://[^/]+(/[^<]*)</loc>", sitemap)
    for path in paths * 8:  # so that each process meets every page
        for encoding in ("br", "gzip", "identity"):
            ours.get(path, **{"Accept-Encoding": encoding})
    sizes = [unique_set_size(pid) for pid in children(site.pid("web"))]
    verdicts.at_most(
        "memory of a web process after every page (unique set size)", max(sizes), 60, " MB"
    )
    each = ", ".join(f"{one:.0f} MB" for one in sizes)
    return ["", f"Memory of each web process after {len(paths)} pages in three encodings: {each}."]
