"""Commands: asked with what the asker saw, sent once, ended by what the board says or by time."""

from dataclasses import replace

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from backplane.slots import services
from backplane.slots.boards import Senses
from backplane.slots.errors import (
    CommandInFlight,
    LinkNotLive,
    NotPossible,
    StaleGeneration,
    StaleView,
)
from backplane.slots.facts import Cause, EventKind, SlotFlag, SlotState
from backplane.slots.models import Chassis, Command, Module, Slot, Transition
from backplane.slots.ops import SKIP_EVENT_CHECK, WAITING_EXPIRY_S, CommandOp, CommandState, Origin
from backplane.slots.planner import Send
from tests.support.slots import (
    NOW,
    OFF,
    ask,
    event,
    later,
    new_chassis,
    rail,
    send,
    slot_of,
    snapshot,
)

pytestmark = pytest.mark.django_db


def ended(command: Command) -> tuple[str, str]:
    command.refresh_from_db()
    return command.state, command.outcome


def test_a_start_is_a_row_and_a_request_state() -> None:
    chassis = new_chassis({7: OFF})
    user = get_user_model().objects.create_user("ben", password="secret-ben-1")
    command = ask(chassis, CommandOp.POWER_ON, user_id=user.pk)
    assert (command.state, command.requester_name, command.expires_at) == ("open", "Ben", later(10))
    assert 0 < command.wire_id < 2**24
    assert (command.boot, command.if_event) == (3, 0)
    assert slot_of(chassis).state == SlotState.ACTIVATION_REQUEST
    last = Transition.objects.latest("pk")
    assert (last.command, last.cause, last.new) == (command, Cause.PERSON, "M2")
    assert Chassis.objects.get().revision == chassis.revision + 1
    user.delete()
    command.refresh_from_db()
    assert (command.requested_by, command.requester_name) == (None, "Ben")


def test_a_whole_start() -> None:
    chassis = new_chassis({7: OFF})
    command = ask(chassis, CommandOp.POWER_ON)
    assert services.plan_commands(chassis.pk, chassis.epoch, later(1)).sends == (
        Send(command.pk, 9_000),
    )
    assert slot_of(chassis).state == SlotState.ACTIVATION_REQUEST  # nothing is sent by planning
    assert services.mark_sent(command.pk, chassis.epoch, later(1))
    assert slot_of(chassis).state == SlotState.ACTIVATION_IN_PROGRESS
    services.finish_command(chassis.pk, command.wire_id, 0, later(2))
    assert ended(command)[0] == CommandState.ACCEPTED
    up = [rail(1, EventKind.RAIL_ON, command), event(2, EventKind.POWER_GOOD)]
    services.record_hardware_events(chassis.pk, chassis.epoch, up, later(2))
    assert ended(command) == (CommandState.DONE, "The rail is on.")
    slot = slot_of(chassis)
    assert (slot.state, slot.cause) == (SlotState.ACTIVE, Cause.PERSON)


def test_a_whole_shutdown_by_the_api() -> None:
    chassis = new_chassis()
    command = ask(chassis, CommandOp.SHUTDOWN, origin=Origin.API, seen_revision=None)
    assert slot_of(chassis).state == SlotState.DEACTIVATION_REQUEST
    services.mark_sent(command.pk, chassis.epoch, NOW)
    assert slot_of(chassis).state == SlotState.DEACTIVATION_IN_PROGRESS
    services.finish_command(chassis.pk, command.wire_id, 0, NOW)
    command.refresh_from_db()
    assert command.expires_at == later(90)
    down = [event(1, EventKind.HALTED), rail(2, EventKind.RAIL_OFF, command, 6)]
    services.record_hardware_events(chassis.pk, chassis.epoch, down, later(5))
    assert ended(command)[0] == CommandState.DONE
    assert slot_of(chassis).cause == Cause.API


def test_a_stale_screen_cannot_command() -> None:
    chassis = new_chassis()
    services.record_hardware_events(chassis.pk, chassis.epoch, [event(1, EventKind.TRIP)], NOW)
    with pytest.raises(StaleView, match="Changed since you looked: slot 7 is now off"):
        ask(chassis, CommandOp.POWER_CYCLE, seen_revision=chassis.revision)
    # Slot 6 did not change: the same screen may command it.
    ask(chassis, CommandOp.POWER_CYCLE, 6, seen_revision=chassis.revision)


