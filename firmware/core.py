"""The core: bytes and milliseconds in, bytes out. Wires the parts together and decides nothing itself.

now_ms is milliseconds since this boot, an unbounded int; it is masked to 32 bit on the wire only.
"""

from . import codes
from .alarms import Alarms
from .alone import Alone
from .board import Board
from .boot_selector import BootState
from .carriers import Carriers
from .chassis import Chassis
from .commands import Commands
from .compat import const
from .devices import Devices
from .fans import Fans
from .host import Host
from .intents import Intents
from .journal import Journal
from .lights import Lights
from .meters import Meters
from .operations import Operations
from .presence import Presence
from .rails import Rails
from .shutdown import Shutdowns
from .state import States
from .supplies import Supplies
from .updates import NoUpdates, Updates

VERSION = "0.1.0"
_DRAIN_MS = const(50)  # the RESULT of a REBOOT must leave first


class Core:
    """One board's firmware. Never raises outward from receive() or step()."""

    def __init__(
        self,
        board: Board,
        journal: Journal,
        now_ms: int,
        version: str = VERSION,
        boot: BootState | None = None,
    ) -> None:
        journal.open()
        board.sample(now_ms)
        chassis = Chassis(board, journal, now_ms)
        self.board = board
        self.journal = journal
        self.chassis = chassis
        chassis.emit(codes.BOOT, None, board.reset_cause)
        self._devices = Devices(chassis)
        self._devices.tick()
        intents = Intents(chassis)
        self._rails = Rails(chassis, intents)
        self._rails.adopt_all()
        intents.sift()
        self._rails.resume()
        self._alarms = Alarms(chassis)
        self._carriers = Carriers(chassis, self._alarms)
        self._presence = Presence(chassis, self._rails, self._carriers, self._alarms)
        self._shutdowns = Shutdowns(chassis, self._rails, intents)
        self._supplies = Supplies(chassis, self._rails, intents)
        if board.chassis_power_was_lost:
            self._take_power_back()
        self._meters = Meters(chassis, self._rails)
        self._alone = Alone(chassis, self._presence, self._rails, self._shutdowns)
        self._lights = Lights(chassis)
        self._operations = Operations(
            chassis, self._rails, self._shutdowns, self._lights, self._alarms
        )
        states = States(chassis, self._lights)
        self._host = Host(chassis, Commands(chassis, self._operations), states, self._meters)
        self._host.version = version
        self._operations.states = states
        self._operations.stats = self._host.stats
        self._operations.supplies_good = self._supplies.mask
        self._operations.on_new_journal = self._begin_journal
        self._updates = Updates(chassis, self._rails, boot) if boot else NoUpdates()
        self._operations.updates = self._updates
        self._host.can_update = self._updates.is_possible
        self._host.on_greeted = self._updates.reached_host
        self._intents = intents
        self._host.on_taken = self._begin_ownership
        self._parts = (
            self._devices,
            self._supplies,
            self._presence,
            self._rails,
            self._shutdowns,
            self._alone,
            self._carriers,
            self._updates,
            Fans(chassis),
        )
        self._due = now_ms  # of the next whole step
        self._note_inputs()
        self._lamps_due = now_ms
        self._is_compacting = False
        self._reboot_at = codes.NEVER

    def receive(self, data: bytes, now_ms: int) -> None:
        """Take bytes from the host, in any pieces; answers leave with the next step."""
        self._advance(now_ms)
        self.chassis.touched = True
        self._host.receive(data)

    def step(self, now_ms: int) -> bytes:
        """Sample the inputs, run what is due, and return the bytes to send (maybe none)."""
        self._advance(now_ms)
        if self._reboot_at <= now_ms:
            self._reboot_at = codes.NEVER
            self.journal.flush()
            self.board.reboot()
            return b""
        self.board.sample(now_ms)
        self._meters.tick()
        if now_ms < self._due and self._is_quiet():
            self.board.feed_watchdog()
            return b""
        self._host.owner.tick()
        if self._host.owner.went_away:
            self._host.owner.went_away = False
            self._lights.clear_all()
        if self.board.chassis_power_was_lost:
            self._take_power_back()
        for part in self._parts:
            part.tick()
        if self.chassis.touched or now_ms >= self._lamps_due:
            self._lights.tick()
            self._lamps_due = self._lights.due()
        # Rails and lamps are as they should be before flash stalls us; nothing is sent before it is kept.
        self._is_compacting = self.journal.work()
        self.board.feed_watchdog()
        if self._operations.reboot_wanted or self._updates.reboot_wanted:
            self._operations.reboot_wanted = self._updates.reboot_wanted = False
            self._reboot_at = now_ms + _DRAIN_MS
        out = self._host.tick()
        self.chassis.touched = False
        self._note_inputs()
        self._due = self._next_due()
        return out

    def next_due(self) -> int:
        """When step() is next needed, in ms, if no input changes and no bytes arrive; earlier ones cost little."""
        if self.chassis.touched:
            return self.chassis.now_ms + 1
        return min(self._due, self._meters.due())

    def _is_quiet(self) -> bool:
        """Whether nothing has happened since the last whole step: an ESP32 has no time to look at all again."""
        board = self.board
        return (
            not self.chassis.touched
            and not board.chassis_power_was_lost
            and board.present == self._present
            and board.handles_closed == self._handles_closed
            and board.power_good == self._power_good
            and board.tripped == self._tripped
            and board.halted == self._halted
            and board.answering == self._answering
            and board.supplies_good == self._supplies_good
            and board.rails() == self._switches
        )

    def _note_inputs(self) -> None:
        board = self.board
        self._present = board.present
        self._handles_closed = board.handles_closed
        self._power_good = board.power_good
        self._tripped = board.tripped
        self._halted = board.halted
        self._answering = board.answering
        self._supplies_good = board.supplies_good
        self._switches = board.rails()

    def _next_due(self) -> int:
        if self._is_compacting:
            return self.chassis.now_ms + 5
        nearest = min(self._host.due(), self._host.owner.due(), self._reboot_at, self._lamps_due)
        for part in self._parts:
            nearest = min(nearest, part.due())
        return max(nearest, self.chassis.now_ms + 1)

    def _take_power_back(self) -> None:
        """All latches are fresh: at boot, or while the controller ran on from its own cable."""
        self._devices.tick()
        self._rails.adopt_all()
        self._supplies.power_was_lost()
        self.journal.flush()  # before the latches lose their power-on signature
        self.board.forget_power_loss()

    def _advance(self, now_ms: int) -> None:
        """Time never runs backwards here, whatever the caller says."""
        self.chassis.now_ms = max(self.chassis.now_ms, now_ms)

    def _begin_ownership(self) -> None:
        self._intents.drop_all()
        self._updates.change_owner()

    def _begin_journal(self) -> None:
        self._host.sender.renew()
        self._host.send_hello()
