"""Port URLs, and every way a port can refuse: each says what to do."""

import errno
import fcntl
import os
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from backplane.firmware_link.errors import (
    BadPortUrl,
    PortForbidden,
    PortMissing,
    PortTaken,
    TransportClosed,
)
from backplane.firmware_link.holders import find_holders, holder_of
from backplane.firmware_link.ports import SerialPort, SimPort, TcpPort, open_port, parse_port
from backplane.firmware_link.serial_port import explain, open_serial
from tests.support.live_board import PtyPair

HOLD_PORT = """
import fcntl, os, sys
fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
fcntl.flock(fd, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("/dev/ttyUSB0", SerialPort("/dev/ttyUSB0", 921_600)),
        ("/dev/serial/by-id/usb-1a86-if00?baud=115200", SerialPort("/dev/serial/by-id/usb-1a86-if00", 115_200)),
        ("socket://rack-3:4001", TcpPort("rack-3", 4001)),
        ("socket://[::1]:4001", TcpPort("::1", 4001)),
        ("sim://demo", SimPort("demo")),
        ("sim://desk?board=bare-4", SimPort("desk", "bare-4")),
    ],
)  # fmt: skip
def test_a_port_url_names_one_port(url: str, port: SerialPort | TcpPort | SimPort) -> None:
    assert parse_port(url) == port


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "neither"),
        ("ttyUSB0", "neither"),
        ("COM3", "neither"),
        ("http://rack:80", "neither"),
        ("/dev/ttyUSB0?baud=12", "115200"),
        ("/dev/ttyUSB0?baud=", "115200"),
        ("/dev/ttyUSB0?parity=even", "only option"),
        ("socket://rack", "port number"),
        ("socket://:4001", "host"),
        ("socket://rack:99999", "port number"),
        ("socket://rack:4001/x", "host and a port"),
        ("sim://", "one name"),
        ("sim://demo/extra", "one name"),
        ("sim://demo?baud=9600", "only option"),
        ("sim://demo?board=", "named like its file"),
        ("sim://demo?board=../../etc/passwd", "named like its file"),
    ],
)
def test_a_bad_port_url_is_refused_with_the_reason(url: str, why: str) -> None:
    with pytest.raises(BadPortUrl, match=why) as caught:
        parse_port(url)
    assert "/dev/serial/by-id" in str(caught.value)


@pytest.fixture
def pair() -> Iterator[PtyPair]:
    pair = PtyPair()
    yield pair
    if pair.master >= 0:
        os.close(pair.master)
        os.close(pair._slave)


def test_no_permission_names_the_group_and_the_command(tmp_path: Path) -> None:
    error = explain(str(tmp_path / "ttyUSB0"), OSError(errno.EACCES, "Permission denied"))
    assert isinstance(error, PortForbidden)
    assert error.group == "dialout"
    assert f"sudo usermod -aG dialout {error.user}" in str(error)


def test_a_device_of_the_root_group_still_leads_to_dialout(tmp_path: Path) -> None:
    device = tmp_path / "ttyS9"
    device.touch()
    os.chown(device, -1, os.getgid())
    error = explain(str(device), OSError(errno.EPERM, "no"))
    assert isinstance(error, PortForbidden)
    assert error.group != "root"


@pytest.mark.parametrize("number", [errno.EBUSY, errno.EAGAIN])
def test_a_busy_device_is_taken(number: int, tmp_path: Path) -> None:
    error = explain(str(tmp_path / "ttyUSB0"), OSError(number, "busy"))
    assert isinstance(error, PortTaken)
    assert (error.pid, error.program) == (None, None)
    assert "in use by another program" in str(error)


def test_a_device_that_left_while_it_was_opened_is_missing() -> None:
    assert isinstance(explain("/dev/ttyUSB0", OSError(errno.ENXIO, "gone")), PortMissing)
    assert isinstance(explain("/dev/ttyUSB0", OSError(errno.EIO, "broken")), TransportClosed)
    assert isinstance(explain("/dev/ttyUSB0", termios.error(errno.EIO, "x")), TransportClosed)


def test_the_ports_that_are_there_are_listed() -> None:
    error = PortMissing("/dev/ttyUSB0", ("/dev/ttyACM0", "/dev/ttyS0"))
    assert "/dev/ttyACM0, /dev/ttyS0" in str(error)
    assert "no serial port at all" in str(PortMissing("/dev/ttyUSB0", ()))


@pytest.mark.live
async def test_a_missing_port_is_missing(tmp_path: Path) -> None:
    with pytest.raises(PortMissing) as caught:
        await open_port(str(tmp_path / "ttyUSB7"), tmp_path)
    assert caught.value.port.endswith("ttyUSB7")


@pytest.mark.live
async def test_a_plain_file_is_no_port(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file", tmp_path, Path("/dev/null")):
        with pytest.raises(TransportClosed, match="is no serial port"):
            await open_port(str(path), tmp_path)


@pytest.mark.live
def test_a_port_taken_by_another_process_names_it(pair: PtyPair, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD_PORT, pair.path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        os.close(pair._slave)  # ours; the test wants theirs found
        try:
            link = pair.link_from(tmp_path / "by-id")
            with pytest.raises(PortTaken) as caught:
                open_serial(link, 921_600)
            found = find_holders([link, pair.path, "/dev/no-such-device"])
        finally:
            holder.send_signal(signal.SIGKILL)
            pair._slave = os.open(pair.path, os.O_RDWR | os.O_NOCTTY)
    assert caught.value.pid == holder.pid
    assert str(holder.pid) in str(caught.value)
    assert (caught.value.program or "").startswith("python")
    assert set(found) == {link, pair.path}  # one device under two names, and one that is not there
    seen = found[link]
    assert (seen.pid, seen.is_locking) == (holder.pid, True)
    assert "-c import fcntl" in seen.program  # its command line says more than "python"


@pytest.mark.live
def test_an_open_port_is_locked_raw_and_does_not_hang_up(pair: PtyPair) -> None:
    port = open_serial(pair.path, 115_200)
    try:
        attributes = termios.tcgetattr(port.fileno())
        assert not attributes[2] & termios.HUPCL
        assert not attributes[3] & (termios.ICANON | termios.ECHO)
        assert not port.dtr
        assert not port.rts
        with pytest.raises(BlockingIOError):
            fcntl.flock(pair._slave, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with pytest.raises(PortTaken):
            open_serial(pair.path, 115_200)
    finally:
        port.close()
    open_serial(pair.path, 115_200).close()


def test_nobody_holds_a_device_that_is_not_there() -> None:
    assert holder_of("/dev/no-such-device") == (None, None)


@pytest.mark.live
async def test_a_socket_that_nobody_listens_on_says_so(tmp_path: Path) -> None:
    with pytest.raises(TransportClosed) as caught:
        await open_port("socket://127.0.0.1:1", tmp_path)
    assert "socket://127.0.0.1:1" in str(caught.value)
