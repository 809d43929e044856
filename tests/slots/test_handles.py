"""What an opened or closed handle asks for, and all that keeps it from asking."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from backplane.people.models import AuditEntry
from backplane.slots import handle_policy, services
from backplane.slots.errors import NotPossible
from backplane.slots.facts import Cause, EventKind, RailCause, SlotFlag, SlotState
from backplane.slots.models import Chassis, Command, Transition
from backplane.slots.ops import COMMAND_EXPIRY_S, CommandOp, CommandState, Origin
from tests.support.slots import (
    EMPTY,
    NOW,
    OFF,
    RUNNING,
    ask,
    event,
    new_chassis,
    rail,
    send,
    slot_of,
    snapshot,
)

pytestmark = pytest.mark.django_db
OPEN, CLOSED = EventKind.HANDLE_OPEN, EventKind.HANDLE_CLOSED
IN_A_HAND = ~SlotFlag.HANDLE_CLOSED


def happens(chassis: Chassis, *kinds: EventKind, age_s: float = 0.1) -> None:
    """Record events of slot 7 as they come."""
    chassis.refresh_from_db()
    first = (chassis.cursor or 0) + 1
    at = NOW - timedelta(seconds=age_s)
    events = [event(first + n, kind, occurred_at=at) for n, kind in enumerate(kinds)]
    services.record_hardware_events(chassis.pk, chassis.epoch, events, NOW)


def rail_goes_off(chassis: Chassis, command: Command | None, cause: RailCause) -> None:
    chassis.refresh_from_db()
    told = rail((chassis.cursor or 0) + 1, EventKind.RAIL_OFF, command, cause)
    events = [event(told.number, told.kind, value=told.value, occurred_at=NOW)]
    services.record_hardware_events(chassis.pk, chassis.epoch, events, NOW)


def asked(chassis: Chassis) -> list[tuple[str, bool]]:
    rows = Command.objects.filter(chassis=chassis, origin=Origin.HANDLE).order_by("pk")
    return [(row.op, row.arguments.get("on", True)) for row in rows]


@pytest.mark.parametrize(
    ("flags", "kind", "wish", "state"),
    [
        (RUNNING, OPEN, [("shutdown", True)], SlotState.DEACTIVATION_REQUEST),
        (
            RUNNING | SlotFlag.HALTED,
            OPEN,
            [("power_off", True)],
            SlotState.DEACTIVATION_REQUEST,
        ),
        (OFF, OPEN, [("release", True)], SlotState.INACTIVE),
        (OFF & IN_A_HAND, CLOSED, [("power_on", True)], SlotState.ACTIVATION_REQUEST),
        (
            (OFF | SlotFlag.RELEASED) & IN_A_HAND,
            CLOSED,
            [("release", False)],
            SlotState.INACTIVE,
        ),
        ((OFF | SlotFlag.HELD) & IN_A_HAND, CLOSED, [], SlotState.INACTIVE),
        (OFF | SlotFlag.TRIPPED, OPEN, [], SlotState.INACTIVE),
        (RUNNING | SlotFlag.ALARM, OPEN, [], SlotState.DEACTIVATION_REQUEST),
        (RUNNING | SlotFlag.FLAPPING, OPEN, [], SlotState.DEACTIVATION_REQUEST),
        (EMPTY, OPEN, [], SlotState.NOT_INSTALLED),
        (RUNNING & IN_A_HAND, CLOSED, [], SlotState.ACTIVE),
    ],
)
def test_a_handle_asks(
    flags: SlotFlag, kind: EventKind, wish: list[tuple[str, bool]], state: SlotState
) -> None:
    chassis = new_chassis({7: flags})
    happens(chassis, kind)
    assert asked(chassis) == wish
    assert slot_of(chassis).state == state


def test_what_a_handle_asks_has_seen_its_event_and_is_in_the_trail() -> None:
    chassis = new_chassis()
    happens(chassis, OPEN)
    command = Command.objects.get(chassis=chassis)
    assert command.if_event == 1
    assert command.requester_name == "the handle"
    assert Transition.objects.filter(slot=slot_of(chassis)).latest("pk").cause == Cause.HANDLE
    assert AuditEntry.objects.get(command_id=command.pk).action == "command.shutdown"


def test_an_old_event_asks_nothing() -> None:
    chassis = new_chassis()
    happens(chassis, OPEN, age_s=COMMAND_EXPIRY_S + 1)
    assert asked(chassis) == []
    assert slot_of(chassis).state == SlotState.DEACTIVATION_REQUEST


def test_an_event_of_a_boot_that_nobody_saw_asks_nothing() -> None:
    chassis = new_chassis()
    services.record_hardware_events(chassis.pk, chassis.epoch, [event(1, OPEN)], NOW)
    assert asked(chassis) == []


def test_a_slot_that_is_not_known_asks_nothing() -> None:
    chassis = new_chassis()
    services.link_lost(chassis.pk, chassis.epoch, "No answer.", NOW)
    happens(chassis, OPEN)
    assert asked(chassis) == []


def test_a_running_power_command_is_left_alone() -> None:
    chassis = new_chassis()
    send(chassis, CommandOp.POWER_CYCLE)
    happens(chassis, OPEN)
    assert asked(chassis) == []


def test_our_own_slot_only_shows_its_handle(settings: Settings) -> None:
    chassis = new_chassis()
    settings.OWN_SLOT = (chassis.slug, 7)
    happens(chassis, OPEN)
    assert asked(chassis) == []
    assert slot_of(chassis).state == SlotState.DEACTIVATION_REQUEST


def test_a_claimed_slot_asks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    chassis = new_chassis()
    number = slot_of(chassis).pk
    monkeypatch.setattr(handle_policy, "_claims", [lambda slot_id: slot_id == number])
    happens(chassis, OPEN)
    assert asked(chassis) == []


def test_opened_and_closed_at_once_asks_nothing() -> None:
    chassis = new_chassis()
    happens(chassis, OPEN, CLOSED)
    assert asked(chassis) == []
    assert slot_of(chassis).state == SlotState.ACTIVE


def test_closing_takes_back_what_was_not_sent() -> None:
    chassis = new_chassis()
    happens(chassis, OPEN)
    happens(chassis, CLOSED)
    command = Command.objects.get(chassis=chassis)
    assert (command.state, command.outcome) == (CommandState.EXPIRED, "Taken back by the handle.")
    assert slot_of(chassis).state == SlotState.ACTIVE


def test_a_shutdown_on_its_way_is_not_recalled_and_the_slot_is_not_released() -> None:
    chassis = new_chassis()
    happens(chassis, OPEN)
    command = Command.objects.get(chassis=chassis)
    assert services.mark_sent(command.pk, chassis.epoch, NOW)
    happens(chassis, CLOSED)
    command.refresh_from_db()
    assert command.waiting_for == "the handle was closed again, but a shutdown cannot be recalled"
    rail_goes_off(chassis, command, RailCause.SHUTDOWN_DONE)
    assert slot_of(chassis).state == SlotState.INACTIVE
    assert asked(chassis) == [("shutdown", True)]


@pytest.mark.parametrize("op", [CommandOp.SHUTDOWN, CommandOp.POWER_OFF])
def test_a_rail_that_went_off_under_an_open_handle_is_released(op: CommandOp) -> None:
    chassis = new_chassis({7: RUNNING & IN_A_HAND})
    command = send(chassis, op)
    rail_goes_off(chassis, command, RailCause.COMMAND)
    assert asked(chassis) == [("release", True)]


def test_a_rail_that_a_fault_took_is_not_released() -> None:
    chassis = new_chassis({7: RUNNING & IN_A_HAND})
    rail_goes_off(chassis, None, RailCause.POWER_GOOD_FAILED)
    assert asked(chassis) == []


def test_a_release_waits_for_the_rail_to_fall() -> None:
    chassis = new_chassis({7: OFF & ~SlotFlag.RAIL_BELOW_500_MV})
    command = ask(chassis, CommandOp.RELEASE)
    assert services.plan_commands(chassis.pk, chassis.epoch, NOW).sends == ()
    command.refresh_from_db()
    assert command.waiting_for == "its rail is not below 0.5 V yet"
    services.apply_state(chassis.pk, chassis.epoch, snapshot(0, {7: OFF}), NOW)
    assert len(services.plan_commands(chassis.pk, chassis.epoch, NOW).sends) == 1


def test_an_open_handle_keeps_power_off() -> None:
    chassis = new_chassis({7: OFF & IN_A_HAND})
    with pytest.raises(NotPossible, match="open handle; close it first"):
        ask(chassis, CommandOp.POWER_ON)
