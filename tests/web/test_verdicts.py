"""Verdicts on boards and slots: pure."""

from datetime import UTC, datetime, timedelta

from backplane.live.pages.verdicts import Lived, Verdict, verdict_on_board, verdict_on_slot

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)


def lived(board: str, slot: str, day: int, failures: int = 0, *, is_open: bool = False) -> Lived:
    since = START + day * DAY
    return Lived(board, slot, since, None if is_open else since + DAY, failures)


def test_a_board_that_failed_in_two_slots_is_the_suspect() -> None:
    stays = [lived("m", "a12, slot 7", 2, 1), lived("m", "a12, slot 3", 1, 2)]
    assert verdict_on_board(stays) == Verdict(
        "This board failed in two slots: a12, slot 7 and a12, slot 3.", is_bad=True
    )


def test_a_board_that_failed_in_one_slot_alone_is_not() -> None:
    stays = [lived("m", "slot 7", 1, 1), lived("m", "slot 3", 2)]
    assert verdict_on_board(stays) == Verdict(
        "This board failed in slot 7 alone; in slot 3 nothing failed."
    )
    only = verdict_on_board([lived("m", "slot 7", 1, 1)])
    assert only.text == "This board failed in slot 7; it has stood nowhere else."


def test_a_board_without_trouble_is_said_to_be_fine() -> None:
    assert verdict_on_board([lived("m", "s", 1)]).text == "Nothing has failed in its only stay."
    two = [lived("m", "s", 1), lived("m", "s", 2)]
    assert verdict_on_board(two).text == "Nothing has failed in two stays."
    assert verdict_on_board([]).text == ""
    hot = Lived("m", "s", START, None, 0, over_temperatures=1)
    assert verdict_on_board([hot]).text == "This board never failed, but ran too hot."


def test_a_slot_has_killed_only_boards_that_never_came_back() -> None:
    here = [lived("a", "s7", 1, 1), lived("b", "s7", 2, 1), lived("c", "s7", 3, 1)]
    assert verdict_on_slot(here, []) == Verdict(
        "This slot has killed three boards: none of them was put in again.", is_bad=True
    )
    seated = [*here[:1], lived("b", "s7", 2, 1, is_open=True)]
    assert verdict_on_slot(seated, []).text == "Two boards failed in this slot."


def test_boards_that_ran_on_elsewhere_accuse_the_slot() -> None:
    here = [lived("a", "s7", 1, 1), lived("b", "s7", 2, 1)]
    elsewhere = [lived("a", "s3", 4), lived("b", "s4", 5)]
    assert verdict_on_slot(here, elsewhere) == Verdict(
        "Two boards failed in this slot; two of them ran elsewhere without trouble. Suspect the slot.",
        is_bad=True,
    )
    failing = [lived("a", "s3", 4, 1), lived("b", "s4", 5, 1)]
    assert verdict_on_slot(here, failing).text == "Two boards failed in this slot."


def test_one_failure_is_no_verdict() -> None:
    assert verdict_on_slot([lived("a", "s7", 1, 1)], []).text == "One board failed in this slot."
    assert verdict_on_slot([lived("a", "s7", 1)], []).text == "Nothing has failed in its only stay."
    assert verdict_on_slot([], []).text == ""
