"""deploy/99-backplane.rules as udev itself reads and applies them, to a mocked adapter in a room of its own."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.app_process import ROOT
from tests.support.mock_usb import MockUsb, mock_usb

pytestmark = pytest.mark.live

RULES = ROOT / "deploy" / "99-backplane.rules"
# Private /run/udev and /dev, so that nothing of this machine's udev is touched.
SCRIPT = """
set -eu
mkdir -p /run/udev
mount -t tmpfs none /run/udev
mkdir /run/udev/rules.d
cp "$1" /run/udev/rules.d/
mount --bind "$UMOCKDEV_DIR/dev" /dev
LD_PRELOAD=libumockdev-preload.so.0 exec udevadm test --action=add "$2"
"""


@pytest.fixture
def usb() -> Iterator[MockUsb]:
    with mock_usb() as usb:
        yield usb


def applied(usb: MockUsb, path: str) -> str:
    """What udev says of applying its rules and ours to that device."""
    assert shutil.which("udevadm"), "This test needs udev. Install it with: sudo apt install udev"
    room = (
        ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    )
    if subprocess.run([*room, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine gives no mount namespace to put the rules into")
    done = subprocess.run(
        [*room, "sh", "-c", SCRIPT, "sh", str(RULES), path],
        env=os.environ | {"UMOCKDEV_DIR": usb.environment["UMOCKDEV_DIR"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_an_adapter_is_left_alone_by_modem_manager_and_has_a_name_and_a_group(
    usb: MockUsb, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as board:
        usb.plug("ttyUSB0", board.getsockname()[1])
        told = applied(usb, usb.sys_path("ttyUSB0"))
    ours = [line for line in told.splitlines() if RULES.name in line]
    assert len([line for line in ours if "Reading rules file" in line]) == 1
    assert not [line for line in ours if "invalid" in line.lower() or "unknown" in line.lower()]
    for expected in (
        "ID_MM_DEVICE_IGNORE=1",
        "ID_MM_PORT_IGNORE=1",
        "/dev/backplane/pci-0000_00_14_0-usb-0_1_1_0",
    ):
        assert expected in told, told
    assert any("MODE 0660" in line for line in ours), ours
    assert any("GROUP" in line for line in ours), ours


@pytest.mark.parametrize(("chip", "is_told"), [("ftdi_sio", True), ("ch341", False)])
def test_an_ftdi_chip_alone_is_told_to_hold_nothing_back(
    usb: MockUsb, chip: str, is_told: bool
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as board:
        usb.plug("ttyUSB0", board.getsockname()[1], chip=chip)
        port = str(Path(usb.sys_path("ttyUSB0")).parents[1])
        told = applied(usb, port)
    assert ("latency_timer' writing '1'" in told) == is_told, told
