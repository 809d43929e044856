"""Another firmware, another board, another owner, another server: who may speak to whom."""

from pathlib import Path

import pytest
from django.db import connection

from backplane.firmware_link.messages import EventKind, HelloReq
from backplane.firmware_link.simulator.demo import board_id_of
from backplane.people.roles import Role
from backplane.slots import services
from backplane.slots.facts import SlotFlag
from backplane.slots.models import Chassis, Command, Gap, HardwareEvent, Slot
from backplane.slots.ops import CommandOp
from tests.support.app_bench import JSON, Stage, utc_now
from tests.support.ledger import assert_nothing_is_lost
from tests.support.loop_thread import until
from tests.support.rack_bench import Rack

pytestmark = pytest.mark.live

FOREIGN_HOST = 0xF0E1D2C3


def order_chassis(stage: Stage, rack: Rack, role: Role, **fields: str) -> int:
    """Press a button of the chassis card; return the status of the answer."""
    row = Chassis.objects.get(port_url=rack.port_url)
    client = stage.person(f"one-{role}", role)
    fields |= {"seen": str(row.revision)}
    return client.post(f"/c/{row.slug}/command/", fields, headers=JSON).status_code


def test_a_firmware_without_a_common_version_is_named_and_left_alone(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    rack = stage.running()
    ben, rails = stage.person(), rack.rails
    with monkeypatch.context() as later_firmware:
        later_firmware.setattr("firmware.codes.PROTOCOL", 2)
        rack.tell("reboot")
        message = stage.wait_for_link(rack, "wrong_version")
        assert "versions 2 to 2" in message
        assert "Update the firmware or this program" in message
        until(lambda: message in stage.page(ben, rack), "the reason on the page")
        assert stage.slot(rack, 2).state == "M7"
    rack.tell("reboot")
    stage.wait_until_seen(rack)
    assert_nothing_is_lost(rack)
    assert (rack.rails, rack.switched, rack.orders) == (rails, [], [])


@pytest.mark.parametrize("is_running", [False, True], ids=["at the start", "on a live line"])
def test_another_board_is_refused_until_an_admin_adopts_it(stage: Stage, is_running: bool) -> None:
    rack = stage.running()
    ana, rails, old_id = stage.person("ana"), rack.rails, rack.board_id
    chassis, old_rows = stage.chassis(rack), len(stage.events(rack))
    if not is_running:
        stage.app.stop()
    rack.become(board_id_of("another"))
    if not is_running:
        stage.app.start(rack.port_url)
    until(lambda: Chassis.objects.get().link_state == "refused", "the refusal")
    message = Chassis.objects.get().link_message
    assert old_id in message
    assert rack.board_id in message
    assert "Adopt board" in message
    assert message in ana.get(f"/c/{chassis.slug}/").content.decode()
    assert HardwareEvent.objects.count() == old_rows
    assert stage.loop.call(lambda: rack.machine.core._host.owner.host_id) == 0  # only listened to
    wish = {"op": "adopt_board", "board": rack.board_id}
    assert order_chassis(stage, rack, Role.OPERATOR, **wish) == 403
    assert order_chassis(stage, rack, Role.ADMIN, **wish) == 202
    stage.wait_until_seen(rack)
    assert stage.chassis(rack).pk == chassis.pk
    assert_nothing_is_lost(rack)
    assert HardwareEvent.objects.filter(board_id=old_id).count() == old_rows
    assert (rack.rails, rack.switched, rack.orders) == (rails, [], [])


def test_a_board_of_another_installation_is_left_alone_until_an_admin_takes_it(
    stage: Stage,
) -> None:
    rack = stage.rack()
    rails = rack.rails
    rack.belong_to(FOREIGN_HOST, epoch=5)
    stage.app.start(rack.port_url)
    until(lambda: Chassis.objects.filter(board_id=rack.board_id).exists(), "the chassis")
    message = stage.wait_for_link(rack, "other_owner")
    assert "belongs to another installation" in message
    assert message in stage.page(stage.person("ana"), rack)
    assert "Take over" in stage.page(stage.person("eve", Role.ADMIN), rack)
    answer = stage.ask(stage.person(), rack, 2, "power_off")
    assert (answer.status_code, answer.json()["error"]) == (409, message)
    assert not stage.events(rack)
    assert stage.loop.call(lambda: rack.machine.core._host.owner.host_id) == FOREIGN_HOST
    assert order_chassis(stage, rack, Role.OPERATOR, op="take_over") == 403
    assert order_chassis(stage, rack, Role.ADMIN, op="take_over") == 202
    stage.wait_until_seen(rack)
    assert stage.loop.call(lambda: rack.machine.core._host.owner.host_id) == services.host_id()
    assert_nothing_is_lost(rack)
    assert (rack.rails, rack.switched, rack.orders) == (rails, [], [])


def test_a_server_that_was_superseded_keeps_silent(stage: Stage) -> None:
    rack = stage.running()
    ben, rails, epoch = stage.person(), rack.rails, stage.chassis(rack).epoch
    rack.say_to_board(HelloReq(services.host_id(), epoch + 1))  # another server, the same database
    message = stage.wait_for_link(rack, "superseded")
    assert "A newer server process has taken over this chassis" in message
    assert message in stage.page(ben, rack)
    said = len(rack.machine.heard)

    def is_alone() -> bool:
        return any(body[14] == EventKind.HOST_LOST for body in rack.journal().bodies.values())

    until(is_alone, "the board to hear nobody for 5 s")
    assert len(rack.machine.heard) == said
    stage.app.stop()
    stage.app.start(rack.port_url)  # somebody decided: a new start goes past the newer generation
    stage.wait_until_seen(rack)
    assert stage.chassis(rack).epoch > epoch + 1
    assert_nothing_is_lost(rack)
    assert (rack.rails, rack.switched, rack.orders) == (rails, [], [])


def test_yesterdays_database_switches_nothing(stage: Stage) -> None:
    rack = stage.running()
    ben, rails = stage.person(), rack.rails
    truth = {slot.number: (slot.state, slot.flags) for slot in Slot.objects.all()}
    for number in (2, 3):
        assert stage.ask(ben, rack, number, "locate_on").status_code == 202
    stage.app.stop()
    chassis = stage.chassis(rack)
    for slot in Slot.objects.all():
        is_on = SlotFlag.RAIL_ON in SlotFlag(slot.flags or 0)
        other = SlotFlag(slot.flags or 0) ^ (SlotFlag.RAIL_ON | SlotFlag.POWER_GOOD)
        state = "M1" if is_on else "M4"
        Slot.objects.filter(pk=slot.pk).update(state=state, flags=int(other))
        leave_command(slot, CommandOp.POWER_OFF if is_on else CommandOp.POWER_ON)
    stage.app.start(rack.port_url)
    stage.wait_until_seen(rack)
    assert {slot.number: (slot.state, slot.flags) for slot in Slot.objects.all()} == truth
    assert set(Command.objects.filter(op__startswith="power").values_list("state", flat=True)) == {
        "expired"
    }
    assert stage.chassis(rack).epoch == chassis.epoch + 1
    assert_nothing_is_lost(rack)
    assert (rack.rails, rack.switched, rack.orders) == (rails, [], [])


def test_a_restored_backup_gets_what_it_lacks_from_the_board(
    stage: Stage, file_database: Path
) -> None:
    rack = stage.running()
    stage.app.stop()
    connection.close()
    backup = file_database.read_bytes()
    stage.app.start(rack.port_url)
    stage.wait_until_seen(rack)
    rack.tell("pull 3")
    until(lambda: stage.slot(rack, 3).state == "M0", "the pull")
    stage.app.stop()
    rails, epoch, newest = rack.rails, stage.chassis(rack).epoch, len(stage.events(rack))
    connection.close()
    file_database.write_bytes(backup)
    assert len(stage.events(rack)) < newest
    assert stage.chassis(rack).epoch < epoch
    stage.app.start(rack.port_url)
    stage.wait_until_seen(rack)
    assert stage.slot(rack, 3).state == "M0"
    assert_nothing_is_lost(rack)
    assert not Gap.objects.exists()
    assert stage.chassis(rack).epoch > epoch
    assert (rack.rails, rack.switched, rack.orders) == (rails, [(3, False)], [])


def leave_command(slot: Slot, op: CommandOp) -> None:
    """Leave a command that an earlier run had claimed or not yet claimed; it has not expired."""
    now = utc_now()
    Command.objects.create(
        chassis=slot.chassis,
        slot=slot,
        op=op,
        state=("open", "sent", "accepted")[slot.number % 3],
        requester_name="ben",
        wire_id=1000 + slot.number,
        boot=slot.chassis.boot,
        if_event=2**32 - 1,
        created_at=now,
        sent_at=now,
        expires_at=now.replace(year=now.year + 1),
    )
