"""Something to try the desk with."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from intake import demo


class Command(BaseCommand):
    help = "Fill the queue with marked demo requests, or remove them all. Nobody is mailed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", nargs="?", type=int, default=0, help="how many to add")
        parser.add_argument("--remove", action="store_true", help="remove all demo requests")

    def handle(self, *args: Any, number: int, remove: bool, **options: Any) -> None:
        if remove:
            self.stdout.write(f"Removed {demo.remove()} demo requests.")
            return
        if number < 1:
            raise CommandError("Say how many, such as: manage.py demo_queue 200")
        self.stdout.write(f"Added {demo.fill(number, now=timezone.now())} demo requests.")
