"""Send again what was given up on."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand
from django.utils import timezone

from intake.models import Message
from intake.outbox import revive


class Command(BaseCommand):
    help = "Give messages that were given up on another life, once the mail server works again."

    def handle(self, *args: Any, **options: Any) -> None:
        dead = Message.objects.exclude(dead_at=None).order_by("pk").values_list("pk", flat=True)
        revived = sum(revive(pk, now=timezone.now()) for pk in list(dead))
        self.stdout.write(f"{revived} messages will be sent again.")
