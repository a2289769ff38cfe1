"""The servers that are measured: ours, and what it is measured against. Each on a port of its own."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench._load import CannotMeasure
from bench._ours import ROOT, free_port, wait_until

PEERS: Final = Path(sys.prefix) / "peers"
PYTHON: Final = PEERS / "bin" / "python"
HERE: Final = Path(__file__).parent / "peers"
# Our event loop for what can use it, else threads with the same limits.
GUNICORN: Final = ("-m", "gunicorn", "-c", str(ROOT / "deploy" / "gunicorn.conf.py"))
THREADS: Final = ("-m", "gunicorn", "-c", str(HERE / "threads.py"))
NGINX: Final = Path("/usr/sbin/nginx")


@dataclass(frozen=True)
class Server:
    pid: int
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str = "/", **headers: str) -> http.client.HTTPResponse:
        """An answer that was read; its body is in ``.body``. Raises :exc:`OSError`."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.request("GET", path, headers={"Host": "127.0.0.1", **headers})
            answer = line.getresponse()
            answer.body = answer.read()  # type: ignore[attr-defined]
            return answer
        finally:
            line.close()


def install() -> None:
    """Make the peers' environment where it is missing or of other versions."""
    wanted = (HERE / "requirements.txt").read_text()
    stamp = PEERS / "installed.txt"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(PEERS)], check=True)
        subprocess.run([*pip, "-r", str(HERE / "requirements.txt")], check=True, timeout=400)
    except (OSError, subprocess.SubprocessError) as error:
        raise CannotMeasure(
            f"the peers could not be installed ({type(error).__name__}); PyPI is needed for that"
        ) from error
    stamp.write_text(wanted)


@contextmanager
def running(
    command: list[str], port: int, log: Path, *, probe: str = "/", cwd: Path = ROOT, **environ: str
) -> Iterator[Server]:
    """A server that answers. It sees nothing of our own settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=kept | {"HOST": "127.0.0.1", "PORT": str(port)} | environ,
            stdout=out,
            stderr=out,
        )
    server = Server(process.pid, port)
    try:
        wait_until(lambda: _answers(server, probe), command[0], 90)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(30)


def _answers(server: Server, path: str) -> bool:
    try:
        return server.get(path).status == 200
    except (OSError, http.client.HTTPException):
        return False


@contextmanager
def peer(
    module: str, folder: Path, gunicorn: tuple[str, ...] = THREADS, **environ: str
) -> Iterator[Server]:
    """An application of ``bench/peers`` behind gunicorn."""
    command = [str(PYTHON), *gunicorn, "--chdir", str(HERE), module]
    with running(command, free_port(), folder / f"{module}.log", cwd=HERE, **environ) as server:
        yield server


def make_wagtail(folder: Path, size: int) -> None:
    """A Wagtail site in ``folder`` with a page of about ``size`` bytes and a form."""
    folder.mkdir(parents=True, exist_ok=True)
    site = folder / "wagtail_site"
    subprocess.run(["cp", "-r", str(HERE / "wagtail_site"), str(site)], check=True)
    subprocess.run(
        [str(PYTHON), "-m", "wagtail_site.fill"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PEER_VAR": str(folder), "PEER_BYTES": str(size)},
        check=True,
        capture_output=True,
    )


@contextmanager
def wagtail(folder: Path, **environ: str) -> Iterator[Server]:
    command = [str(PYTHON), *THREADS, "--chdir", str(folder), "wagtail_site.wsgi"]
    log = folder / "wagtail.log"
    with running(command, free_port(), log, cwd=folder, PEER_VAR=str(folder), **environ) as server:
        yield server


@contextmanager
def nginx(folder: Path, servers: str, port: int) -> Iterator[Server]:
    """nginx with as many processes as cores; ``servers`` are what its ``http`` block holds."""
    if not NGINX.exists():
        raise CannotMeasure("no nginx; get it with: apt-get install nginx")
    folder.mkdir(exist_ok=True)
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    conf = folder / "nginx.conf"
    conf.write_text(
        f"{user} worker_processes auto; daemon off; pid {folder}/nginx.pid;"
        f"error_log {folder}/error.log; events {{ worker_connections 1024; }}"
        "http { include /etc/nginx/mime.types; access_log off; sendfile on; tcp_nopush on;"
        f"keepalive_requests 1000000; {places} {servers} }}"
    )
    command = [str(NGINX), "-c", str(conf), "-e", str(folder / "start.log")]
    with running(command, port, folder / "nginx.log") as server:
        yield server
