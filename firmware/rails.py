"""The rails: who may switch one on, in which order, and what cuts it.

A rail changes only here, and only by command, removal, trip, failed power good, over-temperature,
lost supply, shutdown done or restore policy. One rail at a time comes up.
"""

from . import codes
from .budget import Budget
from .chassis import Chassis
from .compat import const
from .intents import CYCLE, Intents
from .power_good import PowerGood
from .slot import Slot

_INSERT_GUARD_MS = const(250)  # contacts may still be sliding
_LEAST_HOLD_MS = const(2000)  # a power cycle shorter than this may not reset a Pi
_UNFED_MS = const(500)  # a restore whose supply is away looks again this much later
_OTHERWISE_MS = const(20)  # a switch must read otherwise this long


class Request:
    """Somebody wants a rail on. command is None for the firmware's own requests."""

    def __init__(self, slot: Slot, cause: int, at_ms: int, command=None, cause_id: int = 0) -> None:
        self.slot = slot
        self.cause = cause
        self.at_ms = at_ms  # not before
        self.command = command
        self.cause_id = command.id if command else cause_id

    def is_of_a_command(self) -> bool:
        """Whether a command waits for this, or a power cycle that one began."""
        waits = self.command is not None and self.command.result is None
        return waits or self.cause == codes.BY_CYCLE


