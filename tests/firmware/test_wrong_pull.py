"""The wrong-pull alarm: red in time whatever else goes on, no other blue meanwhile, and what ends it."""

import random
from pathlib import Path

import pytest

from firmware import codes
from firmware.journal import Journal, MemoryJournal
from firmware.journal_file import FileJournal
from tests.support.bench import Bench
from tests.support.fake_board import FakeBoard, board_data

pytestmark = pytest.mark.long

# A write erases one sector of 4 KB and programs 2 KB (docs/firmware.md): 45 + 10 ms with the usual figures of a
# W25Q, 400 + 24 ms with its worst ones. Both cores stand still for so long.
USUAL_MS, SLOW_MS, WORST_MS = 55, 80, 424
RED_FAST = (codes.RED, codes.FAST)


class SlowFlash(FileJournal):  # type: ignore[misc]  # mypy does not read firmware/
    """Flash whose every write takes its time from the core."""

    bench: Bench | None = None
    write_ms = USUAL_MS

    def _append_to(self, index: int, data: bytes, mode: str) -> bool:
        if self.bench is not None:
            self.bench.now_ms += self.write_ms
        return bool(super()._append_to(index, data, mode))


class WatchedLamps(FakeBoard):
    """Knows when the lamp of slot 6 was first red."""

    bench: Bench | None = None
    red_ms: int | None = None

    def show_lights(self) -> None:
        if self.bench is not None and self.bench.lamps(6)[:2] == RED_FAST and self.red_ms is None:
            self.red_ms = self.bench.now_ms


def released_beside(board: FakeBoard | None = None, journal: Journal | None = None) -> Bench:
    """Slot 6 runs, slot 7 is released."""
    bench = Bench(board, journal).powered(6)
    bench.seated(7)
    assert bench.ask(codes.RELEASE, 7, 1)[0] == codes.OK
    return bench


def pull_wrong(bench: Bench, slot: int = 6) -> None:
    bench.change(lambda: bench.board.pull(slot))
    bench.run(200)
    assert bench.lamps(slot)[:2] == RED_FAST


def put_back(bench: Bench, slot: int = 6) -> None:
    bench.change(lambda: bench.board.insert(slot))
    bench.run(700)


def make_noise(bench: Bench, chance: random.Random) -> None:
    """Chatter on every other contact, and garbage on the line."""
    slot = chance.choice([1, 2, 3, 4, 5, 8, 9, 10])
    name = chance.choice(["present", "handles_closed", "halted"])
    setattr(bench.board, name, getattr(bench.board, name) ^ 1 << slot)
    bench.core.receive(chance.randbytes(30), bench.now_ms)


def being_compacted(folder: Path, write_ms: int) -> tuple[Bench, SlowFlash, WatchedLamps]:
    """Slot 6 runs, slot 7 is released, and a compaction has just begun."""
    journal, board = SlowFlash(str(folder)), WatchedLamps()
    bench = released_beside(board, journal)
    bench.seated(1, 2, 3, 4, 5)
    while not journal.work():
        bench.core.chassis.emit(codes.CONFIG, None, 2)
        journal.flush()
    journal.bench, journal.write_ms = bench, write_ms
    board.bench = bench
    return bench, journal, board


@pytest.mark.parametrize("write_ms", [USUAL_MS, SLOW_MS])
@pytest.mark.parametrize("seed", range(6))
def test_red_shows_within_200_ms_with_noise_all_around_and_flash_being_compacted(
    seed: int, write_ms: int, tmp_path: Path
) -> None:
    bench, journal, board = being_compacted(tmp_path, write_ms)
    chance = random.Random(seed)
    for _ in range(chance.randrange(4)):
        make_noise(bench, chance)
        bench.run(5)
    opened_ms = bench.now_ms
    bench.board.pull(6)
    while board.red_ms is None:
        make_noise(bench, chance)
        bench.run(5)
    assert board.red_ms - opened_ms <= 200
    assert journal._snapshot is not None, "the compaction was still under way"


