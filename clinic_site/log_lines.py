"""How a line of the log looks: searchable by machine, and naming nobody.

Our own code logs references, never names. Exceptions are another matter: their messages quote
what they choked on (PostgreSQL repeats the whole row). So a traceback is logged as types and
places, without messages, and what looks like a phone number or an address is struck out.

Only the standard library is imported: gunicorn's own lines are made here too, in a process that
must know nothing of the site (``deploy/gunicorn.conf.py``).
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Final

REQUEST_KEY: Final = "clinic.request_id"  # in the environment of a request
request_id: ContextVar[str] = ContextVar("request_id", default="")

_ROOT: Final = Path(__file__).resolve().parent.parent

# In this order: an address may contain digits that look like a number.
_PERSONAL: Final = (
    (re.compile(r"[\w.+%-]+@[\w-]+\.[\w.-]+"), "[email]"),
    (re.compile(r"\+\d(?:[\s().-]{0,2}\d){7,14}"), "[number]"),
    (
        re.compile(r"(?<![\w.-])(?:1[\s.-]?)?\(?\d{3}\)?[\s.-]?\d{3}[\s.-]?\d{4}(?![\w-])"),
        "[number]",
    ),
    # A path may end in a token that opens something: a preview, an invitation.
    (re.compile(r"(?<=/)[A-Za-z0-9_:.-]{24,}(?=[/\s'\"]|$)"), "[token]"),
    (re.compile(r"\?[^\s'\"]+"), "?[query]"),
)


class LineFormatter(logging.Formatter):
    """One readable line for each record."""

    def format(self, record: logging.LogRecord) -> str:
        parts = [_time(record), record.levelname, f"{record.name}:", _message(record)]
        if request := _request(record):
            parts.append(f"request={request}")
        if record.exc_info and record.exc_info[0]:
            parts.append(f"error={' < '.join(_chain(record.exc_info[1]))}")
        return " ".join(parts).replace("\n", " ")


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, request, error, places."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
        }
        if request := _request(record):
            line["request"] = request
        if record.exc_info and record.exc_info[0]:
            line["error"] = list(_chain(record.exc_info[1]))
            line["places"] = list(_places(record.exc_info[2]))
        return json.dumps(line, ensure_ascii=False)


def without_personal_data(text: str) -> str:
    """``text`` with phone numbers, e-mail addresses, tokens and query strings struck out."""
    for pattern, instead in _PERSONAL:
        text = pattern.sub(instead, text)
    return text


def _message(record: logging.LogRecord) -> str:
    return without_personal_data(record.getMessage())


def _request(record: logging.LogRecord) -> str:
    """The id of the request that a record belongs to, or nothing."""
    meta = getattr(getattr(record, "request", None), "META", {})
    return request_id.get() or str(meta.get(REQUEST_KEY, ""))


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _chain(error: BaseException | None) -> Iterator[str]:
    """The error's type and those of its causes, newest first; never a message."""
    seen = 0
    while error is not None and seen < 10:
        yield type(error).__qualname__
        error = error.__cause__ or error.__context__
        seen += 1


def _places(trace: TracebackType | None) -> Iterator[str]:
    for frame in extract_tb(trace):
        path = Path(frame.filename)
        name = path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else path.name
        yield f"{name}:{frame.lineno} {frame.name}"
