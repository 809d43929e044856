"""An update goes into the other folder, is checked whole, has one trial, and never touches a slot."""

import random
from pathlib import Path

import pytest

from backplane.firmware_link.codes import Op
from backplane.firmware_link.commands import Order
from backplane.firmware_link.image import Image, make_image
from backplane.firmware_link.update_orders import (
    UpdateFault,
    UpdateOutcome,
    UpdatePhase,
    update_begin,
    update_commit,
    update_data,
)
from firmware import codes
from firmware.boot_selector import BootState, is_whole
from firmware.core import Core
from firmware.journal import MemoryJournal
from tests.support.bench import Bench
from tests.support.fake_board import FakeBoard
from tests.support.update_bench import UpdateBench, play_image, put_folder, version_in

pytestmark = pytest.mark.long

OLD, NEW = play_image("1.0"), play_image("2.0")


@pytest.fixture
def bench(tmp_path: Path) -> UpdateBench:
    put_folder(tmp_path, "a", OLD)
    bench = UpdateBench(tmp_path)
    bench.powered(1, 2)
    return bench


def hello_caps(bench: Bench) -> int:
    return int.from_bytes(bench.bodies(codes.HELLO)[-1][4:6], "little")


def test_the_new_version_runs_and_the_slots_keep_their_power(bench: UpdateBench) -> None:
    assert hello_caps(bench) & codes.CAP_UPDATE
    bench.update_to(NEW)
    assert (bench.folder, bench.boot.is_on_trial()) == (1, True)
    bench.greet()
    assert not bench.boot.is_on_trial()
    status = bench.status()
    assert status.outcome == UpdateOutcome.CONFIRMED
    assert status.running_digest == status.outcome_digest == NEW.digest[:8]
    bench.run(120_000)
    assert bench.board.reboots == 1
    assert bench.board.switches == 0b110
    bench.reboot()
    assert bench.folder == 1


def test_the_next_update_goes_into_the_first_folder(bench: UpdateBench) -> None:
    bench.update_to(NEW)
    bench.greet()
    bench.update_to(play_image("3.0"))
    bench.greet()
    assert (bench.folder, version_in(bench.root, 0)) == (0, "3.0")


def test_without_a_host_the_old_version_is_back_within_a_minute(bench: UpdateBench) -> None:
    bench.update_to(NEW)
    bench.run(59_000)
    assert bench.board.reboots == 1
    bench.run_through_reboot(2_000)
    assert bench.starts[-1] == (0, False)
    bench.greet()
    status = bench.status()
    assert (status.outcome, status.outcome_digest) == (UpdateOutcome.NO_HOST, NEW.digest[:8])
    assert bench.board.switches == 0b110


def test_a_stranger_and_an_old_epoch_confirm_nothing(bench: UpdateBench) -> None:
    bench.greet(epoch=5)
    bench.update_to(NEW)
    bench.send(codes.HELLO_REQ, bytes.fromhex("0101") + (9).to_bytes(8, "little") + b"\1\0\0\0\0")
    bench.greet(epoch=4)
    assert bench.boot.is_on_trial()
    bench.greet(epoch=5)
    assert not bench.boot.is_on_trial()


def test_a_trial_that_hangs_is_over_with_the_next_start(bench: UpdateBench) -> None:
    bench.update_to(NEW)
    bench.reboot()  # by the watchdog
    assert bench.starts[-1] == (0, False)
    assert BootState(str(bench.root)).outcome == UpdateOutcome.NO_HOST


def test_an_error_of_the_new_version_ends_its_trial(bench: UpdateBench) -> None:
    bench.update_to(NEW)
    bench.boot.crashed(1)
    bench.reboot()
    assert bench.folder == 0
    bench.greet()
    assert bench.status().outcome == UpdateOutcome.CRASHED


def test_a_confirmed_version_that_keeps_failing_gives_way_to_the_other(bench: UpdateBench) -> None:
    bench.update_to(NEW)
    bench.greet()
    for _ in range(2):
        BootState(str(bench.root)).crashed(1)
        bench.reboot()
        assert bench.folder == 1
    BootState(str(bench.root)).crashed(1)
    bench.reboot()
    assert bench.folder == 0


def test_a_host_in_between_forgives_errors(bench: UpdateBench) -> None:
    bench.update_to(NEW)
    bench.greet()
    for _ in range(5):
        BootState(str(bench.root)).crashed(1)
        bench.reboot()
        bench.greet()
        assert bench.folder == 1


def test_a_damaged_folder_is_no_way_out(bench: UpdateBench) -> None:
    bench.update_to(NEW)
    bench.greet()
    (bench.root / "a" / "firmware" / "core.py").write_bytes(b"rubbish")
    for _ in range(4):
        BootState(str(bench.root)).crashed(1)
    bench.reboot()
    assert bench.folder == 1


