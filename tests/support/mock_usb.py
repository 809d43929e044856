"""USB serial adapters that come and go, for a program started with `environment`: mocked by umockdev.

An adapter's tty is a pseudo-terminal whose other end is wired to a rack's TCP port: pulling it out
leaves the rack running. Debian's umockdev has to be there (tools/debian_packages.sh).

Run as a program under umockdev-wrapper it is the far side: it owns the mocked /sys and obeys lines.
"""

import ctypes
import json
import os
import select
import shutil
import socket
import struct
import subprocess
import sys
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_PRELOAD = "libumockdev-preload.so.0"
_MISSING = "This test needs umockdev. Install it with: sudo apt install umockdev"


class MockUsb:
    """The near side: `plug` and `unplug` return when the kernel's event was sent."""

    def __init__(self) -> None:
        assert shutil.which("umockdev-wrapper"), _MISSING
        self.process = subprocess.Popen(
            ["umockdev-wrapper", sys.executable, "-m", "tests.support.mock_usb"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._root = self._answer()["root"]
        self._sys_paths: dict[str, str] = {}

    @property
    def environment(self) -> dict[str, str]:
        """What makes a program see the mocked machine."""
        return {"LD_PRELOAD": _PRELOAD, "UMOCKDEV_DIR": self._root}

    def plug(self, name: str, board_port: int, serial: str = "", chip: str = "ch341") -> None:
        """An adapter with the board behind `board_port` appears as /dev/`name`; `chip` is its driver."""
        answer = self._tell(do="plug", name=name, board_port=board_port, serial=serial, chip=chip)
        self._sys_paths[name] = answer["path"]

    def sys_path(self, name: str) -> str:
        """Where the tty is in /sys."""
        return self._sys_paths[name]

    def unplug(self, name: str) -> None:
        self._tell(do="unplug", name=name)

    def stop(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        shutil.rmtree(self._root, ignore_errors=True)

    def _tell(self, **order: str | int) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the mocked machine has died"
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def mock_usb() -> Iterator[MockUsb]:
    usb = MockUsb()
    try:
        yield usb
    finally:
        usb.stop()


# The far side.

_CHIPS = {"ch341": ("1a86", "7523"), "ftdi_sio": ("0403", "6001")}  # driver: USB ids
_PCI = "/devices/pci0000:00/0000:00:14.0"
_USB = f"{_PCI}/usb1"


def _description(name: str, number: int, serial: str, chip: str) -> str:
    """An adapter as umockdev reads it: the USB device, its interface, the port, the tty."""
    vendor, product = _CHIPS[chip]
    device = f"{_USB}/1-{number}"
    interface = f"{device}/1-{number}:1.0"
    told = f"A: serial={serial}\n" if serial else ""
    return f"""P: {device}
E: SUBSYSTEM=usb
E: DEVTYPE=usb_device
A: idVendor={vendor}
A: idProduct={product}
A: bNumInterfaces=1
A: bDeviceClass=ff
A: product=USB Serial
{told}
P: {interface}
E: SUBSYSTEM=usb
E: DEVTYPE=usb_interface
A: bInterfaceNumber=00
A: bInterfaceClass=ff
A: bInterfaceSubClass=01
A: bInterfaceProtocol=02

P: {interface}/{name}
L: driver=../../../../../../../bus/usb-serial/drivers/{chip}
E: SUBSYSTEM=usb-serial
A: latency_timer=16

P: {interface}/{name}/tty/{name}
L: device=../../../{name}
E: DEVNAME=/dev/{name}
E: MAJOR=188
E: MINOR={number}
E: SUBSYSTEM=tty
E: ID_BUS=usb
E: ID_VENDOR_ID={vendor}
E: ID_MODEL_ID={product}

"""


class _PassOn(threading.Thread):
    """Answers the preloaded library's question about each ioctl, read and write: do it on the terminal itself.

    umockdev's own answer to what it has no recording of is ENOTTY, and a tty needs TIOCEXCL and its like.
    """

    _CALL = struct.Struct("LLL")
    _DONE, _RUN, _RESULT = 3, 4, 2  # umockdev's numbers

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen()

    def run(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while call := connection.recv(self._CALL.size):
                kind, result, errno = self._CALL.unpack(call)
                if kind == self._RESULT:
                    connection.sendall(self._CALL.pack(self._DONE, result, errno))
                else:
                    connection.sendall(self._CALL.pack(self._RUN, 0, 0))


class _Machine:
    """umockdev's test bed, by its C interface."""

    def __init__(self) -> None:
        self._lib = ctypes.CDLL("libumockdev.so.0")
        self._lib.umockdev_testbed_new.restype = ctypes.c_void_p
        self._lib.umockdev_testbed_get_root_dir.restype = ctypes.c_char_p
        self._bed = ctypes.c_void_p(self._lib.umockdev_testbed_new())
        self.root = Path(self._lib.umockdev_testbed_get_root_dir(self._bed).decode())
        (self.root / "dev").mkdir(exist_ok=True)
        _PassOn(self.root / "ioctl" / "_default").start()
        self.add(f"P: {_PCI}\nE: SUBSYSTEM=pci\n\n")

    def add(self, text: str) -> None:
        assert self._lib.umockdev_testbed_add_from_string(self._bed, text.encode(), None)

    def tell(self, path: str, action: str) -> None:
        self._lib.umockdev_testbed_uevent(self._bed, path.encode(), action.encode())

    def remove(self, path: str) -> None:
        self._lib.umockdev_testbed_remove_device(self._bed, path.encode())


@dataclass(frozen=True, slots=True)
class _Adapter:
    """One that is plugged in; its wire is carried by a thread until the master closes."""

    device: str
    tty: str
    master: int
    slave: int  # held, so that the terminal lives while no host has it open
    board: socket.socket

    def carry(self) -> None:
        while True:
            try:
                ready, _, _ = select.select([self.master, self.board.fileno()], [], [])
                if self.board.fileno() in ready:
                    data = self.board.recv(4096)
                    os.write(self.master, data)
                    if not data:
                        return
                if self.master in ready:
                    self.board.sendall(os.read(self.master, 4096))
            except (OSError, ValueError):
                return


class _Ports:
    def __init__(self, machine: _Machine) -> None:
        self._machine = machine
        self._count = 0
        self._plugged: dict[str, _Adapter] = {}

    def plug(self, name: str, board_port: int, serial: str, chip: str) -> str:
        self._count += 1
        device = f"/sys{_USB}/1-{self._count}"
        tty_path = f"{device}/1-{self._count}:1.0/{name}/tty/{name}"
        master, slave = os.openpty()
        tty.setraw(slave)
        node = self._machine.root / "dev" / name
        node.symlink_to(os.ttyname(slave))
        board = socket.create_connection(("127.0.0.1", board_port))
        adapter = _Adapter(device, tty_path, master, slave, board)
        self._plugged[name] = adapter
        threading.Thread(target=adapter.carry, daemon=True).start()
        self._machine.add(_description(name, self._count, serial, chip))  # and tells of it
        return tty_path

    def unplug(self, name: str) -> None:
        adapter = self._plugged.pop(name)
        (self._machine.root / "dev" / name).unlink()
        with suppress(OSError):
            adapter.board.shutdown(socket.SHUT_RDWR)  # ends the thread's select
        os.close(adapter.slave)
        os.close(adapter.master)
        self._machine.tell(adapter.tty, "remove")
        self._machine.remove(adapter.device)
        for place in ("bus/usb-serial/devices", "class/tty"):  # links that umockdev forgets
            (self._machine.root / "sys" / place / name).unlink(missing_ok=True)


def _obey() -> None:
    machine = _Machine()
    ports = _Ports(machine)
    print(json.dumps({"root": str(machine.root)}), flush=True)  # noqa: T201
    for line in sys.stdin:
        order = json.loads(line)
        answer = {}
        if order["do"] == "plug":
            told = (order["board_port"], order["serial"], order["chip"])
            answer["path"] = ports.plug(order["name"], *told)
        else:
            ports.unplug(order["name"])
        print(json.dumps(answer), flush=True)  # noqa: T201


if __name__ == "__main__":
    _obey()
