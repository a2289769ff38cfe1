"""Does the intake work right now, and is everything in it where it belongs?"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.db import Error as DatabaseError

from intake.checking import CheckFailed, check
from intake.orphans import orphans


class Command(BaseCommand):
    help = (
        "Send a synthetic request through the whole path and remove it again: nobody sees it, no "
        "mail goes out, no count has it. Exits with 1 when a step fails."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--orphans", action="store_true", help="instead look for rows that belong to nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ROLE == "public":
            raise CommandError("A public node may only put forms in. Run this on the staff side.")
        if options["orphans"]:
            self._look_for_orphans()
            return
        try:
            for sentence in check():
                self.stdout.write(sentence)
        except CheckFailed as error:
            raise CommandError(str(error)) from error
        self.stdout.write("The intake works. Nothing of this check is left.")

    def _look_for_orphans(self) -> None:
        try:
            found = list(orphans())
        except DatabaseError as error:
            raise CommandError(f"The database failed: {type(error).__name__}.") from error
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write("Everything belongs to something, and nothing purged is here again.")
