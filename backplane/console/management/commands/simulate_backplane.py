"""`manage.py simulate_backplane`: simulated racks in a process of their own, real firmware inside.

Reads the command line and runs until told to stop. Needs no database.
"""

import asyncio
import contextlib
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backplane.firmware_link.simulator import registry
from backplane.firmware_link.simulator.control_server import ControlServer, SocketInUse
from backplane.firmware_link.simulator.listen import Address, BadAddress, Listener, parse_address
from backplane.firmware_link.simulator.machine import InThisProcess, Machine, Microcontroller
from backplane.firmware_link.simulator.mcu.interpreters import Python, find_interpreter
from backplane.firmware_link.simulator.mcu.process import McuFailed
from backplane.firmware_link.simulator.mcu.remote_core import UnderMicroPython
from backplane.firmware_link.simulator.registry import DEFAULT_BOARD, WorldInUse
from backplane.firmware_link.simulator.world import WorldUnreadable

MAX_COUNT = 200
START_ERRORS = (
    OSError,
    ValueError,
    BadAddress,
    McuFailed,
    SocketInUse,
    WorldInUse,
    WorldUnreadable,
)


@dataclass(frozen=True, slots=True)
class RackPlan:
    """One rack to simulate: where it listens, is controlled and kept."""

    name: str
    address: Address
    control: Path
    folder: Path


class Command(BaseCommand):
    help = "Simulate racks: the real firmware on simulated boards, behind a terminal or a TCP port."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--listen",
            required=True,
            metavar="pty:PATH|tcp:HOST:PORT",
            help="where a host plugs in",
        )
        parser.add_argument(
            "--control", required=True, metavar="SOCKET", help="Unix socket for control lines"
        )
        parser.add_argument(
            "--board",
            default=DEFAULT_BOARD,
            metavar="NAME",
            help=f"board file, by name or as a path ending in .toml (default {DEFAULT_BOARD})",
        )
        parser.add_argument(
            "--count", type=int, default=1, metavar="N", help="racks: PATH-1.., PORT.., SOCKET-1.."
        )
        parser.add_argument(
            "--folder",
            metavar="DIR",
            help="where the racks are kept between runs (default DATA_DIR/simulator)",
        )
        parser.add_argument(
            "--python",
            default=Python.CPYTHON,
            choices=[str(python) for python in Python],
            help="what runs the firmware; each MicroPython is a process of its own (default cpython)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            plans = rack_plans(options)
            mcu = microcontroller(Python(options["python"]))
            asyncio.run(self._run(plans, options["board"], mcu))
        except START_ERRORS as error:
            raise CommandError(str(error)) from error

    async def _run(self, plans: list[RackPlan], board: str, mcu: Microcontroller) -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        async with contextlib.AsyncExitStack() as open_parts:
            for plan in plans:
                machine = registry.start_machine(plan.name, plan.folder, board=board, mcu=mcu)
                open_parts.callback(registry.stop_machine, plan.name)
                await self._open(plan, machine, open_parts)
            await stopped.wait()

    async def _open(
        self, plan: RackPlan, machine: Machine, open_parts: contextlib.AsyncExitStack
    ) -> None:
        """Open the ways to one rack; they are closed in reverse order, also if a later one fails."""
        server = ControlServer(machine, plan.control)
        await server.start()
        open_parts.push_async_callback(server.stop)
        listener: Listener = plan.address.listener(machine)
        where = await listener.start()
        open_parts.push_async_callback(listener.stop)
        self.stdout.write(f"{plan.name} listens on {where}, control socket {plan.control}")
        self.stdout.flush()


def microcontroller(python: Python) -> Microcontroller:
    """Return what runs the firmware. Raises NoInterpreter, a ValueError."""
    if python is Python.CPYTHON:
        return InThisProcess()
    return UnderMicroPython(find_interpreter(python))


def rack_plans(options: dict[str, Any]) -> list[RackPlan]:
    """Turn the command line into racks. Raises ValueError (BadAddress too) for what makes no sense."""
    address = parse_address(options["listen"])
    control = Path(options["control"]).expanduser().absolute()
    base = Path(options["folder"] or settings.DATA_DIR / "simulator").expanduser().absolute()
    count = options["count"]
    if not 1 <= count <= MAX_COUNT:
        raise ValueError(f"--count must be 1 to {MAX_COUNT}, not {count}.")
    if count == 1:
        return [RackPlan(address.name, address, control, base / address.name)]
    return [_numbered(address, control, base, number) for number in range(1, count + 1)]


def _numbered(address: Address, control: Path, base: Path, number: int) -> RackPlan:
    name = f"{address.name}-{number}"
    socket = control.with_name(f"{control.name}-{number}")
    return RackPlan(name, address.numbered(number), socket, base / name)
