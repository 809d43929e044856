"""One child process that serves a core: a line there, questions back, one line as the answer.

Owns the process and its pipes. It waits for an answer only as long as the watchdog of a board would.
"""

import logging
import os
import select
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

log = logging.getLogger(__name__)

WATCHDOG_S = 8.0  # as main.py sets it on the ESP32
READ_SIZE = 65_536


class McuFailed(Exception):  # noqa: N818  (named for what happened)
    """The core raised, or its process ended or hung; only a reset helps."""


class McuProcess:
    """Ends with `close`, without farewell: for the firmware that is a reset."""

    def __init__(self, command: Sequence[str], folder: Path, answer: Callable[[str], str]) -> None:
        self._answer = answer
        self._rest = b""
        self._is_closed = False
        self._process = subprocess.Popen(  # noqa: S603  (an interpreter we found ourselves)
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def call(self, line: str) -> str:
        """Let it carry out one line; meanwhile it may ask. "" if an answer closed it. Raises McuFailed."""
        self._write(line)
        while not self._is_closed:
            heard = self._read_line()
            if heard.startswith("="):
                return heard[1:]
            if not heard.startswith("?"):
                raise McuFailed(heard.replace("|", "\n"))
            answer = self._answer(heard[1:])
            if not self._is_closed:
                self._write(answer)
        return ""

    def close(self) -> None:
        """Kill it."""
        if self._is_closed:
            return
        self._is_closed = True
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None  # noqa: S101  (Popen was given PIPE)
        data = memoryview(line.encode("ascii") + b"\n")
        try:
            while data:
                data = data[os.write(self._process.stdin.fileno(), data) :]
        except OSError as error:
            raise McuFailed(f"its process ended: {error}") from error

    def _read_line(self) -> str:
        assert self._process.stdout is not None  # noqa: S101  (Popen was given PIPE)
        stdout = self._process.stdout.fileno()
        until = time.monotonic() + WATCHDOG_S
        while b"\n" not in self._rest:
            readable, _, _ = select.select([stdout], [], [], max(0.0, until - time.monotonic()))
            if not readable:
                raise McuFailed(f"it has not answered for {WATCHDOG_S:.0f} s")
            data = os.read(stdout, READ_SIZE)
            if not data:
                raise McuFailed("its process ended")
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode("ascii")
