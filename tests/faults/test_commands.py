"""Commands whose world moves on: lost answers, reboots, changed slots, two people at once."""

import threading
from typing import Any

import pytest
from django.db import connection

from backplane.firmware_link.messages import EventKind, MessageType
from backplane.people.roles import Role
from backplane.slots.models import Chassis, Command, HardwareEvent
from tests.support.app_bench import JSON, Stage
from tests.support.ledger import assert_nothing_is_lost
from tests.support.loop_thread import PATIENCE_S, until
from tests.support.rack_bench import Rack

pytestmark = pytest.mark.live

RUNNING, OFF = 2, 8  # slots of the demo rack
TIGHT_BUDGET_MW = 90_000  # seven slots of 12 W run; one more does not fit


def press(stage: Stage, rack: Rack, slot: int, op: str) -> int:
    """Ask as a new operator; return the accepted command's id."""
    answer = stage.ask(stage.person(f"ben-{slot}-{op}"), rack, slot, op)
    assert answer.status_code == 202, answer.content
    return int(answer.json()["command"])


def times_cut(slot: int) -> int:
    kind = EventKind.RAIL_OFF
    return HardwareEvent.objects.filter(kind=kind, slot_number=slot).count()


def test_a_command_that_acted_but_lost_its_result_in_a_reboot_is_not_done_twice(
    stage: Stage,
) -> None:
    rack = stage.running()
    rails = rack.rails
    rack.machine.lost_types = {MessageType.RESULT, MessageType.EVENT}
    command_id = press(stage, rack, RUNNING, "power_off")
    until(lambda: rack.switched == [(RUNNING, False)], "the rail to go off")
    rack.tell("reboot")
    rack.machine.lost_types = set()
    command = stage.wait_for_end(command_id)
    stage.wait_until_seen(rack)
    assert_nothing_is_lost(rack)
    assert command.outcome == (
        "No answer came: the board restarted. Look at the slot to see whether it was done."
    )
    assert stage.slot(rack, RUNNING).state == "M1"
    assert times_cut(RUNNING) == 1
    assert rack.rails == rails & ~(1 << RUNNING)
    assert rack.switched == [(RUNNING, False)]
    assert len({order.id for order in rack.orders}) == 1


def test_a_command_that_a_reboot_swallowed_is_not_given_again(stage: Stage) -> None:
    rack = stage.running()
    rails, boot = rack.rails, stage.chassis(rack).boot
    rack.machine.on_order = rack.machine.reboot  # heard, but neither done nor answered
    command_id = press(stage, rack, OFF, "power_on")
    command = stage.wait_for_end(command_id)
    rack.machine.on_order = lambda: None
    until(lambda: stage.chassis(rack).boot != boot, "the new boot")
    stage.wait_until_seen(rack)
    assert_nothing_is_lost(rack)
    assert command.state in {"failed", "expired"}
    assert command.outcome
    assert len({order.boot for order in rack.orders}) == 1
    assert (rack.rails, rack.switched) == (rails, [])
    assert stage.slot(rack, OFF).state == "M1"


def test_a_slot_emptied_while_its_command_waits_gets_no_power(stage: Stage) -> None:
    rack = stage.running()
    rails = rack.rails
    Chassis.objects.update(budget_mw=TIGHT_BUDGET_MW)
    command_id = press(stage, rack, OFF, "power_on")
    until(lambda: "needs" in Command.objects.get(pk=command_id).waiting_for, "the wait for power")
    rack.tell(f"pull {OFF}")
    command = stage.wait_for_end(command_id)
    Chassis.objects.update(budget_mw=None)
    assert (command.state, command.outcome) == ("expired", f"Slot {OFF} was emptied.")
    assert command.sent_at is None
    stage.wait_until_seen(rack)
    assert_nothing_is_lost(rack)
    assert (rack.rails, rack.switched, rack.orders) == (rails, [], [])


def test_a_command_that_a_newer_event_overtook_is_refused_by_the_firmware(stage: Stage) -> None:
    rack = stage.running()
    rails = rack.rails
    rack.machine.lost_types = {MessageType.EVENT, MessageType.STATE}  # what its giver cannot know
    rack.tell(f"handle {OFF} open")
    newest = rack.journal().next
    until(lambda: rack.journal().next > newest or is_newest(rack, OFF), "the handle's event")
    command = stage.wait_for_end(press(stage, rack, OFF, "power_on"))
    rack.machine.lost_types = set()
    assert command.state == "refused"
    assert command.outcome == "Not possible now: the slot changed since this was asked."
    stage.wait_until_seen(rack)
    assert_nothing_is_lost(rack)
    assert len(rack.orders) == 1
    assert (rack.rails, rack.switched) == (rails, [])


