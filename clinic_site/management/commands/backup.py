"""``manage.py backup``: the whole site in one encrypted file, while it runs."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from clinic_site.backup import keys, make
from clinic_site.backup.database import DatabaseNotCopied
from clinic_site.backup.kept import remove_old


class Command(BaseCommand):
    help = (
        "Copy the database, the spool, media, the last release and the public keys into one file, "
        "encrypted to the backup key. Private keys are never in it."
    )
    requires_system_checks = []  # a backup must work on the day when something else does not

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--to", type=Path, default=settings.BACKUP_DIR, help="folder (default: %(default)s)"
        )
        parser.add_argument(
            "--keep", type=int, metavar="N", help="afterwards remove all but the N newest"
        )
        parser.add_argument(
            "--create-key",
            type=Path,
            metavar="FOLDER",
            help="make the pair of keys; the private half goes into FOLDER, best on a stick",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["create_key"]:
            self._create_key(options["create_key"])
            return
        if settings.ROLE == "public":
            raise CommandError(
                "The public role may not read the database. Back up on the staff side."
            )
        if options["keep"] is not None and options["keep"] < 1:
            raise CommandError("--keep must be at least 1.")
        try:
            path = make.make_backup(options["to"])
        except (keys.BackupKeyMissing, DatabaseNotCopied, OSError) as error:
            raise CommandError(f"No backup was made: {error}") from error
        self.stdout.write(f"{path} ({path.stat().st_size:,} bytes)")
        if options["keep"]:
            for old in remove_old(options["to"], keep=options["keep"]):
                self.stdout.write(f"removed {old.name}")

    def _create_key(self, folder: Path) -> None:
        try:
            path = keys.create_pair(folder)
        except FileExistsError as error:
            raise CommandError(
                f"No key was made: {error}. To change keys, move {keys.public_path()} away first, "
                "and keep the old private key as long as backups made for it."
            ) from error
        except OSError as error:
            raise CommandError(
                f"No key was made: {error.filename or folder}: {error.strerror}. Both {folder} and "
                f"{keys.public_path().parent} must be writable."
            ) from error
        self.stdout.write(
            f"Backups will be encrypted to {keys.public_path()}.\n"
            f"The private key is {path}.\n"
            "Without it no backup can ever be read. Move it off this machine now: to a stick in a "
            "safe, and a second one elsewhere."
        )
