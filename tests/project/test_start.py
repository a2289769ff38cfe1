"""``make run`` in miniature: real processes, an empty folder, and Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.operations.place import Place

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.faults

PATHS = (  # noqa: SIM905
    "/ /how-it-works/ /mood-conditions/ /pain-conditions/ /what-to-expect/ /response-rates/ "
    "/thoughts-of-suicide/ /research/ /faq/ /safety/ /contact/ /privacy/ /accessibility/"
).split()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def wait_until_up(url: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"nothing answered at {url}")


def children_of(pid: int) -> set[int]:
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True)
    parents = dict(map(int, line.split()) for line in listed.stdout.splitlines())
    family = {pid}
    while more := {p for p, parent in parents.items() if parent in family} - family:
        family |= more
    return family - {pid}


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.fixture
def site(prepared_site: Place, tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The whole site, web and worker, in a folder of its own with a space in its name."""
    port = free_port()
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("CLINIC_", "DATABASE_"))}
    environ |= {
        "VAR_DIR": str(tmp_path / "a place"),
        "PORT": str(port),
        "CLINIC_URL": f"http://127.0.0.1:{port}",
        "DJANGO_SETTINGS_MODULE": "clinic_site.settings",
        "CLINIC_STATIC_DIR": str(prepared_site.static),  # compressed once for all tests
    }
    subprocess.run(
        [sys.executable, "manage.py", "prepare"], cwd=ROOT, env=environ, check=True, timeout=120
    )
    procfile = tmp_path / "Procfile"
    procfile.write_text(
        (ROOT / "Procfile").read_text().replace(".venv/bin/python", f'"{sys.executable}"')
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "honcho", "--app-root", str(ROOT), "--procfile", procfile, "start"],
        cwd=ROOT,
        env=environ,
    )
    base = f"http://127.0.0.1:{port}"
    try:
        wait_until_up(f"{base}/health/live")
        yield base, process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)


def test_every_page_is_served_from_an_empty_folder_and_ctrl_c_stops_everything(
    site: tuple[str, subprocess.Popen[bytes]],
) -> None:
    base, process = site

    pages = {path: get(base + path) for path in PATHS}
    missing = get(base + "/no-such-page/")
    family = children_of(process.pid)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=30)

    for path, (status, body) in pages.items():
        assert status == 200, path
        assert "tel:988" in body, path
        assert "tel:911" in body, path
        assert "(866-951-4325)" in body, path
    assert missing[0] == 404
    assert "tel:988" in missing[1]
    assert len(family) >= 2
    assert not [pid for pid in family if is_alive(pid)]
