"""A command to the real firmware over a clean pseudo-terminal and its answer, beside a bare byte there and back.

The rack is a process of its own (`simulate_backplane`), as is the echo. One command at a time, GET_CONFIG,
through the whole link: sent, acted on, answered, handed to the handler. On a busy machine both wait for
their turn on a core: the figures are those of the quietest of several trials.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
import tty
from collections.abc import Awaitable, Callable
from pathlib import Path

from backplane.firmware_link.codes import ConfigKey
from backplane.firmware_link.commands import OutgoingCommand, get_config
from backplane.firmware_link.link import Link
from backplane.firmware_link.messages import IF_EVENT_ANY, Result
from benchmarks.report import Figure, percentile, table
from tests.support.recording_handler import RecordingHandler, reached
from tests.support.sim_process import SimProcess

TITLE = "Command round trip over a clean pseudo-terminal"
_COMMANDS = 150
_TRIALS = 12
_ECHO = """
import os, sys
fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
while data := os.read(fd, 64):
    os.write(fd, data)
"""


class Waiting(RecordingHandler):
    """Tells when the command that is on its way was answered."""

    answered: asyncio.Future[Result] | None = None

    async def command_done(self, result: Result) -> None:
        if self.answered is not None and not self.answered.done():
            self.answered.set_result(result)


def measure() -> list[Figure]:
    """Return the lines of the report."""
    with tempfile.TemporaryDirectory(prefix="link-commands-") as folder:
        ours = asyncio.run(_ours(Path(folder)))
    bare = asyncio.run(_bare())
    beside = f"a bare byte to another process and back: p50 {bare[0]:.2f}, p99 {bare[1]:.2f} ms"
    return [
        Figure("command to answer, p99", ours[1], "ms", 10.0, beside),
        Figure("command to answer, p50", ours[0], "ms", None, beside),
    ]


async def _ours(folder: Path) -> tuple[float, float]:
    handler = Waiting()
    port, control = folder / "rack", folder / "control"
    arguments = ("--listen", f"pty:{port}", "--control", str(control))
    with SimProcess(folder, *arguments) as process:
        process.ready()
        link = Link(str(port), handler, data_dir=folder)
        task = asyncio.create_task(link.run())
        await reached(lambda: bool(handler.telemetry))
        boot = handler.ups[0].boot

        async def once(number: int) -> None:
            handler.answered = asyncio.get_running_loop().create_future()
            order = get_config(ConfigKey.BUDGET_MW, 0)
            link.send(OutgoingCommand(number, order, boot, 5_000, IF_EVENT_ANY))
            await handler.answered

        seen = await _trials(once)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return seen


async def _bare() -> tuple[float, float]:
    near, far = os.openpty()
    tty.setraw(far)
    tty.setraw(near)
    loop = asyncio.get_running_loop()
    os.set_blocking(near, False)
    with _echo(os.ttyname(far)) as echo:
        came = asyncio.Event()

        def read() -> None:
            os.read(near, 64)
            came.set()

        loop.add_reader(near, read)

        async def once(_number: int) -> None:
            came.clear()
            os.write(near, b"\x55" * 28)
            await came.wait()

        seen = await _trials(once)
        loop.remove_reader(near)
        echo.kill()
    os.close(near)
    os.close(far)
    return seen


def _echo(path: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", _ECHO, path])


async def _trials(once: Callable[[int], Awaitable[None]]) -> tuple[float, float]:
    """(p50, p99) in ms of the quietest trial."""
    trials = []
    for trial in range(_TRIALS):
        took = []
        for index in range(_COMMANDS):
            began = time.perf_counter()
            await once(1 + trial * _COMMANDS + index)
            took.append((time.perf_counter() - began) * 1000)
        trials.append((percentile(took, 0.5), percentile(took, 0.99)))
    return min(trials, key=lambda trial: trial[1])


if __name__ == "__main__":
    print(table(TITLE, measure()))
