"""What outlives a reset: numbered events, facts and the owner, behind one small interface.

Keeps the last 256 events. Decides nothing; journal_file.py puts it into flash.
"""

import struct

from .compat import const

RING = 256
_KEY_BOOT = const(2)
KEY_OWNER = 1
KEY_HOST = 3  # whether the host was lost when we last looked
KEY_SUPPLIES = 4  # mask of the supplies that were good
KEY_DEVICES = 5  # mask of the slots whose devices answered, bit 0: the chassis' own
KEY_SLOT = 0x100  # + slot number
KEY_INTENT = 0x200  # + slot number
KEY_CONFIG = 0x1000  # + config key * 256 + slot


class Journal:
    """A journal in memory. Numbers never restart within one id; renew() begins another."""

    def __init__(self) -> None:
        self.id = 0
        self.boot = 0
        self.first = 1  # oldest event held
        self.next = 1
        self.acked = 0
        self.failures = 0  # writes that did not reach the flash
        self._facts: dict[int, bytes] = {}
        self._ring: list[bytes] = [b""] * RING

    def open(self) -> None:
        """Load what there is and count a boot; called once by each new core.

        It is kept with the first flush(): before that nothing was sent that could tell of this boot.
        """
        if self.id == 0:
            self.id = self._new_id()
        kept = self._facts.get(_KEY_BOOT)
        if kept:
            self.boot = struct.unpack("<H", kept)[0]
        self.boot = (self.boot + 1) & 0xFFFF
        self.put(_KEY_BOOT, struct.pack("<H", self.boot))

    def append(self, body: bytes, key: int, fact: bytes) -> None:
        """Keep an EVENT body under the number `next`, and in the same record the fact it changed."""
        self._keep(body)
        self._facts[key] = fact

    def body(self, number: int) -> bytes:
        """EVENT body of a number between first and next - 1."""
        return self._ring[number % RING]

    def put(self, key: int, value: bytes) -> None:
        """Keep a fact that no event carries."""
        self._facts[key] = value

    def get(self, key: int) -> bytes | None:
        """A fact, or None."""
        return self._facts.get(key)

    def acknowledge(self, number: int) -> None:
        """Remember that the host holds every event up to this number."""
        self.acked = number

    def renew(self) -> None:
        """Begin a new journal: other id, number 1, no events. Facts stay."""
        self.id = self._new_id()
        self.first = self.next = 1
        self.acked = 0
        self._ring = [b""] * RING

    def flush(self) -> None:
        """Make everything kept so far outlive a reset. Nothing may leave the board before it."""

    def work(self) -> bool:
        """flush(), and a small piece of upkeep where that wrote nothing; True while there is more to do."""
        self.flush()
        return False

    def contents(self) -> tuple[dict[int, bytes], list[bytes]]:
        """Facts by key, and the ring of bodies by number modulo its size."""
        return self._facts, self._ring

    def _keep(self, body: bytes) -> None:
        self._ring[self.next % RING] = body
        self.next += 1
        self.first = max(self.first, self.next - RING)

    def _new_id(self) -> int:
        return self.id + 1


class MemoryJournal(Journal):
    """A journal for tests; give one object to two cores in turn to play a reboot."""
