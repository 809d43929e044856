"""What the board does for a technician while no host is heard: handles release, carriers may start."""

from . import codes
from .chassis import Chassis
from .compat import const
from .presence import Presence
from .rails import Rails, Request
from .shutdown import Shutdowns
from .slot import Slot

_FALL_MS = const(10000)  # a rail with big capacitors takes a while to fall below 0.5 V
_POLL_MS = const(50)


class Alone:
    """Local rules; with a host every one of them is the host's business."""

    def __init__(
        self, chassis: Chassis, presence: Presence, rails: Rails, shutdowns: Shutdowns
    ) -> None:
        self._chassis = chassis
        self._presence = presence
        self._rails = rails
        self._shutdowns = shutdowns
        self._releasing: dict[int, int] = {}  # slot: until when its rail may take to fall

    def tick(self) -> None:
        """Act on what the presence and the shutdowns found in this step."""
        for slot, shutdown in self._shutdowns.finished:
            if shutdown.then_release:
                self._releasing[slot.number] = self._chassis.now_ms + _FALL_MS
        for number in list(self._releasing):
            self._release(self._chassis.slots[number - 1])
        if self._chassis.has_host:
            return
        for slot in self._presence.handled:
            if slot.handle_closed:
                self._close(slot)
            else:
                self._open(slot)
        for slot in self._presence.inserted:
            self._power_arrival(slot)

    def _open(self, slot: Slot) -> None:
        """An opened handle asks to pull: shut down first, then release."""
        if slot.rail:
            if slot.has_shutdown_line and (slot.has_halted_line or slot.has_meter):
                self._shutdowns.begin(slot, True, 0, True)
        elif slot.is_seated():
            self._releasing[slot.number] = self._chassis.now_ms + _FALL_MS
            self._release(slot)

    def _close(self, slot: Slot) -> None:
        if slot.released:
            slot.released = False
            self._chassis.emit(codes.RELEASED, slot, 0)
        self._power_arrival(slot)

    def due(self) -> int:
        """When tick() is next needed."""
        return self._chassis.now_ms + _POLL_MS if self._releasing else codes.NEVER

    def _release(self, slot: Slot) -> None:
        late = self._chassis.now_ms >= self._releasing[slot.number]
        if late or slot.handle_closed or slot.released or not slot.is_seated():
            del self._releasing[slot.number]
            return
        self._chassis.measure(slot)
        if slot.is_safe():
            del self._releasing[slot.number]
            self._rails.forget_requests(slot)
            slot.released = True
            slot.lost_supply = False
            self._chassis.emit(codes.RELEASED, slot, 1)

    def _power_arrival(self, slot: Slot) -> None:
        """Where the owner wants it so, a carrier that nobody holds starts by itself."""
        wanted = self._chassis.config.get(codes.ON_INSERT_WITHOUT_HOST, slot.number)
        ready = not slot.has_handle or slot.handle_closed
        if wanted and ready and not slot.held and not slot.rail and slot.is_seated():
            at_ms = self._chassis.now_ms + 300  # behind the guard after an insertion
            self._rails.request_on(Request(slot, codes.BY_RESTORE_POLICY, at_ms))
