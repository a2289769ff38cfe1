"""``manage.py restore FILE --key KEY``: a backup, put back into an empty place."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError

from clinic_site.backup import archive, keys
from clinic_site.backup.database import DatabaseNotCopied
from clinic_site.backup.restore import DoesNotFit, NotEmpty, restore_backup
from clinic_site.backup.sealed import BackupDamaged, NotABackup, WrongBackupKey


class Command(BaseCommand):
    help = (
        "Check every byte of a backup, then put it back into an empty VAR_DIR and an empty "
        "database. Nothing is written when anything is wrong."
    )
    requires_system_checks = []  # the place is empty, so it cannot be in order yet

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--key", type=Path, required=True, help="the private backup key")
        parser.add_argument("--verify", action="store_true", help="only check; write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            private = keys.read_private(options["key"])
            if options["verify"]:
                with options["file"].open("rb") as source:
                    manifest = archive.verify(source, private)
                self.stdout.write(
                    f"Sound: {len(manifest.entries)} files, {manifest.engine}, "
                    f"made at {manifest.made_at}."
                )
                return
            done = restore_backup(options["file"], private)
        except (keys.BackupKeyMissing, NotABackup, WrongBackupKey, BackupDamaged) as error:
            raise CommandError(f"Nothing was restored: {error}.") from error
        except (NotEmpty, DoesNotFit, DatabaseNotCopied, DatabaseError, OSError) as error:
            raise CommandError(f"Nothing was restored: {error}.") from error
        self.stdout.write(f"Restored {done.files} files, as of {done.made_at}.")
        if done.replayed is None:
            self.stdout.write("What was deleted since is deleted again when the worker starts.")
        else:
            self.stdout.write(f"Deleted again what was deleted since: {done.replayed}.")
        self.stdout.write(
            "Next: put the private intake keys and index.key back, run manage.py prepare, "
            "then manage.py doctor."
        )
