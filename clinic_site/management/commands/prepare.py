"""Make the place ready to serve: everything ``make run`` needs before the first request."""

from __future__ import annotations

import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from clinic_site.backup import database
from clinic_site.catalogue import compile_all
from clinic_site.roles import ensure_roles
from pages.models import Release


class Command(BaseCommand):
    help = "Migrate, create keys, load the seed content, compile catalogues, collect static files. Safe to repeat."
    # The checks load every URL and cost half of a start; the worker runs them a moment later.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="do not print how to sign in")

    def handle(self, *args: Any, quiet: bool, **options: Any) -> None:
        if connection.vendor == "postgresql":
            refuse_what_cannot_hold_every_name()
        if has_pending_migrations():
            self.stdout.write("Bringing the database up to date ...")
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:  # a change of a large table may take its time
                    cursor.execute("SET statement_timeout = 0")
            call_command("migrate", verbosity=0)
        ensure_roles()
        call_command("intake_keys", create=True, stdout=self.stdout)
        call_command("setup_intake", stdout=self.stdout)
        if not Release.objects.exists():
            # Only once: a row that an editor deleted later must not come back at the next start.
            call_command("load_content", stdout=self.stdout)
        compile_catalogues()
        collect_static_if_changed()
        if not quiet:
            self.stdout.write(greeting())


def refuse_what_cannot_hold_every_name() -> None:
    """Before there are tables: a server set up without a language makes databases of ASCII."""
    if encoding := database.narrow_encoding():
        raise CommandError(
            f"The database is kept in {encoding}, which cannot hold every name. Drop it and make it anew: "
            "createdb --encoding=UTF8 --template=template0 clinic"
        )


def compile_catalogues() -> None:
    try:
        compile_all()
    except PermissionError as error:
        raise CommandError(
            f"{error.filename} cannot be written. Where the site may not write beside its code, whoever "
            "installed it compiles the languages: make .venv/run.stamp"
        ) from error


def has_pending_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def collect_static_if_changed() -> None:
    """Collect and compress only when a source changed: it takes seconds, and a start must not."""
    stamp = settings.STATIC_ROOT / ".sources"
    sources = digest_of_sources()
    if stamp.exists() and stamp.read_text() == sources:
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(sources)


def digest_of_sources() -> str:
    """A hash over name, size and time of our own static files, and over the pinned packages."""
    digest = hashlib.sha256((settings.BASE_DIR / "requirements.txt").read_bytes())
    for folder in settings.STATICFILES_DIRS:
        for path in sorted(p for p in Path(folder).rglob("*") if p.is_file()):
            state = path.stat()
            digest.update(f"{path.name} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def greeting() -> str:
    staff = get_user_model().objects.filter(is_active=True).exists()
    how = (
        "with your own name and password"
        if staff
        else "after: .venv/bin/python manage.py create_staff NAME --role supervisor"
    )
    return (
        f"\n  The site:   {settings.SITE_URL}/\n"
        f"  The desk:   {settings.SITE_URL}/{settings.DESK_PATH}/\n"
        f"  The admin:  {settings.SITE_URL}/{settings.ADMIN_PATH}/\n"
        f"  Sign in {how}\n"
        f"  Data lives in {settings.VAR_DIR}. Stop with Ctrl-C.\n"
    )
