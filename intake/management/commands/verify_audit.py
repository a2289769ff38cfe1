"""Walk the audit chain."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError

from intake import audit


class Command(BaseCommand):
    help = "Check that no audit event was changed, removed or slipped in; exit with 1 if one was."

    def handle(self, *args: Any, **options: Any) -> None:
        problem = audit.verify()
        if problem is not None:
            raise CommandError(f"The audit chain is broken: {problem.reason}.")
        sequence, digest = audit.head()
        self.stdout.write(f"{sequence} events, unbroken. Newest digest: {digest}")
