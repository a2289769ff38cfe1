"""Seal everything anew to the current key. Stop it and start it again as you like."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from intake import keys, rotation


class Command(BaseCommand):
    help = "Re-seal all envelopes to the current key, in batches; resumes where it was stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--new-key", action="store_true", help="first make a new key and seal to it from now on"
        )
        parser.add_argument("--batch", type=int, default=200, help="envelopes per transaction")

    def handle(self, *args: Any, new_key: bool, batch: int, **options: Any) -> None:
        try:
            if new_key:
                self.stdout.write(f"Made {keys.add_pair()}.")
            result = rotation.reseal_all(batch=max(1, batch))
        except (keys.KeyMissing, keys.WrongKey) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Sealed {result.resealed} envelopes anew.")
        if result.failed:
            raise CommandError(
                "These could not be opened and stay as they are: " + ", ".join(result.failed)
            )
        for name in result.unused:
            self.stdout.write(
                f"Nothing here needs {name} any more. Keep it until every node's spool is empty "
                "and the last backup that needs it has expired."
            )
