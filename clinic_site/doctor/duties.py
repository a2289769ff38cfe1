"""What people must have arranged: keys, mail, backups."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage

from clinic_site.backup.kept import last_backup_at
from clinic_site.backup.keys import PUBLIC_NAME, BackupKeyMissing, read_public
from clinic_site.doctor.finding import Finding, Level
from intake import keys
from intake.models import Message
from pages.live import live_site

BACKUP_OLD_AFTER: Final = timedelta(hours=26)  # a daily one, and two hours of grace


def check_intake_keys() -> Iterator[Finding]:
    problems = keys.problems()
    for problem in problems:
        yield Finding("intake keys", "fail", problem, 'See "Keys" in docs/operations.md.')
    if not problems:
        yield Finding("intake keys", "ok", "present, matching, readable by nobody else")


def check_telephone() -> Iterator[Finding]:
    """Pages of errors are made without the database, so their number is not the profile's."""
    profile = live_site().profile
    if profile and profile.phone_e164 != settings.CLINIC_PHONE_E164:
        yield Finding(
            "telephone",
            "fail",
            f"pages of errors show {settings.CLINIC_PHONE_E164}, all others {profile.phone_e164}",
            "Put the clinic's number into clinic_site/settings.py and deploy/unavailable.html.",
        )
    elif profile:
        yield Finding("telephone", "ok", f"{profile.phone_e164} on every page")


def check_mail() -> Iterator[Finding]:
    if not settings.NOTIFY_EMAILS:
        yield Finding("mail", "fail", "nobody hears of a new request", "Set CLINIC_NOTIFY_EMAILS.")
    dead = Message.objects.filter(dead_at__isnull=False).count()
    if dead:
        yield Finding(
            "mail", "warn", f"{dead} messages were given up on", "Try: manage.py doctor --mail"
        )


def send_mail_to_itself() -> Finding:
    """Send one message to the addresses that hear of new requests."""
    to = settings.NOTIFY_EMAILS
    message = EmailMessage(
        subject="The clinic site can send mail",
        body="manage.py doctor --mail sent this. Nothing has to be done.",
        to=to,
    )
    try:
        message.send()
    except OSError as error:
        return Finding(
            "mail",
            "fail",
            f"the mail server refused: {type(error).__name__}: {error}",
            "Check CLINIC_EMAIL_URL and CLINIC_EMAIL_FROM with whoever runs the mail server.",
        )
    where = getattr(settings, "EMAIL_FILE_PATH", None)
    return Finding(
        "mail", "ok", f"written to {where}" if where else f"the server took it for {', '.join(to)}"
    )


def check_backups() -> Iterator[Finding]:
    level: Level = "fail" if settings.IS_PRODUCTION else "warn"
    try:
        read_public()
    except BackupKeyMissing as error:
        yield Finding("backup", level, str(error), "Run: manage.py backup --create-key FOLDER")
        return
    for path in Path(settings.KEYS_DIR).glob("backup-*.key"):
        yield Finding(
            "backup",
            level,
            f"the private key of the backups lies beside {PUBLIC_NAME}",
            f"Move it off this machine: {path}",
        )
    made_at = last_backup_at(settings.BACKUP_DIR)
    if made_at is None:
        yield Finding("backup", level, f"none in {settings.BACKUP_DIR}", "Run: manage.py backup")
    elif datetime.now(UTC) - made_at > BACKUP_OLD_AFTER:
        yield Finding(
            "backup",
            level,
            f"the newest is from {made_at:%Y-%m-%d %H:%M} UTC",
            "Is the timer running? Try by hand: manage.py backup",
        )
    else:
        yield Finding("backup", "ok", f"the newest is from {made_at:%Y-%m-%d %H:%M} UTC")
