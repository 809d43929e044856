"""The real firmware core on logged pins and a flash that can be cut: one microcontroller, with its boots."""

import random
from dataclasses import dataclass, field

from firmware.core import Core
from firmware.journal_file import FileJournal
from tests.soak.pins import Pins
from tests.support.torn_flash import Flash, PowerCut

WRAP = 1 << 32


@dataclass
class Boot:
    """One life of the core: up from `start_ms` of the world, where its uptime was `base_ms`."""

    start_ms: int
    base_ms: int
    number: int
    journals: set[int] = field(default_factory=set)
    end_ms: int | None = None
    knows_nothing: bool = False  # its flash was damaged before: facts may be gone

    @property
    def is_stillborn(self) -> bool:
        """Whether it was cut while it began."""
        return self.end_ms == self.start_ms


class Controller:
    """Owns the core's life. A PowerCut in the middle of anything ends it there and then."""

    def __init__(self, pins: Pins, flash: Flash, chance: random.Random) -> None:
        self.pins = pins
        self.flash = flash
        self.boots: list[Boot] = []
        self.core: Core | None = None
        self.damages = 0  # of the flash, by the world's hand
        self.is_damaged = False  # since the last boot
        self._chance = chance

    @property
    def is_up(self) -> bool:
        return self.core is not None

    def boot(self, now_ms: int, cause: int, *, power_was_lost: bool = False) -> None:
        self.pins.now_ms = now_ms
        self.pins.reset_cause = cause
        self.pins.chassis_power_was_lost = power_was_lost
        near_the_wrap = self._chance.random() < 0.4
        base_ms = WRAP - self._chance.randrange(1, 40_000) if near_the_wrap else 0
        knows_nothing = self.is_damaged or self.flash.has_refused
        boot = Boot(now_ms, base_ms, -1, knows_nothing=knows_nothing)
        self.boots.append(boot)
        journal = FileJournal(self.flash.folder)
        self.flash.has_refused = False
        try:
            self.core = Core(self.pins, journal, base_ms)
        except PowerCut:
            boot.end_ms = now_ms
        else:
            self.is_damaged = False
        boot.number = journal.boot
        boot.journals.add(journal.id)

    def crash(self, now_ms: int) -> None:
        if self.core is not None:
            self.core = None
            self.boots[-1].end_ms = now_ms

    def damage(self) -> None:
        """Note that the world did something to the flash that no journal can outlive unnoticed."""
        self.damages += 1
        self.is_damaged = True

    def receive(self, data: bytes, now_ms: int) -> None:
        self.pins.now_ms = now_ms
        if self.core is not None:
            try:
                self.core.receive(data, self._uptime(now_ms))
            except PowerCut:
                self.crash(now_ms)

    def step(self, now_ms: int) -> bytes:
        self.pins.now_ms = now_ms
        if self.core is None:
            return b""
        try:
            sent: bytes = self.core.step(self._uptime(now_ms))
        except PowerCut:
            self.crash(now_ms)
            return b""
        self.boots[-1].journals.add(self.core.journal.id)
        return sent

    def due_ms(self) -> int | None:
        if self.core is None:
            return None
        boot = self.boots[-1]
        return int(self.core.next_due()) - boot.base_ms + boot.start_ms

    def _uptime(self, now_ms: int) -> int:
        boot = self.boots[-1]
        return now_ms - boot.start_ms + boot.base_ms
