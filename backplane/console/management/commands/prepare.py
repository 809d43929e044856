"""Makes an installation ready to start: database, secret key, first account, static files. Safe to repeat."""

import fcntl
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from backplane.console.static_files import collect_when_changed
from backplane.environment import Environment
from backplane.people.first_account import create_first_account


class Command(BaseCommand):
    help = "Migrate the database, make the first account, gather static files. Repeat it at will."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--force-static", action="store_true", help="gather static files even if unchanged"
        )

    def handle(self, **options: Any) -> None:
        data_dir = Path(settings.DATA_DIR)
        data_dir.mkdir(parents=True, exist_ok=True)
        # Two `make run` at once: the second waits here and then finds everything done.
        with (data_dir / "prepare.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            call_command("migrate", interactive=False, verbosity=0)
            collect_when_changed(force=bool(options["force_static"]))
            self._make_first_account(data_dir)

    def _make_first_account(self, data_dir: Path) -> None:
        account = create_first_account(data_dir, Environment())
        if account is None:
            return
        if account.password is None:
            self.stdout.write(f"Made the account {account.username} with BACKPLANE_ADMIN_PASSWORD.")
            return
        self.stdout.write("")
        self.stdout.write(f"  First account:  {account.username}")
        self.stdout.write(f"  Password:       {account.password}")
        self.stdout.write(
            f"  Kept in {account.password_file} until you change it at the first sign-in."
        )
        self.stdout.write("")
