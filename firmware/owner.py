"""Who may speak: the owner's host id and the highest epoch, kept in flash, and whether it is heard."""

import struct

from . import codes
from .chassis import Chassis
from .compat import const
from .journal import KEY_HOST, KEY_OWNER

_SILENT_MS = const(5000)

GREETED = 0
LISTENING = 1
REFUSED = 2
OUTDATED = 3


class Owner:
    """Ownership and the host's presence. Power never depends on either."""

    def __init__(self, chassis: Chassis) -> None:
        self._chassis = chassis
        kept = chassis.journal.get(KEY_OWNER)
        self.host_id, self.epoch = struct.unpack("<QI", kept) if kept else (0, 0)
        self.is_greeted = False  # an owning HELLO_REQ was accepted since this boot
        self.came_back = False  # since the last step
        self.went_away = False
        self._is_lost = chassis.journal.get(KEY_HOST) != b"\1"
        self._heard_ms = chassis.now_ms

    def greet(self, host_id: int, epoch: int, flags: int) -> int:
        """Decide on a HELLO_REQ: GREETED, LISTENING, REFUSED (another owner) or OUTDATED (an old epoch)."""
        if flags & codes.LISTEN_ONLY:
            return LISTENING
        if self.host_id and host_id != self.host_id:
            if not flags & codes.TAKE:
                self.is_greeted = False  # a stranger speaks on this line now: HELLO is all it gets
                return REFUSED
        elif self.host_id and epoch < self.epoch:
            return OUTDATED
        if (host_id, epoch) != (self.host_id, self.epoch):
            self.host_id, self.epoch = host_id, epoch
            self._chassis.journal.put(KEY_OWNER, struct.pack("<QI", host_id, epoch))
        self.is_greeted = True
        self.hear()
        self.came_back = True
        return GREETED

    def accepts(self, epoch: int) -> bool:
        """Whether a message of this epoch comes from the owner."""
        return self.is_greeted and epoch == self.epoch

    def hear(self) -> None:
        """A valid frame came in after the greeting."""
        self._heard_ms = self._chassis.now_ms
        if not self._chassis.has_host:
            self._chassis.has_host = True
            self.came_back = True

    def leave(self) -> None:
        """The owner said BYE; its silence begins now, and it must greet again."""
        self.is_greeted = False

    def tick(self) -> None:
        """Tell HOST_LOST after 5 s of silence, and HOST_BACK when it ends."""
        chassis = self._chassis
        silent = chassis.now_ms - self._heard_ms >= _SILENT_MS
        if silent and chassis.has_host:
            chassis.has_host = False
            self.went_away = True
        if silent and not self._is_lost:
            self._tell(True)
        elif chassis.has_host and self._is_lost:
            self._tell(False)

    def due(self) -> int:
        """When tick() is next needed."""
        if self._chassis.has_host or not self._is_lost:
            return self._heard_ms + _SILENT_MS
        return codes.NEVER

    def _tell(self, is_lost: bool) -> None:
        self._is_lost = is_lost
        self._chassis.journal.put(KEY_HOST, b"\0" if is_lost else b"\1")
        self._chassis.emit(codes.HOST_LOST if is_lost else codes.HOST_BACK, None)