class Rails:
    """All rails of the board."""

    def __init__(self, chassis: Chassis, intents: Intents) -> None:
        self._chassis = chassis
        self._intents = intents
        self._budget = Budget(chassis)
        self._board = chassis.board
        self._queue: list[Request] = []
        self._rising: Slot | None = None
        self._rising_until = codes.NEVER
        self._last_on = -codes.NEVER
        self._tries: dict[int, int] = {}
        self._unproven: set[int] = (
            set()
        )  # slots whose device or meter fell silent before power was good
        self._owed: dict[int, tuple[int, int]] = {}  # slot: cause of a cut its switch did not obey
        self._good = PowerGood(chassis)
        self._otherwise_since: dict[int, int] = {}
        self.went_off: list[Slot] = []  # since the last step, for whoever watches

    # -- asking ---------------------------------------------------------------------------------

    def why_not(self, slot: Slot) -> int:
        """Result code: whether this rail may be switched on now."""
        if slot.silent:
            return codes.E_HARDWARE
        if slot.released or slot.tripped or slot.over_temp or not slot.is_seated():
            return codes.E_STATE
        if slot.has_presence and self._chassis.now_ms - slot.inserted_at < _INSERT_GUARD_MS:
            return codes.E_STATE
        fits = self._budget.is_fed(slot) and self._budget.fits(slot)
        return codes.OK if fits else codes.E_STATE

    def has_request(self, slot: Slot) -> Request | None:
        """The request queued for a slot."""
        for request in self._queue:
            if request.slot is slot:
                return request
        return None

    def is_moving(self) -> bool:
        """Whether a rail is on its way up, is to come up, or has yet to obey a cut."""
        return bool(self._queue or self._rising or self._owed)

    def request_on(self, request: Request) -> None:
        """Queue a request behind the stagger; it replaces one of the firmware's own."""
        self._unqueue(request.slot)
        if request.command:
            self._intents.drop_on(request.slot)
        if request.command or request.cause != codes.BY_POWER_GOOD_FAILED:
            self._tries[request.slot.number] = 0
        request.slot.waiting = True
        self._chassis.touched = True
        self._queue.append(request)

    def forget_requests(self, slot: Slot) -> None:
        """Nothing switches this slot on by itself any more; a waiting command fails."""
        self._unqueue(slot)
        self._intents.drop_on(slot)

    def _unqueue(self, slot: Slot) -> None:
        for request in self._queue:
            if request.slot is slot and request.command:
                request.command.finish(codes.E_STATE)
        self._queue = [request for request in self._queue if request.slot is not slot]
        slot.waiting = False
        self._chassis.touched = True
        if self._rising is slot:
            self._rising = None

    def cut(self, slot: Slot, cause: int, cause_id: int = 0) -> int:
        """Switch a rail off now and tell it. Returns a result code.

        A switch that does not obey is tried until it does, unless a command's giver decides.
        """
        self.forget_requests(slot)
        if not slot.rail:
            return codes.OK
        if slot.silent or not self.open_switch(slot):
            if cause not in (codes.BY_COMMAND, codes.BY_CYCLE):
                self._owed[slot.number] = (cause, cause_id)
            return codes.E_HARDWARE
        self.tell_off(slot, cause, cause_id)
        return codes.OK

    def cycle(self, slot: Slot, hold_ms: int, command_id: int) -> int:
        """Switch a rail off, and on again after hold_ms (2 s at least). Returns a result code."""
        code = self.cut(slot, codes.BY_CYCLE, command_id)
        if code == codes.OK:
            slot.commanded = True
            self._chassis.save(slot)
            self._intents.keep(slot, CYCLE, command_id)
            self._end_cycle(slot, hold_ms, command_id)
        return code

    def _end_cycle(self, slot: Slot, hold_ms: int, command_id: int) -> None:
        at_ms = self._chassis.now_ms + max(hold_ms, _LEAST_HOLD_MS)
        self.request_on(Request(slot, codes.BY_CYCLE, at_ms, None, command_id))

    def open_switch(self, slot: Slot) -> bool:
        """Open the switch before anything is told. Whether a rail that was on is off now."""
        if not slot.rail:
            return False
        self._board.set_rail(slot.number, False)
        return not self._board.rails() & slot.bit

    def tell_off(self, slot: Slot, cause: int, cause_id: int) -> None:
        """Journal that a rail is off."""
        slot.rail = slot.halted = False
        self._good.went_off(slot)
        self._board.rearm_halted(slot.number)
        self._owed.pop(slot.number, None)
        self._unproven.discard(slot.number)
        self.went_off.append(slot)
        self._chassis.emit(codes.RAIL_OFF, slot, cause | cause_id << 8)

    def clear_faults(self, slot: Slot) -> None:
        """A person looked: forget the trip and the latched failure."""
        if slot.tripped:
            self._board.clear_trip(slot.number)  # opens the switch, so never without a trip
        if slot.tripped or slot.latched:
            self._tries[slot.number] = 0
            slot.tripped = slot.latched = False
            self._chassis.emit(codes.TRIP_CLEARED, slot)

    def trip(self, slot: Slot, ma: int) -> None:
        """Over-current: latch it and open the switch that the hardware may have cut already."""
        # A rail that is on has not tripped yet, whatever the facts of a damaged journal say.
        is_new = not slot.tripped or (slot.rail and slot.number not in self._owed)
        self.open_switch(slot)
        if is_new:
            slot.tripped = True
            self._chassis.emit(codes.TRIP, slot, ma)
        self.cut(slot, codes.BY_TRIP)

    def _surge_ma(self, slot: Slot) -> int:
        """Read the meter at a trip: it may still show the surge; the last reading is from before it."""
        before = slot.ma
        self._chassis.measure(slot)
        if codes.UNKNOWN in (before, slot.ma):
            return min(before, slot.ma)
        return max(before, slot.ma)

    # -- running --------------------------------------------------------------------------------

    def adopt_all(self) -> None:
        """At boot: believe the switches, not the memory; whoever switched a rail on, it was wanted."""
        actual = self._board.rails()
        for slot in self._chassis.slots:
            if not slot.silent and bool(actual & slot.bit) != slot.rail:
                slot.commanded = slot.commanded or not slot.rail
                self._adopt(slot)

    def resume(self) -> None:
        """At boot: end the power cycles that a reset came into; their hold begins anew."""
        for slot in self._chassis.slots:
            if self._intents.kind_of(slot) == CYCLE:
                self._end_cycle(slot, _LEAST_HOLD_MS, self._intents.command_of(slot))

    def tick(self) -> None:
        """Follow trips and power good, then bring up the next rail."""
        actual = self._board.rails()
        for slot in self._chassis.slots:
            if slot.silent:
                continue
            if self._is_otherwise(slot, bool(actual & slot.bit)):
                self._adopt(slot)
            if slot.number in self._owed and self.open_switch(slot):
                self.tell_off(slot, *self._owed[slot.number])
            is_owed = slot.number in self._owed
            if self._board.tripped & slot.bit and (not slot.tripped or (slot.rail and not is_owed)):
                self.trip(slot, self._surge_ma(slot))
            if slot.rail:
                self._follow_good(slot)
        rising = self._rising
        if rising and rising.silent and self._chassis.now_ms >= self._rising_until:
            self._set_aside(rising)
        if self._rising is None:
            self._bring_up()

    def due(self) -> int:
        """When tick() is next needed."""
        now = self._chassis.now_ms
        if self._rising or self._otherwise_since or self._owed or self._good.is_unsettled():
            return now + 5
        nearest = codes.NEVER
        for request in self._queue:
            nearest = min(nearest, max(request.at_ms, self._free_at()))
        return nearest

    def _is_otherwise(self, slot: Slot, is_on: bool) -> bool:
        """Whether the switch has read other than we believe for long enough to be no garbled transfer."""
        if is_on == slot.rail:
            self._otherwise_since.pop(slot.number, None)
            return False
        now = self._chassis.now_ms
        return now - self._otherwise_since.setdefault(slot.number, now) >= _OTHERWISE_MS

    def _adopt(self, slot: Slot) -> None:
        if slot.rail:
            self.forget_requests(slot)
            self.tell_off(slot, codes.BY_SUPPLY_LOST, 0)
        else:
            was_released, slot.released = slot.released, False
            slot.rail = True
            self._chassis.emit(codes.RAIL_ON, slot, codes.BY_COMMAND)
            if was_released:
                self._chassis.emit(codes.RELEASED, slot, 0)

    def _free_at(self) -> int:
        return self._last_on + self._chassis.config.get(codes.STAGGER_MS)

    def _bring_up(self) -> None:
        now = self._chassis.now_ms
        if now < self._free_at():
            return
        for request in self._queue:
            if request.at_ms <= now:
                self._queue.remove(request)
                request.slot.waiting = False
                self._chassis.touched = True
                if self._act(request):
                    return
                break

    def _act(self, request: Request) -> bool:
        slot, command = request.slot, request.command
        code = command.why_late() if command else self._why_not_alone(slot)
        if code == codes.OK:
            code = self.why_not(slot)
        if code == codes.OK and not slot.rail:
            self._board.set_rail(slot.number, True)
            code = self._switched_on(request)
        if code != codes.OK and request.cause == codes.BY_RESTORE_POLICY:
            if not self._budget.is_fed(slot):
                self.request_on(Request(slot, request.cause, self._chassis.now_ms + _UNFED_MS))
                return False
        self._intents.drop_on(slot)
        if command:
            command.finish(code)
        elif code != codes.OK:
            self._chassis.log(2, "slot %d stays off: code %d" % (slot.number, code))
        return code == codes.OK

    def _why_not_alone(self, slot: Slot) -> int:
        """Result code: whether this rail may come on without a command that is for this moment."""
        in_a_hand = slot.has_handle and not slot.handle_closed
        return codes.E_STATE if slot.held or in_a_hand else codes.OK

    def _switched_on(self, request: Request) -> int:
        slot = request.slot
        if not self._board.rails() & slot.bit:
            return codes.E_HARDWARE
        self._board.rearm_halted(slot.number)
        slot.rail = True
        slot.good = slot.halted = slot.latched = slot.lost_supply = False
        if request.command:
            slot.commanded = True
            slot.held = False
        self._chassis.emit(codes.RAIL_ON, slot, request.cause | request.cause_id << 8)
        self._rising = slot
        self._last_on = self._chassis.now_ms
        self._rising_until = self._last_on + self._chassis.spec.power_good_ms
        return codes.OK

    def _follow_good(self, slot: Slot) -> None:
        is_rising = slot is self._rising
        if not is_rising and slot.number not in self._unproven:
            self._good.follow(slot)
            return
        good = self._good.sees(slot)
        is_late = not is_rising or self._chassis.now_ms >= self._rising_until
        if good is not None and (good or is_late):
            self._judge(slot, good)
        elif is_rising and is_late:
            self._set_aside(slot)

    def _set_aside(self, slot: Slot) -> None:
        """What would tell whether power is good is silent: judged when it is back; others may rise."""
        self._unproven.add(slot.number)
        self._rising = None

    def _judge(self, slot: Slot, good: bool) -> None:
        """A rail that came up has had its time."""
        self._unproven.discard(slot.number)
        if slot is self._rising:
            self._rising = None
        if good:
            self._tries[slot.number] = 0
            self._good.came_up(slot)
        else:
            self._fail(slot)

    def _fail(self, slot: Slot) -> None:
        tries = self._tries.get(slot.number, 0) + 1
        self._tries[slot.number] = tries
        waits = self._chassis.spec.retries_ms
        slot.latched = tries > len(waits)
        self._chassis.emit(codes.POWER_GOOD_FAILED, slot, tries)
        self.cut(slot, codes.BY_POWER_GOOD_FAILED)
        if not slot.latched:
            at_ms = self._chassis.now_ms + waits[tries - 1]
            self.request_on(Request(slot, codes.BY_POWER_GOOD_FAILED, at_ms))
