"""A text as it goes over the line: in each encoding once, with the validator of its bytes.

Brotli comes at quality 5 at once (a millisecond a page), and at 11 from a thread behind (25 ms:
never inside a request). The entity tag is a hash of the bytes that are sent, so it differs between
encodings, as RFC 9110 asks of a strong one (section 8.8.3.3).
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from typing import Final, NamedTuple

import brotli

IDENTITY: Final = "identity"
# In the order of our preference.
ENCODINGS: Final = ("br", "gzip", IDENTITY)
CACHE_CONTROL: Final = "public, max-age=0, must-revalidate"
# Where a page tells the browser which pages it may draw before they are asked for.
SPECULATION_RULES: Final = "/speculation-rules.json"
AT_ONCE, AT_LEISURE = 5, 11  # qualities of brotli
WINDOW: Final = (
    18  # its window, as a power of two: larger than a page, and a sixteenth of the memory
)

_behind = ThreadPoolExecutor(max_workers=1, thread_name_prefix="brotli")


Headers = list[tuple[str, str]]


class Body(NamedTuple):
    """One representation. ``validators`` go with a 304, ``headers`` with a 200 or a HEAD."""

    content: bytes
    etag: str
    validators: Headers
    headers: Headers


class Packed:
    """A text and its encodings, each made when somebody first asks for it."""

    def __init__(self, text: str, content_type: str = "text/html; charset=utf-8") -> None:
        self.content_type = content_type
        self.bodies: dict[str, Body] = {}
        self.better: Future[None] | None = None  # set once brotli has been asked for
        self._packing = threading.Lock()
        self._keep(IDENTITY, text.encode())

    @property
    def text(self) -> bytes:
        return self.bodies[IDENTITY].content

    def body(self, encoding: str) -> Body:
        """Compressed once, whoever asks at the same time."""
        found = self.bodies.get(encoding)
        if found is not None:
            return found
        with self._packing:
            if encoding not in self.bodies:
                self._pack(encoding)
            return self.bodies[encoding]

    def _pack(self, encoding: str) -> None:
        if encoding == "gzip":
            self._keep(encoding, gzip.compress(self.text, 9, mtime=0))
            return
        self._keep(encoding, brotli.compress(self.text, quality=AT_ONCE, lgwin=WINDOW))
        self.better = _behind.submit(self._pack_better)

    def _pack_better(self) -> None:
        self._keep("br", brotli.compress(self.text, quality=AT_LEISURE, lgwin=WINDOW))

    def _keep(self, encoding: str, content: bytes) -> None:
        etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        validators = [
            ("ETag", etag),
            ("Cache-Control", CACHE_CONTROL),
            ("Vary", "Accept-Encoding"),
        ]
        headers = [
            ("Content-Type", self.content_type),
            ("Content-Length", str(len(content))),
            *validators,
        ]
        if self.content_type.startswith("text/html"):
            headers.append(("Speculation-Rules", f'"{SPECULATION_RULES}"'))
        if encoding != IDENTITY:
            headers.append(("Content-Encoding", encoding))
        self.bodies[encoding] = Body(content, etag, validators, headers)


def choose_encoding(accepted: str | None) -> str:
    """What to send to somebody with this ``Accept-Encoding`` (RFC 9110, section 12.5.3).

    The highest weight wins, then our own order. Whoever accepts nothing that we have gets the
    text as it is, for that is more use than a refusal.
    """
    if not accepted:
        return IDENTITY
    return _choose(accepted) if len(accepted) < 100 else _choose.__wrapped__(accepted)


@lru_cache(maxsize=256)
def _choose(accepted: str) -> str:
    weights: dict[str, float] = {}
    for part in accepted.lower().split(","):
        name, _, parameters = part.partition(";")
        weights[name.strip().removeprefix("x-")] = _weight(parameters)
    others = weights.get("*", 0.0)
    weights.setdefault(IDENTITY, weights.get("*", 0.001))  # acceptable, and the last resort
    best = max(ENCODINGS, key=lambda name: weights.get(name, others))
    return best if weights.get(best, others) > 0 else IDENTITY


def _weight(parameters: str) -> float:
    """The ``q`` of an entry: 1 where there is none, 0 where it cannot be read."""
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0


def is_known(if_none_match: str, etag: str) -> bool:
    """Whether the sender has this representation: a weak comparison with each tag that was
    sent (RFC 9110, sections 8.8.3.2 and 13.1.2)."""
    if if_none_match == etag:
        return True
    if if_none_match.strip() == "*":
        return True
    return any(tag.strip().removeprefix("W/") == etag for tag in if_none_match.split(","))
