"""What a gunicorn process does before its first request (``deploy/gunicorn.conf.py``)."""

from __future__ import annotations

import gc
import logging
import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.db import connection

from pages import live
from tests.serving.conftest import publish_faq

LOGGER = logging.getLogger("gunicorn.error")


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    monkeypatch.setattr(connection, "close", lambda: None)  # the test's own
    config = runpy.run_path(str(Path(settings.BASE_DIR) / "deploy" / "gunicorn.conf.py"))
    yield lambda: config["post_worker_init"](SimpleNamespace(log=LOGGER))
    gc.unfreeze()


def test_the_live_release_is_read_and_all_of_it_left_out_of_collections(
    db: None, begin: Callable[[], None]
) -> None:
    publish_faq()
    live.forget()

    begin()

    read = live._memory.live
    assert read is not None
    assert "/faq/" in read.site.pages
    assert gc.get_freeze_count() > 10_000
    assert not any(known is read.drawn for known in gc.get_objects())


def test_a_process_starts_whatever_cannot_be_read(
    begin: Callable[[], None], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise RuntimeError

    # Not live() itself: whatever is imported meanwhile would keep the broken one.
    monkeypatch.setattr(live, "_from_database", broken)
    live.forget()

    begin()

    assert "Nothing was read before the first request" in caplog.text
    assert gc.get_freeze_count() > 10_000
