"""Ports that cannot be had: missing, forbidden, taken. Each is named with what to do about it."""

import ctypes
import grp
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from serial import Serial

from backplane.firmware_link.serial_port import open_serial
from backplane.slots.models import Chassis
from tests.support.app_bench import Stage
from tests.support.app_process import ROOT
from tests.support.ledger import assert_nothing_is_lost
from tests.support.rack_bench import Rack

pytestmark = pytest.mark.live

NOBODY = 65_534
HOLDER = """
import sys
from backplane.firmware_link.serial_port import open_serial
port = open_serial(sys.argv[1], 115200)
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def tty() -> Iterator[str]:
    """A terminal on which no board answers."""
    near, far = os.openpty()
    path = os.ttyname(far)
    os.close(far)  # or it would be us who have it
    yield path
    os.close(near)


@contextmanager
def moved_to(stage: Stage, path: str) -> Iterator[Rack]:
    """A chassis whose port is now `path`; nothing may change while it cannot be reached."""
    rack = stage.running()
    rails, before = rack.rails, len(stage.events(rack))
    stage.app.stop()
    old_url = rack.port_url
    Chassis.objects.update(port_url=path)
    stage.app.start(path)
    yield rack
    stage.app.stop()
    assert {slot.state for slot in stage.chassis(rack).slots.all()} == {"M7"}
    assert len(stage.events(rack)) == before
    stage.app.start(old_url)
    stage.wait_until_seen(rack)
    assert_nothing_is_lost(rack)
    assert (rack.rails, rack.switched, rack.orders) == (rails, [], [])


def test_a_missing_port_is_named_with_the_ports_that_are_there(stage: Stage) -> None:
    path = "/dev/serial/by-id/usb-nowhere"
    with moved_to(stage, path) as rack:
        message = stage.wait_for_link(rack, "no_port")
        assert message.startswith(f"There is no {path}. Here now: ")
        assert "Check the cable and the port setting." in message
        assert message in stage.page(stage.person(), rack)


def test_a_forbidden_port_names_the_group_to_join(
    stage: Stage, tty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = forbid(tty)
    monkeypatch.setattr("backplane.firmware_link.ports.open_serial", open_serial_as_nobody)
    with moved_to(stage, tty) as rack:
        message = stage.wait_for_link(rack, "forbidden")
        assert f"may not open {tty}" in message
        assert f"usermod -aG {group}" in message
        assert f"(group {group})" in message
        page = stage.page(stage.person(), rack)
        assert f"(group {group})" in page


def forbid(tty: str) -> str:
    """Keep everybody but root and the serial group out; return that group's name."""
    if os.geteuid() == 0:
        os.chown(tty, 0, grp.getgrnam("dialout").gr_gid)
    Path(tty).chmod(0)
    return grp.getgrgid(Path(tty).stat().st_gid).gr_name


def open_serial_as_nobody(path: str, baud: int) -> Serial:
    """Open as a plain user would: root, as in a container, would be let in everywhere."""
    libc = ctypes.CDLL(None)
    libc.setfsuid(NOBODY)  # of this thread alone; without effect for a plain user
    try:
        return open_serial(path, baud)
    finally:
        libc.setfsuid(os.geteuid())


def test_a_taken_port_names_the_process_that_has_it(stage: Stage, tty: str) -> None:
    command = [sys.executable, "-c", HOLDER, tty]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"ready\n"
        with moved_to(stage, tty) as rack:
            message = stage.wait_for_link(rack, "taken")
            assert f"{tty} is in use by" in message
            assert f"(process {holder.pid})" in message
            assert message in stage.page(stage.person(), rack)
            assert holder.stdin is not None
            holder.stdin.close()
            silent = stage.wait_for_link(rack, "silent")  # now it opens, and nobody answers there
            assert "Is this the board's port, and is the board powered?" in silent
