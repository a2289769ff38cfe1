"""``manage.py messages``: bring the catalogues up to date with the strings of code and templates."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand

from clinic_site import catalogue
from pages.languages import TRANSLATED


class Command(BaseCommand):
    help = "Collect every string of the interface in locale/ and say what waits for a translation."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for language in TRANSLATED:
            catalogue.update(language)
            problems = list(catalogue.problems_of(language))
            self.stdout.write(f"{catalogue.path_of(language)}: {len(problems)} to be translated")
            for problem in problems:
                self.stdout.write(f"  {problem}")
