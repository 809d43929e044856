"""A firmware update on a whole rack: asked for, sent, started, and taken back when the new version is no good."""

from collections.abc import Callable
from pathlib import Path

import pytest

from backplane.bridge import updates
from backplane.firmware_link.codes import EventKind
from backplane.firmware_link.image import Image
from backplane.firmware_link.simulator.flash import version_of
from backplane.firmware_link.simulator.mcu.interpreters import Python
from backplane.people.audit import Actor
from backplane.people.models import AuditEntry
from backplane.slots import services
from backplane.slots.errors import LinkNotLive, NotPossible
from backplane.slots.models import Command, FirmwareUpdate, HardwareEvent, RunKind
from backplane.slots.ops import CommandOp
from backplane.slots.records import CommandRequest
from firmware.boot_selector import BootState, is_whole
from tests.support.pythons import microcontroller
from tests.support.update_bench import play_image
from tests.support.whole_rack import WholeRack

pytestmark = pytest.mark.django_db

ANA = Actor(None, "ana", "operator")


@pytest.fixture(autouse=True)
def new_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """A firmware of the usual size, made at once: virtual time has one thread."""

    async def compile_image(board: str, mpy: int) -> Image:
        return play_image("7.0", board=board, mpy=mpy & 0xFF, filler=100_000)

    monkeypatch.setattr(updates, "compile_image", compile_image)


@pytest.fixture
def rack(new_rack: Callable[..., WholeRack]) -> WholeRack:
    return new_rack()


def ask(rack: WholeRack, *, again: bool = False) -> FirmwareUpdate:
    return services.request_update(rack.chassis.pk, ANA, rack.now, again=again)


def end_of(rack: WholeRack, update: FirmwareUpdate, within_s: float = 200.0) -> FirmwareUpdate:
    def is_over() -> bool:
        update.refresh_from_db()
        return not update.is_unfinished

    rack.run_until(is_over, within_s)
    return update


def rails(rack: WholeRack) -> int:
    return int(rack.rig.rails())


def running_version(rack: WholeRack) -> str:
    boot = BootState(str(Path(rack.rig.folder) / "flash"))
    boot.running = boot.choose()
    return version_of(boot)


def watch_rails(rack: WholeRack) -> list[tuple[int, bool]]:
    switched: list[tuple[int, bool]] = []
    rack.rig.on_rail = lambda slot, on: switched.append((slot, on))
    return switched


def test_the_board_runs_the_new_version_and_no_rail_moves(rack: WholeRack) -> None:
    switched, before = watch_rails(rack), rails(rack)
    update = end_of(rack, ask(rack))
    assert (update.state, update.outcome) == ("done", "Version 7.0 runs now, in folder B.")
    assert update.old_version != "7.0"
    rack.wait_until_seen()
    assert rack.chassis.firmware_version == "7.0"
    rack.wait(120)
    assert (rack.machine.boots, switched, rails(rack)) == (2, [], before)
    told = AuditEntry.objects.filter(action="firmware.update").order_by("pk")
    assert [entry.outcome.partition(":")[0] for entry in told] == ["asked", "done"]
    assert {(entry.who, entry.chassis) for entry in told} == {("ana", rack.chassis.slug)}


@pytest.mark.live
@pytest.mark.parametrize("fault", ["off", "crash"])
def test_no_rail_moves_under_real_micropython(
    fault: str, new_rack: Callable[..., WholeRack]
) -> None:
    rack = new_rack(mcu=microcontroller(Python.MICROPYTHON))
    switched, before = watch_rails(rack), rails(rack)
    rack.tell(f"bad-update {fault}")
    update = end_of(rack, ask(rack))
    assert (update.state == "done") == (fault == "off"), update.outcome
    rack.wait_until_seen()
    rack.wait(70)
    assert rack.chassis.firmware_version == running_version(rack)
    assert (running_version(rack) == "7.0") == (fault == "off")
    assert (switched, rails(rack)) == ([], before)


