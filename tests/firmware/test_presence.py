"""Carriers and handles: debounce, removal, suspicion, flapping, wrong pull."""

from pathlib import Path

import pytest

from firmware import codes
from firmware.journal_file import FileJournal
from tests.support.bench import Bench


def test_insert_is_told_after_50_ms() -> None:
    bench = Bench()
    bench.change(lambda: bench.board.insert(3))
    bench.run(45)
    assert codes.INSERT not in bench.kinds(3)
    bench.run(5)
    assert bench.kinds(3)[0] == codes.INSERT
    assert bench.has(3, codes.F_PRESENT)


def test_remove_is_told_after_20_ms_and_cuts_the_rail_at_once() -> None:
    bench = Bench().powered(3)
    bench.change(lambda: bench.board.pull(3))
    bench.run(15)
    assert bench.board.switches
    bench.run(5)
    assert bench.board.switches == 0
    assert bench.kinds(3)[-2:] == [codes.REMOVE, codes.RAIL_OFF]
    assert bench.values(codes.RAIL_OFF, 3) == [codes.BY_REMOVAL]
    assert bench.has(3, codes.F_HELD)
    assert not bench.has(3, codes.F_PRESENT)


def test_bounce_shorter_than_the_debounce_is_nothing() -> None:
    bench = Bench().powered(3)
    before = bench.kinds(3)
    for _ in range(3):
        bench.change(lambda: bench.board.pull(3))
        bench.run(15)
        bench.change(lambda: bench.board.insert(3))
        bench.run(15)
    assert bench.kinds(3) == before
    assert bench.has(3, codes.F_RAIL)


def test_handle_is_debounced_by_30_ms() -> None:
    bench = Bench().seated(2)
    bench.change(lambda: setattr(bench.board, "handles_closed", 0))
    bench.run(25)
    assert codes.HANDLE_OPEN not in bench.kinds(2)
    bench.run(5)
    assert bench.kinds(2)[-1] == codes.HANDLE_OPEN
    bench.change(lambda: setattr(bench.board, "handles_closed", 1 << 2))
    bench.run(30)
    assert bench.kinds(2)[-1] == codes.HANDLE_CLOSED


def test_open_presence_with_current_is_suspicious_and_keeps_the_rail() -> None:
    bench = Bench().powered(4)
    bench.board.ma[4] = 380
    bench.change(lambda: bench.board.pull(4))
    bench.run(1000)
    assert bench.values(codes.SUSPICIOUS, 4) == [380]
    assert codes.REMOVE not in bench.kinds(4)
    assert bench.has(4, codes.F_RAIL)
    assert bench.has(4, codes.F_SUSPICIOUS)
    assert not bench.has(4, codes.F_PRESENT)


def test_suspicion_becomes_a_removal_when_the_current_stops() -> None:
    bench = Bench().powered(4)
    bench.board.ma[4] = 380
    bench.change(lambda: bench.board.pull(4))
    bench.run(500)
    bench.board.ma[4] = 0
    bench.run(150)
    assert codes.REMOVE in bench.kinds(4)
    assert bench.board.switches == 0
    assert not bench.has(4, codes.F_SUSPICIOUS)


def test_suspicion_ends_without_an_event_when_the_contact_closes_again() -> None:
    bench = Bench().powered(4)
    bench.board.ma[4] = 380
    bench.change(lambda: bench.board.pull(4))
    bench.run(500)
    bench.change(lambda: bench.board.insert(4))
    bench.run(500)
    assert bench.kinds(4)[-1] == codes.SUSPICIOUS
    assert not bench.has(4, codes.F_SUSPICIOUS)
    assert bench.has(4, codes.F_PRESENT)


def test_a_meter_that_cannot_be_read_proves_no_removal() -> None:
    bench = Bench().powered(4)
    bench.board.ma[4] = codes.UNKNOWN
    bench.change(lambda: bench.board.pull(4))
    bench.run(500)
    assert bench.has(4, codes.F_RAIL)
    assert bench.has(4, codes.F_SUSPICIOUS)


def test_chatter_becomes_one_flapping_and_then_the_truth() -> None:
    bench = Bench().seated(5)
    bench.run(1000)
    for _ in range(20):
        bench.change(lambda: bench.board.pull(5))
        bench.run(60)
        bench.change(lambda: bench.board.insert(5))
        bench.run(60)
    bench.change(lambda: bench.board.pull(5))
    bench.run(60)
    assert bench.kinds(5).count(codes.FLAPPING) == 1
    assert bench.has(5, codes.F_FLAPPING)
    told = bench.kinds(5).count(codes.REMOVE) + bench.kinds(5).count(codes.INSERT)
    assert told <= 6
    bench.run(1500)
    assert not bench.has(5, codes.F_FLAPPING)
    assert bench.kinds(5)[-1] == codes.REMOVE


def test_contact_that_never_settles_is_flapping() -> None:
    bench = Bench().seated(5)
    for _ in range(150):
        bench.change(lambda: bench.board.pull(5))
        bench.run(5)
        bench.change(lambda: bench.board.insert(5))
        bench.run(5)
    assert bench.kinds(5).count(codes.FLAPPING) == 1
    assert codes.REMOVE not in bench.kinds(5)
    bench.run(1500)
    assert not bench.has(5, codes.F_FLAPPING)


