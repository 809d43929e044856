"""Whether the database is the one that this version expects."""

from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor


def refuse_pending_migrations() -> None:
    """Raise CommandError, saying what to run, for a database that is older, or cannot be opened."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        message = f"The database cannot be opened: {error}. Check DATA_DIR or DATABASE_URL."
        raise CommandError(message) from error
    if pending:
        message = (
            f"{len(pending)} database changes are pending. Run `python manage.py prepare` first."
        )
        raise CommandError(message)
