"""Is the process alive, and does anything need a person?

A load balancer asks ``/health/live``: the site still shows pages and takes requests while
the database is away. A pager asks ``/health/ready``: it answers 503 as soon as somebody
must look, which is when

- the database does not answer, or no release is live;
- no worker has finished a round for 2 minutes;
- a form has waited 10 minutes to reach the desk, or does not open at all;
- mail has been due for 15 minutes, or was given up on.

A promise that is overdue is counted here and told to the supervisors by mail; it is no fault of
the machine, so it alone is no 503. Neither address says anything about a visitor.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from intake import spool
from intake.status import WORKER_SILENT_AFTER, Status, status
from pages.live import live_site

UNADMITTED_AFTER: Final = timedelta(minutes=10)
UNSENT_AFTER: Final = timedelta(minutes=15)


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """Always 200 while the process runs; asks nothing of anybody."""
    return HttpResponse("alive\n", content_type="text/plain; charset=utf-8")


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when all is well, 503 with the list of problems when it is not."""
    now = timezone.now()
    body: dict[str, object] = {"spool_depth": spool.depth(), "release": live_site().number}
    try:
        found = status()
    except DatabaseError:
        body["database"] = "away"
        problems = ["The database does not answer. Requests are kept in the spool."]
    else:
        body |= {"database": "ok", **_figures(found, now)}
        problems = _problems(found, now)
    if not body["release"]:
        problems.append("No release is live, so visitors see only the fallback page.")
    body |= {"ready": not problems, "problems": problems}
    return JsonResponse(body, status=503 if problems else 200)


def _seconds_since(moment: datetime | None, now: datetime) -> int | None:
    return None if moment is None else round((now - moment).total_seconds())


def _figures(found: Status, now: datetime) -> dict[str, object]:
    return {
        "worker_seen_seconds_ago": _seconds_since(found.worker_last_seen, now),
        "unadmitted": found.unadmitted,
        "oldest_unadmitted_seconds": _seconds_since(found.oldest_unadmitted_at, now),
        "refused": found.refused,
        "unsent": found.unsent,
        "oldest_unsent_seconds": _seconds_since(found.oldest_unsent_at, now),
        "dead": found.dead,
        "overdue": found.overdue,
    }


def _problems(found: Status, now: datetime) -> list[str]:
    problems = []
    if found.worker_last_seen is None:
        problems.append("No worker has run yet.")
    elif now - found.worker_last_seen > WORKER_SILENT_AFTER:
        problems.append("The worker has been silent for more than 2 minutes.")
    if found.oldest_unadmitted_at and now - found.oldest_unadmitted_at > UNADMITTED_AFTER:
        problems.append("A request has waited more than 10 minutes to reach the desk.")
    if found.refused:
        problems.append("A request does not open. Is a private key missing?")
    if found.oldest_unsent_at and now - found.oldest_unsent_at > UNSENT_AFTER:
        problems.append("Mail has been due for more than 15 minutes.")
    if found.dead:
        problems.append(
            "Mail was given up on. Put the mail server right, then run manage.py revive_mail."
        )
    return problems
