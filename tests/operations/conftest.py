"""A small site that tests of operations copy, back up and break."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.operations.place import Place


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("site") / "var")
    place.must("migrate", "--verbosity=0")
    place.must("intake_keys", "--create")
    place.write("A", 3)
    spool = place.var / "spool"
    spool.mkdir(mode=0o700)
    (spool / "waiting.json").write_text("{}")
    (spool / ".half-written").write_text("{")
    (place.var / "last_release.json").write_text('{"number": 1}')
    place.create_key(place.var.parent / "stick")
    return place


@pytest.fixture
def site(_template: Place, tmp_path: Path) -> Place:
    """A site on SQLite with three submissions, one spooled one, and keys."""
    return _template.copy_to(tmp_path / "site")


@pytest.fixture
def key(_template: Place) -> Path:
    """The private half of its backup key."""
    return next((_template.var.parent / "stick").glob("backup-*.key"))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Place:
    """An empty place."""
    return Place(tmp_path / "elsewhere")
