"""A Pi that does not halt: nothing is cut by itself, a person is told, and a person may cut."""

import pytest

from backplane.live.history import recent_lines
from backplane.live.rendering import SlotView, slot_view
from backplane.live.selectors import load_chassis_by_id
from backplane.slots import services
from backplane.slots.facts import EventKind, RailCause
from backplane.slots.models import Chassis, Command
from backplane.slots.ops import CommandOp, CommandState
from tests.support.slots import ask, later, new_chassis, rail, send

pytestmark = pytest.mark.django_db

SLOT = 7


@pytest.fixture
def chassis() -> Chassis:
    """A chassis whose slot 7 was told to shut down, and whose board has said that it will."""
    made = new_chassis()
    shutdown = send(made, CommandOp.SHUTDOWN, SLOT)
    services.finish_command(made.pk, shutdown.wire_id, 0, later(0))
    return made


def view_at(chassis: Chassis, seconds: float) -> SlotView:
    record = load_chassis_by_id(chassis.pk)
    assert record is not None
    return slot_view(record.slots[SLOT - 1], record, later(seconds))


def enabled_at(chassis: Chassis, seconds: float) -> set[str]:
    return {each["op"] for each in view_at(chassis, seconds)["actions"] if each["enabled"]}


def cut_at(chassis: Chassis, seconds: float) -> Command:
    """Cut as a person does, and let the board say that the rail went off."""
    cut = ask(chassis, CommandOp.POWER_OFF, SLOT, at=later(seconds))
    due = services.plan_commands(chassis.pk, chassis.epoch, later(seconds))
    assert [send.command_id for send in due.sends] == [cut.pk]
    services.mark_sent(cut.pk, chassis.epoch, later(seconds))
    off = rail(1, EventKind.RAIL_OFF, cut, RailCause.COMMAND)
    services.record_hardware_events(chassis.pk, chassis.epoch, [off], later(seconds))
    cut.refresh_from_db()
    return cut


def test_it_can_be_cut_while_it_shuts_down(chassis: Chassis) -> None:
    assert view_at(chassis, 30)["state"] == "M6"
    assert enabled_at(chassis, 30) == {"locate_on", "power_off"}
    assert cut_at(chassis, 30).state == CommandState.DONE
    assert view_at(chassis, 31)["state"] == "M1"
    texts = [line.text for line in recent_lines(chassis.pk)]
    assert "Shut down failed: Replaced: power off asked by Ben." in texts


def test_after_90_s_a_person_decides_and_nothing_is_cut(chassis: Chassis) -> None:
    for seconds in (89, 90, 91, 3600):
        due = services.plan_commands(chassis.pk, chassis.epoch, later(seconds))
        assert due.sends == ()
    (shutdown,) = Command.objects.all()
    assert (shutdown.state, shutdown.finished_at) == (CommandState.FAILED, later(90))
    view = view_at(chassis, 91)
    assert (view["state"], view["pending"]) == ("M4", None)
    assert recent_lines(chassis.pk)[-1].text == (
        "Shut down failed: The operating system did not stop in time. Wait, or cut the power."
    )
    assert "power_off" in enabled_at(chassis, 91)
    assert cut_at(chassis, 100).state == CommandState.DONE