@pytest.mark.parametrize("ahead", [1, 10**30])
def test_a_screen_from_before_a_restored_backup_cannot_command(ahead: int) -> None:
    chassis = new_chassis()
    with pytest.raises(StaleView):
        ask(chassis, CommandOp.POWER_CYCLE, seen_revision=chassis.revision + ahead)
    assert not Command.objects.exists()


def test_the_second_of_two_operators_is_told_who_was_first() -> None:
    chassis = new_chassis({7: OFF})
    ask(chassis, CommandOp.POWER_ON)
    with pytest.raises(CommandInFlight, match="Power on of slot 7 was just asked by Ben"):
        ask(chassis, CommandOp.POWER_ON, seen_revision=chassis.revision, requester_name="Ana")
    ask(chassis, CommandOp.LOCATE_ON)  # the light is another matter
    assert Command.objects.count() == 2


def test_the_database_itself_keeps_power_commands_single() -> None:
    chassis = new_chassis({7: OFF})
    command = ask(chassis, CommandOp.POWER_ON)
    command.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        command.save(force_insert=True)


def test_a_cut_replaces_a_shutdown_and_is_not_compared_with_events() -> None:
    chassis = new_chassis()
    shutdown = send(chassis, CommandOp.SHUTDOWN)
    cut = ask(chassis, CommandOp.POWER_OFF)
    assert ended(shutdown) == (CommandState.FAILED, "Replaced: power off asked by Ben.")
    assert cut.if_event == SKIP_EVENT_CHECK
    assert slot_of(chassis).state == SlotState.DEACTIVATION_REQUEST
    with pytest.raises(CommandInFlight):
        ask(chassis, CommandOp.POWER_OFF)


@pytest.mark.parametrize("origin", [Origin.API, Origin.SWAP])
def test_only_a_persons_cut_is_not_compared_with_events(origin: Origin) -> None:
    chassis = new_chassis()
    services.record_hardware_events(chassis.pk, chassis.epoch, [event(1, EventKind.HALTED, 3)], NOW)
    assert ask(chassis, CommandOp.POWER_OFF, origin=origin).if_event == 1


def test_what_the_giver_knew_goes_along() -> None:
    chassis = new_chassis({7: OFF})
    services.record_hardware_events(chassis.pk, chassis.epoch, [event(1, EventKind.HALTED, 3)], NOW)
    assert ask(chassis, CommandOp.POWER_ON).if_event == 1


@pytest.mark.parametrize(
    ("op", "flags", "words"),
    [
        (CommandOp.POWER_ON, None, "Slot 7 is on already."),
        (CommandOp.POWER_OFF, OFF, "Slot 7 is off already."),
        (CommandOp.POWER_ON, OFF | SlotFlag.RELEASED, "take the release back"),
    ],
)
def test_what_is_not_possible_is_refused_in_words(
    op: CommandOp, flags: SlotFlag | None, words: str
) -> None:
    chassis = new_chassis({7: flags} if flags else None)
    with pytest.raises(NotPossible, match=words):
        ask(chassis, op)
    assert not Command.objects.exists()


def test_nothing_can_be_asked_of_a_silent_chassis() -> None:
    chassis = new_chassis()
    services.link_lost(chassis.pk, chassis.epoch, "No answer for 3 s.", NOW)
    with pytest.raises(LinkNotLive, match="No answer for 3 s"):
        ask(chassis, CommandOp.LOCATE_ON)


def test_a_slot_that_does_not_exist_is_not_found() -> None:
    with pytest.raises(Slot.DoesNotExist):
        ask(new_chassis(), CommandOp.POWER_OFF, 11)


def test_a_command_is_claimed_once_and_by_the_holder_alone() -> None:
    chassis = new_chassis({7: OFF})
    command = ask(chassis, CommandOp.POWER_ON)
    with pytest.raises(StaleGeneration):
        services.mark_sent(command.pk, chassis.epoch - 1, NOW)
    assert not services.mark_sent(command.pk, chassis.epoch, later(10))  # too late
    assert services.mark_sent(command.pk, chassis.epoch, NOW)
    assert not services.mark_sent(command.pk, chassis.epoch, NOW)


@pytest.mark.parametrize(
    ("code", "state", "words"),
    [
        (5, CommandState.EXPIRED, "nothing was done"),
        (6, CommandState.REFUSED, "the slot changed"),
        (99, CommandState.REFUSED, "code 99"),
    ],
)
def test_a_refusal_puts_the_slot_back(code: int, state: CommandState, words: str) -> None:
    chassis = new_chassis({7: OFF})
    command = send(chassis, CommandOp.POWER_ON)
    services.finish_command(chassis.pk, command.wire_id, code, later(1))
    assert ended(command)[0] == state
    assert words in command.outcome
    assert command.result_code == code
    last = Transition.objects.latest("pk")
    assert (last.old, last.new, last.command) == ("M3", "M1", command)


