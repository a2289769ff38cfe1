"""Real servers on loopback ports: gunicorn with the site, nginx with our configuration."""

from __future__ import annotations

import http.client
import os
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.operations.place import ROOT, Place

HOST = "www.example.org"
NGINX = Path("/usr/sbin/nginx")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(ready: Callable[[], bool], what: str, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, f"still waiting for {what}"
        time.sleep(0.05)


def answers(port: int, path: str = "/health/live", status: int = 200) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path, headers={"Host": HOST})
        return connection.getresponse().status == status
    except OSError:
        return False
    finally:
        connection.close()


@contextmanager
def gunicorn(place: Place, port: int, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    """The site as it is deployed, listening on ``port``; killed at the end."""
    log = (place.var / f"gunicorn-{port}.log").open("ab")
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "clinic_site.asgi"],
        cwd=ROOT,
        env=place.environment(HOST="127.0.0.1", PORT=str(port), **environ),
        stdout=log,
        stderr=log,
    )
    try:
        wait_until(lambda: answers(port), "gunicorn")
        yield process
    finally:
        process.terminate()
        process.wait(30)
        log.close()


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: str


@dataclass
class Nginx:
    http_port: int
    tls_port: int
    folder: Path

    def connect(self, *, name: str = HOST) -> ssl.SSLSocket:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        plain = socket.create_connection(("127.0.0.1", self.tls_port), timeout=90)
        return context.wrap_socket(plain, server_hostname=name)

    def send(self, data: bytes) -> Answer:
        """Exactly these bytes over TLS, and what came back.

        Where nginx closes the line, this waits for that: only then is the request in its log.
        """
        with self.connect() as line:
            line.sendall(data)
            answer = read_answer(line)
            with suppress(OSError):  # a line that is broken off is closed as well
                while answer.headers["Connection"] == "close" and line.recv(4096):
                    pass
            return answer

    def ask(self, path: str, *, method: str = "GET", body: bytes = b"", **headers: str) -> Answer:
        lines = {"Host": HOST, "Connection": "close", "Content-Length": str(len(body))}
        lines |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return self.send(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)

    def log(self) -> str:
        return (self.folder / "access.log").read_text()


def read_answer(line: socket.socket) -> Answer:
    response = http.client.HTTPResponse(line)
    response.begin()
    return Answer(response.status, response.headers, response.read().decode(errors="replace"))


@contextmanager
def nginx(
    folder: Path, *, public: Sequence[int | str], staff: int | str, static: Path, **changes: str
) -> Iterator[Nginx]:
    """``deploy/nginx.conf`` with its places and ports replaced, and nothing else.

    Pages as files are looked for in ``releases`` beside the static files.
    """
    ports = free_port(), free_port()
    conf = folder / "nginx.conf"
    conf.write_text(_configuration(folder, ports, public, staff, static, changes))
    log = (folder / "nginx-output.log").open("ab")
    process = subprocess.Popen(
        [NGINX, "-c", conf, "-e", folder / "start.log", "-g", "daemon off;"],
        stdout=log,
        stderr=log,
    )
    try:
        wait_until(lambda: _listens(ports[1]) or process.poll() is not None, "nginx")
        assert process.poll() is None, (folder / "nginx-output.log").read_text()
        yield Nginx(ports[0], ports[1], folder)
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _at(node: int | str) -> str:
    """A node is a port of this machine, or a whole address."""
    return node if isinstance(node, str) else f"127.0.0.1:{node}"


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _configuration(
    folder: Path,
    ports: tuple[int, int],
    public: Sequence[int | str],
    staff: int | str,
    static: Path,
    changes: dict[str, str],
) -> str:
    text = (ROOT / "deploy/nginx.conf").read_text()
    certificate = make_certificate(folder, HOST)
    servers = " ".join(f"server {_at(node)} max_fails=2 fail_timeout=5s;" for node in public)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    replaced = {
        "user www-data;": "user root;" if os.geteuid() == 0 else "",
        "worker_processes auto;": "worker_processes 1;",
        "/run/nginx.pid": f"{folder}/nginx.pid",
        "/var/log/nginx/": f"{folder}/",
        "http {\n": "http {\n" + temporary,
        "listen 80": f"listen 127.0.0.1:{ports[0]}",
        "listen 443": f"listen 127.0.0.1:{ports[1]}",
        "/var/cache/nginx/clinic": f"{folder}/cache",
        "/etc/letsencrypt/live/www.example.org/fullchain.pem": str(certificate),
        "/etc/letsencrypt/live/www.example.org/privkey.pem": str(certificate),
        "/var/lib/clinic/static/": f"{static}/",
        "/var/lib/clinic/pages/": f"{static.parent}/releases/",
        "root /var/www/acme;": f"root {folder};",
        "root /etc/nginx/clinic;": f'root "{ROOT}/deploy";',
        "server 127.0.0.1:8000 max_fails=2 fail_timeout=5s;": servers,
        "server 127.0.0.1:8001 max_fails=2 fail_timeout=5s;": f"server {_at(staff)};",
        **changes,
    }
    for old, new in replaced.items():
        assert old in text, f"deploy/nginx.conf no longer has {old!r}"
        text = text.replace(old, new)
    assert not re.search(
        r"^[^#]* /(etc/letsencrypt|etc/nginx/clinic|var|run)/", text, re.MULTILINE
    ), "a place was not replaced"
    return text


def make_certificate(folder: Path, name: str, *, days: int = 30) -> Path:
    """A certificate and its key in one file, signed by itself."""
    path = folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-keyout", str(path), "-out", str(folder / "public.pem")),
            *("-days", str(days), "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"),
        ],
        check=True,
        capture_output=True,
    )
    with path.open("a") as file:
        file.write((folder / "public.pem").read_text())
    return path
