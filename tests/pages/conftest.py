"""What the tests of the pages share."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from tests.pages.factories import make_site


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
