"""WhiteNoise serving the folder of the file named by PAGE, as its manual says for any WSGI site."""

import os
from pathlib import Path

from whitenoise import WhiteNoise


def _missing(environ, start_response):
    start_response("404 Not Found", [("Content-Length", "0")])
    return ()


application = WhiteNoise(_missing, root=Path(os.environ["PAGE"]).parent, index_file=True)
