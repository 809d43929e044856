"""An ESP32 on a USB port, for whoever types at it: a real MicroPython behind a pseudo-terminal, with its flash in a folder.

Its prompt, its file system and its restarts are real; its silicon is on_micropython.py's.
"""

import contextlib
import os
import select
import socket
import subprocess
import termios
import threading
import tty
from pathlib import Path

import pytest

from backplane.firmware_link.simulator.mcu.interpreters import (
    NoInterpreter,
    Python,
    find_interpreter,
)

_SETUP = Path(__file__).parent / "on_micropython.py"
_RESET = b"\0reset\0"  # machine.reset()
_BITE = b"\0watchdog\0"
_WATCHDOG = 3
_SOFT_RESET = 5


class UsbEsp32:
    """Lives in a `with`. `port` is its USB port, `line` the URL of its host line."""

    def __init__(
        self,
        flash: Path,
        *,
        platform: str = "esp32",
        version: str = "1.27.0",
        free_blocks: int = 0,
        hurry: int = 0,
    ) -> None:
        flash.mkdir(exist_ok=True)
        self.flash = flash
        self.restarts = 0
        self._kind = (platform, version, str(free_blocks), str(hurry))
        self._cause = _SOFT_RESET
        self._uart = _free_port()
        self.line = f"socket://127.0.0.1:{self._uart}"
        self._host_end, self._usb = os.openpty()
        tty.setraw(self._usb)
        self.port = os.ttyname(self._usb)
        self._ends = threading.Event()
        self._start(1)
        self._thread = threading.Thread(target=self._pump)

    def __enter__(self) -> "UsbEsp32":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()
        self._stop()
        os.close(self._host_end)
        os.close(self._usb)

    def press_reset(self) -> None:
        """The EN button."""
        self._child.kill()

    def _start(self, cause: int) -> None:
        self._own_end, self._terminal = os.openpty()
        tty.setraw(self._terminal)
        mode = termios.tcgetattr(self._terminal)
        mode[3] |= termios.ISIG  # Ctrl-C interrupts, as on the ESP32's UART
        termios.tcsetattr(self._terminal, termios.TCSANOW, mode)
        program = _micropython()
        arguments = (str(self.flash), str(self._uart), str(cause), *self._kind)
        # A terminal that is opened in a session of its own is the one whose Ctrl-C counts there.
        shell = ("sh", "-c", 'exec "$@" <"$0" >"$0" 2>&1', os.ttyname(self._terminal))
        self._child = subprocess.Popen(
            [*shell, program, "-X", "heapsize=2M", "-i", str(_SETUP), *arguments],
            cwd=self.flash,  # a path without a slash at its start is looked for there
            start_new_session=True,
        )

    def _stop(self) -> None:
        self._child.kill()
        self._child.wait()
        self._close_terminal()

    def _close_terminal(self) -> None:
        os.close(self._own_end)
        os.close(self._terminal)

    def _pump(self) -> None:
        while not self._ends.is_set():
            if self._child.poll() is not None:
                self._close_terminal()
                self.restarts += 1
                if self._child.returncode in {126, 127}:
                    raise RuntimeError("micropython cannot be started: run make setup-dev")
                self._start(self._cause)
                self._cause = _SOFT_RESET
            ready, _, _ = select.select([self._host_end, self._own_end], [], [], 0.02)
            with contextlib.suppress(OSError):  # the child has just ended
                if self._own_end in ready:
                    self._hear(os.read(self._own_end, 4096))
                if self._host_end in ready:
                    os.write(self._own_end, os.read(self._host_end, 256))

    def _hear(self, data: bytes) -> None:
        for mark in (_RESET, _BITE):
            if mark in data:
                self._cause = _WATCHDOG if mark is _BITE else _SOFT_RESET
                self._child.kill()
                self._child.wait()
                data = data.replace(mark, b"")
        os.write(self._host_end, data)


def _micropython() -> str:
    try:
        return find_interpreter(Python.UNIX).command[0]
    except NoInterpreter as error:  # there is none for this processor
        pytest.skip(str(error))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
