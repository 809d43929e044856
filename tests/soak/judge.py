"""Compares the committed rows with what the pins did. Believes no journal: only the log of the pins and of the hands.

Each change that outlasts its debounce while the core runs is exactly one row, or lies in a recorded gap;
no row is without a change; numbers have no hole without a gap.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from backplane.firmware_link.messages import Event, EventKind
from tests.soak.board import WRAP, Boot
from tests.soak.pins import HANDLE, PRESENCE, RAIL, TRIP
from tests.soak.store import Store
from tests.soak.world import World

SLACK_MS = 16  # a sample each 5 ms, and rounding
RAIL_SLACK_MS = 40  # a switch found otherwise is believed after 20 ms
RING = 256

# kind: pin, level it tells of
_TELLS: dict[int, tuple[str, bool]] = {
    EventKind.INSERT: (PRESENCE, True),
    EventKind.REMOVE: (PRESENCE, False),
    EventKind.HANDLE_CLOSED: (HANDLE, True),
    EventKind.HANDLE_OPEN: (HANDLE, False),
    EventKind.RAIL_ON: (RAIL, True),
    EventKind.RAIL_OFF: (RAIL, False),
    EventKind.TRIP: (TRIP, True),
}
# pin: time a level must hold before it is told (open, closed)
_HOLDS_MS = {PRESENCE: (20, 50), HANDLE: (30, 30), RAIL: (0, 0), TRIP: (0, 0)}
_SLACKS_MS = {PRESENCE: SLACK_MS, HANDLE: SLACK_MS, RAIL: RAIL_SLACK_MS, TRIP: SLACK_MS}


@dataclass(frozen=True, slots=True)
class Window:
    """A pin held one level, and the core ran, from `start_ms` to `end_ms`."""

    start_ms: int
    end_ms: int
    level: bool
    ends_by_crash: bool
    forgets: bool  # the core began it with facts that may be gone


@dataclass(frozen=True, slots=True)
class Row:
    at_ms: int
    level: bool
    event: Event


@dataclass
class Verdict:
    """What is wrong, in words; and figures of what was judged."""

    wrongs: list[str] = field(default_factory=list)
    told: int = 0  # changes of pins that are exactly one row
    excused: int = 0  # changes that lie in a recorded gap

    def wrong(self, text: str) -> None:
        self.wrongs.append(text)


class Judge:
    """Judges one store of a world that has settled."""

    def __init__(self, world: World, store: Store) -> None:
        self._world = world
        self._store = store
        self._boots_of: dict[tuple[int, int], list[Boot]] = defaultdict(list)
        for boot in world.board.boots:
            for journal in boot.journals:
                self._boots_of[journal, boot.number].append(boot)
        self.verdict = Verdict()
        self.rows = store.rows
        self.times = [self._time_of(row) for row in store.rows]
        self._gaps = [self._gap_time(gap.rows) for gap in store.gaps]

    def judge(self) -> Verdict:
        self.judge_numbers()
        self._judge_continuity()
        rows = self._rows_by_pin()
        for slot in self._world.pins.slots():
            for pin in _HOLDS_MS:
                self._judge_pin(slot, pin, rows[slot, pin])
        return self.verdict

    # -- numbers --------------------------------------------------------------
    def judge_numbers(self, *, is_settled: bool = True) -> None:
        """Once each, and no hole without a gap; where all came through, gaps only of a ring that came round."""
        seen: dict[int, set[int]] = defaultdict(set)
        for row in self._store.rows:
            if row.number in seen[row.journal]:
                self.verdict.wrong(f"event {row.number} was committed twice")
            seen[row.journal].add(row.number)
        for gap in self._store.gaps:
            missing = set(range(gap.first, (gap.last or 0) + 1))
            if missing & seen[gap.journal]:
                self.verdict.wrong(f"a recorded event is called lost: {gap}")
            seen[gap.journal] |= missing
        for journal, numbers in seen.items():
            if numbers and len(numbers) != max(numbers) - min(numbers) + 1:
                self.verdict.wrong(f"journal {journal} has a hole without a gap")
        if is_settled:
            self._judge_gaps(seen)

    def _judge_gaps(self, seen: dict[int, set[int]]) -> None:
        cut_off = {gap.journal for gap in self._store.gaps if gap.last is None}
        for gap in self._store.gaps:
            if gap.last is None or gap.journal in cut_off:
                continue
            if max(seen[gap.journal]) < gap.last + RING - 1:
                self.verdict.wrong(f"a gap though the ring had not come round: {gap}")

    def _judge_continuity(self) -> None:
        """A new journal is the answer to a boot from damaged flash, and to nothing else."""
        reasons = [gap.reason for gap in self._store.gaps if gap.last is None]
        allowed = sum(boot.knows_nothing for boot in self._world.board.boots)
        if len(reasons) > allowed:
            self.verdict.wrong(f"{len(reasons)} new journals, {allowed} for cause: {reasons[-3:]}")

    # -- times ----------------------------------------------------------------
    def _time_of(self, row: Event) -> int:
        """The world's time of an event, by the log of boots.

        A boot that was cut before it kept anything leaves its number to the next one: it told nothing.
        """
        boots = sorted(
            self._boots_of[row.journal, row.boot], key=lambda boot: not boot.is_stillborn
        )
        for boot in reversed(boots):
            at_ms = boot.start_ms + (row.uptime_ms - boot.base_ms) % WRAP
            if boot.end_ms is None or at_ms <= boot.end_ms:
                return at_ms
        self.verdict.wrong(f"event {row.number} of boot {row.boot} at a time that never was")
        return -1

    def _gap_time(self, rows: int) -> tuple[int, int]:
        before = self.times[rows - 1] if rows else 0
        after = self.times[rows] if rows < len(self.times) else self._world.now_ms
        return before, after

    def _is_in_gap(self, start_ms: int, end_ms: int) -> bool:
        return any(start_ms <= after and end_ms >= before for before, after in self._gaps)

    # -- pins -----------------------------------------------------------------
    def _rows_by_pin(self) -> dict[tuple[int, str], list[Row]]:
        rows: dict[tuple[int, str], list[Row]] = defaultdict(list)
        for row, at_ms in zip(self._store.rows, self.times, strict=True):
            tells = _TELLS.get(int(row.kind))
            if tells is not None:
                rows[row.slot, tells[0]].append(Row(at_ms, tells[1], row))
            elif not 1 <= row.kind <= 31:
                self.verdict.wrong(f"event {row.number} is of no kind: {row.kind}")
        return rows

    def _windows(self, slot: int, pin: str) -> Iterator[Window]:
        edges = [(0, False)]
        edges += [
            (c.at_ms, c.level) for c in self._world.pins.log if (c.slot, c.pin) == (slot, pin)
        ]
        ends = [at_ms for at_ms, _ in edges[1:]] + [self._world.now_ms + 1]
        spans = [(a, b, level) for (a, level), b in zip(edges, ends, strict=True)]
        first = 0
        for boot in self._world.board.boots:
            until_ms = self._world.now_ms if boot.end_ms is None else boot.end_ms
            while first < len(spans) and spans[first][1] <= boot.start_ms:
                first += 1
            forgets = boot.knows_nothing
            index = first
            while index < len(spans) and spans[index][0] <= until_ms:
                start_ms, end_ms, level = spans[index]
                start_ms = max(start_ms, boot.start_ms)
                crashed = end_ms > until_ms
                if end_ms > start_ms or crashed:
                    yield Window(start_ms, min(end_ms, until_ms), level, crashed, forgets)
                    forgets = False
                index += 1

    def _judge_pin(self, slot: int, pin: str, rows: list[Row]) -> None:
        told: bool | None = False
        waiting = list(reversed(rows))
        for window in self._windows(slot, pin):
            if window.forgets:
                told = None
            hold_ms = _HOLDS_MS[pin][window.level]
            least_ms = 0 if told is None else hold_ms - 2
            while waiting and self._is_within(waiting[-1], window):
                row = waiting.pop()
                is_early = row.at_ms - window.start_ms < least_ms
                if row.level is not window.level or told is window.level or is_early:
                    self._complain_of(row, slot, pin)
                else:
                    self.verdict.told += 1
                told = row.level
            told = self._expect(window, told, slot, pin)
        for row in waiting:
            self._complain_of(row, slot, pin)

    def _is_within(self, row: Row, window: Window) -> bool:
        if window.ends_by_crash:
            return row.at_ms <= window.end_ms
        return row.at_ms < window.end_ms

    def _expect(self, window: Window, told: bool | None, slot: int, pin: str) -> bool | None:
        """What is told at the end of a window; complains where it is not what it must be."""
        if pin == TRIP and not window.level:
            return False
        hold_ms, slack_ms = _HOLDS_MS[pin][window.level], _SLACKS_MS[pin]
        lasted_ms = window.end_ms - window.start_ms
        if told is window.level:
            return told
        is_excused = self._is_in_gap(window.start_ms, window.start_ms + hold_ms + slack_ms)
        if lasted_ms >= hold_ms + slack_ms:
            if is_excused:
                self.verdict.excused += 1
            elif told is not None:
                what = "closed" if window.level else "open"
                self.verdict.wrong(
                    f"{pin} of slot {slot} went {what} at {window.start_ms} ms, and no row tells it"
                )
            return window.level
        return None if is_excused and lasted_ms >= hold_ms - 2 else told

    def _complain_of(self, row: Row, slot: int, pin: str) -> None:
        self.verdict.wrong(
            f"event {row.event.number} tells of {pin} of slot {slot} at {row.at_ms} ms: no pin did that"
        )
