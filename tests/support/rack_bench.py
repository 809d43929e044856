"""A simulated rack behind a TCP port, with witnesses at its switches and on its wire.

The real firmware over the simulated rack; it lives on while the app beside it comes and goes.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from backplane.firmware_link.framing import FrameDecoder, encode_frame
from backplane.firmware_link.messages import (
    Bye,
    Cmd,
    HelloFlags,
    HelloReq,
    Message,
    MessageType,
    Op,
    UnknownMessage,
    decode,
    type_of,
)
from backplane.firmware_link.simulator.control import execute
from backplane.firmware_link.simulator.listen_tcp import TcpListener
from backplane.firmware_link.simulator.machine import Machine, MachineTimes
from backplane.firmware_link.simulator.registry import board_spec
from backplane.firmware_link.simulator.rig import Rig
from tests.support.loop_thread import LoopThread, until

T = TypeVar("T")

POWER_OPS = {Op.SET_POWER, Op.POWER_CYCLE, Op.REQUEST_SHUTDOWN}
QUICK = MachineTimes(boot_ms=50, dark_ms=100)


def _nothing() -> None:
    """Nobody wants to interfere."""


class WatchedRig(Rig):
    """Notes each time a rail really changes, whoever did it."""

    def __init__(self, name: str, folder: Path) -> None:
        self.switched: list[tuple[int, bool]] = []
        super().__init__(name, board_spec(), folder)

    def set_rail(self, slot: int, on: bool) -> None:
        if self.world.bay(slot).rail_is_commanded != bool(on):
            self.switched.append((slot, bool(on)))
        super().set_rail(slot, on)


class WatchedMachine(Machine):
    """Notes what the host says; can lose frames by type on their way to it."""

    def __init__(self, rig: WatchedRig, loop: LoopThread) -> None:
        super().__init__(rig, loop.loop, times=QUICK)
        self.heard: list[Message | UnknownMessage] = []
        self.lost_types: set[MessageType] = set()
        self.on_order: Callable[[], None] = _nothing  # of power; before its answer leaves
        self._ears = FrameDecoder()

    def receive(self, data: bytes) -> None:
        super().receive(data)
        for frame_type, _, body in self._ears.feed(data):
            message = decode(frame_type, body)
            self.heard.append(message)
            if isinstance(message, Cmd) and message.op in POWER_OPS:
                self.on_order()

    def say(self, data: bytes) -> None:
        """Send bytes to the host that no firmware made."""
        super()._send(data)

    @property
    def core(self) -> Any:  # noqa: ANN401  (the firmware has no types)
        return self._core

    def _send(self, data: bytes) -> None:
        if self.lost_types:
            frames = [frame for frame in data.split(b"\0") if frame and not self._is_lost(frame)]
            data = b"".join(frame + b"\0" for frame in frames)
        super()._send(data)

    def _is_lost(self, frame: bytes) -> bool:
        decoded = FrameDecoder().feed(frame + b"\0")
        return any(frame_type in self.lost_types for frame_type, _, _ in decoded)


@dataclass(frozen=True, slots=True)
class JournalSeen:
    """What the board's journal holds: EVENT bodies by number, and the number of the next one."""

    id: int
    bodies: dict[int, bytes]
    next: int


class Rack:
    """One rack; every method may be called from the test's thread."""

    def __init__(self, loop: LoopThread, folder: Path, name: str = "bench") -> None:
        self._loop = loop
        self.folder = folder
        self.name = name
        self.machine = self._do(self._build)
        self._listener: TcpListener | None = None
        self._port = 0
        self.plug_in()

    def _build(self) -> WatchedMachine:
        machine = WatchedMachine(WatchedRig(self.name, self.folder), self._loop)
        machine.start()
        return machine

    def _do(self, act: Callable[[], T]) -> T:
        return self._loop.call(act)

    # -- the cable ------------------------------------------------------------
    @property
    def port_url(self) -> str:
        return f"socket://127.0.0.1:{self._port}"

    @property
    def tcp_port(self) -> int:
        """Where bytes to and from the board pass."""
        return self._port

    def plug_in(self) -> None:
        """Listen, on the same port as before."""
        self._listener = TcpListener(self.machine, "127.0.0.1", self._port)
        where = self._loop.run(self._listener.start())
        self._port = int(where.rpartition(":")[2])

    def unplug(self) -> None:
        """Pull the cable: the connection breaks, and nobody answers on the port."""
        if self._listener is not None:
            self._loop.run(self._listener.stop())
            self._listener = None

    def stop(self) -> None:
        self.unplug()
        self._do(self.machine.stop)

    # -- hands ----------------------------------------------------------------
    def tell(self, line: str) -> dict[str, Any]:
        """Carry out a control line, which must succeed."""
        answer: dict[str, Any] = self._do(lambda: execute(self.machine, line))
        assert answer["ok"], answer
        return answer

    def say_to_board(self, message: Message) -> None:
        """Put a frame of another host on the board's line."""
        frame = b"\0" + encode_frame(type_of(message), 0, message.to_body())
        self._do(lambda: Machine.receive(self.machine, frame))

    def say_to_host(self, data: bytes) -> None:
        self._do(lambda: self.machine.say(data))

    def garble_to_board(self, data: bytes) -> None:
        self._do(lambda: Machine.receive(self.machine, data))

    def emit(self, kind: int, times: int = 1, value: int = 0) -> None:
        """Let the firmware journal events of the chassis."""

        def act() -> None:
            for _ in range(times):
                self.machine.core.chassis.emit(kind, None, value)
            self.machine.touch()

        self._do(act)

    def belong_to(self, host_id: int, epoch: int) -> None:
        """Let another installation greet this board, and go."""
        self.say_to_board(HelloReq(host_id, epoch, HelloFlags.TAKE))
        self.say_to_board(Bye(3))

    def become(self, board_id: bytes) -> None:
        """Put another board in its place: its own id, blank flash, the same rack around it."""

        def act() -> None:
            self.machine.rig.board_id = board_id
            for each in (self.folder / "flash").glob("*"):
                shutil.rmtree(each) if each.is_dir() else each.unlink()
            self.machine.reboot()

        self._do(act)

    # -- what is so -----------------------------------------------------------
    @property
    def rails(self) -> int:
        """Bit n: the switch of slot n is on."""
        return int(self._do(self.machine.rig.rails))

    @property
    def switched(self) -> list[tuple[int, bool]]:
        """Every change of a rail since the rack was built."""
        rig: WatchedRig = self.machine.rig
        return list(rig.switched)

    @property
    def orders(self) -> list[Cmd]:
        """Commands that came over the wire and could change power, repeats included."""
        heard = list(self.machine.heard)
        return [m for m in heard if isinstance(m, Cmd) and m.op in POWER_OPS]

    @property
    def board_id(self) -> str:
        return bytes(self.machine.rig.board_id).hex()

    def journal(self) -> JournalSeen:
        until(lambda: self.machine.core is not None, "the firmware to have booted")

        def act() -> JournalSeen:
            journal = self.machine.core.journal
            bodies = {n: bytes(journal.body(n)) for n in range(journal.first, journal.next)}
            return JournalSeen(journal.id, bodies, journal.next)

        return self._do(act)
