"""The stage of tests/faults, for long work on a simulated rack."""

from tests.faults.conftest import stage
from tests.support.database import empty_database, file_database

__all__ = ["empty_database", "file_database", "stage"]
