"""What the tests of the pages share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from pages import live
from tests.pages.factories import make_site


@pytest.fixture(autouse=True)
def _new_process() -> Iterator[None]:
    """Each test meets a process that has served nothing, on a machine that has saved nothing."""
    saved = Path(settings.VAR_DIR) / "last_release.json"
    saved.unlink(missing_ok=True)
    live.forget()
    yield
    live.forget()
    saved.unlink(missing_ok=True)


@pytest.fixture
def site_rows(db: None) -> None:
    """Rows of the smallest site that may be published."""
    make_site()


@pytest.fixture
def editor(db: None) -> User:
    return User.objects.create_user("robin", password="x", is_staff=True)


@pytest.fixture
def chief(db: None) -> User:
    return User.objects.create_superuser("sam", password="x")
