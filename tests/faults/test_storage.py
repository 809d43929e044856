"""A full disk: events stay on the ESP32, every screen says so, and none is lost once there is room."""

from pathlib import Path

import pytest

from backplane.firmware_link.delivery import NOTICE_TRIES
from backplane.slots.durable import storage_is_ok
from backplane.slots.models import Command, Gap, HardwareEvent
from tests.support.app_bench import Stage
from tests.support.full_disk import full_disk
from tests.support.ledger import assert_nothing_is_lost, numbers_in_gaps
from tests.support.loop_thread import until
from tests.support.rack_bench import Rack

pytestmark = pytest.mark.live

UNKNOWN_KIND = 77
OVERFLOW = 16
RING = 256


def wait_for_refusal(rack: Rack) -> None:
    """Let an event come that the disk does not take."""
    rack.emit(UNKNOWN_KIND)
    until(lambda: not storage_is_ok(), "a commit that the disk refuses")


def wait_until_given_up(caplog: pytest.LogCaptureFixture, tries: int) -> None:
    """Wait until the link does not try any more to tell the database of itself."""
    until(lambda: caplog.text.count("The link's handler failed") >= tries, "the last try")


def test_a_full_disk_is_said_on_every_screen_and_loses_nothing(
    stage: Stage, file_database: Path
) -> None:
    rack = stage.running()
    ben, rails, cursor = stage.person(), rack.rails, stage.chassis(rack).cursor
    with stage.app.socket(ben, stage.chassis(rack).slug) as screen:
        screen.hear("snap")
        with full_disk(file_database):
            wait_for_refusal(rack)
            warning = screen.hear_warning("storage", is_there=True)
            assert "the disk is full" in warning
            assert "They wait on the backplane" in warning
            assert warning in stage.page(ben, rack)
            assert stage.chassis(rack).cursor == cursor
            assert stage.chassis(rack).link_is_up
        screen.hear_warning("storage", is_there=False)
    assert_nothing_is_lost(rack)
    assert not Gap.objects.exists()
    assert warning not in stage.page(ben, rack)
    assert (rack.rails, rack.switched, rack.orders) == (rails, [], [])


def test_what_the_ring_overwrote_while_the_disk_was_full_is_a_gap(
    stage: Stage, file_database: Path
) -> None:
    rack = stage.running()
    ben, rails = stage.person(), rack.rails
    with full_disk(file_database):
        wait_for_refusal(rack)
        cursor = stage.chassis(rack).cursor or 0
        rack.emit(UNKNOWN_KIND, times=RING + 40)
        first_held = min(rack.journal().bodies)
        assert first_held > cursor + 1
    assert_nothing_is_lost(rack)
    lost = numbers_in_gaps(rack, rack.journal().id)
    assert lost
    assert lost <= set(range(cursor + 1, first_held + 1))
    assert HardwareEvent.objects.filter(kind=OVERFLOW).count() == 1
    assert Gap.objects.count() == 1
    stage.wait_until_seen(rack)
    said = f"events {min(lost)} to {max(lost)}"
    assert said in stage.page(ben, rack).lower()
    assert "overwrote these events before they could be recorded" in stage.page(ben, rack)
    assert (rack.rails, rack.switched, rack.orders) == (rails, [], [])


def test_a_link_that_goes_and_comes_on_a_full_disk_is_whole_again_with_room(
    stage: Stage, file_database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rack = stage.running()
    ben, rails = stage.person(), rack.rails
    with full_disk(file_database):
        rack.unplug()
        until(lambda: stage.app.link_of(rack).link.status.kind == "lost", "the link to be lost")
        rack.tell("handle 3 open")
        rack.tell("pull 3")
        rack.plug_in()
        until(lambda: stage.app.link_of(rack).link.status.kind == "up", "the link to be back")
        wait_until_given_up(caplog, 2 * NOTICE_TRIES)  # that it went, and that it came
    stage.wait_until_seen(rack)
    assert_nothing_is_lost(rack)
    assert stage.slot(rack, 3).state == "M0"
    answer = stage.ask(ben, rack, 2, "locate_on")
    assert stage.wait_for_end(answer.json()["command"]).state == "done"
    assert (rack.rails, rack.switched) == (rails & ~(1 << 3), [(3, False)])


def test_a_reboot_of_the_esp32_on_a_full_disk_is_whole_again_with_room(
    stage: Stage, file_database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rack = stage.running()
    ben, rails, boot = stage.person(), rack.rails, stage.chassis(rack).boot or 0
    with full_disk(file_database):
        rack.tell("reboot")
        until(lambda: not storage_is_ok(), "the event of the boot, which the disk refuses")
        wait_until_given_up(caplog, NOTICE_TRIES)
    until(lambda: stage.chassis(rack).boot == boot + 1, "the new boot")
    stage.wait_until_seen(rack)
    assert_nothing_is_lost(rack)
    answer = stage.ask(ben, rack, 2, "locate_on")
    assert stage.wait_for_end(answer.json()["command"]).state == "done"
    assert (rack.rails, rack.switched, rack.orders) == (rails, [], [])


def test_a_press_on_a_full_disk_is_refused_in_words(stage: Stage, file_database: Path) -> None:
    rack = stage.running()
    ben, rails = stage.person(), rack.rails
    with full_disk(file_database):
        answer = stage.ask(ben, rack, 2, "power_off")
    assert answer.status_code == 503
    assert answer.json()["error"].startswith("Nothing was done. The database cannot be written")
    assert not Command.objects.exists()
    assert (rack.rails, rack.switched, rack.orders) == (rails, [], [])
    assert stage.chassis(rack).link_is_up
