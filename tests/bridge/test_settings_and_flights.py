"""A real firmware behind the bridge: its settings are read, its supplies watched, its faults recorded."""

import pytest

from backplane.slots import services
from backplane.slots.budget import budget_of
from backplane.slots.config import ConfigKey, RestorePolicy
from backplane.slots.facts import EventKind
from backplane.slots.models import Chassis, Command, FlightRecord, HardwareEvent, Slot
from backplane.slots.ops import CommandOp
from backplane.slots.records import CommandRequest
from backplane.slots.telemetry import store
from tests.support.app_bench import Stage, utc_now
from tests.support.loop_thread import until
from tests.support.rack_bench import Rack

pytestmark = pytest.mark.live

RUNNING = 2


def policies(rack: Rack) -> dict[int, int | None]:
    rows = Slot.objects.filter(chassis__board_id=rack.board_id)
    return dict(rows.values_list("number", "restore_policy"))


def set_config(stage: Stage, rack: Rack, slot: int, key: ConfigKey, value: int) -> Command:
    asked = CommandRequest(
        stage.chassis(rack).pk,
        slot,
        CommandOp.SET_CONFIG,
        requester_name="Ben",
        arguments={"key": int(key), "value": value},
    )
    return stage.wait_for_end(services.request_command(asked, utc_now()).pk)


def test_settings_are_what_was_read(stage: Stage) -> None:
    rack = stage.running()
    until(lambda: set(policies(rack).values()) == {RestorePolicy.LAST}, "the policies to be read")
    assert stage.chassis(rack).ceiling_mw == 150_000
    command = set_config(stage, rack, 7, ConfigKey.RESTORE_POLICY, RestorePolicy.OFF)
    assert command.state == "done"
    until(lambda: policies(rack)[7] == RestorePolicy.OFF, "the new policy of slot 7")
    assert policies(rack)[6] == RestorePolicy.LAST
    set_config(stage, rack, 0, ConfigKey.RESTORE_POLICY, RestorePolicy.ON)
    until(lambda: policies(rack)[6] == RestorePolicy.ON, "the chassis's own policy in slot 6")
    set_config(stage, rack, 0, ConfigKey.BUDGET_MW, 100_000)
    until(lambda: stage.chassis(rack).ceiling_mw == 100_000, "the new ceiling")
    (line,) = budget_of(stage.chassis(rack))
    assert (line.budget_mw, line.limit) == (100_000, "ceiling")


def test_a_row_that_is_wrong_is_put_right_though_the_board_changes_nothing(stage: Stage) -> None:
    rack = stage.running()
    until(lambda: policies(rack)[7] == RestorePolicy.LAST, "the policies to be read")
    set_config(stage, rack, 7, ConfigKey.RESTORE_POLICY, RestorePolicy.ON)
    until(lambda: policies(rack)[7] == RestorePolicy.ON, "the new policy")
    Slot.objects.update(restore_policy=None)
    set_config(stage, rack, 7, ConfigKey.RESTORE_POLICY, RestorePolicy.ON)
    until(lambda: policies(rack)[7] == RestorePolicy.ON, "the policy to be read again")


def test_settings_are_read_again_when_the_link_is_back(stage: Stage) -> None:
    rack = stage.running()
    until(lambda: policies(rack)[7] == RestorePolicy.LAST, "the policies to be read")
    rack.unplug()
    stage.wait_for_link(rack, "lost")
    Slot.objects.update(restore_policy=None)
    Chassis.objects.update(ceiling_mw=1)
    rack.plug_in()
    stage.wait_until_seen(rack)
    until(lambda: set(policies(rack).values()) == {RestorePolicy.LAST}, "the policies again")
    assert stage.chassis(rack).ceiling_mw == 150_000


def test_a_trip_is_recorded_with_the_seconds_before_and_after(stage: Stage) -> None:
    rack = stage.running()
    chassis = stage.chassis(rack)
    until(lambda: len(store.history(chassis.pk, RUNNING)) > 1, "some telemetry")
    rack.tell(f"trip {RUNNING}")
    until(FlightRecord.objects.exists, "the flight record")
    record = FlightRecord.objects.get()
    assert (record.hardware_event.slot_number, record.is_complete) == (RUNNING, False)
    before = record.readings[str(RUNNING)]
    assert before
    until(lambda: FlightRecord.objects.get().is_complete, "the seconds after")
    after = FlightRecord.objects.get().readings
    assert after[str(RUNNING)][: len(before)] == before
    assert after[str(RUNNING)][-1][0] > 2
    assert len(after) == 11  # ten slots and the chassis supply


def test_a_peak_is_learned_from_telemetry(stage: Stage) -> None:
    rack = stage.running()
    slot = stage.slot(rack, RUNNING)
    Slot.objects.update(peak_mw=0)
    until(lambda: stage.slot(rack, RUNNING).peak_mw > 0, "the peak to be learned")
    assert stage.slot(rack, RUNNING).peak_mw >= (slot.mv or 0) * (slot.ma or 0) // 2_000


def test_the_supplies_of_the_rack_are_followed(stage: Stage) -> None:
    rack = stage.running()
    rack.emit(EventKind.SUPPLY_LOST, value=1)
    until(lambda: stage.chassis(rack).lost_supplies == [1], "the loss")
    (line,) = budget_of(stage.chassis(rack))
    assert line.lost == ("PSU A",)
    assert "Nothing is cut" in line.warning
    assert rack.switched == []
    rack.emit(EventKind.SUPPLY_BACK, value=1)
    until(lambda: stage.chassis(rack).lost_supplies == [], "its return")
    assert HardwareEvent.objects.filter(kind=EventKind.RAIL_OFF).count() == 0
