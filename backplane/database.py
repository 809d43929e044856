"""The database of this installation: DATABASE_URL, or an SQLite file beside the data."""

from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from backplane.environment import Environment

_SQLITE = "django.db.backends.sqlite3"
# One writer at a time waits (IMMEDIATE) instead of failing half-way; WAL lets readers go on. The
# connections that commit hardware events raise `synchronous` to FULL (slots.durable).
_SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
}


def database_settings(env: Environment, data_dir: Path) -> dict[str, Any]:
    """Return Django's settings of the one database."""
    url = env.secret("DATABASE_URL") or f"sqlite:///{data_dir / 'backplane.sqlite3'}"
    try:
        database: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=0))
    except ValueError:
        # The URL and the library's own words may hold a password: neither is repeated.
        message = "DATABASE_URL must look like postgres://user:password@host/name or sqlite:////path/to/file."
        raise ImproperlyConfigured(message) from None
    if database["ENGINE"] == _SQLITE:
        database["OPTIONS"] = _SQLITE_OPTIONS
    return database
