"""What each operation of CMD does. Guards and results are commands.py's; rules are the parts' own."""

import struct

from . import codes
from .alarms import Alarms
from .chassis import Chassis
from .compat import const
from .lights import Lights
from .rails import Rails, Request
from .shutdown import Shutdowns
from .slot import Slot
from .state import States
from .updates import NoUpdates

_REBOOT_PAIR_MS = const(5000)  # both halves of a REBOOT come within this time


def _no_stats() -> bytes:
    return b""


def _no_supplies() -> int:
    return 0


def _do_nothing() -> None:
    return


class Operations:
    """One method per operation: command and arguments in, command.finish() now or later."""

    def __init__(
        self, chassis: Chassis, rails: Rails, shutdowns: Shutdowns, lights: Lights, alarms: Alarms
    ) -> None:
        self._chassis = chassis
        self._rails = rails
        self._shutdowns = shutdowns
        self._lights = lights
        self._alarms = alarms
        self.states: States | None = None
        self.updates = NoUpdates()
        self.stats = _no_stats
        self.supplies_good = _no_supplies
        self.on_new_journal = _do_nothing
        self.reboot_wanted = False
        self._nonce: tuple[int, int] | None = None
        # op: (method, layout of its arguments, whether the first names a slot)
        self._table = {
            codes.SET_POWER: (self._set_power, "<BB", True),
            codes.POWER_CYCLE: (self._power_cycle, "<BH", True),
            codes.REQUEST_SHUTDOWN: (self._request_shutdown, "<BB", True),
            codes.RELEASE: (self._release, "<BB", True),
            codes.SET_LED: (self._set_led, "<BBBBBB", True),
            codes.LAMP_TEST: (self._lamp_test, "<B", False),
            codes.CLEAR_TRIP: (self._clear_trip, "<B", True),
            codes.CLEAR_ALARM: (self._clear_alarm, "<B", True),
            codes.GET_STATE: (self._get_state, "<", False),
            codes.GET_IDENTITY: (self._get_identity, "<B", True),
            codes.SET_CONFIG: (self._set_config, "<BBi", False),
            codes.GET_CONFIG: (self._get_config, "<BB", False),
            codes.STATS: (self._stats, "<", False),
            codes.SET_FAN: (self._set_fan, "<BB", False),
            codes.NEW_JOURNAL: (self._new_journal, "<", False),
            codes.REBOOT: (self._reboot, "<I", False),
        }

    def run(self, command) -> None:
        """Run a command, or finish it with the code that says why not."""
        if codes.UPDATE_BEGIN <= command.op <= codes.UPDATE_STATUS:
            self.updates.run(command)
            return
        entry = self._table.get(command.op)
        if entry is None:
            command.finish(codes.E_OP)
            return
        method, layout, names_slot = entry
        size = struct.calcsize(layout)
        if len(command.args) < size:
            command.finish(codes.E_ARGS)
            return
        if self.updates.refuses(command.op, command.args):
            command.finish(codes.E_BUSY)
            return
        args = struct.unpack(layout, command.args[:size])
        if not names_slot:
            method(command, *args)
            return
        slot = self._chassis.slot(args[0])
        if slot is None:
            command.finish(codes.E_SLOT)
        else:
            method(command, slot, *args[1:])

    # -- power ----------------------------------------------------------------------------------

    def _set_power(self, command, slot: Slot, on: int) -> None:
        if on > 1:
            command.finish(codes.E_ARGS)
        elif on:
            self._power_on(command, slot)
        else:
            code = self._rails.cut(slot, codes.BY_COMMAND, command.id)
            if code == codes.OK:
                slot.commanded = slot.lost_supply = False
                self._chassis.save(slot)
            command.finish(code)

    def _power_on(self, command, slot: Slot) -> None:
        queued = self._rails.has_request(slot)
        if slot.stopping or (queued and queued.is_of_a_command()):
            command.finish(codes.E_BUSY)
        elif slot.rail:
            slot.commanded = True
            self._chassis.save(slot)
            command.finish(codes.OK)
        else:
            code = self._rails.why_not(slot)
            if code == codes.OK:
                request = Request(slot, codes.BY_COMMAND, self._chassis.now_ms, command)
                self._rails.request_on(request)
            else:
                command.finish(code)

    def _power_cycle(self, command, slot: Slot, hold_ms: int) -> None:
        if not slot.rail:
            command.finish(codes.E_STATE)
            return
        command.finish(self._rails.cycle(slot, hold_ms, command.id))

    def _request_shutdown(self, command, slot: Slot, then_off: int) -> None:
        if then_off > 1:
            command.finish(codes.E_ARGS)
        elif not slot.rail or not slot.has_shutdown_line:
            command.finish(codes.E_STATE)
        elif slot.silent:
            command.finish(codes.E_HARDWARE)
        else:
            if then_off:
                slot.commanded = False
            self._shutdowns.begin(slot, bool(then_off), command.id)
            self._chassis.save(slot)
            command.finish(codes.OK)

    def _release(self, command, slot: Slot, on: int) -> None:
        if on > 1:
            command.finish(codes.E_ARGS)
            return
        code = self._why_not_released(slot) if on else codes.OK
        if code == codes.OK and slot.released != bool(on):
            self._rails.forget_requests(slot)
            slot.released = bool(on)
            slot.lost_supply = False
            self._chassis.emit(codes.RELEASED, slot, on)
        command.finish(code)

    def _why_not_released(self, slot: Slot) -> int:
        if slot.silent:
            return codes.E_HARDWARE
        if slot.has_meter:
            self._chassis.measure(slot)
            if codes.UNKNOWN in (slot.mv, slot.ma):
                return codes.E_HARDWARE
        return codes.OK if slot.is_seated() and slot.is_safe() else codes.E_STATE

    def _clear_trip(self, command, slot: Slot) -> None:
        if slot.silent:
            command.finish(codes.E_HARDWARE)
            return
        self._rails.clear_faults(slot)
        command.finish(codes.OK)

    def _clear_alarm(self, command, slot: Slot) -> None:
        self._alarms.clear(slot)
        command.finish(codes.OK)

    # -- lights ---------------------------------------------------------------------------------

    def _set_led(self, command, slot: Slot, layer: int, *lamps: int) -> None:
        if layer == codes.LOCAL:
            self._lights.clear(slot)
            command.finish(codes.OK)
        elif layer != codes.OVERRIDE or max(lamps) > codes.AS_LOCAL:
            command.finish(codes.E_ARGS)
        else:
            colour, status, blue, white = lamps
            command.finish(self._lights.override(slot, (colour, status, blue, white)))

    def _lamp_test(self, command, on: int) -> None:
        if on <= 1:
            self._lights.test(bool(on))
        command.finish(codes.OK if on <= 1 else codes.E_ARGS)

    # -- asking and setting ---------------------------------------------------------------------

    def _get_state(self, command) -> None:
        if self.states:
            self.states.ask()
        command.finish(codes.OK)

    def _get_identity(self, command, slot: Slot) -> None:
        """Read anew: kept for every slot, names would take as much memory as all the rest of a slot."""
        is_known = slot.has_identity and slot.identity is not None
        found = self._chassis.board.identity(slot.number) if is_known else None
        if found is None:
            command.finish(codes.E_STATE)
            return
        data = b""
        for part in found:
            data += bytes((len(part[:64]),)) + part[:64]
        command.finish(codes.OK, data)

    def _set_config(self, command, key: int, number: int, value: int) -> None:
        slot = self._chassis.slot(number)
        if number and slot is None:
            command.finish(codes.E_SLOT)
            return
        config = self._chassis.config
        changes = not config.is_set_to(key, number, value)
        code = config.set(key, number, value)
        if code == codes.OK and changes:
            self._chassis.emit(codes.CONFIG, slot, key)
        command.finish(code)

    def _get_config(self, command, key: int, number: int) -> None:
        if number and self._chassis.slot(number) is None:
            command.finish(codes.E_SLOT)
            return
        if key == codes.SUPPLIES_GOOD and not number:
            command.finish(codes.OK, struct.pack("<i", self.supplies_good()))
            return
        code = self._chassis.config.check(key, number)
        value = self._chassis.config.get(key, number) if code == codes.OK else 0
        command.finish(code, struct.pack("<i", value) if code == codes.OK else b"")

    def _stats(self, command) -> None:
        command.finish(codes.OK, self.stats())

    def _set_fan(self, command, fan: int, duty: int) -> None:
        if not 1 <= fan <= self._chassis.spec.fan_count:
            command.finish(codes.E_ARGS)
            return
        self._chassis.board.set_fan(fan, duty)
        command.finish(codes.OK)

    def _new_journal(self, command) -> None:
        self._chassis.journal.renew()
        self._chassis.forget_numbers()
        self.on_new_journal()
        command.finish(codes.OK, struct.pack("<I", self._chassis.journal.id))

    def _reboot(self, command, nonce: int) -> None:
        """Twice the same nonce in two commands: one garbled command never reboots a board."""
        now = self._chassis.now_ms
        armed = self._nonce
        is_second = armed is not None and armed[0] == nonce and now - armed[1] < _REBOOT_PAIR_MS
        self._nonce = None if is_second else (nonce, now)
        self.reboot_wanted = self.reboot_wanted or is_second
        command.finish(codes.OK, bytes((1 if is_second else 0,)))
