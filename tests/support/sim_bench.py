"""A simulated rack on the bench: the real firmware in virtual time, and a host that only listens and asks."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from backplane.firmware_link.commands import Order
from backplane.firmware_link.framing import FrameDecoder, encode_frame
from backplane.firmware_link.messages import (
    IF_EVENT_ANY,
    Ack,
    Cmd,
    Event,
    EventKind,
    Hello,
    HelloReq,
    Message,
    Ping,
    Result,
    SlotReading,
    State,
    UnknownMessage,
    decode,
    type_of,
)
from backplane.firmware_link.simulator.bay import Bay
from backplane.firmware_link.simulator.control import execute
from backplane.firmware_link.simulator.machine import Machine, Microcontroller
from backplane.firmware_link.simulator.registry import DEFAULT_BOARD, board_spec
from backplane.firmware_link.simulator.rig import Rig
from backplane.firmware_link.simulator.world import World
from tests.support.virtual_clock import VirtualClock

HOST_ID = 0x1122334455667788
HEARTBEAT_S = 0.5


class SimBench:
    """One machine at a time over one folder; `kill` ends it as SIGKILL would, `begin` starts anew."""

    def __init__(
        self,
        folder: Path,
        world: World | None = None,
        name: str = "bench",
        board: str = DEFAULT_BOARD,
        mcu: Microcontroller | None = None,
    ) -> None:
        self.folder = folder
        self.name = name
        self.board = board
        self.clock = VirtualClock()
        self.heard: list[Message | UnknownMessage] = []
        self._world = world
        self._mcu = mcu
        self._decoder = FrameDecoder()
        self._seq = 0
        self._command_id = 0
        self._is_hosted = False
        self._cursor = 0
        self._committed: list[Event] = []
        self.machine = self.begin()

    def begin(self) -> Machine:
        """Start the process: a rig from the folder, and a machine over it."""
        rig = Rig(self.name, board_spec(self.board), self.folder, self._world)
        self.machine = Machine(
            rig, self.clock, wall_ms=lambda: int(self.clock.time() * 1000), mcu=self._mcu
        )
        self.machine.attach(self._hear)
        self.machine.start()
        return self.machine

    def kill(self) -> None:
        """End it with no farewell: nothing of the old rig is ever called again."""
        self.machine.is_running = False
        self.machine._cancel_timer()
        self.machine._end_core()
        self.machine.rig.save = lambda: None  # type: ignore[method-assign]  # a dead process writes nothing
        self._is_hosted = False

    def bay(self, slot: int) -> Bay:
        self.machine.now_ms()
        return self.machine.rig.world.bay(slot)

    def do(self, line: str) -> dict[str, object]:
        """Run a control line that must succeed."""
        answer = execute(self.machine, line)
        assert answer["ok"], answer
        return answer

    def run(self, seconds: float) -> int:
        """Let time pass, with a host's heartbeat if there is one; return the callbacks that ran."""
        end = self.clock.time() + seconds
        ran = 0
        while (left := end - self.clock.time()) > 1e-9:
            if self._is_hosted:
                self.say(Ping(1))
            ran += self.clock.advance(min(left, HEARTBEAT_S))
        return ran

    def run_until(self, holds: Callable[[], bool], within_s: float) -> None:
        """Let time pass in small steps until the condition holds; fail after `within_s`."""
        end = self.clock.time() + within_s
        while not holds():
            assert self.clock.time() < end, f"not within {within_s} s; events: {self.kinds()}"
            self.run(0.02)

    def greet(self, epoch: int = 1) -> Hello:
        """Become the owner and commit what comes; the record of events begins anew."""
        self.heard.clear()
        self._committed.clear()
        self.say(HelloReq(HOST_ID, epoch))
        self.run_until(lambda: any(isinstance(m, Hello) for m in self.heard), 2.0)
        self._is_hosted = True
        self.run(1.0)
        return next(m for m in self.heard if isinstance(m, Hello))

    def order(self, order: Order, *, expires_in_ms: int = 60_000) -> Result:
        """Give an order as the owner and return its result."""
        self._command_id += 1
        number = self._command_id
        expires_ms = self.machine.uptime_ms() + expires_in_ms
        boot = next(m for m in reversed(self.heard) if isinstance(m, Hello)).boot
        self.say(Cmd(1, number, order.op, boot, expires_ms, IF_EVENT_ANY, order.args))
        self.run_until(lambda: self._result(number) is not None, 3.0)
        result = self._result(number)
        assert result is not None
        return result

    def events(self, slot: int | None = None) -> list[Event]:
        """Events committed since the last greeting, each once, in order."""
        return [event for event in self._committed if slot in {None, event.slot}]

    def kinds(self, slot: int | None = None) -> list[EventKind | int]:
        return [event.kind for event in self.events(slot)]

    def reading(self, slot: int) -> SlotReading:
        """The newest word of STATE about a slot."""
        states = [m for m in self.heard if isinstance(m, State)]
        return next(r for state in reversed(states) for r in state.readings if r.number == slot)

    def say(self, message: Message) -> None:
        self._seq = (self._seq + 1) & 0xFF
        self.machine.receive(encode_frame(type_of(message), self._seq, message.to_body()))

    def _result(self, number: int) -> Result | None:
        results = (m for m in self.heard if isinstance(m, Result) and m.id == number)
        return next(results, None)

    def _hear(self, data: bytes) -> None:
        for frame_type, _seq, body in self._decoder.feed(data):
            message = decode(frame_type, body)
            self.heard.append(message)
            if isinstance(message, Event) and self._is_hosted:
                self.clock.call_at(self.clock.time(), partial(self._ack, message))

    def _ack(self, event: Event) -> None:
        """Acknowledge in order only: what comes after a gap is dropped until it comes again."""
        if self._cursor + 1 == event.number:
            self._cursor += 1
            self._committed.append(event)
        if self._cursor >= event.number:
            self.say(Ack(1, event.journal, self._cursor))
