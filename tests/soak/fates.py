"""What befalls a board and its hosts. Each fate is one method; seeds and weights decide which and when."""

from collections.abc import Callable

from backplane.firmware_link import commands
from backplane.firmware_link.commands import Order
from backplane.firmware_link.framing import FrameDecoder, encode_frame
from backplane.firmware_link.messages import (
    IF_EVENT_ANY,
    Ack,
    Cmd,
    Message,
    MessageType,
    Replay,
    type_of,
)
from backplane.firmware_link.status import LinkState
from tests.soak.host import Given, Host
from tests.soak.line_fates import LineFates
from tests.soak.world import World

# Between two changes of one contact: under 4 a second, so that none of them is chatter.
APART_MS = 400

# What a run is made of; a fault that is looked for gets other weights.
USUAL = {
    "hand": 60.0, "glitch": 4.0, "command": 30.0, "trip": 1.0,
    "reset": 1.0, "torn": 1.5, "torn_compaction": 1.0, "power_loss": 0.3,
    "kill": 1.0, "kill_at_commit": 1.2, "cable": 1.0, "noise": 0.8, "drops": 0.8,
    "mute_board": 0.5, "mute_host": 0.5, "slow_disk": 0.5, "storm": 0.06,
    "other_installation": 0.25, "stranger": 0.2, "zombie": 0.5, "stale": 1.5, "late": 2.0, "garbled": 2.0,
    "flip": 0.05, "blank": 0.02, "full": 0.05,
}  # fmt: skip


