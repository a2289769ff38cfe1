"""What every test shares."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.contrib.admin import autodiscover
from django.core.management import call_command
from django.db import transaction
from pytest_django import DjangoDbBlocker

from clinic_site.catalogue import compile_all
from tests.needs import MAY_LACK, NEEDS
from tests.operations.place import Place, made_once

if TYPE_CHECKING:
    from pages.releases import Content

pytest_plugins = ["tests.browser"]


class _Undefined(str):
    """Stands in for an undefined variable: fails the test when one of our own templates prints it.

    Other packages' templates (Django admin, crispy-forms) rely on undefined being empty.
    """

    __slots__ = ()

    def __contains__(self, item: object) -> bool:  # Django looks for "%s" in it
        return item == "%s"

    def __mod__(self, variable: object) -> str:
        frame = sys._getframe()
        while frame := frame.f_back:
            origin = getattr(frame.f_locals.get("self"), "origin", None)
            if origin is not None:
                name = Path(str(getattr(origin, "name", "")))
                if OUR_TEMPLATES in name.parents and name.parts[-2] != "admin":
                    raise AssertionError(f"undefined variable {variable} in {name.name}")
                break
        return ""


compile_all()  # before Django reads its first catalogue

OUR_TEMPLATES = settings.BASE_DIR / "templates"
settings.TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = _Undefined("undefined %s")


def pytest_sessionstart() -> None:
    """Tests look at what the admin has; a site reads that when an address of it is asked for."""
    autodiscover()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this machine cannot run, unless CI forbids leaving anything out.

    The second run, on PostgreSQL, is for what touches the database; the first ran the rest.
    """
    if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
        _keep(config, items, _asks_the_database)
    else:
        _keep(config, items, lambda item: "postgres" not in item.keywords)
        items.sort(key=lambda item: "faults" not in item.keywords)  # the longest begin at once
    may_skip = MAY_LACK if os.environ.get("CLINIC_TESTS_SKIP_NOTHING") else set(NEEDS)
    for marker, (program, name, how) in NEEDS.items():
        if marker in may_skip and not program.exists():
            skip = pytest.mark.skip(reason=f"no {name}; get it with: {how}")
            for item in items:
                if marker in item.keywords:
                    item.add_marker(skip)


def _keep(
    config: pytest.Config, items: list[pytest.Item], wanted: Callable[[pytest.Item], bool]
) -> None:
    config.hook.pytest_deselected(items=[item for item in items if not wanted(item)])
    items[:] = [item for item in items if wanted(item)]


def _asks_the_database(item: pytest.Item) -> bool:
    fixtures: list[str] = getattr(item, "fixturenames", [])
    if "sqlite_only" in item.keywords:
        return False
    marked = {"django_db", "postgres"} & set(item.keywords)  # postgres: may bring its own database
    return bool(marked or {"db", "transactional_db"} & set(fixtures))


@pytest.fixture(autouse=True, scope="session")
def _tables_can_be_emptied() -> Iterator[None]:
    """Django empties all tables after a test with transactions; the guards would refuse."""
    from django.db.backends.base.operations import BaseDatabaseOperations

    from tests.tampering import guards_down

    empty = BaseDatabaseOperations.execute_sql_flush

    def execute_sql_flush(self: BaseDatabaseOperations, statements: list[str]) -> None:
        with guards_down(self.connection):
            empty(self, statements)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", execute_sql_flush)
        yield


@pytest.fixture(autouse=True)
def _new_process() -> Iterator[None]:
    """Each test meets a process that has served nothing, on a machine that has saved nothing."""
    from pages.live import forget

    saved = Path(settings.VAR_DIR) / "last_release.json"
    saved.unlink(missing_ok=True)
    forget()
    yield
    forget()
    saved.unlink(missing_ok=True)


@pytest.fixture(autouse=True)
def _database_is_believed_in() -> Iterator[None]:
    """No test leaves the memory of a failed database behind."""
    from intake import breaker

    yield
    breaker.note_success()


@pytest.fixture(autouse=True)
def _sealed_time_zone() -> Iterator[None]:
    """No test leaves a time zone activated behind."""
    from django.utils import timezone

    yield
    timezone.deactivate()


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all processes of a test run."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own


@pytest.fixture(scope="session")
def migrated(shared_folder: Path) -> Place:
    """A site with empty tables on SQLite: copy it, because it is shared by all tests."""
    return made_once(shared_folder, "migrated", lambda place: place.must("migrate", "-v0"))


@pytest.fixture(scope="session")
def prepared_site(shared_folder: Path, migrated: Place) -> Place:
    """The same with keys, content and static files, for tests that start processes."""

    def make(place: Place) -> None:
        migrated.copy_to(place.var)
        place.must("prepare", "--quiet")

    static = shared_folder / "prepared/var/static"
    return made_once(shared_folder, "prepared", make, CLINIC_STATIC_DIR=str(static))


@pytest.fixture(scope="session")
def seed_content(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Content:
    """What ``load_content`` publishes as release 1; its rows are gone again afterwards."""
    from pages.models import Release

    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_content", stdout=StringIO())
        content: Content = Release.objects.values_list("content", flat=True).get()
        transaction.set_rollback(True)
    return content
