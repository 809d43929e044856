"""`manage.py ports`: what is plugged in, which board answers, who has the port, and that nobody is disturbed."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backplane.firmware_link.messages import HelloFlags, HelloReq
from tests.support.app_bench import Stage
from tests.support.app_process import ROOT
from tests.support.loop_thread import until
from tests.support.mock_usb import MockUsb, mock_usb

pytestmark = pytest.mark.live

HOLDER = """
import sys
from backplane.firmware_link.serial_port import open_serial
port = open_serial(sys.argv[1], 921600)
print("ready", flush=True)
sys.stdin.read()
print(port.in_waiting, flush=True)
"""


@pytest.fixture
def usb() -> Iterator[MockUsb]:
    with mock_usb() as usb:
        yield usb


def ports(usb: MockUsb, database: Path, *options: str) -> str:
    told = {"DATABASE_URL": f"sqlite:///{database}", "DJANGO_SETTINGS_MODULE": "backplane.settings"}
    done = subprocess.run(
        [sys.executable, "manage.py", "ports", *options],
        cwd=ROOT,
        env=os.environ | usb.environment | told | {"DATA_DIR": str(database.parent)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def by_device(text: str) -> dict[str, dict[str, Any]]:
    return {row["device"]: row for row in json.loads(text)}


def test_free_ports_are_asked_by_listening_only_and_taken_ones_are_left_alone(
    stage: Stage, usb: MockUsb, file_database: Path
) -> None:
    free, taken = stage.rack("free"), stage.rack("taken")
    usb.plug("ttyUSB0", free.tcp_port, serial="A1")
    usb.plug("ttyUSB1", taken.tcp_port)
    command = [sys.executable, "-c", HOLDER, "/dev/ttyUSB1"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | usb.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "ready\n"
        rows = by_device(ports(usb, file_database, "--json"))
        text = ports(usb, file_database)
        assert holder.stdin is not None
        holder.stdin.close()
        until(lambda: int(holder.stdout.readline() if holder.stdout else "") > 0, "its own bytes")
    board = rows["/dev/ttyUSB0"]
    assert (board["vid"], board["pid"], board["serial"]) == (0x1A86, 0x7523, "A1")
    assert (board["finding"], board["holder"]) == ("board", None)
    assert board["board"]["board_id"] == free.board_id
    assert board["board"]["board_name"] == "reference-10"
    assert board["board"]["owner"] == "nobody"
    assert rows["/dev/ttyUSB1"]["finding"] == "in use"
    assert (
        f"/dev/ttyUSB0  1a86:7523  USB Serial  A1\n    board {free.board_id}; reference-10" in text
    )
    assert "/dev/ttyUSB1" in text
    assert [m for m in free.machine.heard if not is_listening(m)] == []
    assert taken.machine.heard == []


def is_listening(message: object) -> bool:
    return isinstance(message, HelloReq) and message.flags == HelloFlags.LISTEN_ONLY


def test_nothing_is_opened_when_nothing_shall_be_asked(
    stage: Stage, usb: MockUsb, file_database: Path
) -> None:
    rack = stage.rack()
    usb.plug("ttyUSB0", rack.tcp_port)
    assert "free; not asked" in ports(usb, file_database, "--no-ask")
    assert rack.machine.heard == []
