"""The cursor of the change log: nothing is missed that commits late, and a gap that stays costs nothing for ever."""

from datetime import timedelta

from backplane.inventory.cursor import Cursor, moved
from tests.support.inventory import NOW


def _at(*seen: int, settled: int = 100, newest: int = 100) -> Cursor:
    return Cursor(newest, settled, seen, ())


def test_it_moves_past_what_was_seen_without_a_gap() -> None:
    at = moved(_at(101, 102, 103), NOW)
    assert (at.newest, at.settled, at.seen) == (103, 103, ())


def test_it_stays_below_an_id_that_may_still_come() -> None:
    at = moved(_at(101, 103, 104), NOW)
    assert (at.newest, at.settled, at.seen) == (104, 101, (103, 104))
    came = moved(Cursor(at.newest, at.settled, (102, *at.seen), at.marks), NOW)
    assert (came.settled, came.seen) == (104, ())


def test_a_gap_that_nobody_can_still_be_writing_is_passed() -> None:
    at = moved(_at(101, 103), NOW)
    soon = moved(at, NOW + timedelta(minutes=9))
    assert soon.settled == 101
    late = moved(at, NOW + timedelta(minutes=10))
    assert (late.settled, late.seen) == (103, ())


def test_what_came_after_the_mark_is_still_waited_for() -> None:
    at = moved(_at(101, 103), NOW)
    more = moved(Cursor(103, at.settled, (103, 105), at.marks), NOW + timedelta(minutes=5))
    late = moved(more, NOW + timedelta(minutes=10))
    assert (late.settled, late.seen) == (103, (105,))


def test_a_burst_is_waited_for_no_longer_than_the_overlap() -> None:
    at = moved(_at(*range(102, 402)), NOW)
    assert at.settled == 401
    assert moved(_at(500), NOW).settled == 300
