from tests.faults.conftest import stage
from tests.support.database import empty_database, file_database

__all__ = ["empty_database", "file_database", "stage"]