@pytest.mark.parametrize(("op", "flags"), [(CommandOp.POWER_ON, OFF), (CommandOp.POWER_OFF, None)])
def test_an_answer_after_the_effect_is_done(op: CommandOp, flags: SlotFlag | None) -> None:
    chassis = new_chassis({7: flags} if flags else None)
    command = send(chassis, op)
    seen = snapshot(0, {7: OFF} if flags is None else None)
    services.apply_state(chassis.pk, chassis.epoch, seen, NOW)
    services.finish_command(chassis.pk, command.wire_id, 0, NOW)
    assert ended(command)[0] == CommandState.DONE


def test_locating_is_done_when_the_board_says_so() -> None:
    chassis = new_chassis()
    command = send(chassis, CommandOp.LOCATE_ON)
    services.finish_command(chassis.pk, command.wire_id, 0, NOW)
    assert ended(command) == (CommandState.DONE, "Done.")
    assert services.finish_command(chassis.pk, command.wire_id, 0, NOW) is None  # said twice


def test_a_lamp_test_asks_the_chassis() -> None:
    chassis = new_chassis()
    command = ask(chassis, CommandOp.LAMP_TEST, 0)
    assert command.slot is None
    assert services.plan_commands(chassis.pk, chassis.epoch, NOW).sends == (
        Send(command.pk, 10_000),
    )
    assert services.mark_sent(command.pk, chassis.epoch, NOW)
    services.finish_command(chassis.pk, command.wire_id, 0, NOW)
    assert ended(command)[0] == CommandState.DONE


def test_an_answer_that_never_comes_is_a_failure_and_nobody_tries_again() -> None:
    chassis = new_chassis()
    command = send(chassis, CommandOp.POWER_OFF)
    services.lose_command(chassis.pk, command.wire_id, "The board was restarted.", NOW)
    assert ended(command) == (CommandState.FAILED, "The board was restarted.")
    assert slot_of(chassis).state == SlotState.ACTIVE
    assert services.plan_commands(chassis.pk, chassis.epoch, NOW).sends == ()
    assert services.lose_command(chassis.pk, command.wire_id, "again", NOW) is None


def test_a_start_that_does_not_fit_waits_in_m3_with_the_reason() -> None:
    chassis = new_chassis({7: OFF})
    Chassis.objects.update(budget_mw=110_000)
    module = Module.objects.create(name="hungry", rating_mw=14_000)
    Slot.objects.filter(number=7).update(module=module)
    command = ask(chassis, CommandOp.POWER_ON)
    assert services.plan_commands(chassis.pk, chassis.epoch, later(1)).sends == ()
    command.refresh_from_db()
    assert command.waiting_for.startswith("slot 7 needs 14 W, 2 W free")
    assert command.expires_at == later(WAITING_EXPIRY_S)
    slot = slot_of(chassis)
    assert (slot.state, slot.cause) == (SlotState.ACTIVATION_IN_PROGRESS, Cause.BUDGET)
    revision = Chassis.objects.get().revision
    services.plan_commands(chassis.pk, chassis.epoch, later(2))
    assert Chassis.objects.get().revision == revision  # waiting on changes nothing
    services.record_hardware_events(
        chassis.pk, chassis.epoch, [event(1, EventKind.RAIL_OFF, 3)], later(20)
    )
    assert services.plan_commands(chassis.pk, chassis.epoch, later(20)).sends == (
        Send(command.pk, 10_000),
    )


def test_a_start_waits_for_its_turn() -> None:
    chassis = new_chassis({6: OFF, 7: OFF})
    first, second = ask(chassis, CommandOp.POWER_ON, 6), ask(chassis, CommandOp.POWER_ON, 7)
    assert services.plan_commands(chassis.pk, chassis.epoch, NOW).sends == (Send(first.pk, 10_000),)
    second.refresh_from_db()
    assert second.waiting_for == "slot 6 is starting; one at a time"


