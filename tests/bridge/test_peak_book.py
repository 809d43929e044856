"""Peaks between two lessons: the highest counts, faults and those who left do not."""

from backplane.bridge.peaks import PeakBook
from backplane.slots.telemetry import Reading
from tests.support.slots import NOW, later


def told(ma_max: int | None, ma: int | None = 100) -> Reading:
    return Reading(12_000, ma, 4_700, ma_max)


def test_the_highest_of_the_last_seconds_is_taken_once() -> None:
    book = PeakBook()
    for ma_max in (500, 900, 700):
        book.note({0: told(9_000), 7: told(ma_max), 8: told(None, 400), 9: told(None, None)})
    assert book.take(NOW) == {7: 10_800, 8: 4_800}
    book.note({7: told(300)})
    assert book.take(later(9.9)) == {}
    assert book.take(later(10)) == {7: 3_600}


def test_who_left_and_what_was_a_fault_teach_nothing() -> None:
    book = PeakBook()
    book.note({7: told(2_600), 8: told(500)})
    book.forget(7)
    book.forget(9)
    assert book.take(NOW) == {8: 6_000}
