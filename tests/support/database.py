"""A real database file, for what an in-memory one cannot show: locks, threads, a full disk.

Fixtures: a conftest that wants them imports both.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import DjangoDbBlocker


@pytest.fixture(scope="session")
def empty_database(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> Path:
    """A migrated database file to copy."""
    path = tmp_path_factory.mktemp("database") / "empty.sqlite3"
    with django_db_blocker.unblock(), _database_at(path):
        call_command("migrate", verbosity=0)
    return path


@pytest.fixture
def file_database(
    tmp_path: Path, empty_database: Path, django_db_blocker: DjangoDbBlocker
) -> Iterator[Path]:
    """Let every thread of this test use a fresh database file under the settings of production."""
    path = tmp_path / "backplane.sqlite3"
    shutil.copy(empty_database, path)
    with django_db_blocker.unblock(), _database_at(path):
        yield path


_CRASH = {
    "sqlite": ("CREATE TRIGGER crash BEFORE UPDATE ON {} BEGIN SELECT RAISE(ABORT, 'crash'); END",),
    "postgresql": (
        (
            "CREATE OR REPLACE FUNCTION crash() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE integrity_constraint_violation; END $$"
        ),
        "CREATE TRIGGER crash BEFORE UPDATE ON {} EXECUTE FUNCTION crash()",
    ),
}
_MENDED = {"sqlite": "DROP TRIGGER crash", "postgresql": "DROP TRIGGER crash ON {}"}


@contextmanager
def refusing_updates(table: str) -> Iterator[None]:
    """Let every UPDATE of a table fail with an IntegrityError, as a crash in the middle of a transaction would."""
    with connection.cursor() as cursor:
        for statement in _CRASH[connection.vendor]:
            cursor.execute(statement.format(table))
        try:
            yield
        finally:
            cursor.execute(_MENDED[connection.vendor].format(table))


class _database_at:  # noqa: N801  (used as a context manager)
    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        # The in-memory test database lives as long as this connection does: put aside, not closed.
        self._memory, self._name = connection.connection, connection.settings_dict["NAME"]
        connection.connection = None
        connection.settings_dict["NAME"] = str(self.path)

    def __exit__(self, *_: object) -> None:
        connection.close()
        connection.connection = self._memory
        connection.settings_dict["NAME"] = self._name
