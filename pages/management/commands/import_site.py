"""``manage.py import_site``: a file of ``export_site`` becomes the working copy and a proposal."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from pages.exchange import CannotImport, import_content, read
from pages.publishing import CannotPublish


class Command(BaseCommand):
    help = (
        "Read a file of export_site: the working copy says what the file says, and a proposal "
        "waits for approval in the admin. Nothing goes live by it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--by", required=True, help="the user name of who proposes it; somebody else approves"
        )

    def handle(self, *args: Any, file: Path, by: str, **options: Any) -> None:
        user = User.objects.filter(username=by).first()
        if user is None:
            raise CommandError(f"There is no user called {by}.")
        try:
            content = read(file.read_text(encoding="utf-8"))
            release = import_content(
                content=content, by=user, note=f"Imported from {file.name}"[:200]
            )
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"The file cannot be read: {error}") from error
        except CannotImport as refusal:
            raise CommandError(f"Nothing was imported. {refusal}") from refusal
        except CannotPublish as refusal:
            lines = "".join(f"\n  {problem}" for problem in refusal.problems)
            raise CommandError(f"Nothing was imported. {refusal}{lines}") from refusal
        self.stdout.write(
            f"{release} waits for approval, with {len(release.changed_keys)} changed rows."
        )
