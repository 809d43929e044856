"""Starts a simulated rack (the real firmware) as a process of its own behind TCP, with its control socket."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.app_process import ROOT, free_port

_START_LIMIT_S = 60  # generous: the machine may be busy; nothing is measured here


@dataclass
class RackProcess:
    """One simulated chassis: it keeps its world in `folder` over restarts of its process."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def port_url(self) -> str:
        return f"socket://127.0.0.1:{self.port}"

    @property
    def control(self) -> Path:
        return self.folder / "control"

    def start(self) -> "RackProcess":
        """Start the process and return when its control socket answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        listen = f"tcp:127.0.0.1:{self.port}"
        arguments = [
            "--listen",
            listen,
            "--control",
            str(self.control),
            "--folder",
            str(self.folder / "world"),
        ]
        log = (self.folder / "rack.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "simulate_backplane", *arguments],
            cwd=ROOT,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        log.close()
        deadline = time.monotonic() + _START_LIMIT_S
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log()
            try:
                self.tell("state")
            except (FileNotFoundError, ConnectionRefusedError):
                time.sleep(0.02)
            else:
                return self
        raise AssertionError(self.log())

    def tell(self, line: str) -> dict[str, Any]:
        """Send one control line and return its answer; a refused one fails."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(30)
            connection.connect(str(self.control))
            connection.sendall(line.encode() + b"\n")
            with connection.makefile() as answers:
                answer: dict[str, Any] = json.loads(answers.readline())
        assert answer["ok"], answer
        return answer

    def stop(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        self.process = None

    def log(self) -> str:
        return (self.folder / "rack.log").read_text(encoding="utf-8", errors="replace")


@contextmanager
def running_rack(folder: Path) -> Iterator[RackProcess]:
    """Run a simulated rack in `folder` and stop it at the end."""
    rack = RackProcess(folder).start()
    try:
        yield rack
    finally:
        if rack.process is not None:
            rack.stop()