def test_the_next_rail_comes_up_half_a_second_after_the_last() -> None:
    chassis = new_chassis({6: OFF, 7: OFF})
    first, second = send(chassis, CommandOp.POWER_ON, 6), ask(chassis, CommandOp.POWER_ON, 7)
    rail_on = replace(rail(1, EventKind.RAIL_ON, first), slot=6)
    up = [rail_on, event(2, EventKind.POWER_GOOD, 6)]
    services.record_hardware_events(chassis.pk, chassis.epoch, up, later(0.1))
    due = services.plan_commands(chassis.pk, chassis.epoch, later(0.1))
    assert (due.sends, due.next_deadline) == ((), later(0.5))
    due = services.plan_commands(chassis.pk, chassis.epoch, later(0.5))
    assert [each.command_id for each in due.sends] == [second.pk]


def test_a_trip_while_waiting_ends_the_wait() -> None:
    chassis = new_chassis({7: OFF})
    command = ask(chassis, CommandOp.POWER_ON)
    services.record_hardware_events(chassis.pk, chassis.epoch, [event(1, EventKind.TRIP)], NOW)
    assert services.plan_commands(chassis.pk, chassis.epoch, NOW).sends == ()
    assert ended(command)[0] == CommandState.REFUSED
    assert slot_of(chassis).state == SlotState.INACTIVE


def test_a_waiting_start_can_be_taken_back_until_it_is_sent() -> None:
    chassis = new_chassis({7: OFF})
    command = ask(chassis, CommandOp.POWER_ON)
    assert services.cancel_command(command.pk, "Ana", NOW)
    assert ended(command) == (CommandState.EXPIRED, "Taken back by Ana.")
    assert (slot_of(chassis).state, slot_of(chassis).cause) == (SlotState.INACTIVE, Cause.PERSON)
    assert services.cancel_command(command.pk, "Ana", NOW) is None


def test_time_ends_what_nobody_did() -> None:
    chassis = new_chassis({6: OFF})
    never_sent, never_stopped = (
        ask(chassis, CommandOp.POWER_ON, 6),
        send(chassis, CommandOp.SHUTDOWN),
    )
    services.finish_command(chassis.pk, never_stopped.wire_id, 0, NOW)
    assert services.expire_commands(chassis.pk, later(9)) is None
    assert services.expire_commands(chassis.pk, later(10))
    assert ended(never_sent)[0] == CommandState.EXPIRED
    assert slot_of(chassis, 6).state == SlotState.INACTIVE
    assert services.expire_commands(chassis.pk, later(90))
    assert ended(never_stopped)[0] == CommandState.FAILED
    assert "cut the power" in never_stopped.outcome
    assert slot_of(chassis).state == SlotState.ACTIVE  # a person decides, never the app


def test_planning_costs_one_query_while_nothing_is_asked(django_assert_num_queries: object) -> None:
    chassis = new_chassis()
    with django_assert_num_queries(1):  # type: ignore[operator]  # a fixture that returns a context manager
        assert services.plan_commands(chassis.pk, chassis.epoch, NOW).sends == ()


def test_a_cycle_is_seen_by_its_events_alone() -> None:
    chassis = new_chassis()
    command = send(chassis, CommandOp.POWER_CYCLE)
    services.finish_command(chassis.pk, command.wire_id, 0, NOW)
    assert ended(command)[0] == CommandState.ACCEPTED  # the rail is on, as it was before


def test_a_cycle_that_waits_for_its_turn_leaves_the_slot_alone() -> None:
    chassis = new_chassis({6: OFF})
    send(chassis, CommandOp.POWER_ON, 6)
    command = ask(chassis, CommandOp.POWER_CYCLE)
    assert services.plan_commands(chassis.pk, chassis.epoch, NOW).sends == ()
    command.refresh_from_db()
    assert command.waiting_for == "slot 6 is starting; one at a time"
    assert slot_of(chassis).state == SlotState.DEACTIVATION_REQUEST


def test_a_slot_without_a_shutdown_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    chassis = new_chassis()
    without = replace(chassis.profile, senses=Senses(shutdown_line=False), slot_senses={})
    monkeypatch.setattr(Chassis, "profile", without)
    with pytest.raises(NotPossible, match="has no shutdown line"):
        ask(chassis, CommandOp.SHUTDOWN)


def test_a_lost_chassis_command_touches_no_slot() -> None:
    chassis = new_chassis()
    command = send(chassis, CommandOp.LAMP_TEST, 0)
    change = services.lose_command(chassis.pk, command.wire_id, "The cable was pulled.", NOW)
    assert change is not None
    assert change.slot_numbers == ()
    assert (command.is_power, str(command), slot_of(chassis).state) == (
        False,
        "lamp_test demo",
        "M4",
    )
    assert not Command.objects.get().is_unfinished
