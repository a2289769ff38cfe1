"""What ``bench.desk`` needs in processes of its own: a filled database, and a client that claims."""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

# A Wednesday, 10:00 in Denver: everybody can be called.
NOW = datetime(2026, 11, 18, 17, 0, tzinfo=UTC)
CLIENTS = 16


def start() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic_site.settings")
    import django

    django.setup()


def fill(count: int, *, over: timedelta = timedelta(hours=20), closed: bool = False) -> None:
    """``count`` requests that came in evenly ``over`` the time before ``NOW``."""
    from django.contrib.auth.models import User

    from intake.models import CallAttempt, CallbackRequest

    user, _ = User.objects.get_or_create(username="client0")
    first = CallbackRequest.objects.count()
    windows = ("any", "any", "morning", "late_afternoon")
    zones = ("America/Denver", "America/Chicago", "America/New_York", "Pacific/Honolulu")
    made = []
    for n in range(count):
        received = NOW - over * ((n * 7919 % count) + 1) / (count + 1)
        due = {
            "attempt_due_at": received + timedelta(hours=24),
            "contact_due_at": received + timedelta(hours=48),
        }
        if closed:
            called = received + timedelta(minutes=20 + n * 31 % 1700)
            reached = called + timedelta(minutes=n * 17 % 2000)
            due |= {
                "state": ("booked", "declined", "contacted")[n % 3],
                "outcome": "booked",
                "first_attempt_at": called,
                "first_contact_at": reached,
                "closed_at": reached,
                "attempt_count": 1 + n % 4,
            }
        elif n % 5 == 0:
            due |= {"state": "awaiting_retry", "next_action_at": NOW + timedelta(minutes=n % 900)}
        made.append(
            CallbackRequest(
                submission_key=UUID(int=first + n + 1),
                reference=f"Q{first + n:09d}",
                received_at=received,
                window=windows[n % 4],
                time_zone=zones[n // 4 % 4],
                possible_zones=zones[n // 4 % 4],
                phone_index=f"{n:064d}",
                **due,
            )
        )
    CallbackRequest.objects.bulk_create(made, batch_size=500)
    if closed:
        rows = CallbackRequest.objects.filter(first_attempt_at__isnull=False).iterator()
        CallAttempt.objects.bulk_create(
            (
                CallAttempt(request=row, at=row.first_attempt_at, by=user, outcome="booked")
                for row in rows
            ),
            batch_size=500,
        )


def claim_until(folder: Path, number: int, seconds: float) -> None:
    """One client: waits for the file ``go``, then takes one request after the other."""
    start()
    from django.contrib.auth.models import User

    from intake.claims import claim_next

    user = User.objects.get(username=f"client{number}")
    (folder / f"ready{number}").touch()
    while not (folder / "go").exists():
        time.sleep(0.005)
    claimed, began = [], time.monotonic()
    while time.monotonic() - began < seconds:
        taken = claim_next(user=user, now=NOW)
        if taken is None:
            break
        claimed.append(str(taken.pk))
    lasted = time.monotonic() - began
    (folder / f"claimed{number}").write_text(f"{lasted}\n" + "\n".join(claimed))


if __name__ == "__main__":
    claim_until(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
