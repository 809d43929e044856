"""Debian's ser2net as the process it is, between a rack's serial line and a TCP port."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from backplane.firmware_link.simulator.listen_pty import PtyListener
from tests.support.app_process import free_port
from tests.support.loop_thread import LoopThread
from tests.support.rack_bench import Rack

_MISSING = "This test needs ser2net. Install it with: sudo apt install ser2net"
_CONFIG = """%YAML 1.1
---
connection: &board
  accepter: tcp,127.0.0.1,{port}
  connector: serialdev(nouucplock=true),{device},921600n81,local
  options:
    kickolduser: true
"""


class Ser2net:
    """One serial device on one TCP port; the port stays over restarts."""

    def __init__(self, device: Path, folder: Path) -> None:
        # Debian keeps it among the administrator's programs.
        program = shutil.which("ser2net", path=f"{os.environ['PATH']}:/usr/sbin")
        assert program, _MISSING
        self.port = free_port()
        config = folder / "ser2net.yaml"
        config.write_text(_CONFIG.format(port=self.port, device=device))
        self._command = [program, "-n", "-c", str(config), "-P", str(folder / "ser2net.pid")]
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command)

    def send(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        if self._process is not None:
            self.send(signal.SIGKILL)
            self._process.wait(timeout=30)
            self._process = None


class Ser2netRack(Rack):
    """A rack on a serial line whose other end is ser2net's."""

    def __init__(self, loop: LoopThread, folder: Path, name: str = "bench") -> None:
        super().__init__(loop, folder, name)
        super().unplug()  # its own TCP port
        self._pty = PtyListener(self.machine, folder / "tty")
        loop.run(self._pty.start())
        self.server = Ser2net(folder / "tty", folder)

    @property
    def port_url(self) -> str:
        return f"socket://127.0.0.1:{self.server.port}"

    def stop(self) -> None:
        self.server.kill()
        self._loop.run(self._pty.stop())
        super().stop()
