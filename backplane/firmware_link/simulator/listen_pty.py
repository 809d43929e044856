"""A machine behind a pseudo-terminal: a symlink that a host opens like a serial port.

The symlink appears when the machine is ready. A host may close and reopen it as often as it likes;
while nobody has it open, what the board sends is lost, as on a real line.
"""

import asyncio
import contextlib
import os
import stat
import tty
from pathlib import Path

from backplane.firmware_link.simulator.machine import Machine

READ_SIZE = 4096
# While no host has it open the kernel reports only "hung up", for ever; so it is asked now and then.
LOOK_AGAIN_S = 0.05


class PtyListener:
    """Holds the master side; the slave side is the host's."""

    def __init__(self, machine: Machine, link: Path) -> None:
        self._machine = machine
        self._link = link
        self._master = -1
        self._slave_name = ""
        self._is_open = False
        self._timer: asyncio.TimerHandle | None = None

    async def start(self) -> str:
        """Make the pair and the symlink. Raises OSError, FileExistsError for what is no such link."""
        _refuse_what_is_no_link(self._link)
        self._master, slave = os.openpty()
        tty.setraw(slave)  # stays with the pair when the slave is closed
        self._slave_name = os.ttyname(slave)
        os.close(slave)
        os.set_blocking(self._master, False)
        try:
            _replace_link(self._link, self._slave_name)
        except OSError:
            os.close(self._master)
            self._master = -1
            raise
        self._look()
        return f"pty:{self._link} ({self._slave_name})"

    async def stop(self) -> None:
        if self._master < 0:
            return
        self._close_host()
        if self._timer is not None:
            self._timer.cancel()
        os.close(self._master)
        self._master = -1
        with contextlib.suppress(OSError):
            if str(self._link.readlink()) == self._slave_name:  # not if another one took it over
                self._link.unlink()

    def _look(self) -> None:
        """Find out whether a host has opened the slave side."""
        loop = asyncio.get_running_loop()
        if self._read():
            self._timer = None
            self._is_open = True
            self._machine.attach(self._send)
            loop.add_reader(self._master, self._on_readable)
        else:
            self._timer = loop.call_later(LOOK_AGAIN_S, self._look)

    def _on_readable(self) -> None:
        if not self._read():
            self._close_host()
            self._look()

    def _read(self) -> bool:
        """Pass on what the host has written; False if no host has the slave side open."""
        try:
            data = os.read(self._master, READ_SIZE)
        except BlockingIOError:
            return True
        except OSError:  # EIO: hung up
            return False
        self._machine.receive(data)
        return True

    def _close_host(self) -> None:
        if self._is_open:
            self._is_open = False
            self._machine.detach(self._send)
            asyncio.get_running_loop().remove_reader(self._master)

    def _send(self, data: bytes) -> None:
        # A host that does not read loses bytes, as with a full UART; and EIO is noticed by the reader.
        with contextlib.suppress(OSError):
            os.write(self._master, data)


def _refuse_what_is_no_link(link: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISLNK(link.lstat().st_mode):
            raise FileExistsError(f"{link} is a real file; choose another path for the terminal.")
        target = link.readlink()
        if target.exists() and Path("/dev/pts") not in target.parents:
            raise FileExistsError(
                f"{link} leads to {target}; choose another path for the terminal."
            )


def _replace_link(link: Path, target: str) -> None:
    """Point the symlink at the terminal, in one move."""
    scratch = link.with_name(f".{link.name}.{os.getpid()}")
    scratch.unlink(missing_ok=True)
    scratch.symlink_to(target)
    scratch.replace(link)
