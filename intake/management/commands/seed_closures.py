"""A year of public holidays."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from intake import closures


class Command(BaseCommand):
    help = "Close the desk on the US public holidays of a year. Safe to repeat; edit on the desk."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("year", nargs="?", type=int, help="this year when left out")
        parser.add_argument("--again", action="store_true", help="bring back days removed since")

    def handle(self, *args: Any, year: int | None, again: bool, **options: Any) -> None:
        wanted = year if year is not None else timezone.localdate().year
        try:
            added = closures.seed(year=wanted, again=again)
        except closures.AlreadySeeded as error:
            self.stdout.write(f"{error} Bring back what was removed with --again.")
        except ValueError as error:
            raise CommandError(str(error)) from error
        else:
            self.stdout.write(f"Closed on {added} days of {wanted}.")
