"""django-helpdesk under the same load: run by the Python of a throw-away environment, not ours.

``python _helpdesk.py fill FOLDER`` makes 200 open tickets and 16 people; ``python _helpdesk.py
take FOLDER NUMBER SECONDS`` is one of them, who takes the first unassigned ticket of the list, as
its "Take" button does, until there is none. ``DATABASE`` names a PostgreSQL database, else SQLite.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

CLIENTS, TICKETS = 16, 200
urlpatterns: list[object] = []  # an assignment names the ticket's address


def start(folder: Path) -> None:
    import django
    from django.conf import settings

    sqlite = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": folder / "db.sqlite3",
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }
    postgres = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ.get("DATABASE"),
        "HOST": "127.0.0.1",
        "USER": "postgres",
    }
    apps = ["admin", "auth", "contenttypes", "sessions", "sites", "messages", "humanize"]
    settings.configure(
        SECRET_KEY="bench",
        DATABASES={"default": postgres if os.environ.get("DATABASE") else sqlite},
        INSTALLED_APPS=[f"django.contrib.{app}" for app in apps] + ["rest_framework", "helpdesk"],
        TEMPLATES=[
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
        ],
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
        ROOT_URLCONF=__name__,
        SITE_ID=1,
        USE_TZ=True,
        LOGGING_CONFIG=None,
        HELPDESK_TEAMS_MODE_ENABLED=False,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    )
    django.setup()
    from django.urls import include, path

    urlpatterns.append(path("", include("helpdesk.urls", namespace="helpdesk")))


def fill() -> None:
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from helpdesk.models import Queue, Ticket

    call_command("migrate", verbosity=0)
    for n in range(CLIENTS):  # one by one: a signal gives each their settings
        User.objects.create(username=f"client{n}", is_staff=True)
    queue = Queue.objects.create(title="Calls", slug="calls")
    Ticket.objects.bulk_create(Ticket(title=f"Call {n}", queue=queue) for n in range(TICKETS))


def take_until(folder: Path, number: int, seconds: float) -> None:
    from django.contrib.auth.models import User
    from helpdesk.models import Ticket
    from helpdesk.update_ticket import update_ticket

    user = User.objects.get(username=f"client{number}")
    open_tickets = Ticket.objects.filter(status__in=Ticket.OPEN_STATUSES).order_by("created", "pk")
    (folder / f"ready{number}").touch()
    while not (folder / "go").exists():
        time.sleep(0.005)
    taken, began = [], time.monotonic()
    while time.monotonic() - began < seconds:
        ticket = open_tickets.filter(assigned_to=None).first()
        if ticket is None:
            break
        update_ticket(user, ticket, owner=user.pk)
        taken.append(str(ticket.pk))
    lasted = time.monotonic() - began
    (folder / f"claimed{number}").write_text(f"{lasted}\n" + "\n".join(taken))


if __name__ == "__main__":
    place = Path(sys.argv[2])
    start(place)
    if sys.argv[1] == "fill":
        fill()
    else:
        take_until(place, int(sys.argv[3]), float(sys.argv[4]))
