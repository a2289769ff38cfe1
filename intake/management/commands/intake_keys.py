"""Make or check the keys of the intake."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from intake import keys


class Command(BaseCommand):
    help = "Create the intake's keys where they are missing, or check them. Never overwrites one."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--create", action="store_true", help="make what is missing")
        what.add_argument("--check", action="store_true", help="say what is wrong, exit with 1")

    def handle(self, *args: Any, create: bool, **options: Any) -> None:
        # A public node gets its intake.pub from elsewhere and must never hold a private key.
        if create and settings.ROLE != "public":
            try:
                made = keys.create()
            except (keys.KeyMissing, keys.WrongKey) as error:
                raise CommandError(str(error)) from error
            if made:
                self.stdout.write(f"Made {', '.join(made)} in {keys.folder()}. Back them up apart.")
        problems = keys.problems()
        if problems:
            raise CommandError("\n".join(problems))
        if not create:
            self.stdout.write(f"The keys in {keys.folder()} are in order.")