def test_every_event_of_it_is_one_row(rack: WholeRack) -> None:
    end_of(rack, ask(rack))
    rack.tell("pull 3")
    rack.run(5)
    numbers = list(HardwareEvent.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize(
    ("fault", "words"),
    [("mute", "reached no host"), ("hang", "reached no host"), ("crash", "stopped with an error")],
)
def test_a_bad_version_gives_way_by_itself(fault: str, words: str, rack: WholeRack) -> None:
    switched, old = watch_rails(rack), running_version(rack)
    rack.tell(f"bad-update {fault}")
    update = end_of(rack, ask(rack))
    assert update.state == "failed"
    assert words in update.outcome
    rack.wait_until_seen()
    assert (rack.chassis.firmware_version, running_version(rack)) == (old, old)
    assert switched == []
    rack.tell("bad-update off")
    assert end_of(rack, ask(rack)).state == "done"


def test_the_very_same_is_not_sent_twice_unless_asked(rack: WholeRack) -> None:
    end_of(rack, ask(rack))
    boots = rack.machine.boots
    update = end_of(rack, ask(rack))
    assert "already runs" in update.outcome
    assert rack.machine.boots == boots
    assert "in folder A" in end_of(rack, ask(rack, again=True)).outcome


def test_it_goes_on_after_a_pulled_cable(rack: WholeRack) -> None:
    update = ask(rack)
    rack.run_until(lambda: has_received(rack, 3000))
    rack.pull_cable()
    rack.run(8)
    rack.plug_cable()
    assert end_of(rack, update).state == "done"


def has_received(rack: WholeRack, at_least: int) -> bool:
    image = rack.machine._core._updates._image
    return image is not None and image.received >= at_least


def test_a_line_that_loses_bytes_slows_it_down_and_nothing_more(rack: WholeRack) -> None:
    rack.tell("noise 0.0005")
    update = end_of(rack, ask(rack), 600)
    assert update.state == "done", update.outcome


def test_it_goes_on_after_the_program_was_killed(rack: WholeRack) -> None:
    update = ask(rack)
    rack.run_until(lambda: has_received(rack, 3000))
    rack.kill_host()
    services.forget_updates(rack.now)
    update.refresh_from_db()
    assert update.state == "failed"
    rack.start_host()
    rack.wait_until_seen()
    assert end_of(rack, ask(rack)).state == "done"


def test_an_update_that_is_stopped_says_so(rack: WholeRack) -> None:
    update = ask(rack)
    rack.run_until(lambda: has_received(rack, 3000))
    rack.stop_host()
    update.refresh_from_db()
    assert (update.state, "ask again" in update.outcome) == ("failed", True)
    assert running_version(rack) != "7.0"


def test_nothing_starts_meanwhile_and_a_cut_is_done_at_once(rack: WholeRack) -> None:
    update = ask(rack)
    rack.run_until(lambda: has_received(rack, 1))
    with pytest.raises(NotPossible, match="firmware of this chassis is being updated"):
        services.request_command(power(rack, CommandOp.SHUTDOWN, 2), rack.now)
    with pytest.raises(NotPossible, match="firmware of this chassis is being updated"):
        services.start_run(services.RunRequest(rack.chassis.pk, RunKind.START, [8], ANA), rack.now)
    rack.tell("handle 4 open")  # asks for a shutdown, which is refused; its event is a row as ever
    cut = services.request_command(power(rack, CommandOp.POWER_OFF, 2), rack.now)
    rack.run_until(lambda: Command.objects.get(pk=cut.pk).state == "done")
    assert end_of(rack, update).state == "done"
    assert HardwareEvent.objects.filter(kind=EventKind.HANDLE_OPEN, slot_number=4).exists()


def power(rack: WholeRack, op: CommandOp, slot: int) -> CommandRequest:
    revision = rack.slot(slot).revision
    return CommandRequest(
        chassis_id=rack.chassis.pk,
        slot_number=slot,
        op=op,
        requester_name="ana",
        seen_revision=revision,
    )


def test_an_image_that_the_board_refuses_is_told_with_the_reason(
    rack: WholeRack, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def of_another_kind(_board: str, mpy: int) -> Image:
        return play_image("7.0", board="bare-4", mpy=mpy)

    monkeypatch.setattr(updates, "compile_image", of_another_kind)
    update = end_of(rack, ask(rack))
    assert (update.state, "for another kind of board" in update.outcome) == ("failed", True)


def test_it_waits_for_nobody_who_moves_power(rack: WholeRack) -> None:
    services.request_command(power(rack, CommandOp.SHUTDOWN, 2), rack.now)
    with pytest.raises(NotPossible, match="Shut down of slot 2"):
        ask(rack)


def test_one_at_a_time_and_only_on_a_live_link(rack: WholeRack) -> None:
    first = ask(rack)
    with pytest.raises(NotPossible, match="under way"):
        ask(rack)
    end_of(rack, first)
    rack.pull_cable()
    rack.run(5)
    with pytest.raises(LinkNotLive):
        ask(rack)


def test_an_alarm_is_seen_during_an_update(rack: WholeRack) -> None:
    update = ask(rack)
    rack.run_until(lambda: has_received(rack, 1000))
    rack.tell("pull 3")
    began = rack.loop.time()
    rack.run_until(lambda: rack.slot(3).state == "M0")
    assert rack.loop.time() - began < 0.3
    update.refresh_from_db()
    assert update.is_unfinished
    assert end_of(rack, update).state == "done"


def test_a_board_that_restarts_in_the_middle_goes_on(rack: WholeRack) -> None:
    update = ask(rack)
    rack.run_until(lambda: has_received(rack, 3000))
    rack.tell("reboot")
    assert end_of(rack, update).state == "done"
    flash = Path(rack.rig.folder) / "flash"
    assert is_whole(str(flash / "b"))
