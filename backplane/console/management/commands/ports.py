"""`manage.py ports`: which serial ports there are, which board answers on each, and who has it.

Listens only, and never opens a port that somebody has. Works without a database; with one it names chassis.
"""

import asyncio
import json
import os
from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand
from django.db import DatabaseError

from backplane.firmware_link.codes import Caps
from backplane.firmware_link.messages import Hello
from backplane.firmware_link.port_survey import Finding, PortReport, survey
from backplane.slots.firmware_notice import FirmwareNotice, notice_of, shipped_version
from backplane.slots.models import Chassis, Installation

_EMPTY: Final = (
    "No serial port at all. Plug the board's adapter in; `dmesg | tail` says whether Linux sees it."
)
_OTHER_USERS: Final = (
    "Programs of other users are seen only by their locks; run it with sudo to see all of them."
)


class Command(BaseCommand):
    help = "List the serial ports: adapter, names, which board answers (listening only), and who has the port."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument(
            "--no-ask",
            action="store_true",
            help="open nothing: only list what is there and who has it",
        )

    def handle(self, **options: Any) -> None:
        reports = asyncio.run(survey(asks=not options["no_ask"]))
        known = _Known()
        if options["json"]:
            self.stdout.write(json.dumps([_row(report, known) for report in reports], indent=2))
            return
        for report in reports:
            self.stdout.write("\n".join(_lines(report, known)))
        if not reports:
            self.stdout.write(_EMPTY)
        elif os.geteuid():
            self.stdout.write(_OTHER_USERS)


class _Known:
    """Chassis and this installation's identity, where there is a database already."""

    def __init__(self) -> None:
        self.host_id: int | None = None
        self.chassis: dict[str, str] = {}
        try:
            rows = Chassis.objects.values_list("board_id", "slug")
            self.chassis = {board_id: slug for board_id, slug in rows if board_id}
            self.host_id = Installation.objects.values_list("host_id", flat=True).first()
        except DatabaseError:  # not prepared yet: the ports are there all the same
            return

    def owner(self, host: int) -> str:
        if not host:
            return "nobody"
        return (
            "this installation" if host == self.host_id else f"another installation ({host:016x})"
        )


def _row(report: PortReport, known: _Known) -> dict[str, object]:
    hello, holder = report.hello, report.holder
    board = None
    if hello is not None:
        board_id = hello.board_id.hex()
        board = {
            "board_id": board_id,
            "board_name": hello.board_name,
            "chassis": known.chassis.get(board_id),
            "slots": hello.slots,
            "firmware": hello.version,
            "firmware_of_this_program": shipped_version(),
            "firmware_update": _notice(hello, known.chassis.get(board_id)).is_update,
            "protocol": [hello.proto_min, hello.proto],
            "is_simulated": hello.is_simulated,
            "owner": known.owner(hello.owner_host),
            "owner_epoch": hello.owner_epoch,
            "boot": hello.boot,
            "baud": report.baud,
        }
    return {
        "device": report.device,
        "names": list(report.names),
        "vid": report.vid,
        "pid": report.pid,
        "serial": report.serial,
        "product": report.product,
        "holder": None
        if holder is None
        else {"pid": holder.pid, "program": holder.program, "locks": holder.is_locking},
        "finding": report.finding.value,
        "message": report.message,
        "board": board,
    }


def _lines(report: PortReport, known: _Known) -> list[str]:
    usb = "" if report.vid is None else f"  {report.vid:04x}:{report.pid or 0:04x}"
    about = "".join(f"  {word}" for word in (report.product, report.serial) if word)
    lines = [f"{report.device}{usb}{about}", f"    {_sentence(report, known)}"]
    return lines + [f"    {name}" for name in report.names]


def _sentence(report: PortReport, known: _Known) -> str:
    if report.hello is not None:
        return _board(report, known)
    if report.holder is not None:
        how = "in use (and locked) by" if report.holder.is_locking else "in use by"
        return f"{how} {report.holder.program} (process {report.holder.pid}); not asked"
    return report.message or _WORDS[report.finding]


def _board(report: PortReport, known: _Known) -> str:
    hello = report.hello
    assert hello is not None  # noqa: S101  (its caller looked)
    board_id = hello.board_id.hex()
    name = known.chassis.get(board_id)
    parts = [
        f"board {board_id}" + (f" (chassis {name})" if name else ""),
        f"{hello.board_name or 'unnamed'}, {hello.slots} slots"
        + (", simulated" if hello.is_simulated else ""),
        f"firmware {_firmware(hello, name)}, BP/{hello.proto}",
        f"owner: {known.owner(hello.owner_host)}",
    ]
    if report.baud != 921_600:
        parts.append(f"at {report.baud} baud: add ?baud={report.baud} to the port")
    return "; ".join(parts)


def _firmware(hello: Hello, slug: str | None) -> str:
    """The version, and what to type where this program's may be newer."""
    notice = _notice(hello, slug)
    told = f"{notice.running} ({notice.word}"
    return told + (f": {notice.command})" if notice.command else ")")


def _notice(hello: Hello, slug: str | None) -> FirmwareNotice:
    if hello.caps & Caps.UPDATE:
        whose = f"--chassis {slug}" if slug else "--port PORT"
        command = f"python manage.py update_firmware {whose}"
    else:
        command = f"python manage.py install_firmware --port USB_PORT --board {hello.board_name or 'NAME'}"
    return notice_of(hello.version, shipped_version(), command)


_WORDS: Final = {
    Finding.SILENT: "nothing answers: no board, or one without power",
    Finding.NOISE: "bytes come, but none of a board: another device, or another speed",
    Finding.NOT_ASKED: "free; not asked",
    Finding.IN_USE: "in use; not asked",
    Finding.FAILED: "could not be opened",
    Finding.FORBIDDEN: "may not be opened",
    Finding.OTHER_VERSION: "a board of another protocol version",
    Finding.BOARD: "a board",
}
