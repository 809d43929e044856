"""Carries the rows of a plan out: phase after phase, in lists of a hundred, each row with its result.

May die after any request: results are handed over as they come, and the next plan starts from what stands there.
Never called inside a database transaction.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Final

from backplane.inventory.netbox.client import NetBox
from backplane.inventory.netbox.errors import NetBoxError
from backplane.inventory.records import Action, Phase, PlanRow
from backplane.inventory.writing.ids import Ids
from backplane.inventory.writing.lists import Lists
from backplane.inventory.writing.results import Fate, RowResult

LIST: Final = 100  # rows in one request
Keep = Callable[[RowResult], None]
AtHome = Callable[[PlanRow], RowResult]


class Executor:
    """One run. `at_home` writes a row of our own database; `keep` is told each result at once."""

    def __init__(self, netbox: NetBox, at_home: AtHome, keep: Keep) -> None:
        self.ids = Ids(netbox)
        self.results: dict[str, RowResult] = {}
        self.error: NetBoxError | None = None
        self._netbox = netbox
        self._at_home = at_home
        self._tell = keep
        self._lists = Lists(netbox, self.ids, self._keep)

    def run(self, rows: Sequence[PlanRow]) -> dict[str, RowResult]:
        """Do the rows in their order. What NetBox's failing left undone is LEFT; `error` says why."""
        due = [row for row in rows if row.phase < Phase.TOLD]
        try:
            if any(row.writes_netbox for row in due):
                self._netbox.need_guards()
            for phase, some in groupby(due, key=lambda row: row.phase):
                self._do(phase, [row for row in some if self._may_go(row)])
        except NetBoxError as error:
            self.error = error
            self._leave(due, str(error))
        return self.results

    def _do(self, phase: Phase, rows: list[PlanRow]) -> None:
        if phase >= Phase.LOCAL:
            for row in rows:
                self._keep(self._at_home(row))
            return
        self.ids.read_parts(rows)
        for some in _lists([row for row in rows if row.action is Action.CREATE]):
            self._lists.create(some)
        for some in _lists([row for row in rows if row.action is not Action.CREATE]):
            self._lists.change(some)

    def _may_go(self, row: PlanRow) -> bool:
        """Say whether all a row needs was done; one whose needs were not waits for the next plan."""
        for key in row.depends_on:
            result = self.results.get(key)
            if result is None or not result.fate.is_good:
                self._keep(RowResult(row.key, Fate.WAITS, f"It needs {key}, which was not done."))
                return False
        return True

    def _leave(self, rows: Sequence[PlanRow], why: str) -> None:
        for row in rows:
            if row.key not in self.results:
                self._keep(RowResult(row.key, Fate.LEFT, why, row.object_id))

    def _keep(self, result: RowResult) -> None:
        self.results[result.key] = result
        self._tell(result)


def _lists(rows: Sequence[PlanRow]) -> Iterator[Sequence[PlanRow]]:
    return (rows[at : at + LIST] for at in range(0, len(rows), LIST))