def is_newest(rack: Rack, slot: int) -> bool:
    journal = rack.journal()
    body = journal.bodies[journal.next - 1]
    return (body[14], body[15]) == (EventKind.HANDLE_OPEN, slot)


def test_of_two_operators_who_press_at_once_one_is_told_of_the_other(stage: Stage) -> None:
    rack = stage.running()
    rails = rack.rails
    people = {name: stage.person(name) for name in ("ana", "ben")}
    seen = str(stage.chassis(rack).revision)  # both look at the same screen
    rack.machine.lost_types = {
        MessageType.RESULT,
        MessageType.EVENT,
    }  # the first one takes its time
    start = threading.Barrier(len(people))
    answers: dict[str, Any] = {}

    def press_at_once(name: str) -> None:
        start.wait(PATIENCE_S)
        try:
            answers[name] = stage.ask(people[name], rack, RUNNING, "power_off", seen=seen)
        finally:
            connection.close()

    threads = [threading.Thread(target=press_at_once, args=(name,)) for name in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    rack.machine.lost_types = set()
    by_status = {answer.status_code: (name, answer) for name, answer in answers.items()}
    assert set(by_status) == {202, 409}
    winner, loser = by_status[202], by_status[409]
    assert loser[1].json()["error"] == (
        f"Power off of slot {RUNNING} was just asked by {winner[0]}; wait for its end."
    )
    stage.wait_for_end(winner[1].json()["command"])
    stage.wait_until_seen(rack)
    assert Command.objects.count() == 1
    assert len({order.id for order in rack.orders}) == 1
    assert rack.switched == [(RUNNING, False)]
    assert rack.rails == rails & ~(1 << RUNNING)
    assert_nothing_is_lost(rack)


def test_an_old_screen_is_told_that_the_slot_has_changed(stage: Stage) -> None:
    rack = stage.running()
    ben, seen = stage.person(), str(stage.chassis(rack).revision)
    rack.tell(f"handle {OFF} open")
    until(lambda: stage.slot(rack, OFF).revision > int(seen), "the handle to be seen")
    answer = stage.ask(ben, rack, OFF, "power_on", seen=seen)
    assert answer.status_code == 409
    assert answer.json()["error"].startswith(f"Changed since you looked: slot {OFF} is now")
    asked = Command.objects.filter(op="power_on")  # the handle itself has asked for a release
    assert (rack.switched, rack.orders, asked.count()) == ([], [], 0)


@pytest.mark.parametrize("number", [0, 11, 24])
def test_an_unknown_slot_is_not_found(stage: Stage, number: int) -> None:
    rack = stage.running()
    assert stage.ask(stage.person(), rack, number, "power_off").status_code == 404
    assert (rack.switched, rack.orders, Command.objects.count()) == ([], [], 0)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.TECHNICIAN])
def test_a_role_that_may_not_switch_power_is_refused_by_name(stage: Stage, role: Role) -> None:
    rack = stage.running()
    client = stage.person("ana", role)
    answer = stage.ask(client, rack, RUNNING, "power_off")
    assert answer.status_code == 403
    assert "operator" in answer.content.decode().lower()
    slug = stage.chassis(rack).slug
    rehearsal = client.post(f"/c/{slug}/rehearsal/", {"line": f"pull {RUNNING}"}, headers=JSON)
    assert rehearsal.status_code == 403
    assert (rack.switched, rack.orders, Command.objects.count()) == ([], [], 0)


def test_a_power_command_without_a_link_is_refused_with_the_links_own_words(stage: Stage) -> None:
    rack = stage.running()
    rack.unplug()
    message = stage.wait_for_link(rack, "lost")
    answer = stage.ask(stage.person(), rack, RUNNING, "power_off")
    assert (answer.status_code, answer.json()["error"]) == (409, message)
    rack.plug_in()
    stage.wait_until_seen(rack)
    assert (rack.switched, rack.orders) == ([], [])


def test_what_was_asked_before_the_cable_went_is_not_done_after_it_is_back(stage: Stage) -> None:
    rack = stage.running()
    rails = rack.rails
    Chassis.objects.update(budget_mw=TIGHT_BUDGET_MW)
    command_id = press(stage, rack, OFF, "power_on")
    until(lambda: "needs" in Command.objects.get(pk=command_id).waiting_for, "the wait for power")
    rack.unplug()
    assert stage.wait_for_end(command_id).state == "expired"
    Chassis.objects.update(budget_mw=None)
    rack.plug_in()
    stage.wait_until_seen(rack)
    assert (rack.rails, rack.switched, rack.orders) == (rails, [], [])
