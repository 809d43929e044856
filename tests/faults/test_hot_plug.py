"""USB serial adapters that come, go and change their names: the app, as the process it is, finds its boards again.

The kernel's side is umockdev's: /sys, the devices' nodes and udev's events. The boards run the real firmware.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backplane.slots.models import Chassis
from tests.support.app_bench import Stage
from tests.support.app_process import AppProcess
from tests.support.ledger import assert_nothing_is_lost, wait_until_all_is_recorded
from tests.support.loop_thread import until
from tests.support.mock_usb import MockUsb, mock_usb
from tests.support.rack_bench import Rack

pytestmark = pytest.mark.live

CONFIG = 17  # a kind that moves no slot
FIRST = ("ttyUSB0", "ttyUSB1")


@pytest.fixture
def usb() -> Iterator[MockUsb]:
    with mock_usb() as usb:
        yield usb


class Desk:
    """The app on two device names, with racks whose adapters are plugged in by hand."""

    def __init__(self, stage: Stage, usb: MockUsb, app: AppProcess) -> None:
        self.stage, self.usb, self.app = stage, usb, app

    def plug(self, rack: Rack, name: str) -> None:
        self.usb.plug(name, rack.tcp_port)

    def is_up(self, rack: Rack) -> bool:
        row = Chassis.objects.filter(board_id=rack.board_id).first()
        return row is not None and row.link_is_up

    def wait_until_up(self, rack: Rack) -> None:
        until(lambda: self.is_up(rack), f"the link to {rack.name}")
        wait_until_all_is_recorded(rack)

    def wait_until_down(self, rack: Rack) -> None:
        until(lambda: not self.is_up(rack), f"the end of the link to {rack.name}")


@pytest.fixture
def desk(stage: Stage, usb: MockUsb, file_database: Path, tmp_path: Path) -> Iterator[Desk]:
    told = usb.environment | {"DATABASE_URL": f"sqlite:///{file_database}"}
    app = AppProcess(tmp_path, "/dev/ttyUSB0,/dev/ttyUSB1", told)
    yield Desk(stage, usb, app)
    if app.process is not None:
        assert app.stop() == 0


def test_an_adapter_that_comes_back_under_another_name_is_found_by_itself(desk: Desk) -> None:
    rack = desk.stage.rack()
    desk.app.start()
    desk.plug(rack, "ttyUSB0")
    desk.wait_until_up(rack)
    rails = rack.rails
    desk.usb.unplug("ttyUSB0")
    desk.wait_until_down(rack)
    rack.tell("pull 3")
    desk.plug(rack, "ttyUSB7")
    desk.wait_until_up(rack)
    assert_nothing_is_lost(rack)
    desk.app.stop()  # and the name is known over a restart
    desk.app.start()
    desk.wait_until_up(rack)
    rack.tell("pull 4")
    until(lambda: rack.rails == rails & ~0b11000, "the board to see both pulls, and nothing else")
    assert_nothing_is_lost(rack)
    assert rack.orders == []


def test_two_equal_adapters_are_told_apart_by_the_boards_behind_them(desk: Desk) -> None:
    one, two = desk.stage.rack("one"), desk.stage.rack("two")
    desk.app.start()
    desk.plug(one, "ttyUSB0")
    desk.plug(two, "ttyUSB1")
    for rack in (one, two):
        desk.wait_until_up(rack)
    # To the other's name and to a new one, and back to where they were.
    for names, next_names in ((FIRST, ("ttyUSB2", "ttyUSB0")), (("ttyUSB2", "ttyUSB0"), FIRST)):
        for rack, name in zip((one, two), names, strict=True):
            desk.usb.unplug(name)
            desk.wait_until_down(rack)
            rack.emit(CONFIG)
        for rack, name in zip((one, two), next_names, strict=True):
            desk.plug(rack, name)
        for rack in (one, two):
            desk.wait_until_up(rack)
            assert_nothing_is_lost(rack)
    assert Chassis.objects.count() == 2


def test_an_equal_adapter_with_a_strange_board_is_left_alone(desk: Desk) -> None:
    ours, strange = desk.stage.rack("ours"), desk.stage.rack("strange")
    desk.app.start()
    desk.plug(ours, "ttyUSB0")
    desk.wait_until_up(ours)
    desk.usb.unplug("ttyUSB0")
    desk.wait_until_down(ours)
    desk.plug(strange, "ttyUSB5")
    desk.plug(ours, "ttyUSB6")
    desk.wait_until_up(ours)
    assert Chassis.objects.count() == 1
    assert strange.journal().bodies
    assert desk.app.log().count("None of our boards") <= 1
