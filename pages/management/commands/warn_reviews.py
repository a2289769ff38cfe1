"""``manage.py warn_reviews``: remind reviewers by e-mail now. The worker does it once an hour."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from pages.reviews import warn_due


class Command(BaseCommand):
    help = (
        "E-mail reviewers about figures whose review is due in 30 days, in 7 days, or past. "
        "Each is mailed once, however often this runs."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{warn_due()} reminders sent.")
