"""What a new clinic starts with."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from intake import closures, schedule, wordings
from intake.models import Closure


class Command(BaseCommand):
    help = "Add the first hours, the holidays, the call policy and the consent wordings. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        if schedule.set_up():
            self.stdout.write(
                "Opening hours start as Monday to Friday, 8:00 to 18:00; change them on the desk."
            )
        if not Closure.objects.exists():
            self._close_on_holidays()
        try:
            wordings.keep_wordings()
        except wordings.WordingChanged as error:
            raise CommandError(str(error)) from error

    def _close_on_holidays(self) -> None:
        """This year's and next year's; what a supervisor removed later does not come back."""
        this_year = timezone.localdate().year
        for year in (this_year, this_year + 1):
            try:
                added = closures.seed(year=year)
            except closures.AlreadySeeded:
                continue
            self.stdout.write(f"Closed on {added} public holidays of {year}; see the desk's hours.")
