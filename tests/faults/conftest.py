"""Sites to break, each a copy of one that was prepared once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.faults.site import SECRET_KEY
from tests.operations.place import Place

# No limits in the way of a load that all comes from one address.
ENVIRON = {
    "CLINIC_SECRET_KEY": SECRET_KEY,
    "CLINIC_HOSTS": "127.0.0.1,www.example.org",
    "CLINIC_FORM_LIMIT_ADDRESS": "1000000",
    "CLINIC_FORM_LIMIT_EVERYBODY": "1000000",
}


@pytest.fixture(autouse=True)
def _same_secret(settings: Any) -> None:
    """The visitors' threads make tokens and open receipts as the site does."""
    settings.SECRET_KEY = SECRET_KEY


@pytest.fixture(scope="session")
def prepared(prepared_site: Place) -> Place:
    return Place(prepared_site.var, environ={**prepared_site.environ, **ENVIRON})


@pytest.fixture
def place(prepared: Place, tmp_path: Path) -> Place:
    """A site on SQLite of its own."""
    return prepared.copy_to(tmp_path / "var")
