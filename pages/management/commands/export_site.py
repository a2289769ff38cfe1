"""``manage.py export_site``: a release as one JSON file, on standard output."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pages.exchange import write
from pages.models import Release


class Command(BaseCommand):
    help = "Write the live site, or any release, as JSON: manage.py export_site > site.json"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--release", type=int, help="the number of another release")

    def handle(self, *args: Any, release: int | None, **options: Any) -> None:
        if release is None:
            found = Release.objects.live()
        else:
            found = Release.objects.filter(number=release).first()
        if found is None:
            which = "live release" if release is None else f"release {release}"
            raise CommandError(f"There is no {which}.")
        try:
            text = write(found.content)
        except KeyError as error:
            raise CommandError(f"This site knows no kind of row called {error}.") from error
        self.stdout.write(text, ending="")
