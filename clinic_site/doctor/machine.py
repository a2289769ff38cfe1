"""The machine and its settings: profile, permissions, disk, certificate."""

from __future__ import annotations

import shutil
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import ERROR, WARNING, run_checks
from django.db import connection

from clinic_site.backup.restore import STAGING
from clinic_site.doctor.finding import Finding, Level

DISK_LOW: Final = 2 * 1024**3  # bytes
DISK_TOO_LOW: Final = 512 * 1024**2  # bytes
CERTIFICATE_RENEW_BEFORE: Final = timedelta(days=14)


def check_settings() -> Iterator[Finding]:
    if not settings.IS_PRODUCTION:
        yield Finding(
            "settings",
            "warn",
            "this is the local profile",
            "Fine for trying it out. On the internet: CLINIC_PROFILE=production.",
        )
    problems = run_checks(include_deployment_checks=settings.IS_PRODUCTION)
    for problem in problems:
        if problem.level >= WARNING and not problem.is_silenced():
            level: Level = "fail" if problem.level >= ERROR else "warn"
            hint = problem.hint or f"See check {problem.id} in Django's documentation."
            yield Finding("settings", level, problem.msg, hint)
    if not problems:
        yield Finding("settings", "ok", f"profile {settings.PROFILE}, role {settings.ROLE}")


def check_permissions() -> Iterator[Finding]:
    var = Path(settings.VAR_DIR)
    inside = (var / "spool", var / "secret_key", Path(settings.KEYS_DIR), _sqlite_path())
    open_to_all = [path for path in inside if path and path.exists() and _is_open(path)]
    if var.stat().st_mode & 0o007:
        open_to_all.append(var)
    for path in open_to_all:
        yield Finding("permissions", "fail", f"{path} is open to every user", f"chmod o= {path}")
    for path in sorted(Path(settings.KEYS_DIR).glob("*.key")):
        if path.stat().st_mode & 0o077:
            yield Finding(
                "permissions", "fail", f"{path} can be read by others", f"chmod 600 {path}"
            )
            open_to_all.append(path)
    if not open_to_all:
        yield Finding("permissions", "ok", f"{var} and the keys are closed to others")
    if (var / STAGING).exists():
        yield Finding(
            "restore",
            "fail",
            "a restore was interrupted here",
            "Run the same manage.py restore again: it clears up after itself and starts over.",
        )


def check_disk() -> Iterator[Finding]:
    for name, path in (("VAR_DIR", settings.VAR_DIR), ("backups", settings.BACKUP_DIR)):
        if not Path(path).exists():
            continue
        free = shutil.disk_usage(path).free
        what = f"{free / 1024**3:.1f} GiB free for {name}"
        if free < DISK_LOW:
            level: Level = "fail" if free < DISK_TOO_LOW else "warn"
            yield Finding("disk", level, what, "Make room: old backups, system logs.")
        else:
            yield Finding("disk", "ok", what)


def check_tls() -> Iterator[Finding]:
    if not settings.IS_PRODUCTION:
        return
    if not settings.TRUSTED_PROXIES:
        yield Finding(
            "proxy",
            "warn",
            "no proxy is trusted, so all visitors behind one share an address and its limits",
            "Set CLINIC_TRUSTED_PROXIES to the address nginx comes from, such as 127.0.0.1",
        )
    address = urlsplit(settings.SITE_URL)
    yield certificate(str(address.hostname), address.port or 443)


def certificate(host: str, port: int) -> Finding:
    """Ask the site's own address for its certificate, as a browser would."""
    context = ssl.create_default_context()
    try:
        with (
            socket.create_connection((host, port), timeout=5) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            peer = secure.getpeercert() or {}
    except (OSError, ssl.SSLError) as error:
        return Finding(
            "tls",
            "fail",
            f"https://{host}:{port}/ cannot be reached safely: {error}",
            "Check nginx, the certificate, and the name in CLINIC_URL.",
        )
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(peer["notAfter"])), UTC)
    if ends - datetime.now(UTC) < CERTIFICATE_RENEW_BEFORE:
        return Finding(
            "tls", "warn", f"the certificate ends on {ends:%Y-%m-%d}", "Is its renewal running?"
        )
    return Finding("tls", "ok", f"the certificate is good until {ends:%Y-%m-%d}")


def check_static() -> Iterator[Finding]:
    if settings.IS_PRODUCTION and not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        yield Finding(
            "static",
            "fail",
            f"no static files in {settings.STATIC_ROOT}: pages have no style",
            "Run manage.py prepare, or copy that folder from the machine where it ran.",
        )


def _is_open(path: Path) -> bool:
    """Whether every user of the machine can get at it: it lets them, and so does its folder."""
    return bool(path.stat().st_mode & 0o007 and path.parent.stat().st_mode & 0o001)


def _sqlite_path() -> Path | None:
    return Path(connection.settings_dict["NAME"]) if connection.vendor == "sqlite" else None
