"""Compares what a board's journal holds with what the database holds: nothing lost, nothing twice."""

from backplane.slots.models import Chassis, Gap, HardwareEvent
from tests.support.loop_thread import until
from tests.support.rack_bench import Rack


def wait_until_all_is_recorded(rack: Rack) -> None:
    """Wait until the cursor has reached the board's newest event."""

    def is_level() -> bool:
        journal = rack.journal()
        row = Chassis.objects.filter(board_id=rack.board_id).first()
        return row is not None and (row.journal, row.cursor) == (journal.id, journal.next - 1)

    until(is_level, f"the events of {rack.name} to be recorded")


def assert_nothing_is_lost(rack: Rack) -> None:
    """Every number of the journal is one row with the board's own bytes, or lies in a gap."""
    wait_until_all_is_recorded(rack)
    journal = rack.journal()
    rows = HardwareEvent.objects.filter(board_id=rack.board_id, journal=journal.id)
    recorded = {row.number: bytes(row.raw) for row in rows}
    missing = numbers_in_gaps(rack, journal.id)
    assert not missing & set(recorded), "a recorded event is called lost"
    newest = max(recorded)
    assert set(recorded) | missing == set(range(1, newest + 1)), "a hole without a gap row"
    for number, body in journal.bodies.items():
        assert number > newest or recorded.get(number, body) == body, f"event {number} differs"


def numbers_in_gaps(rack: Rack, journal_id: int) -> set[int]:
    """The numbers that gap rows call lost."""
    gaps = Gap.objects.filter(board_id=rack.board_id, journal=journal_id)
    return {n for gap in gaps for n in range(gap.first_missing, (gap.last_missing or 0) + 1)}