@pytest.mark.parametrize("write_ms", [USUAL_MS, SLOW_MS, WORST_MS])
@pytest.mark.parametrize("slices", range(0, 24, 4))
def test_a_pull_and_a_trip_during_a_compaction_cost_the_writes_they_wait_for_and_no_event(
    slices: int, write_ms: int, tmp_path: Path
) -> None:
    bench, journal, board = being_compacted(tmp_path, write_ms)
    for _ in range(slices):
        bench.run(1)
    board.pull(6)  # as a write begins: nothing is sampled before it ends
    opened_ms = bench.now_ms
    bench.now_ms += write_ms
    board.tripped |= 1 << 6
    while board.red_ms is None:
        bench.run(1)
    # The write that was under way, and that of the trip while the contact settles.
    assert board.red_ms - opened_ms <= 2 * write_ms + 30
    assert not board.switches >> 6 & 1
    bench.run(100 * write_ms)
    assert not journal._snapshot
    bench.reboot()
    assert {codes.REMOVE, codes.WRONG_PULL, codes.RAIL_OFF, codes.TRIP} <= set(bench.kinds(6))


class TestBlueOfTheReleasedSlot:
    def test_is_dark_while_the_alarm_is_on_and_comes_back(self) -> None:
        bench = released_beside()
        assert bench.lamps(7)[2] == codes.STEADY
        pull_wrong(bench)
        assert bench.lamps(7)[2] == codes.DARK
        assert bench.has(7, codes.F_RELEASED)
        assert bench.has(7, codes.F_HELD)
        assert bench.values(codes.RELEASED, 7) == [1], "lamps only: nothing was taken back"
        put_back(bench)
        assert bench.lamps(7)[2] == codes.STEADY

    def test_no_override_brings_it_back(self) -> None:
        bench = released_beside()
        pull_wrong(bench)
        assert bench.ask(codes.SET_LED, 7, 1, 7, 7, codes.STEADY, 7)[0] == codes.OK
        assert bench.lamps(7)[2] == codes.DARK
        put_back(bench)
        assert bench.lamps(7)[2] == codes.STEADY

    def test_stays_dark_until_the_last_alarm_ends(self) -> None:
        bench = released_beside()
        bench.seated(5)
        pull_wrong(bench, 6)
        pull_wrong(bench, 5)
        put_back(bench, 6)
        assert bench.lamps(7)[2] == codes.DARK
        put_back(bench, 5)
        assert bench.lamps(7)[2] == codes.STEADY

    def test_comes_back_dark_when_it_is_no_longer_safe(self) -> None:
        bench = released_beside()
        pull_wrong(bench)
        bench.board.mv[7] = 4800
        put_back(bench)
        assert bench.lamps(7)[2] == codes.DARK
        assert not bench.has(7, codes.F_RELEASED)


class TestNothingHidesIt:
    def test_an_override_of_the_status_lamp_does_not(self) -> None:
        bench = released_beside()
        bench.ask(codes.SET_LED, 6, 1, codes.GREEN, codes.STEADY, 7, codes.FAST)
        assert bench.lamps(6)[:2] == (codes.GREEN, codes.STEADY)
        pull_wrong(bench)
        assert bench.lamps(6)[3] == codes.FAST
        put_back(bench)
        assert bench.lamps(6)[:2] == (codes.GREEN, codes.STEADY)

    def test_a_lamp_test_ends_with_it_and_leaves_it_alone(self) -> None:
        bench = released_beside()
        bench.ask(codes.LAMP_TEST, 1)
        pull_wrong(bench)
        assert bench.lamps(7)[4] == codes.LOCAL
        bench.ask(codes.LAMP_TEST, 1)
        assert bench.lamps(7)[4] == codes.LAMPS, "whoever asks for it again gets it"
        assert bench.lamps(6)[:2] == (codes.RED, codes.FAST)


