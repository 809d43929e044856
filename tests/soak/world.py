"""Board, wires, hosts and the hands of fate, in virtual milliseconds. What happens is in fates.py."""

import heapq
import itertools
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from backplane.firmware_link.simulator.cable import Cable
from tests.soak.board import Controller
from tests.soak.host import Given, Host
from tests.soak.pins import Pins
from tests.soak.store import Store
from tests.support.torn_flash import Flash

DELAY_MS = 1
_FOLDERS = itertools.count()


class Wire:
    """One direction of the line."""

    def __init__(self, seed: int) -> None:
        self.cable = Cable(seed)
        self.drops = 0.0  # of chunks
        self.is_mute = False
        self._chance = random.Random(seed)

    def carry(self, data: bytes) -> bytes:
        if self.is_mute or self._chance.random() < self.drops:
            return b""
        return self.cable.carry(data)

    def mend(self) -> None:
        self.cable.set_noise(0.0)
        self.drops, self.is_mute = 0.0, False


@dataclass(frozen=True, slots=True)
class Owning:
    """From then on this lease is the board's, as its holder was told."""

    at_ms: int
    lease: tuple[int, int]


class World:
    """One board and the two installations that want it. `hosts` all hear and speak on the one line."""

    def __init__(self, seed: int, slots: int = 4) -> None:
        self.chance = random.Random(seed)
        self.now_ms = 0
        self.pins = Pins(slots)
        is_atomic = bool(seed % 2)  # a file system like LittleFS, or one that tears
        self.flash = Flash(f"/soak{next(_FOLDERS)}", is_atomic=is_atomic)
        self.board = Controller(self.pins, self.flash, self.chance)
        self.store = Store(0xA)
        self.other_store = Store(0xB)
        self.to_board = Wire(seed * 2)
        self.to_host = Wire(seed * 2 + 1)
        self.hosts: list[Host] = []
        self.owned: list[Owning] = []
        self.given: list[Given] = []
        self.power_returns: list[int] = []
        self.captured: deque[bytes] = deque(maxlen=300)
        self.happened: dict[str, int] = {}
        self.is_plugged = True
        self.is_settling = False
        self.slow_disk_ms = 0
        self._script: list[tuple[int, int, Callable[[], None]]] = []
        self._flying: list[tuple[int, int, bool, bytes]] = []
        self._order = itertools.count()
        self._is_touched = True
        self._boot_at_ms: int | None = None
        self._next_of: dict[int, int] = {}
        self.board.boot(0, 1)

    # -- time -----------------------------------------------------------------
    def at(self, at_ms: int, act: Callable[[], None]) -> None:
        """Later than now: what the board did in this very millisecond it did before."""
        heapq.heappush(self._script, (max(at_ms, self.now_ms + 1), next(self._order), act))

    def run(self, duration_ms: int) -> None:
        end_ms = self.now_ms + duration_ms
        self._moment()
        while True:
            upcoming = self._next_ms()
            if upcoming > end_ms:
                self.now_ms = end_ms
                return
            self.now_ms = upcoming
            self._moment()

    def run_until(self, is_so: Callable[[], bool], limit_ms: int) -> bool:
        end_ms = self.now_ms + limit_ms
        while not is_so() and self.now_ms < end_ms:
            self.run(20)
        return is_so()

    def touch(self) -> None:
        """An input changed: the core's loop would see it within 5 ms, here it does at once."""
        self._is_touched = True

    def _next_ms(self) -> int:
        dues = [self.board.due_ms()]
        dues += [host.due_ms() for host in self.hosts]
        dues.append(self._script[0][0] if self._script else None)
        dues.append(self._flying[0][0] if self._flying else None)
        nearest = min((due for due in dues if due is not None), default=self.now_ms + 1000)
        return max(nearest, self.now_ms + 1)

    def _moment(self) -> None:
        while self._script and self._script[0][0] <= self.now_ms:
            self.pins.now_ms = self.now_ms
            heapq.heappop(self._script)[2]()
        self._deliver()
        for host in list(self.hosts):
            self._send(host.run(self.now_ms), is_for_board=True)
        due_ms = self.board.due_ms()
        if self._is_touched or (due_ms is not None and due_ms <= self.now_ms):
            self._is_touched = False
            self._send(self.board.step(self.now_ms), is_for_board=False)
            self._note_journal()
        if not self.board.is_up and self._boot_at_ms is None:
            self.boot_in(self.chance.randrange(5, 300), self.chance.choice((1, 2, 3, 5)))

    def _deliver(self) -> None:
        while self._flying and self._flying[0][0] <= self.now_ms:
            _, _, is_for_board, data = heapq.heappop(self._flying)
            if is_for_board:
                self.board.receive(data, self.now_ms)
                self._is_touched = True
            else:
                for host in self.hosts:
                    host.receive(data, self.now_ms)

    def _send(self, data: bytes, *, is_for_board: bool) -> None:
        if not data or not self.is_plugged:
            return
        if is_for_board and not self.is_settling:
            self.captured.append(data)
        carried = (self.to_board if is_for_board else self.to_host).carry(data)
        if carried:
            flight = (self.now_ms + DELAY_MS, next(self._order), is_for_board, carried)
            heapq.heappush(self._flying, flight)

    def say_to_board(self, data: bytes) -> None:
        """Bytes on the line that no host of now sent."""
        if self.is_plugged:
            flight = (self.now_ms + DELAY_MS, next(self._order), True, data)
            heapq.heappush(self._flying, flight)

    # -- the board ------------------------------------------------------------
    def crash(self) -> None:
        self.board.crash(self.now_ms)

    def boot_in(self, after_ms: int, cause: int) -> None:
        at_ms = self.now_ms + after_ms
        self._boot_at_ms = at_ms

        def boot() -> None:
            if self._boot_at_ms == at_ms:
                self._boot_at_ms = None
                self.board.boot(self.now_ms, cause, power_was_lost=self.pins.is_fresh)
                self.touch()

        self.at(at_ms, boot)

    def _note_journal(self) -> None:
        core = self.board.core
        if core is not None:
            self._next_of[core.journal.id] = core.journal.next

    def event_count(self) -> int:
        """Events that the board has numbered, over all of its journals."""
        return sum(self._next_of.values()) - len(self._next_of)

    # -- hosts ----------------------------------------------------------------
    def start_host(self, store: Store | None = None, *, take: bool = False) -> Host:
        host = Host(store or self.store, take=take)
        host.commit_takes_ms = self._commit_takes_ms
        host.on_owned = self._note_owned
        self.hosts.append(host)
        if self.is_plugged:
            host.connect(self.now_ms)
        return host

    def end_host(self, host: Host) -> None:
        host.is_dead = True
        if host in self.hosts:
            self.hosts.remove(host)

    def pull_cable(self) -> None:
        self.is_plugged = False
        self._flying.clear()
        for host in self.hosts:
            host.disconnect()

    def plug_cable(self) -> None:
        self.is_plugged = True
        for host in self.hosts:
            host.connect(self.now_ms)

    def _commit_takes_ms(self) -> int:
        if self.slow_disk_ms:
            return self.chance.randrange(1, self.slow_disk_ms)
        return self.chance.choice((0, 0, 1, 5, 30))

    def _note_owned(self, host: Host) -> None:
        self.owned.append(Owning(self.now_ms, host.lease))
