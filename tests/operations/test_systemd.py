"""The systemd units: understood by systemd, tightly closed, and fitting the pages about them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.operations.place import ROOT

UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))

pytestmark = pytest.mark.systemd


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The units with a program that exists here."""
    folder = tmp_path_factory.mktemp("units")
    for path in (ROOT / "deploy/systemd").iterdir():
        text = path.read_text().replace("/opt/clinic/.venv/bin/python", shutil.which("sh") or "")
        (folder / path.name).write_text(text)
    return sorted(folder.iterdir())


def test_systemd_understands_every_line(units: list[Path]) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "Unknown" not in done.stderr


def test_every_service_is_closed_by_systemds_own_measure(units: list[Path]) -> None:
    services = [path for path in units if path.suffix == ".service"]

    for path in services:
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--threshold=20", path],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{path.name}: {done.stdout.splitlines()[-1]}"


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    "line", ["NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateTmp=yes", "ProtectHome=yes"]
)
def test_no_service_lacks_what_every_one_must_have(path: Path, line: str) -> None:
    assert line in path.read_text().splitlines()


def test_public_staff_and_worker_are_different_users() -> None:
    users = {
        name: re.search(
            r"^User=(\S+)",
            (ROOT / f"deploy/systemd/clinic-{name}.service").read_text(),
            re.MULTILINE,
        )
        for name in ("public", "staff", "worker", "backup")
    }

    assert len({match[1] for match in users.values() if match}) == 4


def test_the_public_process_cannot_reach_the_keys_of_the_others() -> None:
    for name in ("public", "spool"):
        text = (ROOT / f"deploy/systemd/clinic-{name}.service").read_text()
        assert "InaccessiblePaths=-/etc/clinic/staff -/etc/clinic/worker" in text
        assert "CLINIC_ROLE=public" in text


@pytest.mark.parametrize("name", ["public", "spool", "staff"])
def test_who_listens_or_drains_talks_to_this_machine_only_unless_told_otherwise(name: str) -> None:
    lines = (ROOT / f"deploy/systemd/clinic-{name}.service").read_text().splitlines()

    assert {"IPAddressDeny=any", "IPAddressAllow=localhost"} <= set(lines)
    assert "InaccessiblePaths=-/opt/clinic/.git" in lines


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_libpq_looks_for_certificates_where_it_may_look(path: Path) -> None:
    text = path.read_text()
    homes = re.findall(r"\bHOME=(\S+)", text)

    assert homes == re.findall(r"\bVAR_DIR=(\S+)", text)
