"""`manage.py update_firmware`: brings this program's firmware onto a board, over the link it has."""

import asyncio
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from backplane.console.only_server import ServerRuns, only_server
from backplane.console.pending import refuse_pending_migrations
from backplane.console.update_run import NotReached, carry_out, chassis_on, follow, local_actor
from backplane.firmware_link.errors import LinkError
from backplane.slots import services
from backplane.slots.errors import CommandNotAccepted
from backplane.slots.models import Chassis, FirmwareUpdate, UpdateState
from backplane.swaps.models import Swap
from backplane.swaps.steps import SwapState
from firmware.tools.compile_firmware import (
    BOARDS,
    CannotCompile,
    board_names,
    board_warnings,
    firmware_version,
)


class Command(BaseCommand):
    help = (
        "Update the firmware of a chassis over its link. Slots keep their power; a version that reaches no host "
        "within 60 s gives way to the former one. Works beside a running server and without one."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument(
            "--chassis", metavar="SLUG", help="the chassis, as in its page's address"
        )
        which.add_argument("--port", metavar="URL", help="the port that its board is on")
        parser.add_argument("--board", metavar="NAME", help="refuse any other kind of board")
        parser.add_argument(
            "--again", action="store_true", help="also when the board runs the very same"
        )

    def handle(self, **options: Any) -> None:
        refuse_pending_migrations()
        self._board, self._again = options["board"], options["again"]
        if self._board and self._board not in board_names():
            raise CommandError(
                f"There is no board {self._board}. Boards: {', '.join(board_names())}"
            )
        chassis = self._chassis(options)
        if chassis is not None and chassis.board_name:
            self._check_board(chassis)
        port_url = options["port"] or (chassis.port_url if chassis else "")
        try:
            update = self._update(chassis, port_url)
        except (CommandNotAccepted, LinkError, NotReached) as error:
            raise CommandError(str(error)) from error
        if update.state != UpdateState.DONE:
            raise CommandError(update.outcome)
        self.stdout.write(self.style.SUCCESS(update.outcome))

    def _chassis(self, options: dict[str, Any]) -> Chassis | None:
        if options["port"]:
            return chassis_on(options["port"])
        chassis = Chassis.objects.filter(slug__iexact=options["chassis"]).first()
        if chassis is None:
            known = ", ".join(Chassis.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no chassis {options['chassis']}. Known: {known}")
        return chassis

    def _update(self, chassis: Chassis | None, port_url: str) -> FirmwareUpdate:
        self.stdout.write(f"This program's firmware is version {firmware_version()}.")
        try:
            with only_server(Path(settings.DATA_DIR)):
                if not port_url:
                    raise CommandError("No port is known for this chassis. Name it with --port.")
                return asyncio.run(
                    carry_out(port_url, Path(settings.DATA_DIR), self._request, self._say)
                )
        except ServerRuns as server:
            if chassis is None:
                raise CommandError(
                    f"The server (process {server.pid}) knows no chassis on {port_url}. Add the port to PORTS and "
                    "restart it, or stop it and run this again."
                ) from server
            self.stdout.write(
                f"The server (process {server.pid}) holds the link and carries it out."
            )
            return follow(lambda: self._request(chassis.pk), self._say)

    def _request(self, chassis_id: int) -> FirmwareUpdate:
        """Ask for the update; runs on the thread that owns a database connection."""
        chassis = Chassis.objects.get(pk=chassis_id)
        self._check_board(chassis)
        if not (BOARDS / f"{chassis.board_name}.toml").is_file():
            raise CommandError(
                f"There is no board file {chassis.board_name} here. Boards: {', '.join(board_names())}"
            )
        swap = Swap.objects.filter(slot__chassis=chassis, state=SwapState.OPEN).first()
        if swap is not None:
            raise CommandError(
                f"A swap of {swap.slot} is under way; end or park it first: its lights would go dark meanwhile."
            )
        self.stdout.write(
            f"{chassis.slug}: {chassis.board_name}, runs version {chassis.firmware_version}."
        )
        self._tell_warnings(chassis.board_name)
        return services.request_update(chassis_id, local_actor(), timezone.now(), again=self._again)

    def _check_board(self, chassis: Chassis) -> None:
        if self._board and chassis.board_name != self._board:
            raise CommandError(f"{chassis.slug} is a {chassis.board_name}, not a {self._board}.")

    def _tell_warnings(self, board: str) -> None:
        try:
            for text in board_warnings(board):
                self.stdout.write(f"Mind: {text}")
        except CannotCompile as error:
            raise CommandError(str(error)) from error

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
