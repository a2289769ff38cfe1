"""The clinic as it is first installed, for tests that look at whole pages."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from intake import keys
from pages import live
from pages.models import Release
from pages.releases import Content


@pytest.fixture(scope="session")
def seed_content(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Content:
    """What ``load_content`` publishes as release 1; its rows are gone again afterwards."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_content", stdout=StringIO())
        content: Content = Release.objects.values_list("content", flat=True).get()
        transaction.set_rollback(True)
    return content


@pytest.fixture
def open_clinic(seed_content: Content, db: None) -> Iterator[None]:
    """The seed is live, and its form can be sent: one row a test instead of the whole load."""
    keys.create()
    now = timezone.now()
    live.forget()
    Release.objects.create(number=1, content=seed_content, live_from=now, approved_at=now)
    yield
    live.forget()
    (Path(settings.VAR_DIR) / "last_release.json").unlink(missing_ok=True)
