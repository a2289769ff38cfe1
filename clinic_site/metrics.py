"""``/metrics``: what Prometheus asks. Numbers about the site, nothing about a person.

Any gunicorn process answers for all of them (:mod:`clinic_site.counters`). Gauges are read when
asked. A public node answers for its own requests and its own spool only: its database role may
not look at the queue.
"""

from __future__ import annotations

import collections
import hmac
import logging
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import Error as DatabaseError
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from clinic_site import counters
from clinic_site.backup.kept import last_backup_at
from intake import spool
from intake.models import CallbackRequest
from intake.status import Status, status
from pages.live import live_site

log = logging.getLogger(__name__)

AREAS: Final = frozenset({"pages", "intake", "desk", "admin"})
METHODS: Final = frozenset({"GET", "HEAD", "POST"})
LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
# Headers that only a proxy adds: with one of these, loopback is the proxy and not the caller.
FORWARDED: Final = ("X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "X-Real-Ip", "Via")

REQUESTS: Final = Counter(
    "clinic_requests",
    "Requests answered.",
    ["area", "method", "status"],
    registry=None,
)
SECONDS: Final = Histogram(
    "clinic_request_seconds",
    "Time to answer, in seconds.",
    ["area"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=None,
)

GetResponse = Callable[[HttpRequest], HttpResponse]


def count_requests(get_response: GetResponse) -> GetResponse:
    """Middleware: count each answer and its time, by area; paths would name too much.

    Counting never costs an answer: somebody may just have been promised a call.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = get_response(request)
        try:
            _count(request, response.status_code, time.perf_counter() - started)
        except OSError as error:  # a full disk has no room for another counter's file
            log.warning("A request was not counted: %s", error.strerror)
        return response

    return middleware


# Pages answered from memory and not yet counted. A counter's file costs as much as the answer, so
# they are counted together: at most a second's worth waits for the process' next hit. Only the
# event loop's thread comes here. By method and status.
_hits: Final[collections.Counter[tuple[str, str]]] = collections.Counter()
_hits_counted_at = 0.0  # monotonic seconds


def count_hit(method: str, status: str) -> None:
    """Note an answer from memory. It has no part in the times, which are for what Django answers:
    so many, and each far below the least of the buckets."""
    _hits[method, status] += 1
    if time.monotonic() - _hits_counted_at > 1:
        count_hits()


def count_hits() -> None:
    """Count what was noted."""
    global _hits_counted_at
    _hits_counted_at = time.monotonic()
    noted = _hits.copy()
    _hits.clear()
    try:
        counters.make_ready()
        for (method, status), number in noted.items():
            REQUESTS.labels("pages", method, status).inc(number)
    except OSError as error:
        log.warning("%s requests were not counted: %s", noted.total(), error.strerror)


def _count(request: HttpRequest, status: int, seconds: float) -> None:
    counters.make_ready()
    area = _area(request)
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(area, method, f"{status // 100}xx").inc()
    SECONDS.labels(area).observe(seconds)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Everything, in Prometheus' text format; 404 for whoever may not ask."""
    if not may_ask(request):
        raise Http404
    registry = CollectorRegistry()
    registry.register(counters.Counts())
    registry.register(SiteCollector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def may_ask(request: HttpRequest) -> bool:
    """With ``CLINIC_METRICS_TOKEN`` set, whoever sends it; else this machine, not by way of a proxy."""
    if settings.METRICS_TOKEN:
        expected = f"Bearer {settings.METRICS_TOKEN}".encode()
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        return hmac.compare_digest(expected, given)
    if any(header in request.headers for header in FORWARDED):
        return False
    return request.META.get("REMOTE_ADDR") in LOOPBACK


class SiteCollector(Collector):
    """The gauges, read at the moment of asking."""

    def collect(self) -> Iterator[Metric]:
        yield _gauge(
            "release_number", "The live release; 0 when there is none.", live_site().number
        )
        yield from _spool()
        if settings.ROLE == "public":
            return
        try:
            found = status()
            figures = [*_queue(found), *_outbox(found)]
        except DatabaseError:
            yield _gauge("database_up", "1 when the database answers.", 0)
            return
        yield _gauge("database_up", "1 when the database answers.", 1)
        yield from figures
        made_at = last_backup_at(settings.BACKUP_DIR)
        if made_at is not None:
            yield _gauge("backup_age_seconds", "Age of the newest backup.", _age(made_at))


def _spool() -> Iterator[Metric]:
    yield _gauge("spool_files", "Submissions that wait on this node.", spool.depth())
    times = [path.stat().st_mtime for path in spool.folder().glob("*.json") if path.exists()]
    oldest = max(0.0, time.time() - min(times)) if times else 0
    yield _gauge("spool_oldest_seconds", "Age of the oldest one; 0 when none waits.", oldest)


def _queue(found: Status) -> Iterator[Metric]:
    states: dict[str, int] = {str(state): 0 for state in CallbackRequest.WAITING}
    waiting = CallbackRequest.objects.filter(state__in=list(states))
    for row in waiting.values("state").annotate(n=Count("pk")).order_by():
        states[row["state"]] = row["n"]
    gauge = GaugeMetricFamily("clinic_queue_requests", "Requests that wait.", labels=["state"])
    for state, count in states.items():
        gauge.add_metric([state], count)
    yield gauge
    oldest = waiting.aggregate(at=Min("received_at"))["at"]
    yield _gauge("queue_oldest_seconds", "Age of the oldest waiting request.", _age(oldest))
    yield _gauge("queue_overdue", "Not tried in 24 h or not reached in 48 h.", found.overdue)
    yield _gauge("unadmitted", "Submissions not yet on the desk.", found.unadmitted)
    oldest = found.oldest_unadmitted_at
    yield _gauge("unadmitted_oldest_seconds", "Age of the oldest one.", _age(oldest))
    yield _gauge("refused", "Submissions whose envelope did not open.", found.refused)


def _outbox(found: Status) -> Iterator[Metric]:
    yield _gauge("outbox_unsent", "Mail that is due and not sent.", found.unsent)
    yield _gauge("outbox_oldest_seconds", "Age of the oldest of it.", _age(found.oldest_unsent_at))
    yield _gauge("outbox_dead", "Mail given up on.", found.dead)
    if found.worker_last_seen is not None:
        seen = _age(found.worker_last_seen)
        yield _gauge("worker_seen_seconds", "Since a worker last finished a round.", seen)


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"clinic_{name}", help_text, value=value)


def _age(moment: datetime | None) -> float:
    """Seconds since ``moment``; 0 for none."""
    return 0.0 if moment is None else max(0.0, (timezone.now() - moment).total_seconds())


def _area(request: HttpRequest) -> str:
    match = request.resolver_match
    if match is None:
        return "static" if request.path.startswith(settings.STATIC_URL) else "other"
    first = match.namespaces[-1] if match.namespaces else str(match.url_name)
    return first if first in AREAS else "other"
