"""Graceful shutdown: the line's pulse, and how a halted Pi is told from a running one.

Reports and, if asked to, switches off what has halted. Never cuts a Pi that has not halted.
"""

from . import codes
from .chassis import Chassis
from .compat import const
from .intents import THEN_OFF, THEN_RELEASE, Intents
from .rails import Rails
from .slot import Slot

_SETTLE_MS = const(
    1000
)  # after the first edge of the halted line: file systems may still be syncing
_LOW_CURRENT_MS = const(2000)
_AWAKE_MS = const(2000)
_POLL_MS = const(50)


class Shutdown:
    """One shutdown in progress."""

    def __init__(self, then_off: bool, cause_id: int, now_ms: int) -> None:
        self.then_off = then_off
        self.then_release = False
        self.cause_id = cause_id
        self.started_ms = now_ms
        self.is_noticed = False
        self.is_resumed = False  # begun before a reset of the controller


class _Watch:
    """What was seen of one slot on its way to halted."""

    def __init__(self, drew: bool) -> None:
        self.edge_ms = -1  # first edge of the halted line
        self.low_since = -1
        self.awake_since = -1
        self.drew = drew  # more than halted current flowed since the rail came on
        self.halted_ma = 0


class Shutdowns:
    """Shutdowns and halted detection of all slots."""

    def __init__(self, chassis: Chassis, rails: Rails, intents: Intents) -> None:
        self._chassis = chassis
        self._intents = intents
        self._rails = rails
        self._running: dict[int, Shutdown] = {}
        self._pulses: dict[int, int] = {}  # slot: when its line is let go
        self._watches = {slot.number: _Watch(slot.rail) for slot in chassis.slots}
        self.finished: list[tuple[Slot, Shutdown]] = []  # since the last step
        for slot in chassis.slots:  # a reset in mid-pulse leaves the expander pulling
            was_pulling = slot.line
            self._let_go(slot)
            if intents.kind_of(slot) in (THEN_OFF, THEN_RELEASE):
                self._resume(slot, was_pulling)

    def begin(
        self, slot: Slot, then_off: bool, cause_id: int, then_release: bool = False
    ) -> Shutdown:
        """Ask the Pi to shut down; asking again changes what follows, without a second pulse."""
        running = self._running.get(slot.number)
        if running is None:
            running = Shutdown(then_off, cause_id, self._chassis.now_ms)
            self._start(slot, running, not slot.halted)
        running.then_off = then_off
        running.cause_id = cause_id
        running.then_release = then_release or running.then_release
        if then_off:
            kind = THEN_RELEASE if running.then_release else THEN_OFF
            self._intents.keep(slot, kind, cause_id)
        else:
            self._intents.drop_off(slot)
        return running

    def _start(self, slot: Slot, running: Shutdown, pulls: bool) -> None:
        self._running[slot.number] = running
        slot.stopping = True
        if pulls:
            self._pull(slot)

    def _resume(self, slot: Slot, was_pulling: bool) -> None:
        """Go on after a reset; a pulse that the reset cut short is given again."""
        running = Shutdown(True, self._intents.command_of(slot), self._chassis.now_ms)
        running.then_release = self._intents.kind_of(slot) == THEN_RELEASE
        running.is_resumed = True
        self._start(slot, running, was_pulling)

    def tick(self) -> None:
        """Let lines go and look for halted Pis."""
        self.finished = []
        now = self._chassis.now_ms
        for number, until in list(self._pulses.items()):
            if now >= until:
                self._let_go(self._chassis.slots[number - 1])
        for slot in self._rails.went_off:
            self._cancel(slot)
        self._rails.went_off = []
        for slot in self._chassis.slots:
            if slot.rail and not slot.silent:
                self._look(slot, self._watches[slot.number])
                self._remind(slot)

    def due(self) -> int:
        """When tick() is next needed; currents are looked at with each meter reading."""
        now = self._chassis.now_ms
        nearest = min(self._pulses.values()) if self._pulses else codes.NEVER
        if any(watch.edge_ms >= 0 for watch in self._watches.values()):
            nearest = min(nearest, now + _POLL_MS)
        return nearest

    def _pull(self, slot: Slot) -> None:
        self._chassis.board.set_shutdown_line(slot.number, True)
        self._pulses[slot.number] = self._chassis.now_ms + self._chassis.spec.shutdown_pulse_ms
        slot.line = True
        self._chassis.emit(codes.SHUTDOWN_LINE, slot, 1)

    def _let_go(self, slot: Slot) -> None:
        self._chassis.board.set_shutdown_line(slot.number, False)
        self._pulses.pop(slot.number, None)
        if slot.line:
            slot.line = False
            self._chassis.emit(codes.SHUTDOWN_LINE, slot, 0)

    def _cancel(self, slot: Slot) -> None:
        """The rail is off, by whatever cause: nothing is left to shut down."""
        self._let_go(slot)
        self._running.pop(slot.number, None)
        self._intents.drop_off(slot)
        self._watches[slot.number] = _Watch(False)
        slot.stopping = False

    def _look(self, slot: Slot, watch: _Watch) -> None:
        if slot.halted:
            self._look_awake(slot, watch)
            if slot.halted and slot.number in self._running:
                self._finish(slot)
        elif slot.has_halted_line:
            self._look_at_line(slot, watch)
        elif slot.has_meter:
            self._look_at_current(slot, watch)

    def _look_at_line(self, slot: Slot, watch: _Watch) -> None:
        if watch.edge_ms < 0 and self._chassis.board.halted & slot.bit:
            watch.edge_ms = self._chassis.now_ms
        if watch.edge_ms >= 0 and self._chassis.now_ms - watch.edge_ms >= _SETTLE_MS:
            self._tell_halted(slot, watch)

    def _look_at_current(self, slot: Slot, watch: _Watch) -> None:
        now = self._chassis.now_ms
        low = slot.ma != codes.UNKNOWN and slot.ma < self._halted_ma(slot)
        if not low:
            watch.low_since = -1
            watch.drew = watch.drew or slot.ma != codes.UNKNOWN
        elif watch.low_since < 0:
            watch.low_since = now
        elif now - watch.low_since >= _LOW_CURRENT_MS and (watch.drew or slot.stopping):
            self._tell_halted(slot, watch)

    def _look_awake(self, slot: Slot, watch: _Watch) -> None:
        """A halted Pi that draws clearly more again was woken by somebody."""
        level = max(self._halted_ma(slot), watch.halted_ma + watch.halted_ma // 2 + 50)
        if slot.ma == codes.UNKNOWN or slot.ma <= level:
            watch.awake_since = -1
        elif watch.awake_since < 0:
            watch.awake_since = self._chassis.now_ms
        elif self._chassis.now_ms - watch.awake_since >= _AWAKE_MS:
            slot.halted = False
            self._watches[slot.number] = _Watch(True)
            self._chassis.board.rearm_halted(slot.number)
            self._chassis.save(slot)

    def _tell_halted(self, slot: Slot, watch: _Watch) -> None:
        slot.halted = True
        watch.edge_ms = watch.low_since = -1
        watch.halted_ma = slot.ma if slot.ma != codes.UNKNOWN else 0
        self._chassis.emit(codes.HALTED, slot)
        if slot.number in self._running:
            self._finish(slot)

    def _finish(self, slot: Slot) -> None:
        running = self._running.pop(slot.number)
        slot.stopping = False
        self._intents.drop_off(slot)
        if running.then_off:
            self._rails.cut(slot, codes.BY_SHUTDOWN_DONE, running.cause_id)
        self.finished.append((slot, running))

    def _remind(self, slot: Slot) -> None:
        running = self._running.get(slot.number)
        if running is None or running.is_noticed:
            return
        notice_ms = self._chassis.config.get(codes.SHUTDOWN_NOTICE_MS, slot.number)
        if self._chassis.now_ms - running.started_ms >= notice_ms:
            running.is_noticed = True
            self._intents.drop_off(
                slot
            )  # from here on a person decides; no reset carries it further
            if running.is_resumed:
                del self._running[slot.number]
                slot.stopping = False
                self._chassis.touched = True
            text = "slot %d has not halted for %d s" % (slot.number, notice_ms // 1000)
            self._chassis.log(2, text)

    def _halted_ma(self, slot: Slot) -> int:
        return self._chassis.config.get(codes.HALTED_MA, slot.number)
