"""Locate lights: whose they are, when they end, and by elimination."""

import pytest

from backplane.people.audit import Actor
from backplane.slots import services
from backplane.slots.errors import LinkNotLive, NotPossible
from backplane.slots.locate import reads_dark, reads_lit
from backplane.slots.models import Chassis, Command, Slot
from backplane.slots.ops import CommandOp, CommandState
from backplane.slots.records import ReadingRecord, StateRecord
from tests.support.slots import GREEN, JOURNAL, NOW, RUNNING, later, new_chassis, slot_of

ANA = Actor(None, "Ana", "technician")
LIT, INVITING, TESTING = GREEN | 3 << 9 | 1 << 12, GREEN | 2 << 9 | 1 << 12, 2 << 12


def carry_out(chassis: Chassis, *commands: Command, at_s: float = 0) -> None:
    """Let the board do light commands."""
    for command in commands:
        assert services.mark_sent(command.pk, chassis.epoch, later(at_s))
        services.finish_command(chassis.pk, command.wire_id, 0, later(at_s))


def read_back(chassis: Chassis, lights: int, at_s: float, slot: int = 7) -> None:
    reading = ReadingRecord(slot, int(RUNNING), lights, 12_050, 400, 4_700)
    state = StateRecord(JOURNAL, 0, (reading,))
    services.apply_state(chassis.pk, chassis.epoch, state, later(at_s))


def located(chassis: Chassis, number: int = 7) -> tuple[str, float | None]:
    slot = slot_of(chassis, number)
    until = slot.locate_until
    return slot.locate_by, None if until is None else (until - NOW).total_seconds()


def lit_by_ana(chassis: Chassis) -> None:
    carry_out(chassis, *services.locate(chassis.pk, 7, requester=ANA, now=NOW))
    read_back(chassis, LIT, 1)


@pytest.mark.parametrize(
    ("lights", "lit", "dark"),
    [
        (LIT, True, False),
        (GREEN, False, True),
        (INVITING, False, True),
        (TESTING, False, False),  # the lamp test hides what is below
        (None, False, False),
    ],
)
def test_what_the_lights_word_says(lights: int | None, lit: bool, dark: bool) -> None:
    assert (reads_lit(lights), reads_dark(lights)) == (lit, dark)


@pytest.mark.django_db
def test_a_locate_has_an_owner_once_the_board_has_done_it() -> None:
    chassis = new_chassis()
    (command,) = services.locate(chassis.pk, 7, requester=ANA, now=NOW)
    assert (command.op, command.requester_name) == (CommandOp.LOCATE_ON, "Ana")
    assert located(chassis) == ("", None)  # asked is not done
    carry_out(chassis, command, at_s=1)
    assert located(chassis) == ("Ana", 601.0)


@pytest.mark.django_db
def test_a_locate_that_was_refused_has_no_owner() -> None:
    chassis = new_chassis()
    (command,) = services.locate(chassis.pk, 7, requester=ANA, now=NOW)
    services.mark_sent(command.pk, chassis.epoch, NOW)
    services.finish_command(chassis.pk, command.wire_id, 7, NOW)
    assert located(chassis) == ("", None)


@pytest.mark.django_db
def test_a_light_that_reads_dark_belongs_to_nobody() -> None:
    chassis = new_chassis()
    lit_by_ana(chassis)
    read_back(chassis, TESTING, 10)
    assert located(chassis) == ("Ana", 600.0)
    read_back(chassis, GREEN, 20)
    assert located(chassis) == ("", None)


@pytest.mark.django_db
def test_a_snapshot_from_the_moment_of_switching_ends_nothing() -> None:
    chassis = new_chassis()
    carry_out(chassis, *services.locate(chassis.pk, 7, requester=ANA, now=NOW))
    read_back(chassis, GREEN, 0.1)
    assert located(chassis) == ("Ana", 600.0)


@pytest.mark.django_db
def test_a_locate_is_over_after_its_time_whatever_the_light_says() -> None:
    chassis = new_chassis()
    lit_by_ana(chassis)
    read_back(chassis, TESTING, 599)
    assert located(chassis) == ("Ana", 600.0)
    read_back(chassis, TESTING, 600)
    assert located(chassis) == ("", None)


@pytest.mark.django_db
@pytest.mark.parametrize("op", [CommandOp.LOCATE_OFF, CommandOp.INVITE_ON, CommandOp.INVITE_OFF])
def test_another_light_on_the_slot_ends_a_locate(op: CommandOp) -> None:
    chassis = new_chassis()
    lit_by_ana(chassis)
    command = services.locate(chassis.pk, 3, requester=ANA, now=later(5))[0]
    Command.objects.filter(pk=command.pk).update(op=op, slot=slot_of(chassis))
    carry_out(chassis, command, at_s=6)
    assert located(chassis) == ("", None)


@pytest.mark.django_db
def test_by_elimination_every_other_slot_lights() -> None:
    chassis = new_chassis()
    lit_by_ana(chassis)
    commands = services.locate(chassis.pk, 7, requester=ANA, now=later(5), but=True)
    asked = {(command.slot.number, command.op) for command in commands if command.slot}
    others = {(number, "locate_on") for number in range(1, 11) if number != 7}
    assert asked == others | {(7, "locate_off")}
    carry_out(chassis, *commands, at_s=6)
    assert located(chassis) == ("", None)
    assert Slot.objects.filter(locate_by="Ana").count() == 9
    stopped = services.stop_locating(chassis.pk, 0, requester=ANA, now=later(7))
    assert {command.op for command in stopped} == {CommandOp.LOCATE_OFF}
    carry_out(chassis, *stopped, at_s=8)
    assert not Slot.objects.exclude(locate_by="", locate_until=None).exists()


@pytest.mark.django_db
def test_one_slot_or_one_that_is_only_asked_for_is_stopped() -> None:
    chassis = new_chassis()
    services.locate(chassis.pk, 7, requester=ANA, now=NOW)
    for number in (7, 0):
        (command,) = services.stop_locating(chassis.pk, number, requester=ANA, now=later(1))
        assert command.slot == slot_of(chassis)
        assert (command.op, command.state) == (CommandOp.LOCATE_OFF, CommandState.OPEN)
    read_back(chassis, LIT, 1, slot=3)  # lit by another installation: seen is seen
    commands = services.stop_locating(chassis.pk, 0, requester=ANA, now=later(2))
    assert sorted(command.slot.number for command in commands if command.slot) == [3, 7]


@pytest.mark.django_db
@pytest.mark.parametrize("number", [0, 11])
def test_a_slot_that_is_none_lights_nothing(number: int) -> None:
    chassis = new_chassis()
    with pytest.raises(NotPossible, match=f"no slot {number}"):
        services.locate(chassis.pk, number, requester=ANA, now=NOW, but=True)
    with pytest.raises(NotPossible, match="no slot 11"):
        services.stop_locating(chassis.pk, 11, requester=ANA, now=NOW)


@pytest.mark.django_db
def test_a_silent_chassis_lights_nothing() -> None:
    chassis = new_chassis()
    services.link_lost(chassis.pk, chassis.epoch, "No answer for 3 s.", NOW)
    with pytest.raises(LinkNotLive, match="No answer for 3 s"):
        services.locate(chassis.pk, 7, requester=ANA, now=NOW, but=True)
    assert not Command.objects.exists()