def test_identity_is_told_once_and_again_for_another_carrier() -> None:
    bench = Bench().seated(6)
    told = [event for event in bench.told() if event.kind == codes.IDENTIFIED]
    assert [event.uid for event in told] == [b"carrier-06"]
    assert bench.has(6, codes.F_IDENTITY)
    bench.change(lambda: bench.board.pull(6))
    bench.run(50)
    assert not bench.has(6, codes.F_IDENTITY)
    bench.board.carriers[6] = b"other"
    bench.seated(6)
    told = [event for event in bench.told() if event.kind == codes.IDENTIFIED]
    assert [event.uid for event in told] == [b"carrier-06", b"other"]


def test_the_same_carrier_put_back_is_told_again() -> None:
    bench = Bench().seated(6)
    bench.change(lambda: bench.board.pull(6))
    bench.run(50)
    bench.seated(6)
    assert bench.kinds(6).count(codes.IDENTIFIED) == 2


def test_identity_is_tried_until_it_can_be_read() -> None:
    bench = Bench()
    bench.board.carriers[6] = b""
    bench.seated(6)
    bench.run(2000)
    assert codes.IDENTIFIED not in bench.kinds(6)
    bench.board.carriers[6] = b"late"
    bench.run(600)
    assert codes.IDENTIFIED in bench.kinds(6)


class TestWrongPull:
    @pytest.fixture
    def bench(self) -> Bench:
        bench = Bench().powered(6)
        bench.seated(7)
        assert bench.ask(codes.RELEASE, 7, 1)[0] == codes.OK
        return bench

    def test_blinks_red_within_200_ms(self, bench: Bench) -> None:
        started = bench.now_ms
        bench.change(lambda: bench.board.pull(6))
        bench.run_until(lambda: bench.lamps(6)[:2] == (codes.RED, codes.FAST), 200)
        assert bench.now_ms - started <= 200
        assert bench.values(codes.WRONG_PULL, 6) == [7]
        assert bench.has(6, codes.F_ALARM)
        assert bench.has(7, codes.F_HELD)
        assert bench.has(7, codes.F_RELEASED)

    def test_works_while_the_host_is_silent(self, bench: Bench) -> None:
        bench.heartbeats = False
        bench.run(8000)
        bench.change(lambda: bench.board.pull(6))
        bench.run(30)
        assert bench.lamps(6)[:2] == (codes.RED, codes.FAST)

    def test_is_in_time_while_the_flash_is_compacted(self, tmp_path: Path) -> None:
        journal = FileJournal(str(tmp_path))
        bench = Bench(journal=journal).powered(6)
        bench.seated(7)
        assert bench.ask(codes.RELEASE, 7, 1)[0] == codes.OK
        slices = 0
        while not journal.work():
            bench.core.chassis.emit(codes.CONFIG, None, 2)
        started = bench.now_ms
        bench.change(lambda: bench.board.pull(6))
        while bench.lamps(6)[:2] != (codes.RED, codes.FAST):
            assert bench.core.next_due() <= bench.now_ms + 5
            bench.run(5)
            slices += 1
        assert bench.now_ms - started <= 200
        assert slices >= 4
        bench.run(1000)
        assert not journal.work()

    def test_ends_when_the_same_carrier_is_back(self, bench: Bench) -> None:
        bench.change(lambda: bench.board.pull(6))
        bench.run(500)
        bench.change(lambda: bench.board.insert(6))
        bench.run(100)
        assert bench.kinds(6)[-1] == codes.ALARM_CLEARED
        assert not bench.has(6, codes.F_ALARM)

    def test_another_carrier_does_not_end_it(self, bench: Bench) -> None:
        bench.change(lambda: bench.board.pull(6))
        bench.run(500)
        bench.board.carriers[6] = b"stranger"
        bench.change(lambda: bench.board.insert(6))
        bench.run(2000)
        assert bench.has(6, codes.F_ALARM)
        assert bench.ask(codes.CLEAR_ALARM, 6)[0] == codes.OK
        assert not bench.has(6, codes.F_ALARM)

    def test_outlives_a_reboot(self, bench: Bench) -> None:
        bench.change(lambda: bench.board.pull(6))
        bench.run(500)
        bench.reboot()
        bench.run(200)
        assert bench.has(6, codes.F_ALARM)
        bench.change(lambda: bench.board.insert(6))
        bench.run(200)
        assert not bench.has(6, codes.F_ALARM)

    def test_pulling_the_released_slot_is_no_alarm(self, bench: Bench) -> None:
        bench.change(lambda: bench.board.pull(7))
        bench.run(500)
        assert codes.WRONG_PULL not in bench.kinds(7)
        assert not bench.has(7, codes.F_RELEASED)
        assert bench.has(7, codes.F_HELD)


def test_without_any_release_a_pull_is_no_alarm() -> None:
    bench = Bench().powered(6)
    bench.change(lambda: bench.board.pull(6))
    bench.run(500)
    assert not bench.has(6, codes.F_ALARM)
