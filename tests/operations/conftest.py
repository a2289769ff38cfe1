"""A small site that tests of operations copy, back up and break."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.operations.place import Place, made_once
from tests.operations.servers import HOST, Nginx, free_port, gunicorn, nginx

PRODUCTION = {
    "CLINIC_PROFILE": "production",
    "CLINIC_HOSTS": HOST,
    "CLINIC_URL": f"https://{HOST}",
    "CLINIC_TIME_ZONE": "America/Denver",
    "CLINIC_SECRET_KEY": "k" * 64,
    "CLINIC_TRUSTED_PROXIES": "127.0.0.1",
    "CLINIC_EMAIL_URL": "smtp://127.0.0.1:25",
    "CLINIC_NOTIFY_EMAILS": "desk@example.org",
    "CLINIC_LOG_FORMAT": "json",
    "WEB_PROCESSES": "1",
}


@pytest.fixture(scope="session")
def template(shared_folder: Path, migrated: Place) -> Place:
    """What :func:`site` is a copy of."""

    def make(place: Place) -> None:
        migrated.copy_to(place.var)
        place.must("intake_keys", "--create")
        place.write("A", 3)
        spool = place.var / "spool"
        spool.mkdir(mode=0o700)
        (spool / "waiting.json").write_text("{}")
        (spool / ".half-written").write_text("{")
        (place.var / "last_release.json").write_text('{"number": 1}')
        place.create_key(place.var.parent / "stick")

    return made_once(shared_folder, "small", make)


@pytest.fixture
def site(template: Place, tmp_path: Path) -> Place:
    """A site on SQLite with three submissions, one spooled one, and keys."""
    return template.copy_to(tmp_path / "site")


@pytest.fixture(scope="session")
def backed_up(shared_folder: Path, template: Place) -> Place:
    """The same with a backup."""

    def make(place: Place) -> None:
        template.copy_to(place.var)
        place.back_up()

    return made_once(shared_folder, "backed-up", make)


@pytest.fixture
def backup(backed_up: Place, tmp_path: Path) -> Path:
    """A backup of :func:`site` as it is at first."""
    return Path(shutil.copy(next(backed_up.backups.glob("*.backup")), tmp_path))


@pytest.fixture
def key(template: Place) -> Path:
    """The private half of its backup key."""
    return next((template.var.parent / "stick").glob("backup-*.key"))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Place:
    """An empty place."""
    return Place(tmp_path / "elsewhere")


@pytest.fixture(scope="session")
def place(prepared_site: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    return prepared_site.copy_to(tmp_path_factory.mktemp("behind-nginx") / "var", **PRODUCTION)


@pytest.fixture(scope="session")
def front(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    port = free_port()
    with (
        gunicorn(place, port),
        nginx(
            tmp_path_factory.mktemp("nginx"),
            public=[port],
            staff=port,
            static=place.static,
            **{
                "rate=30r/m": "rate=60000r/m",  # a test opens thirty within 0.1 s
                "client_header_timeout 10s": "client_header_timeout 2s",
            },
        ) as server,
    ):
        yield server
