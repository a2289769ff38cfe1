"""What every test shares."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from clinic_site.catalogue import compile_all
from tests.needs import MAY_LACK, NEEDS
from tests.operations.place import Place, prepared_once

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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this machine cannot run, unless CI forbids leaving anything out.

    The second run, on PostgreSQL, is for what touches the database; the first ran the rest.
    """
    if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
        _keep(config, items, _asks_the_database)
    else:
        _keep(config, items, lambda item: "postgres" not in item.keywords)
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
def prepared_site(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A whole site for tests that start processes: copy it, because it is shared by all of them."""
    own = tmp_path_factory.getbasetemp()
    return prepared_once(own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own)