def test_data_may_come_twice_and_never_with_a_hole(bench: UpdateBench) -> None:
    bench.begin(NEW)
    data = NEW.data
    assert bench.order(update_data(0, data[:200])) == (codes.OK, (200).to_bytes(4, "little"))
    assert bench.order(update_data(100, data[100:200]))[1] == (200).to_bytes(4, "little")
    beyond = bench.order(update_data(201, data[201:300]))
    assert beyond == (codes.E_STATE, (200).to_bytes(4, "little"))
    assert bench.order(update_data(150, data[150:300]))[1] == (300).to_bytes(4, "little")
    bench.update_to(NEW)
    bench.greet()
    assert bench.status().outcome == UpdateOutcome.CONFIRMED


def test_it_goes_on_after_a_silence_and_after_a_restart(bench: UpdateBench) -> None:
    bench.begin(NEW)
    data = NEW.data
    for at in range(0, 1200, 200):
        bench.order(update_data(at, data[at : at + 200]))
    bench.heartbeats = False
    bench.run(20_000)
    bench.heartbeats = True
    bench.greet()
    assert bench.begin(NEW).received == 1200
    bench.reboot()
    bench.greet()
    assert bench.begin(NEW).received >= len(NEW.manifest)
    bench.update_to(NEW)
    bench.greet()
    assert bench.folder == 1


def test_another_image_begins_from_nothing(bench: UpdateBench) -> None:
    bench.send_image(NEW)
    assert bench.begin(play_image("3.0")).received == 0
    assert bench.order(update_commit(NEW))[0] == codes.E_STATE


def test_only_whole_images_are_committed(bench: UpdateBench) -> None:
    bench.begin(NEW)
    assert bench.order(update_commit(NEW))[0] == codes.E_STATE
    bench.send_image(NEW)
    (bench.root / "b" / "firmware" / "core.py").write_bytes(b"not what was sent")
    assert bench.order(update_commit(NEW))[0] == codes.E_HARDWARE
    assert bench.status().fault == UpdateFault.DIFFERS
    assert bench.order(update_data(0, b"more"))[0] == codes.E_HARDWARE
    assert bench.begin(NEW).received == 0
    bench.run(5000)
    assert bench.board.reboots == 0


