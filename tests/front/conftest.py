"""The clinic as it is first installed, for tests that look at whole pages."""

from __future__ import annotations

import pytest
from django.utils import timezone

from intake import keys
from pages.models import Release
from pages.releases import Content


@pytest.fixture
def open_clinic(seed_content: Content, db: None) -> None:
    """The seed is live, and its form can be sent: one row a test instead of the whole load."""
    keys.create()
    now = timezone.now()
    Release.objects.create(number=1, content=seed_content, live_from=now, approved_at=now)
