"""A PostgreSQL database that cannot hold every name is refused before it has tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.operations.place import Place, own_database, postgres_server

ASCII = "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"

pytestmark = pytest.mark.postgres


def test_a_database_of_ascii_is_refused_with_the_command_for_another(tmp_path: Path) -> None:
    with own_database(postgres_server(), ASCII) as url:
        place = Place(tmp_path / "here", url)
        prepared = place.manage("prepare")
        doctor = place.manage("doctor")
        migrations = place.manage("showmigrations", "intake")

    assert prepared.returncode == 1
    assert "SQL_ASCII" in prepared.stderr
    assert "createdb --encoding=UTF8 --template=template0" in prepared.stderr
    assert "[X]" not in migrations.stdout
    assert "it is kept in SQL_ASCII" in doctor.stdout
