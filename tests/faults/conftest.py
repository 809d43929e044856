"""A stage for faults: racks with the real firmware, and the whole app on a database file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.app_bench import Stage
from tests.support.database import empty_database, file_database

__all__ = ["empty_database", "file_database", "stage"]


@pytest.fixture
def stage(file_database: Path, tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    try:
        yield stage
    finally:
        stage.strike()
