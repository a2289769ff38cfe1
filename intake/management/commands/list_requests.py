"""The requests, without anything personal."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management import BaseCommand
from django.db.models import Q

from intake.models import CallbackRequest
from intake.references import show_reference


class Command(BaseCommand):
    help = "List requests: reference, state, times, attempts. Nothing personal."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON array")
        parser.add_argument("--all", action="store_true", help="closed ones and spam too")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = Q() if options["all"] else Q(state__in=CallbackRequest.WAITING)
        rows = [
            _row(r) for r in CallbackRequest.objects.filter(wanted).order_by("received_at", "pk")
        ]
        if options["json"]:
            self.stdout.write(json.dumps(rows, indent=2))
            return
        for row in rows:
            self.stdout.write(
                f"{show_reference(row['reference'])}  {row['state']:<14}  {row['received_at']}  "
                f"attempt by {row['attempt_due_at']}  attempts {row['attempts']}"
            )


def _row(request: CallbackRequest) -> dict[str, Any]:
    return {
        "reference": request.reference,
        "state": request.state,
        "received_at": _text(request.received_at),
        "attempt_due_at": _text(request.attempt_due_at),
        "contact_due_at": _text(request.contact_due_at),
        "next_action_at": _text(request.next_action_at),
        "attempts": request.attempt_count,
        "first_attempt_at": _text(request.first_attempt_at),
        "first_contact_at": _text(request.first_contact_at),
        "closed_at": _text(request.closed_at),
        "is_demo": request.is_demo,
    }


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
