"""Runs everything in one process: web server, links to the backplanes, planner."""

import asyncio
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from backplane.console.only_server import ServerRuns, only_server
from backplane.console.pending import refuse_pending_migrations
from backplane.environment import parse_bind
from backplane.firmware_link.errors import BadPortUrl
from backplane.supervisor import Options, Supervisor
from backplane.supervisor.web import AddressInUse

_REFUSALS = (AddressInUse, BadPortUrl, ImproperlyConfigured, ServerRuns, ValueError)


class Command(BaseCommand):
    help = "Run the web server, the links and the planner until SIGTERM or Ctrl+C."
    requires_system_checks: list[
        str
    ] = []  # `make check` runs them; at each start they cost half a second

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--bind", help="HOST:PORT to listen on; BIND or 127.0.0.1:8000 without it"
        )

    def handle(self, **options: Any) -> None:
        refuse_pending_migrations()
        connection.close()  # each piece has a thread and a connection of its own
        try:
            host, port = parse_bind(options["bind"], "--bind") if options["bind"] else settings.BIND
            record_to = Path(settings.RECORD_LINKS).absolute() if settings.RECORD_LINKS else None
            ports, data_dir = tuple(settings.PORTS), settings.DATA_DIR
            supervisor = Supervisor(
                Options(host, port, ports, data_dir, _load_application, record_to)
            )
            with only_server(settings.DATA_DIR):
                asyncio.run(supervisor.run())
        except _REFUSALS as error:
            raise CommandError(str(error)) from error


def _load_application() -> object:
    from backplane.asgi import application  # noqa: PLC0415  (Django's whole URL tree loads here, not before the links open)

    return application
