"""The least a WSGI application can do: the same bytes for everybody. The file is named by PAGE.

HEADERS, a JSON list of pairs, replaces the two headers that no page can do without.
"""

import json
import os
from pathlib import Path

_body = Path(os.environ["PAGE"]).read_bytes()
_two = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(_body)))]
_headers = [tuple(one) for one in json.loads(os.environ.get("HEADERS", "[]"))] or _two


def application(environ, start_response):
    start_response("200 OK", _headers)
    return (_body,)
