"""The background worker."""

from __future__ import annotations

import os
import signal
from argparse import ArgumentParser
from threading import Thread
from typing import Any, Final

from django.conf import settings
from django.core.management import BaseCommand
from django.utils.module_loading import import_string

from intake import worker

KINDNESS: Final = 10  # of 19: a tenth of a busy processor, all of an idle one
SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


class Told:
    """Set once a signal came. The signals are held back and asked for, so none arrives mid-step.

    A handler that sets a ``threading.Event`` can find its lock taken by the very wait it
    interrupts, and hang.
    """

    def __init__(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        self._told = False

    def is_set(self) -> bool:
        return self.wait(0)

    def wait(self, timeout: float) -> bool:
        self._told = self._told or signal.sigtimedwait(SIGNALS, timeout) is not None
        return self._told


class Command(BaseCommand):
    help = "Admit requests, send mail, watch the promises. Stops cleanly on SIGTERM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then stop")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        if once:
            worker.run_once()
            return
        told = Told()  # first, so that every thread holds the signals back
        for name in settings.WORKER_COMPANIONS:
            Thread(target=import_string(name), name=name, daemon=True).start()
        # People who read or send come first. On Linux this is for this thread alone: the release as
        # files is for readers, too.
        os.nice(KINDNESS)
        worker.run(told)
