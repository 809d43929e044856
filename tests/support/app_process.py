"""Starts the real program as a process of its own, as `make run` does, for end-to-end tests and benchmarks."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ADMIN = "admin"
PASSWORD = "correct-horse-battery"
_START_LIMIT_S = 60  # generous: the machine may be busy; nothing is measured here


def free_port() -> int:
    """Return a TCP port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class AppProcess:
    """One installation: its data folder, its port URLs and, while it runs, its process."""

    data_dir: Path
    ports: str = "sim://demo"
    extra_env: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in _OURS}
        return kept | {
            "DATA_DIR": str(self.data_dir),
            "PORTS": self.ports,
            "BIND": f"127.0.0.1:{self.port}",
            "BACKPLANE_ADMIN_PASSWORD": PASSWORD,
            "DJANGO_SETTINGS_MODULE": "backplane.settings",
            **self.extra_env,
        }

    def manage(self, *arguments: str) -> str:
        """Run a management command to its end and return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self) -> "AppProcess":
        """Start the server and return when /healthz/ answers."""
        log = (self.data_dir / "app.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "run_backplane"],
            cwd=ROOT,
            env=self.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        log.close()
        self.wait_until_healthy()
        return self

    def wait_until_healthy(self) -> dict[str, Any]:
        """Return /healthz/'s answer as soon as it says ok."""
        deadline = time.monotonic() + _START_LIMIT_S
        while time.monotonic() < deadline:
            assert self.process is not None
            assert self.process.poll() is None, self.log()
            try:
                with urllib.request.urlopen(f"{self.url}/healthz/", timeout=5) as answer:
                    health: dict[str, Any] = json.load(answer)
                    return health
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.02)
        raise AssertionError(self.log())

    def stop(self) -> int:
        """Send SIGTERM and return the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=30)
        self.process = None
        return code

    def kill(self) -> None:
        """Kill with -9, as a power cut of the host would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(timeout=30)
        self.process = None

    def log(self) -> str:
        """Return everything that the program has written so far."""
        return (self.data_dir / "app.log").read_text(encoding="utf-8", errors="replace")


_OURS = {
    "DATA_DIR",
    "PORTS",
    "BIND",
    "PUBLIC_URL",
    "TRUSTED_PROXIES",
    "DATABASE_URL",
    "SECRET_KEY",
    "DEBUG",
}


@contextmanager
def running_app(
    data_dir: Path, ports: str = "sim://demo", **extra_env: str
) -> Iterator[AppProcess]:
    """Prepare an installation in `data_dir`, run it, and stop it at the end."""
    data_dir.mkdir(parents=True, exist_ok=True)
    app = AppProcess(data_dir, ports, dict(extra_env))
    app.manage("prepare")
    app.start()
    try:
        yield app
    finally:
        if app.process is not None:
            app.stop()
