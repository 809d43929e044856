"""A rack with the real firmware in virtual time, and the real services as its host: what swaps are tested on.

No sockets, no threads: messages of the simulated board go straight into slots.services, decided commands
straight back, and swaps.services.advance runs as the supervisor would run it.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from backplane.bridge import convert
from backplane.firmware_link.framing import FrameDecoder, encode_frame
from backplane.firmware_link.messages import (
    Ack,
    Cmd,
    Event,
    Hello,
    HelloReq,
    Message,
    Ping,
    Result,
    State,
    Telemetry,
    decode,
    type_of,
)
from backplane.firmware_link.simulator.bay import Bay
from backplane.firmware_link.simulator.control import execute
from backplane.firmware_link.simulator.machine import Machine
from backplane.firmware_link.simulator.registry import board_spec
from backplane.firmware_link.simulator.rig import Rig
from backplane.live.lamps import unpack_lamps
from backplane.people.audit import Actor
from backplane.people.models import User
from backplane.people.roles import Role
from backplane.slots import services as slots
from backplane.slots.models import Chassis, Command, Module, Slot
from backplane.slots.ops import CommandOp
from backplane.slots.records import StateRecord
from backplane.slots.telemetry import store
from backplane.swaps import selectors, services
from backplane.swaps.models import Swap
from backplane.swaps.stage import Stage
from tests.support.virtual_clock import VirtualClock

BEGAN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ROUND_S = 0.05
HOST_ID = 0x1122334455667788


class SwapBench:
    """The rack, its host, and the people at it. Slots are those of the demo: 5 and 10 empty, 8 off."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = VirtualClock()
        self.is_linked = False
        self._decoder = FrameDecoder()
        self._seq = 0
        self._inbox: list[bytes] = []
        self._hello: Hello | None = None
        self._chassis_id = 0
        self._revision = -1
        self._look_at = BEGAN
        self.machine = self._boot()
        self.link()

    def _boot(self) -> Machine:
        rig = Rig("bench", board_spec(), self.folder)
        machine = Machine(rig, self.clock, wall_ms=lambda: int(self.clock.time() * 1000))
        machine.attach(self._inbox.append)
        machine.start()
        return machine

    # -- the link ----------------------------------------------------------------
    def link(self) -> None:
        """Greet the board until it answers, and take what it has."""
        self.is_linked = True
        self._hello = None
        for _ in range(600):
            self._say(HelloReq(HOST_ID, 1))
            self.run(0.05)
            if self.is_greeted:
                break
        assert self.is_greeted, "the board did not answer"
        self._say(HelloReq(HOST_ID, 1))  # what it said may have been the call of a fresh start
        self.run(1.5)

    @property
    def is_greeted(self) -> bool:
        return self._hello is not None

    def unlink(self) -> None:
        """The cable is out; the host notices."""
        self.is_linked = False
        self._hello = None
        slots.link_lost(self.chassis.pk, self.chassis.epoch, "The cable is out.", self.now)
        self.run(0.1)

    def reboot(self) -> None:
        """The microcontroller resets; its host greets it anew."""
        self.unlink()
        self.do("reboot")
        self.link()

    def _say(self, message: Message) -> None:
        self._seq = (self._seq + 1) & 0xFF
        self.machine.receive(encode_frame(type_of(message), self._seq, message.to_body()))

    def _read(self) -> None:
        said, self._inbox[:] = b"".join(self._inbox), []
        for kind, _, body in self._decoder.feed(said):
            if self.is_linked:
                self._hear(decode(kind, body))

    def _hear(self, message: object) -> None:
        match message:
            case Hello() if self._hello is None:
                self._greet(message)
            case Event() if self._hello is not None:
                self._take(message)
            case State() if self._hello is not None:
                readings = tuple(convert.reading_record(each) for each in message.readings)
                state = StateRecord(self._hello.journal, message.as_of_event, readings)
                slots.apply_state(self.chassis.pk, self.chassis.epoch, state, self.now)
            case Telemetry():
                told = convert.telemetry_readings(message.readings)
                store.put_all(self.chassis.pk, told, self.now)
            case Result():
                slots.finish_command(self.chassis.pk, message.id, int(message.code), self.now)

    def _greet(self, hello: Hello) -> None:
        facts = convert.hello_facts(hello)
        row = slots.find_or_create_chassis(facts, "sim://bench", self.now)
        epoch = row.epoch or slots.take_lease(row.pk, 0, self.now)
        self._chassis_id = row.pk
        slots.link_restored(row.pk, epoch, facts, self.now)
        self._hello = hello

    def _take(self, event: Event) -> None:
        cursor = self.chassis.cursor
        if cursor is not None and event.number != cursor + 1 and event.number > cursor:
            return  # out of order: it comes again
        record = convert.event_record(event, convert.board_id_text(self._hello.board_id))  # type: ignore[union-attr]  # heard before
        done = slots.record_hardware_events(self.chassis.pk, self.chassis.epoch, [record], self.now)
        self._say(Ack(1, done.journal, done.number))

    # -- time --------------------------------------------------------------------
    @property
    def now(self) -> datetime:
        return BEGAN + timedelta(seconds=self.clock.time())

    def run(self, seconds: float, *, step: float = ROUND_S) -> None:
        """Let time pass; after each step the host reads, plans, sends, and the swaps go on."""
        end = self.clock.time() + seconds
        while (left := end - self.clock.time()) > 1e-9:
            if self._hello is not None and self.is_linked:
                self._say(Ping(1))
            self.clock.advance(min(left, step))
            self.round()

    def wait(self, seconds: float) -> None:
        """Let much time pass, in steps that keep the board's heartbeat alive."""
        self.run(seconds, step=1.0)

    def round(self) -> None:
        """Read what came; then, as the supervisor does, go round at each change and each second."""
        self._read()
        if not self._chassis_id:
            return
        revision = Chassis.objects.values_list("revision", flat=True).get(pk=self._chassis_id)
        if revision == self._revision and self.now < self._look_at:
            return
        deadlines = [services.advance(self._chassis_id, self.now), self._plan()]
        soon = self.now + timedelta(seconds=1)
        self._look_at = min([soon, *(each for each in deadlines if each is not None)])
        self._revision = revision

    def _plan(self) -> datetime | None:
        if self._hello is None:
            slots.expire_commands(self._chassis_id, self.now)
            return None
        due = slots.plan_commands(self._chassis_id, self.chassis.epoch, self.now)
        for send in due.sends:
            if slots.mark_sent(send.command_id, self.chassis.epoch, self.now):
                self._order(send.command_id, send.expires_in_ms)
        return due.next_deadline

    def _order(self, command_id: int, expires_in_ms: int) -> None:
        command = Command.objects.select_related("slot").get(pk=command_id)
        number = 0 if command.slot is None else command.slot.number
        order = convert.order(CommandOp(command.op), number, command.arguments)
        expires_ms = self.machine.uptime_ms() + expires_in_ms
        boot = command.boot or 0
        self._say(Cmd(1, command.wire_id, order.op, boot, expires_ms, command.if_event, order.args))

    def until(self, holds: Callable[[], object], within_s: float = 30.0) -> None:
        """Let time pass until the condition holds."""
        end = self.clock.time() + within_s
        while not holds():
            assert self.clock.time() < end, f"not within {within_s} s; {self.story()}"
            self.run(ROUND_S)

    # -- hands and eyes ------------------------------------------------------------
    def do(self, line: str) -> None:
        """Run a control line of the simulator."""
        answer = execute(self.machine, line)
        assert answer["ok"], answer

    def bay(self, slot: int) -> Bay:
        self.machine.now_ms()
        return self.machine.rig.world.bay(slot)

    def newest_event(self) -> int:
        """Return the number of the newest event that the board itself has kept."""
        return int(self.machine._core.journal.next) - 1

    @property
    def chassis(self) -> Chassis:
        return Chassis.objects.get(pk=self._chassis_id)

    def slot(self, number: int) -> Slot:
        return Slot.objects.get(chassis_id=self._chassis_id, number=number)

    def lamp(self, number: int, lamp: Literal["status", "hotswap", "locate"]) -> str:
        """Return the pattern of a lamp as the board reports it."""
        return unpack_lamps(self.slot(number).lights or 0)[lamp]["pattern"]

    def name(self, number: int, name: str) -> Module:
        """Name what stands in a slot."""
        module = Module.objects.create(name=name, serial=f"serial-{name}")
        slots.name_occupant(self.slot(number).pk, module_id=module.pk, now=self.now)
        return module

    # -- swaps ---------------------------------------------------------------------
    def person(self, name: str = "ana", role: Role = Role.TECHNICIAN) -> Actor:
        user, _ = User.objects.get_or_create(username=name, defaults={"role": role})
        return Actor(user.pk, name, role, "phone")

    def start(self, slot: int, by: str = "ana", **more: object) -> int:
        request = services.SwapRequest(self.chassis.pk, slot, self.person(by), **more)  # type: ignore[arg-type]  # names are SwapRequest's
        return services.start_swap(request, self.now).pk

    def press(self, swap: int, do: str, by: str = "ana", **values: object) -> Swap:
        """Press a button, having seen the newest version, and let the board answer."""
        actor = self.person(by)
        deed = services.Deed(
            do,
            {key: [str(value)] for key, value in values.items()},
            actor,
            Role(actor.role),
            self.swap(swap).version,
        )
        done = services.act(swap, deed, self.now)
        self.run(0.1)
        return done

    def swap(self, number: int) -> Swap:
        return Swap.objects.select_related("chassis", "slot").get(pk=number)

    def stage(self, number: int) -> Stage:
        return selectors.stage_for(self.swap(number), self.now)

    def key(self, number: int) -> str:
        return self.stage(number).key

    def until_key(self, number: int, *keys: str, within_s: float = 30.0) -> Stage:
        """Let time pass until the swap's screen is one of these."""
        self.until(lambda: self.key(number) in keys, within_s)
        return self.stage(number)

    def age(self, number: int, seconds: float) -> None:
        """Let the swap's step have begun so much earlier."""
        since = self.swap(number).step_since - timedelta(seconds=seconds)
        Swap.objects.filter(pk=number).update(step_since=since)

    def story(self) -> str:
        return "; ".join(
            f"{swap.pk}: {self.key(swap.pk)} {[entry.text for entry in swap.entries.all()]}"
            for swap in Swap.objects.all()
        )

    # -- whole ways ----------------------------------------------------------------
    def to_confirmed(self, slot: int, by: str = "ana", **more: object) -> int:
        """Start, go to the rack, and name the right slot."""
        swap = self.start(slot, by, **more)
        self.until(lambda: self.lamp(slot, "locate") == "fast")
        self.press(swap, "at_rack", by)
        self.until_key(swap, "2")
        self.press(swap, "slot", by, slot=slot)
        return swap

    def to_pull(self, slot: int, by: str = "ana", **more: object) -> int:
        swap = self.to_confirmed(slot, by, **more)
        self.press(swap, "shut_down", by)
        self.until_key(swap, "4")
        return swap

    def to_empty(self, slot: int, by: str = "ana", **more: object) -> int:
        swap = self.to_pull(slot, by, **more)
        self.do(f"pull {slot}")
        self.until_key(swap, "5")
        return swap
