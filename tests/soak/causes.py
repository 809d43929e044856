"""Looks for the cause of each switch of a rail, in the pins and in what was asked; never in a journal.

A rail moves by a command of who owns the board then, once, in time, in its boot, and on what its giver knew;
by a removal, a trip, or the restore after a real loss of power. By nothing else.
"""

from collections import defaultdict

from backplane.firmware_link.messages import IF_EVENT_ANY, Op
from tests.soak.host import Given
from tests.soak.judge import Judge, Verdict
from tests.soak.pins import HANDLE, PRESENCE, RAIL, TRIP, Change
from tests.soak.world import World

LATE_MS = 60  # how far a host's idea of the board's clock may be off
RESTORED_WITHIN_MS = 60_000
HOLD_MS = 2_000


class Causes:
    """Walks through the switches of one world in their order."""

    def __init__(self, world: World, judge: Judge) -> None:
        self._world = world
        self._verdict: Verdict = judge.verdict
        self._used: dict[tuple[int, bool], int] = {}
        self._cycled: dict[int, tuple[Given, int]] = {}
        self._restored: dict[tuple[int, int], int] = {}
        self._of_slot: dict[int, list[Given]] = defaultdict(list)
        for given in world.given:
            self._of_slot[given.slot].append(given)
        times = dict(zip(map(id, judge.rows), judge.times, strict=True))
        self._times = times
        self._pins: dict[tuple[int, str], list[Change]] = defaultdict(list)
        for change in world.pins.log:
            self._pins[change.slot, change.pin].append(change)
        self.switched = 0
        self.by_command = 0

    def judge(self) -> None:
        for change in self._world.pins.log:
            if change.pin == RAIL and change.by_firmware:
                self.switched += 1
                if not self._has_cause(change):
                    what = "on" if change.level else "off"
                    self._verdict.wrong(
                        f"rail {change.slot} went {what} at {change.at_ms} ms: {self._why_not(change)}"
                    )

    def _has_cause(self, change: Change) -> bool:
        if change.level:
            return self._is_commanded(change) or self._ends_cycle(change) or self._restores(change)
        open_ms = self._level_since(change, PRESENCE, level=False)
        if open_ms is not None and change.at_ms - open_ms >= 18:
            return True
        if self._level_since(change, TRIP, level=True) is not None:
            return True
        return self._is_commanded(change)

    def _level_since(self, change: Change, pin: str, *, level: bool) -> int | None:
        """Since when a pin of the slot has held that level, or None where it does not."""
        since: tuple[int, bool] = (0, False)
        for edge in self._pins[change.slot, pin]:
            if edge.at_ms > change.at_ms:
                break
            since = (edge.at_ms, edge.level)
        return since[0] if since[1] is level else None

    # -- commands -------------------------------------------------------------
    def _is_commanded(self, change: Change) -> bool:
        for given in self._of_slot[change.slot]:
            if self._asks(given, change.level) and not self._objection(given, change):
                self._used[given.id, change.level] = change.at_ms
                self.by_command += 1
                if given.order.op == Op.POWER_CYCLE:
                    self._cycled[change.slot] = (given, change.at_ms)
                return True
        return False

    @staticmethod
    def _asks(given: Given, level: bool) -> bool:
        if given.order.op == Op.POWER_CYCLE:
            return not level
        return given.order.op == Op.SET_POWER and bool(given.order.args[1]) is level

    def _objection(self, given: Given, change: Change) -> str:
        """Why this command cannot be what moved the rail; empty when it can."""
        at_ms = change.at_ms
        boots = self._world.board.boots
        boot = max(i for i, one in enumerate(boots) if one.start_ms <= at_ms)
        lease = [own.lease for own in self._world.owned if own.at_ms <= at_ms][-1:]
        objections = (
            ((given.id, change.level) in self._used, "it had acted"),
            (at_ms < given.at_ms, "it was not given yet"),
            (at_ms > given.expires_at_ms + LATE_MS, "it was late"),
            (boot != given.boot_index, "it was of another boot"),
            (lease != [given.lease], "another owned the board"),
        )
        for applies, why in objections:
            if applies:
                return why
        is_checked = given.if_event != IF_EVENT_ANY
        return "the slot had moved on" if is_checked and self._has_moved(given, at_ms) else ""

    def _has_moved(self, given: Given, at_ms: int) -> bool:
        """Whether a contact of the slot came to rest after what the giver knew, and well before the act."""
        known_ms = self._times.get(id(given.known), given.at_ms)
        for pin, holds_ms in ((PRESENCE, (20, 50)), (HANDLE, (30, 30))):
            edges = self._pins[given.slot, pin]
            for index, edge in enumerate(edges):
                rest_ms = edge.at_ms + holds_ms[edge.level]
                until_ms = edges[index + 1].at_ms if index + 1 < len(edges) else at_ms
                is_told = rest_ms + 20 <= min(until_ms, at_ms - 20)
                # A bounce back to the level that was told is no move.
                is_bounce = index > 0 and edge.at_ms - edges[index - 1].at_ms < 80
                is_new = rest_ms > known_ms + 20 and not is_bounce
                if is_new and is_told and self._was_up(edge.at_ms, rest_ms + 20):
                    return True
        return False

    def _was_up(self, start_ms: int, end_ms: int) -> bool:
        return any(
            boot.start_ms <= start_ms and (boot.end_ms is None or boot.end_ms > end_ms)
            for boot in self._world.board.boots
        )

    def _why_not(self, change: Change) -> str:
        asked = [given for given in self._of_slot[change.slot] if self._asks(given, change.level)]
        near = [given for given in asked if given.at_ms <= change.at_ms][-3:]
        if not near:
            return "nobody asked for it"
        return "; ".join(
            f"command {given.id} of {given.at_ms} ms: {self._objection(given, change)}"
            for given in near
        )

    # -- the board's own ----------------------------------------------------------
    def _ends_cycle(self, change: Change) -> bool:
        given, off_ms = self._cycled.get(change.slot, (None, 0))
        if given is None or change.at_ms - off_ms < HOLD_MS - 5:
            return False
        del self._cycled[change.slot]
        return True

    def _restores(self, change: Change) -> bool:
        for back_ms in self._world.power_returns:
            if not 0 <= change.at_ms - back_ms <= RESTORED_WITHIN_MS:
                continue
            if (change.slot, back_ms) not in self._restored:
                self._restored[change.slot, back_ms] = change.at_ms
                return True
        return False
