"""`manage.py simulate_backplane` as the process it is, and a client for its control sockets."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 30.0  # generous: the machine may be busy, and nothing here measures time


def wait_for(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, f"waited {PATIENCE_S} s for {what}"
        time.sleep(0.01)


class SimProcess:
    """Starts on entering, ends by SIGTERM on leaving if it still runs."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self.lines: list[str] = []
        command = [sys.executable, "manage.py", "simulate_backplane", *arguments]
        self.process = subprocess.Popen(
            [*command, "--folder", str(folder / "racks")],
            cwd=ROOT,
            env={**os.environ, "DATA_DIR": str(folder / "data"), "PYTHONWARNINGS": "error"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,  # lines read ahead into a buffer would be hidden from select()
        )

    def __enter__(self) -> "SimProcess":
        return self

    def __exit__(self, *_error: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def ready(self, count: int = 1) -> list[str]:
        """Wait until that many racks have told where they listen."""
        assert self.process.stdout is not None
        while len(self.lines) < count:
            readable, _, _ = select.select([self.process.stdout], [], [], PATIENCE_S)
            assert readable, "the simulator says nothing"
            line = self.process.stdout.readline().decode()
            assert line, self.failure()
            self.lines.append(line.strip())
        return self.lines

    def failure(self) -> str:
        """Wait for it to end; return what it said on stderr."""
        _, errors = self.process.communicate(timeout=PATIENCE_S)
        return errors.decode()

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal; return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)


def ask(control: Path, line: str | bytes) -> dict[str, Any]:
    """Send one control line, return the answer."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE_S)
        client.connect(str(control))
        client.sendall((line.encode() if isinstance(line, str) else line) + b"\n")
        answer: dict[str, Any] = json.loads(client.makefile().readline())
        return answer
