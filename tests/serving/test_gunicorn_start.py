"""What a gunicorn process does before its first request (``deploy/gunicorn.conf.py``)."""

from __future__ import annotations

import gc
import logging
import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from pages import live

LOGGER = logging.getLogger("gunicorn.error")


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    monkeypatch.setattr(connection, "close", lambda: None)  # the test's own
    config = runpy.run_path(str(Path(settings.BASE_DIR) / "deploy" / "gunicorn.conf.py"))
    yield lambda: config["post_worker_init"](SimpleNamespace(log=LOGGER))
    gc.unfreeze()


def test_the_live_release_is_read_and_all_of_it_left_out_of_collections(
    begin: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(live, "live", lambda: asked.append([]))

    begin()

    assert asked
    assert gc.get_freeze_count() > 10_000
    assert not any(known is asked for known in gc.get_objects())


def test_a_process_starts_whatever_cannot_be_read(
    begin: Callable[[], None], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise RuntimeError

    monkeypatch.setattr(live, "live", broken)

    begin()

    assert "Nothing was read before the first request" in caplog.text
    assert gc.get_freeze_count() > 10_000
