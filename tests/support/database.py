"""A real database file, for what an in-memory one cannot show: locks, threads, a full disk.

Fixtures: a conftest that wants them imports both.
"""

import shutil
from collections.abc import Iterator
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
