"""``manage.py preflight``: check the working copy, or the live release, before readers see it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pages.preflight import run
from pages.releases import live_content, working_content
from pages.site import ContentError, build_site


class Command(BaseCommand):
    help = "List what stands in the way of publishing (errors) and what deserves a look (warnings)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--live", action="store_true", help="check the live release, not the working copy"
        )

    def handle(self, *args: Any, live: bool, **options: Any) -> None:
        try:
            problems = run(build_site(0, live_content() if live else working_content()))
        except ContentError as error:
            raise CommandError(str(error)) from error
        for problem in problems:
            self.stdout.write(f"{'ERROR' if problem.is_error else 'WARNING'}: {problem}")
        errors = sum(problem.is_error for problem in problems)
        self.stdout.write(f"{errors} errors, {len(problems) - errors} warnings.")
        if errors:
            raise CommandError("The errors have to be put right before anything can be published.")