class Fates(LineFates):
    """Drives one world. `weights` say how often each fate comes."""

    def __init__(self, world: World, weights: dict[str, float] | None = None) -> None:
        self.world = world
        self.chance = world.chance
        weights = USUAL if weights is None else weights
        self._names = list(weights)
        self._weights = list(weights.values())
        self._moved_ms: dict[tuple[int, str], int] = {}
        self._busy_until: dict[int, int] = {}
        self._ids = 0
        self.host = world.start_host()
        self._restart_at: int | None = None

    def live(self, events: int) -> None:
        """Until the board has numbered so many events."""
        world = self.world
        while world.event_count() < events:
            name = self.chance.choices(self._names, self._weights)[0]
            world.happened[name] = world.happened.get(name, 0) + 1
            fate: Callable[[], None] = getattr(self, name)
            fate()
            world.run(self.chance.randrange(2, 60))
            self._mind_the_host()

    def settle(self) -> None:
        """Everything is mended and the first installation takes the board: what is left comes through."""
        world = self.world
        world.is_settling = True
        world.flash.fuse, world.flash.is_full, world.slow_disk_ms = None, False, 0
        for wire in (world.to_board, world.to_host):
            wire.mend()
        world.run(3_000)  # contacts come to rest, and what was scheduled is over
        for wire in (world.to_board, world.to_host):
            wire.mend()
        world.flash.fuse, world.flash.is_full, world.slow_disk_ms = None, False, 0
        for host in list(world.hosts):
            world.end_host(host)
        world.is_plugged = True
        self.host = world.start_host(take=True)
        world.run_until(self._is_level, 60_000)
        world.run(2_000)

    def _is_level(self) -> bool:
        core, cursor = self.world.board.core, self.world.store.cursor
        if self.host.ended is not None:
            self.host.connect(self.world.now_ms)
        if core is None or cursor is None:
            return False
        return (cursor.journal, cursor.number) == (core.journal.id, core.journal.next - 1)

    def _mind_the_host(self) -> None:
        """A host that died or lost its session comes back after a while, as its supervisor would have it."""
        world, host = self.world, self.host
        if not host.is_dead and host.ended is None:
            return
        if self._restart_at is None:
            self._restart_at = world.now_ms + self.chance.randrange(20, 900)
        if world.now_ms < self._restart_at or not world.is_plugged:
            return
        self._restart_at = None
        if not host.is_dead and host.ended is not None and host.ended.kind is LinkState.LOST:
            host.connect(world.now_ms)
            return
        world.end_host(host)
        self.host = world.start_host(take=True)

    # -- at the rack ----------------------------------------------------------
    def hand(self) -> None:
        """A contact changes for good, with or without a bounce."""
        slot = self.chance.choice(list(self.world.pins.slots()))
        pin = self.chance.choice(("presence", "handle"))
        if self.world.now_ms - self._moved_ms.get((slot, pin), -APART_MS) < APART_MS:
            return
        is_calm = slot == self.world.pins.spec.slot_count and pin == "presence"
        if is_calm and self._level(slot, pin) and self.chance.random() < 0.9:
            return  # one slot keeps its carrier for a while, so that there is one to switch on
        self._moved_ms[slot, pin] = self.world.now_ms
        level = not self._level(slot, pin)
        self._put(slot, pin, level, 0)
        if self.chance.random() < 0.3:
            pause_ms = self.chance.randrange(1, 6)
            self._put(slot, pin, not level, pause_ms)
            self._put(slot, pin, level, 2 * pause_ms)

    def glitch(self) -> None:
        """A contact opens or closes for less than any debounce."""
        slot = self.chance.choice(list(self.world.pins.slots()))
        pin = self.chance.choice(("presence", "handle"))
        if self.world.now_ms - self._moved_ms.get((slot, pin), -APART_MS) < APART_MS:
            return
        self._moved_ms[slot, pin] = self.world.now_ms
        level = self._level(slot, pin)
        self._put(slot, pin, not level, 0)
        self._put(slot, pin, level, self.chance.randrange(1, 14))

    def _level(self, slot: int, pin: str) -> bool:
        pins = self.world.pins
        return bool((pins.present if pin == "presence" else pins.handles_closed) >> slot & 1)

    def _put(self, slot: int, pin: str, level: bool, after_ms: int) -> None:
        pins = self.world.pins
        put = pins.set_presence if pin == "presence" else pins.set_handle

        def act() -> None:
            put(slot, closed=level)
            self.world.touch()

        self.world.at(self.world.now_ms + 1 + after_ms, act)

    def trip(self) -> None:
        pins = self.world.pins
        live = [slot for slot in pins.slots() if pins.switches >> slot & 1]
        if not live or not self.world.board.is_up:
            return
        slot = self.chance.choice(live)

        def act() -> None:
            if pins.switches >> slot & 1:
                pins.raise_trip(slot)
                self.world.touch()

        self.world.at(self.world.now_ms + 1, act)

    # -- commands -------------------------------------------------------------
    def command(self) -> None:
        self.give(self.host)

    def give(self, host: Host, slot: int | None = None) -> None:
        """At most one command that can move a rail is open per slot: so each move has one that it is of."""
        world, hello = self.world, host.hello
        seated = [n for n in world.pins.slots() if world.pins.present >> n & 1]
        slot = slot or self.chance.choice(seated or [1])
        if (
            hello is None
            or host.is_dead
            or not host.is_owner
            or world.now_ms < self._busy_until.get(slot, 0)
        ):
            return
        expires_in_ms = self.chance.choice((300, 900, 3_000, 8_000))
        known = host.store.newest_of(slot)
        if_event = IF_EVENT_ANY if known is None or self.chance.random() < 0.4 else known.number
        self._ids += 1
        given = Given(
            self._ids,
            self._order(slot),
            slot,
            host.lease,
            self._boot_index(hello.boot),
            world.now_ms,
            world.now_ms + expires_in_ms,
            if_event,
            known,
        )
        self._busy_until[slot] = given.expires_at_ms + 200
        world.given.append(given)
        host.send(given, expires_in_ms, world.now_ms)

    def _order(self, slot: int) -> Order:
        pins = self.world.pins
        if pins.tripped >> slot & 1:
            return commands.clear_trip(slot)
        if pins.switches >> slot & 1:
            return self.chance.choice(
                (commands.set_power(slot, on=False), commands.power_cycle(slot, 0))
            )
        released = self.chance.random() < 0.15
        if released:
            return commands.release(slot, on=self.chance.random() < 0.5)
        return commands.set_power(slot, on=True)

    def _boot_index(self, number: int) -> int:
        boots = self.world.board.boots
        return max((i for i, boot in enumerate(boots) if boot.number == number), default=-1)

    # -- the board ------------------------------------------------------------
    def reset(self) -> None:
        self.world.crash()
        self.world.boot_in(self.chance.randrange(5, 500), self.chance.choice((1, 2, 3, 5)))

    def torn(self) -> None:
        """The power goes at some byte of one of the next writes; perhaps again while it recovers."""
        self.world.flash.fuse = self.chance.randrange(1, 250)
        if self.chance.random() < 0.3:
            again = self.chance.randrange(1, 26_000)
            self.world.at(self.world.now_ms + 200, lambda: setattr(self.world.flash, "fuse", again))

    def torn_compaction(self) -> None:
        size = max((len(data) for data in self.world.flash.files.values()), default=0)
        if size > 44_000:
            self.world.flash.fuse = max(1, 49_152 - size) + self.chance.randrange(26_000)

    def power_loss(self) -> None:
        world = self.world
        world.crash()
        world.pins.now_ms = world.now_ms + 1  # after whatever the core did in this millisecond
        world.pins.lose_power()
        after_ms = self.chance.randrange(300, 1500)
        world.power_returns.append(world.now_ms + after_ms)
        world.boot_in(after_ms, 1)

    # -- hosts ----------------------------------------------------------------
    def kill(self) -> None:
        self.world.end_host(self.host)

    def kill_at_commit(self) -> None:
        """The process is gone just before a commit, or between it and its ACK."""
        after = self.chance.random() < 0.6
        self.host.on_commit = lambda is_done: is_done is after

    def zombie(self) -> None:
        """A process is stopped, another takes its lease, and the first goes on as if nothing had been."""
        world, old = self.world, self.host
        if old not in world.hosts or not old.is_owner or not self._lease_is_safe():
            return
        world.hosts.remove(old)
        self.host = world.start_host(take=True)

        def wake() -> None:
            if world.is_plugged and not old.is_dead and self._lease_is_safe():
                world.hosts.append(old)
                self.give(old)

        world.at(world.now_ms + self.chance.randrange(100, 2_500), wake)
        world.at(world.now_ms + 3_500, lambda: world.end_host(old))

    def stale(self) -> None:
        """Frames of a lease that is over: a command, an ACK of everything, a REPLAY."""
        world, core = self.world, self.world.board.core
        lease = world.owned[-1].lease if world.owned else (0, 0)
        if core is None or lease[1] < 2 or not self._lease_is_safe():
            return
        epoch = lease[1] - 1
        journal = core.journal
        slot = self.chance.choice(list(world.pins.slots()))
        order = commands.set_power(slot, on=not world.pins.switches >> slot & 1)
        self._ids += 1
        guards = (journal.boot, (core.chassis.now_ms + 5_000) & 0xFFFFFFFF, IF_EVENT_ANY)
        cmd = Cmd(epoch, self._ids, order.op, *guards, order.args)
        now_ms = world.now_ms
        boot = len(world.board.boots) - 1
        old = (lease[0], epoch)
        if now_ms >= self._busy_until.get(slot, 0):
            self._busy_until[slot] = now_ms + 1_000
            world.given.append(
                Given(cmd.id, order, slot, old, boot, now_ms, now_ms + 5_000, IF_EVENT_ANY, None)
            )
            self._say(cmd)
        self._say(Ack(epoch, journal.id, journal.next - 1))
        self._say(Replay(epoch, journal.id, journal.next))

    def _lease_is_safe(self) -> bool:
        """Whether the board knows whose it is: after damage to its flash it may not."""
        world = self.world
        boot = world.board.boots[-1]
        is_told = bool(world.owned) and world.owned[-1].at_ms >= boot.start_ms
        return not world.board.is_damaged and (is_told or not boot.knows_nothing)

    def late(self) -> None:
        """Bytes that somebody held back come now: whole bursts that a host sent a while ago."""
        if self.world.captured:
            data = self.chance.choice(list(self.world.captured))
            if not _greets(data):
                self.world.say_to_board(b"\0" + data)

    def garbled(self) -> None:
        """A burst from a while ago, with one bit of it wrong."""
        if self.world.captured:
            data = bytearray(self.chance.choice(list(self.world.captured)))
            data[self.chance.randrange(len(data))] ^= 1 << self.chance.randrange(8)
            if not _greets(bytes(data)):
                self.world.say_to_board(b"\0" + bytes(data) + b"\0")

    def _say(self, message: Message) -> None:
        frame = encode_frame(type_of(message), 0, message.to_body())
        self.world.say_to_board(b"\0" + frame)

    def other_installation(self) -> None:
        """A person gives the board to the other installation, and later back."""
        world = self.world
        if not world.is_plugged:
            return
        world.end_host(self.host)
        self._restart_at = None
        self.host = other = world.start_host(world.other_store, take=True)
        for _ in range(self.chance.randrange(10, 60)):
            self.chance.choice((self.hand, self.hand, self.command))()
            world.run(self.chance.randrange(5, 80))
        world.end_host(other)
        self.host = world.start_host(take=True)

    def stranger(self) -> None:
        """The other installation asks, and is not given the board."""
        world = self.world
        if not world.is_plugged:
            return
        stranger = world.start_host(world.other_store)
        world.at(world.now_ms + 1_500, lambda: world.end_host(stranger))
        world.at(world.now_ms + 300, lambda: self.give(stranger))


def _greets(data: bytes) -> bool:
    frames = FrameDecoder().feed(data)
    return any(frame_type == MessageType.HELLO_REQ for frame_type, _, _ in frames)