def test_a_full_flash_says_so(bench: UpdateBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.statvfs", lambda _: (4096, 4096, 500, 3, 3, 0, 0, 0, 0, 255))
    bench.begin(NEW)
    data = NEW.data
    code, _ = bench.order(update_data(0, data[:224]))
    if code == codes.OK:
        code, _ = bench.order(update_data(224, data[224:448]))
    assert code == codes.E_HARDWARE
    assert bench.status().fault == UpdateFault.NO_ROOM


@pytest.mark.parametrize(
    ("image", "fault"),
    [
        (play_image("2.0", board="twin-6"), UpdateFault.OTHER_BOARD),
        (play_image("2.0", mpy=6), UpdateFault.OTHER_PYTHON),
        (make_image({"../main.py": b"x"}, "2.0", "reference-10", 0), UpdateFault.NO_MANIFEST),
        (make_image({"/main.py": b"x"}, "2.0", "reference-10", 0), UpdateFault.NO_MANIFEST),
    ],
)
def test_an_image_for_something_else_is_refused(
    image: Image, fault: UpdateFault, bench: UpdateBench
) -> None:
    for _ in range(2):  # also when it is there already
        code, at = bench.order(update_begin(image))[0], 0
        while code == codes.OK and at < len(image.data):
            code, _ = bench.order(update_data(at, image.data[at : at + 224]))
            at += 224
        assert code == codes.E_HARDWARE
        assert bench.status().fault == fault
    assert not (bench.root / "main.py").exists()


def test_what_starts_something_waits_for_the_end_of_an_update(bench: UpdateBench) -> None:
    bench.seated(3)
    bench.begin(NEW)
    assert bench.ask(codes.SET_POWER, 3, 1)[0] == codes.E_BUSY
    assert bench.ask(codes.POWER_CYCLE, 1, 0xD0, 7)[0] == codes.E_BUSY
    assert bench.ask(codes.REQUEST_SHUTDOWN, 1, 1)[0] == codes.E_BUSY
    assert bench.ask(codes.REBOOT, 1, 2, 3, 4)[0] == codes.E_BUSY
    assert bench.ask(codes.SET_POWER, 2, 0)[0] == codes.OK  # "cut now" waits for nothing
    assert bench.ask(codes.SET_LED, 1, 1, 0, 7, 7, 3)[0] == codes.OK
    bench.run(10_100)  # nobody goes on with it
    assert bench.ask(codes.SET_POWER, 3, 1)[0] == codes.OK


@pytest.mark.parametrize(
    ("op", "args"),
    [(codes.POWER_CYCLE, (1, 0xD0, 7)), (codes.REQUEST_SHUTDOWN, (1, 1))],
)
def test_an_update_waits_for_what_moves(op: int, args: tuple[int, ...], bench: UpdateBench) -> None:
    assert bench.ask(op, *args)[0] == codes.OK
    assert bench.order(update_begin(NEW))[0] == codes.E_BUSY


def test_a_commit_waits_for_what_began_meanwhile(bench: UpdateBench) -> None:
    bench.send_image(NEW)
    bench.run(10_100)
    assert bench.ask(codes.POWER_CYCLE, 1, 0xD0, 7)[0] == codes.OK
    assert bench.order(update_commit(NEW))[0] == codes.E_BUSY
    bench.run(4_000)
    assert bench.order(update_commit(NEW))[0] == codes.OK


def test_a_late_commit_never_acts(bench: UpdateBench) -> None:
    bench.send_image(NEW)
    code, _ = bench.order(update_commit(NEW), expires_ms=bench.now_ms + 3)
    assert code == codes.E_EXPIRED
    bench.run(1000)
    assert bench.board.reboots == 0
    bench.update_to(NEW)


def test_only_the_owner_of_now_may(bench: UpdateBench) -> None:
    order = update_begin(NEW)
    assert bench.order(order, epoch=7)[0] == codes.E_NOT_OWNER
    bench.begin(NEW)
    bench.greet(host_id=5, flags=codes.TAKE)
    assert bench.status().phase == UpdatePhase.IDLE


def test_a_commit_of_a_former_owner_never_acts(bench: UpdateBench) -> None:
    bench.send_image(NEW)
    order = update_commit(NEW)
    bench.command(int(order.op), *order.args)
    bench.greet(host_id=5, flags=codes.TAKE)
    bench.run(2000)
    assert (bench.board.reboots, bench.boot.trial) == (0, 0xFF)


def test_a_version_on_trial_takes_no_update(bench: UpdateBench) -> None:
    bench.update_to(NEW)
    bench.core._host.on_greeted = lambda: None  # the flash takes no confirmation
    bench.greet()
    assert bench.order(update_begin(OLD))[0] == codes.E_STATE


def test_a_board_without_folders_cannot_be_updated() -> None:
    bench = Bench(FakeBoard(), MemoryJournal())
    bench.greet()
    assert not hello_caps(bench) & codes.CAP_UPDATE
    for op, size in ((20, 40), (21, 4), (22, 32), (23, 0)):
        assert bench.ask(op, *bytes(size))[0] == codes.E_OP


def test_a_wrong_pull_is_told_during_an_update(bench: UpdateBench) -> None:
    assert bench.ask(codes.SET_POWER, 2, 0)[0] == codes.OK
    bench.board.mv[2] = 0
    assert bench.ask(codes.RELEASE, 2, 1)[0] == codes.OK
    bench.begin(NEW)
    order = update_data(0, NEW.data[:224])
    bench.command(int(order.op), *order.args)
    bench.change(lambda: bench.board.pull(1))
    pulled = bench.now_ms
    at = 224
    while codes.WRONG_PULL not in bench.kinds(1):
        order = update_data(at, NEW.data[at : at + 224])
        assert bench.order(order)[0] == codes.OK
        at += 224
        bench.run(5)
    assert bench.now_ms - pulled < 200
    assert bench.lamps(1)[:2] == (codes.RED, codes.FAST)
    assert bench.board.switches >> 2 & 1 == 0


def test_core_runs_from_either_folder_with_one_journal(bench: UpdateBench) -> None:
    journal, number = bench.journal.id, bench.journal.next
    bench.update_to(NEW)
    assert isinstance(bench.core, Core)
    assert (bench.journal.id, bench.journal.next > number) == (journal, True)


@pytest.mark.parametrize("seed", range(12))
def test_no_order_of_orders_raises_or_moves_a_rail(seed: int, bench: UpdateBench) -> None:
    dice = random.Random(seed)
    images = [NEW, play_image("3.0"), play_image("2.0", board="twin-6")]
    before, running = bench.board.switches, bench.folder
    for _ in range(120):
        image = dice.choice(images)
        at = dice.randrange(len(image.data))
        orders = [
            update_begin(image),
            update_data(at, image.data[at : at + 224]),
            update_data(dice.randrange(2**32), dice.randbytes(dice.randrange(224))),
            update_commit(image),
            Order(Op(dice.randrange(20, 24)), dice.randbytes(dice.randrange(60))),
        ]
        bench.order(dice.choice(orders))
        bench.run(dice.choice((0, 5, 50)))
        if dice.random() < 0.05 and not bench.core._updates._is_restarting:
            bench.send_image(NEW)
        if bench.board.reboots:
            bench.board.reboots = 0
            bench.reboot()
            bench.greet()
    assert bench.board.switches == before
    assert running == 0
    assert is_whole(bench.boot.folder(BootState(str(bench.root)).choose()))
