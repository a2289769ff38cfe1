"""A bad setting stops the start and says how to put it right; the table of settings is complete."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PRODUCTION = {
    "CLINIC_PROFILE": "production",
    "CLINIC_HOSTS": "clinic.example.org",
    "CLINIC_URL": "https://clinic.example.org",
    "CLINIC_TIME_ZONE": "America/Denver",
    "CLINIC_SECRET_KEY": "k" * 64,
}


def start(var_dir: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("CLINIC_", "DATABASE_"))}
    return subprocess.run(
        [sys.executable, "-c", "import clinic_site.settings"],
        cwd=ROOT,
        env={**clean, "VAR_DIR": str(var_dir), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_local_profile_starts_with_nothing_set(tmp_path: Path) -> None:
    started = start(tmp_path)

    assert started.returncode == 0, started.stderr


def test_production_starts_when_all_is_set(tmp_path: Path) -> None:
    started = start(tmp_path, **PRODUCTION)

    assert started.returncode == 0, started.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("CLINIC_PROFILE", "prod"),
        ("CLINIC_ROLE", "web"),
        ("CLINIC_TIME_ZONE", "Mountain"),
        ("CLINIC_DEBUG", "maybe"),
        ("CLINIC_URL", "clinic.example.org"),
        ("CLINIC_SECRET_KEY", "short"),
        ("CLINIC_EMAIL_URL", "mail.example.org"),
        ("CLINIC_LOG_LEVEL", "LOUD"),
        ("DATABASE_URL", "mysql://clinic@localhost/clinic"),
        ("DATABASE_URL", "nonsense"),
        ("CLINIC_ADMIN_PATH", "Admin/"),
        ("CLINIC_DESK_PATH", "contact"),
        ("CLINIC_STAFF_NETWORKS", "10.0.0.0/8,office"),
        ("CLINIC_SECURITY_CONTACT", "security@example.org"),
        ("CLINIC_SECURITY_CONTACT", "mailto:security@example.org"),
        ("CLINIC_SECURITY_EXPIRES", "next year"),
    ],
)
def test_a_bad_value_is_named_explained_and_shown_put_right(
    tmp_path: Path, name: str, value: str
) -> None:
    started = start(tmp_path, **{name: value})

    assert started.returncode != 0
    last = started.stderr.strip().splitlines()[-1]
    assert name in last
    assert "Example:" in last


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CLINIC_SECRET_KEY", ""),
        ("CLINIC_HOSTS", ""),
        ("CLINIC_HOSTS", "*"),
        ("CLINIC_URL", "http://clinic.example.org"),
        ("CLINIC_TIME_ZONE", ""),
        ("CLINIC_DEBUG", "yes"),
    ],
)
def test_production_refuses_what_is_only_good_locally(
    tmp_path: Path, name: str, value: str
) -> None:
    started = start(tmp_path, **{**PRODUCTION, name: value})

    assert started.returncode != 0
    assert name in started.stderr.strip().splitlines()[-1]


def test_production_refuses_the_key_that_was_made_for_trying_it_out(tmp_path: Path) -> None:
    start(tmp_path)

    started = start(
        tmp_path, **PRODUCTION | {"CLINIC_SECRET_KEY": (tmp_path / "secret_key").read_text()}
    )

    assert "made for trying it out" in started.stderr
    assert started.returncode != 0


def test_the_local_secret_key_is_kept_and_readable_by_nobody_else(tmp_path: Path) -> None:
    start(tmp_path)
    first = (tmp_path / "secret_key").read_text()

    start(tmp_path)

    assert (tmp_path / "secret_key").read_text() == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_the_table_lists_exactly_the_variables_that_the_code_reads() -> None:
    sources = [
        *ROOT.glob("clinic_site/**/*.py"),
        *ROOT.glob("intake/**/*.py"),
        *ROOT.glob("pages/**/*.py"),
        ROOT / "deploy/gunicorn.conf.py",
    ]
    code = "\n".join(path.read_text() for path in sources)
    read = set(
        re.findall(
            r"env\.(?:text|flag|choice|number|words|segment|networks|day|time_zone)\(\s*\"(\w+)\"",
            code,
        )
    )
    read |= set(re.findall(r"os\.environ\.get\(\"(\w+)\"", code))

    rows = [
        line.split("|")[1]
        for line in (ROOT / "docs/configuration.md").read_text().splitlines()
        if line.startswith("| `")
    ]
    listed = set(re.findall(r"`(\w+)`", " ".join(rows)))

    assert listed == read
