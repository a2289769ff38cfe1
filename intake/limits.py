"""How often the form may be sent, counted across processes and without the database.

What is counted is *different* forms, not presses of a button: a retry of a form that was let
through is let through again, however many arrive at once.

With a cache named ``limits`` in the settings (``CLINIC_LIMITS_CACHE_URL``, when several machines
serve the site) the counts are kept there. Otherwise, and while it is away, they are kept in files
under ``VAR_DIR/limits`` (:mod:`intake.tally`).

Everything is named by keyed hashes which differ from one stretch to the next: no address is
written anywhere, and yesterday's hash does not lead to today's.
"""

from __future__ import annotations

import functools
import ipaddress
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from hashlib import blake2b
from typing import Final, TypeVar

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest
from django.utils.encoding import force_bytes

from intake.tally import Tally, Wish, open_tally

logger = logging.getLogger(__name__)
_T = TypeVar("_T")

WINDOW: Final = 600  # seconds
DAY: Final = 86_400  # seconds
CACHE: Final = "limits"
# In ten minutes: forms from one address (a hospital or a phone company may stand behind one),
# forms from everybody, and versions of one form. The setting FORM_LIMITS replaces them.
LIMITS: Final = {"address": 12, "everybody": 600, "versions": 20}


def seconds_to_wait(request: HttpRequest, *, form_key: str, words: str) -> int:
    """0 when the form may be sent now, otherwise after how many seconds to try again.

    Without working counters nobody is turned away: a full disk must not close the form.
    """
    limits = {**LIMITS, **getattr(settings, "FORM_LIMITS", {})}
    address = client_address(request)
    try:
        is_let_through = _admits(
            WINDOW,
            *([("address", _network(address), form_key, limits["address"])] if address else []),
            ("everybody", "", form_key, limits["everybody"]),
            ("versions", form_key, words, limits["versions"]),
        )
    except OSError as error:
        logger.warning("rate limits are not counted: %s", type(error).__name__)
        return 0
    return 0 if is_let_through else WINDOW - int(time.time()) % WINDOW


def admits(kind: str, name: str, thing: str, limit: int, *, window: int = WINDOW) -> bool:
    """Whether ``thing`` is among the first ``limit`` different ones of ``name`` in this window.

    ``window`` is in seconds. Raises :exc:`OSError` when the counters cannot be written.
    """
    return _admits(window, (kind, name, thing, limit))


def _admits(window: int, *asked: tuple[str, str, str, int]) -> bool:
    """Whether :func:`admits` holds for each; where it does not for one, none is counted here."""
    stretch = int(time.time()) // window
    wishes = [
        Wish(
            _hash(window, stretch, kind, name).encode(),
            _hash(window, stretch, kind, name, thing).encode(),
            limit,
        )
        for kind, name, thing, limit in asked
    ]
    answer = _ask_cache(lambda: all(_admits_in_cache(wish, window) for wish in wishes))
    return _tally(window, stretch).admits(*wishes) if answer is None else answer


def _ask_cache(ask: Callable[[], _T]) -> _T | None:
    """What the shared cache answers; ``None`` without one, and then this machine counts alone."""
    if CACHE not in settings.CACHES:
        return None
    try:
        return ask()
    except Exception as error:  # each cache has errors of its own, and none may close the form
        logger.warning("the shared counters do not answer: %s", type(error).__name__)
        return None


def first_moment(kind: str, thing: str, at: datetime) -> datetime:
    """When ``thing`` was first noted today; ``at`` when that is now, or when nobody can tell.

    Today is the day in UTC, and what is noted is known on this machine, or wherever the shared
    cache is.
    """
    stretch = int(time.time()) // DAY
    mark = _hash(DAY, stretch, kind, thing)
    noted = _ask_cache(lambda: _noted_in_cache(mark, at.timestamp()))
    try:
        if noted is None:
            noted = _tally(DAY, stretch).first(mark.encode(), at.timestamp())
    except OSError:
        return at
    return min(at, datetime.fromtimestamp(noted, at.tzinfo))


def _hash(*parts: object) -> str:
    text = "\0".join(map(str, parts))
    return blake2b(text.encode(), key=_key(settings.SECRET_KEY), digest_size=16).hexdigest()


@functools.lru_cache(maxsize=1)
def _key(secret: str | bytes) -> bytes:
    return blake2b(force_bytes(secret), digest_size=32, person=b"intake.limits").digest()


def _admits_in_cache(wish: Wish, window: int) -> bool:
    cache = caches[CACHE]
    counter, mark = wish.counter.decode(), wish.mark.decode()
    if not cache.add(mark, 1, timeout=window):
        return True
    cache.add(counter, 0, timeout=window)
    try:
        if cache.incr(counter) <= wish.limit:
            return True
    except ValueError:  # it expired between the two
        return True
    cache.delete(mark)
    return False


def _noted_in_cache(mark: str, moment: float) -> float:
    caches[CACHE].add(mark, moment, timeout=DAY)
    return float(caches[CACHE].get(mark, moment))


def _tally(window: int, stretch: int) -> Tally:
    return open_tally(settings.VAR_DIR, window, stretch)


def client_address(request: HttpRequest) -> str:
    """The visitor's address, or "" when nobody trustworthy says.

    ``X-Forwarded-For`` is believed only as far as it was written by ``TRUSTED_PROXIES``: from its
    right end, the first address that is not one of them. A server behind a Unix socket sees no
    address; name the socket's proxy ``unix`` there.
    """
    trusted = settings.TRUSTED_PROXIES
    address = request.META.get("REMOTE_ADDR", "")
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    while hops and _is_among(address, trusted):
        hop = hops.pop()
        if not _ip(hop):
            break
        address = hop
    return address if _ip(address) else ""


def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _is_among(address: str, trusted: list[str]) -> bool:
    if not address:
        return "unix" in trusted
    ip = _ip(address)
    return bool(ip) and any(ip in network for network in _networks(*trusted))


@functools.lru_cache(maxsize=4)
def _networks(*proxies: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Those of the proxies that are reached by an address."""
    found = []
    for proxy in proxies:
        with suppress(ValueError):  # "unix"
            found.append(ipaddress.ip_network(proxy, strict=False))
    return found


def _network(address: str) -> str:
    """What one customer of a network has: a whole IPv4 address, the first half of an IPv6 one."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)
