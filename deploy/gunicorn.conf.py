"""gunicorn's settings: every one that differs from its default has its reason here."""

import ctypes
import gc
import importlib.util
import os
from pathlib import Path

from gunicorn import glogging
from gunicorn.workers import gasgi

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
# Two processes, so that one can be replaced while the other answers.
workers = int(os.environ.get("WEB_PROCESSES", "2"))


class Protocol(gasgi.ASGIProtocol):
    """With two limits that gunicorn's lacks: on connections, and on the time until the first
    request of one is there. (Before a later one, ``keepalive`` is the limit.)"""

    def connection_made(self, transport):
        super().connection_made(transport)
        if self.worker.nr_conns > self.worker.worker_connections:
            transport.abort()
        else:
            self._arm_keepalive_timer()


gasgi.ASGIProtocol = Protocol  # by this name the worker takes it
worker_class = "asgi"
asgi_loop = "uvloop"
asgi_lifespan = "off"
# Connections of one process. A visitor with a poor line holds one of these, never a thread.
worker_connections = 1000
# Seconds that the event loop may say nothing, and between two parts of what a visitor sends.
timeout = 30
graceful_timeout = 20
keepalive = 5
# Memory that a library leaks is given back now and then, not by all processes at once. A page
# from memory counts as well, so this is some hours of the greatest load.
max_requests = 1_000_000
max_requests_jitter = 100_000
# Longest request line and header that a browser could have a reason to send (bytes).
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
# No access log: an address with a time is a record of who sought help here.
accesslog = None
errorlog = "-"


class Logger(glogging.Logger):
    """gunicorn's own lines look like the site's: in the form that was asked for, and an error
    without its message, which may quote what somebody wrote.

    The module that makes them is read from its file and put nowhere. What the first process
    imports, those that a reload starts would have from it, old as it is.
    """

    def setup(self, cfg):
        super().setup(cfg)
        lines = _read(Path(__file__).parent.parent / "clinic_site" / "log_lines.py")
        is_json = os.environ.get("CLINIC_LOG_FORMAT") == "json"
        for handler in self.error_log.handlers:
            handler.setFormatter(lines.JsonFormatter() if is_json else lines.LineFormatter())


def _read(path):
    spec = importlib.util.spec_from_file_location("_log_lines", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


logger_class = Logger
# Heartbeats of workers are kept in memory, so that a slow disk never looks like a hung worker.
worker_tmp_dir = "/dev/shm"  # noqa: S108
forwarded_allow_ips = os.environ.get("CLINIC_TRUSTED_PROXIES", "127.0.0.1")
# Nobody steers it from a shell, and a socket in the home folder would outlive its use.
control_socket_disable = True

# One heap for all threads: each thread's own would keep what a page or a compression once needed,
# 5 to 10 MB a process. Threads rarely allocate at the same time, for only one runs Python. What is
# larger than 64 kB is given back as soon as it is free: a page being compressed leaves 4 MB less.
_libc = ctypes.CDLL(None)
if hasattr(_libc, "mallopt"):  # glibc
    _libc.mallopt(-8, 1)  # M_ARENA_MAX
    _libc.mallopt(-3, 65_536)  # M_MMAP_THRESHOLD, bytes
    _libc.mallopt(-1, 65_536)  # M_TRIM_THRESHOLD, bytes


def when_ready(server):
    """With --preload, the site is read once, and its processes share it."""
    if server.cfg.preload_app:
        _import_views()
    gc.collect()
    gc.freeze()  # what is never looked through again stays shared


def post_worker_init(worker):
    """Read what the first page needs before anybody asks, and look through none of it again.

    Python looks through everything that lives, to find what is garbage. With the program among it
    that took 70 ms, and under load it was done every other second
    (docs/decisions/0082-nothing-looked-through-twice.md).
    """
    try:
        _read_ahead()
    except Exception:  # whatever it was, the first visitor who needs it is told
        worker.log.exception("Nothing was read before the first request")
    gc.collect()
    gc.freeze()
    if hasattr(_libc, "malloc_trim"):  # give back what only the start needed
        _libc.malloc_trim(0)


def _read_ahead():
    from django.db import connection

    from pages.live import live

    try:
        live()
        _import_views()
    finally:
        connection.close()


def _import_views():
    from django.urls import resolve

    resolve("/")  # looks through every address, and so imports what answers there
