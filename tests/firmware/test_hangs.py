"""A confirmed version that keeps hanging gives way to the other folder, once; mere resets never count."""

from pathlib import Path

import pytest

from backplane.firmware_link.update_orders import UpdateOutcome
from firmware import codes
from firmware.boot_selector import BootState
from firmware.hang_guard import HangGuard
from tests.support.update_bench import UpdateBench, play_image, put_folder

OLD, NEW = play_image("1.0"), play_image("2.0")
HOUR_MS = 3_600_000


@pytest.fixture
def bench(tmp_path: Path) -> UpdateBench:
    """Version 2.0 was confirmed in folder b; 1.0 is still in folder a."""
    put_folder(tmp_path, "a", OLD)
    bench = UpdateBench(tmp_path)
    bench.powered(1, 2)
    bench.update_to(NEW)
    bench.greet()
    return bench


def hang(bench: UpdateBench, times: int = 1) -> None:
    """The loop stands still, the guard notes it, the watchdog bites; a host is there at once."""
    for _ in range(times):
        guard = HangGuard(bench.boot)
        for _ in range(15):
            guard.look()
        bench.board.reset_cause = 3
        bench.reboot()
        bench.greet()


def logs(bench: UpdateBench) -> list[bytes]:
    return [body[2:] for body in bench.bodies(codes.LOG)]


def test_three_hangs_lead_back_though_a_host_is_reached_each_time(bench: UpdateBench) -> None:
    hang(bench, 2)
    assert (bench.folder, logs(bench)) == (1, [])
    hang(bench)
    assert bench.folder == 0
    status = bench.status()
    assert (status.outcome, status.outcome_digest) == (UpdateOutcome.HUNG, NEW.digest[:8])
    assert logs(bench) == [b"The version in the other folder kept hanging: this one runs."]
    bench.reboot()
    bench.greet()
    assert bench.folder == 0
    assert bench.board.switches == 0b110
    assert codes.RAIL_OFF not in bench.kinds(1) + bench.kinds(2)


@pytest.mark.parametrize("cause", [1, 2, 3, 5])
def test_a_reset_alone_never_counts_whatever_its_cause_reads_as(
    cause: int, bench: UpdateBench
) -> None:
    bench.board.reset_cause = cause  # the button reads as power-on, a brown-out may read as 3
    for _ in range(10):
        bench.reboot()
        bench.run(2_000)
    assert bench.folder == 1
    assert not (bench.root / "failures").exists()


def test_it_never_goes_to_and_fro(bench: UpdateBench) -> None:
    hang(bench, 3)
    hang(bench, 7)
    assert bench.folder == 0
    for _ in range(7):
        BootState(str(bench.root)).crashed(0)
        bench.reboot()
        assert bench.folder == 0


def test_one_that_kept_stopping_is_not_gone_back_to_either(bench: UpdateBench) -> None:
    for _ in range(3):
        BootState(str(bench.root)).crashed(1)
        bench.reboot()
    assert bench.folder == 0
    hang(bench, 4)
    assert bench.folder == 0
    assert bench.status().outcome == UpdateOutcome.CRASHED


@pytest.mark.long
def test_an_hour_of_work_forgives(bench: UpdateBench) -> None:
    for _ in range(4):
        hang(bench, 2)
        bench.run(HOUR_MS + 1000)
    assert bench.folder == 1
    hang(bench, 2)
    bench.run(HOUR_MS - 60_000)
    hang(bench)
    assert bench.folder == 0


def test_the_same_version_sent_again_has_its_chances_anew(bench: UpdateBench) -> None:
    hang(bench, 3)
    bench.update_to(NEW)
    bench.greet()
    assert bench.folder == 1
    hang(bench, 2)
    assert bench.folder == 1
    hang(bench)
    assert bench.folder == 0


def test_another_version_begins_from_nothing(bench: UpdateBench) -> None:
    hang(bench, 2)
    put_folder(bench.root, "b", play_image("3.0"))
    bench.reboot()
    bench.greet()
    hang(bench, 2)
    assert bench.folder == 1


def test_a_damaged_folder_is_no_way_out(bench: UpdateBench) -> None:
    (bench.root / "a" / "firmware" / "core.py").write_bytes(b"rubbish")
    hang(bench, 5)
    assert bench.folder == 1


def test_a_hang_on_trial_is_the_trials_matter(bench: UpdateBench) -> None:
    bench.update_to(play_image("3.0"))
    HangGuard(bench.boot)
    bench.boot.note_hang()
    bench.reboot()
    assert bench.starts[-1] == (1, False)
    assert not (bench.root / "failures").exists()


def test_a_torn_note_counts_nothing_and_keeps_no_board_from_starting(bench: UpdateBench) -> None:
    hang(bench, 2)
    whole = (bench.root / "failures").read_bytes()
    for size in range(len(whole)):
        (bench.root / "failures").write_bytes(whole[:size])
        bench.reboot()
        assert (bench.folder, bench.boot.hangs()) == (1, 0)
    for at in range(len(whole)):
        spoilt = bytearray(whole)
        spoilt[at] ^= 0x10
        (bench.root / "failures").write_bytes(spoilt)
        assert BootState(str(bench.root)).choose() == 1


def test_a_flash_that_takes_nothing_keeps_the_version_that_runs(
    bench: UpdateBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    hang(bench, 2)
    bench.boot.note_hang()

    def refuse(_: object) -> None:
        raise OSError(28)

    with monkeypatch.context() as full:
        full.setattr(BootState, "save", refuse)
        assert BootState(str(bench.root)).choose() == 1
    assert BootState(str(bench.root)).choose() == 0


def test_the_guard_notes_seven_seconds_of_standing_still_once(bench: UpdateBench) -> None:
    guard = HangGuard(bench.boot)
    for looks in (13, 12, 13):  # turns between
        guard.turn()
        for _ in range(looks + 1):
            guard.look()
    assert bench.boot.hangs() == 0
    for _ in range(30):
        guard.look()
    assert bench.boot.hangs() == 1