class TestItEnds:
    def test_not_by_a_carrier_that_cannot_be_read(self) -> None:
        bench = released_beside()
        pull_wrong(bench)
        bench.board.carriers[6] = b""
        put_back(bench)
        bench.run(60_000)
        assert bench.has(6, codes.F_ALARM)
        assert bench.ask(codes.CLEAR_ALARM, 6)[0] == codes.OK
        assert not bench.has(6, codes.F_ALARM)
        assert bench.lamps(7)[2] == codes.STEADY

    def test_on_a_board_without_identity_only_by_a_person(self) -> None:
        data = board_data()
        data["senses"]["identity"] = False
        bench = released_beside(FakeBoard(data))
        pull_wrong(bench)
        put_back(bench)
        bench.run(60_000)
        assert bench.has(6, codes.F_ALARM)
        assert bench.ask(codes.CLEAR_ALARM, 6)[0] == codes.OK
        assert bench.kinds(6)[-1] == codes.ALARM_CLEARED

    def test_not_when_the_carrier_had_never_been_read_before(self) -> None:
        board = FakeBoard()
        board.carriers[6] = b""
        bench = released_beside(board)
        pull_wrong(bench)
        board.carriers[6] = b"carrier-06"
        put_back(bench)
        assert bench.has(6, codes.F_ALARM)

    def test_not_by_time_nor_by_silence_of_the_host(self) -> None:
        bench = released_beside()
        pull_wrong(bench)
        bench.heartbeats = False
        bench.run(1_200_000)
        assert bench.lamps(6)[:2] == RED_FAST
        assert bench.lamps(7)[2] == codes.DARK

    def test_when_a_stranger_made_room_for_the_right_one(self) -> None:
        bench = released_beside()
        pull_wrong(bench)
        bench.board.carriers[6] = b"stranger"
        put_back(bench)
        bench.change(lambda: bench.board.pull(6))
        bench.run(200)
        assert bench.values(codes.WRONG_PULL, 6) == [7], "one alarm, told once"
        bench.board.carriers[6] = b"carrier-06"
        put_back(bench)
        assert not bench.has(6, codes.F_ALARM)


class TestReset:
    def test_the_alarm_and_the_dark_blue_outlive_it(self) -> None:
        bench = released_beside()
        pull_wrong(bench)
        bench.reboot()
        bench.run(100)
        assert bench.lamps(6)[:2] == RED_FAST
        assert bench.lamps(7)[2] == codes.DARK
        bench.board.carriers[6] = b"stranger"
        put_back(bench)
        assert bench.has(6, codes.F_ALARM)
        bench.change(lambda: bench.board.pull(6))
        bench.run(200)
        bench.reboot()
        bench.board.carriers[6] = b"carrier-06"
        put_back(bench)
        assert not bench.has(6, codes.F_ALARM)
        assert bench.lamps(7)[2] == codes.STEADY

    def test_a_wrong_pull_while_the_controller_was_down_is_found(self) -> None:
        bench = released_beside()
        bench.board.pull(6)
        bench.reboot()
        bench.run(200)
        assert bench.lamps(6)[:2] == RED_FAST
        assert bench.values(codes.WRONG_PULL, 6) == [7]

    def test_between_the_removal_and_its_alarm_loses_neither(self) -> None:
        journal = DiesAfterRemove()
        bench = released_beside(journal=journal)
        journal.is_armed = True
        with pytest.raises(ResetHere):
            pull_wrong(bench)
        journal.is_armed = False
        bench.reboot()
        bench.run(100)
        assert bench.kinds(6).count(codes.WRONG_PULL) == 1
        assert bench.lamps(6)[:2] == RED_FAST
        bench.reboot()
        bench.run(100)
        assert bench.kinds(6).count(codes.WRONG_PULL) == 1


class ResetHere(Exception):  # noqa: N818  (no error: the moment of a reset)
    """The controller is gone after this write."""


class DiesAfterRemove(MemoryJournal):  # type: ignore[misc]  # mypy does not read firmware/
    is_armed = False

    def append(self, body: bytes, key: int, fact: bytes) -> None:
        super().append(body, key, fact)
        if self.is_armed and body[14] == codes.REMOVE:
            raise ResetHere
