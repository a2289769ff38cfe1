"""The least a WSGI application can do: the same bytes for everybody. The file is named by PAGE."""

import os
from pathlib import Path

_body = Path(os.environ["PAGE"]).read_bytes()
_headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(_body)))]


def application(environ, start_response):
    start_response("200 OK", _headers)
    return (_body,)
