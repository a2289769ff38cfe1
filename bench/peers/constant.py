"""The least an ASGI application can do: the same bytes for everybody. The file is named by PAGE.

HEADERS, a JSON list of pairs, replaces the two headers that no page can do without.
"""

import json
import os
from pathlib import Path

_body = Path(os.environ["PAGE"]).read_bytes()
_two = [["Content-Type", "text/html; charset=utf-8"], ["Content-Length", str(len(_body))]]
_pairs = json.loads(os.environ.get("HEADERS", "[]")) or _two
_headers = [(name.lower().encode(), value.encode()) for name, value in _pairs]


async def application(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": _headers})
    await send({"type": "http.response.body", "body": _body})
