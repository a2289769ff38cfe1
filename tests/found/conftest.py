"""What the tests of search, shared pictures and structured data have in common."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from pages.models import Release
from pages.site import Site, build_site
from tests.content.seed import ready_seeds
from tests.found.content import content_of


@pytest.fixture(scope="session")
def seed_site() -> Site:
    """The site that the project ships, without a database."""
    return build_site(1, content_of(ready_seeds()))


@pytest.fixture
def live(db: None) -> None:
    """The same as the live release; without working rows, which takes a tenth of the time."""
    now = timezone.now()
    Release.objects.create(
        number=1, content=content_of(ready_seeds()), live_from=now, approved_at=now
    )


@pytest.fixture
def loaded(db: None) -> None:
    """The same with its working rows, as a fresh installation has it."""
    call_command("load_content", stdout=StringIO())
