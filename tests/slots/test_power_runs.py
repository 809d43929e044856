"""Power runs over rows: one slot after the other, a person where it stops, nothing twice after a crash."""

import pytest
from django.db import IntegrityError
from pytest_django import Settings

from backplane.people.models import AuditEntry
from backplane.slots import services
from backplane.slots.errors import LinkNotLive, NotPossible, OwnSlot, RunMovedOn, RunUnderWay
from backplane.slots.facts import EventKind
from backplane.slots.models import Chassis, Command, LinkState, PowerRun, RunKind, Slot
from backplane.slots.models.chassis import REPLAYED_ENDING
from backplane.slots.ops import CommandOp
from backplane.slots.runs import Choice
from tests.support.database import refusing_updates
from tests.support.power_runs import (
    asked,
    begin,
    board_takes,
    decide,
    goes_off,
    notes,
    rails,
)
from tests.support.slots import (
    EMPTY,
    NOW,
    OFF,
    event,
    hello,
    later,
    new_chassis,
    send,
    slot_of,
    snapshot,
)

pytestmark = pytest.mark.django_db


def test_a_shutdown_takes_one_slot_after_the_other() -> None:
    chassis = new_chassis({5: EMPTY, 6: OFF})
    run = begin(chassis, RunKind.SHUTDOWN, 7, 6, 5, 4)
    assert asked() == []
    deadline = services.advance_runs(chassis.pk, later(1))
    assert asked() == [(7, "shutdown")]
    assert deadline == later(11)
    services.advance_runs(chassis.pk, later(2))
    assert asked() == [(7, "shutdown")]
    goes_off(chassis, 3)
    services.advance_runs(chassis.pk, later(3))
    assert asked() == [(7, "shutdown"), (4, "shutdown")]
    goes_off(chassis, 4)
    assert services.advance_runs(chassis.pk, later(4)) is None
    assert notes(run) == {
        7: ("done", "Off."),
        6: ("done", "Was off already."),
        5: ("skipped", "Empty."),
        4: ("done", "Off."),
    }
    assert (run.state, run.outcome) == ("done", "3 slots are off, 1 left out.")
    assert run.finished_at == later(4)
    command = Command.objects.earliest("pk")
    assert (command.requester_name, command.origin) == ("Ana", "person")


def test_a_start_waits_for_good_power_before_the_next() -> None:
    chassis = new_chassis({1: OFF, 2: OFF})
    run = begin(chassis, RunKind.START, 1, 2, 3)
    services.advance_runs(chassis.pk, later(1))
    board_takes(chassis, 1)
    rails(chassis, 2, EventKind.RAIL_ON)
    assert services.advance_runs(chassis.pk, later(2)) == later(47)
    assert asked() == [(1, "power_on")]
    rails(chassis, 3, EventKind.POWER_GOOD)
    services.advance_runs(chassis.pk, later(3))
    assert asked() == [(1, "power_on"), (2, "power_on")]
    board_takes(chassis, 3)
    rails(chassis, 4, EventKind.RAIL_ON, EventKind.POWER_GOOD)
    services.advance_runs(chassis.pk, later(4))
    run.refresh_from_db()
    assert (run.state, run.outcome) == ("done", "3 slots are on.")


def hangs(chassis: Chassis) -> PowerRun:
    """Return a shutdown of slots 7 and 4 whose slot 7 does not stop in its 90 seconds."""
    run = begin(chassis, RunKind.SHUTDOWN, 7, 4)
    services.advance_runs(chassis.pk, NOW)
    assert board_takes(chassis, 0).expires_at == later(90)
    services.plan_commands(chassis.pk, chassis.epoch, later(91))
    assert services.advance_runs(chassis.pk, later(91)) is None
    run.refresh_from_db()
    return run


def test_an_operating_system_that_hangs_waits_for_a_person() -> None:
    chassis = new_chassis()
    run = hangs(chassis)
    assert run.state == "waiting"
    reason = "The operating system did not stop in time. Wait, or cut the power."
    assert notes(run)[7] == ("failed", reason)
    services.advance_runs(chassis.pk, later(3600))
    assert asked() == [(7, "shutdown")]
    view = services.run_view(run)
    assert view.current == 7
    assert Choice.CUT in view.choices


def test_wait_sends_nothing_and_asks_again_when_it_is_over() -> None:
    chassis = new_chassis()
    run = hangs(chassis)
    decide(run, Choice.WAIT, 7, 100)
    assert services.advance_runs(chassis.pk, later(100)) == later(190)
    assert asked() == [(7, "shutdown")]
    services.advance_runs(chassis.pk, later(190))
    run.refresh_from_db()
    assert run.state == "waiting"
    assert asked() == [(7, "shutdown")]


def test_a_cut_is_the_decider_s_and_the_run_goes_on() -> None:
    chassis = new_chassis()
    run = hangs(chassis)
    decide(run, Choice.CUT, 7, 100)
    assert asked()[-1] == (7, "power_off")
    board_takes(chassis, 101)
    rails(chassis, 102, EventKind.RAIL_OFF)
    services.advance_runs(chassis.pk, later(102))
    assert asked()[-1] == (4, "shutdown")
    entries = AuditEntry.objects.order_by("pk").values_list("action", "outcome", "address")
    assert list(entries) == [
        ("run.shutdown", "begun", "192.0.2.7"),
        (
            "command.shutdown",
            "failed: The operating system did not stop in time. Wait, or cut the power.",
            "",
        ),
        ("command.power_off", "done: The rail is off.", "192.0.2.7"),
        ("run.decide", "cut", "192.0.2.7"),
        ("command.shutdown", "", ""),
    ]


def test_a_slot_can_be_left_out_or_asked_once_more() -> None:
    chassis = new_chassis()
    run = hangs(chassis)
    decide(run, Choice.AGAIN, 7, 100)
    services.advance_runs(chassis.pk, later(100))
    assert asked() == [(7, "shutdown"), (7, "shutdown")]
    services.plan_commands(chassis.pk, chassis.epoch, later(111))  # nobody took it
    services.advance_runs(chassis.pk, later(111))
    decide(run, Choice.SKIP, 7, 112)
    services.advance_runs(chassis.pk, later(112))
    assert asked()[-1] == (4, "shutdown")
    assert notes(run)[7] == ("skipped", "Ana left it out.")


def test_what_somebody_did_meanwhile_is_seen_and_the_run_goes_on() -> None:
    chassis = new_chassis()
    run = hangs(chassis)
    send(chassis, CommandOp.POWER_OFF)  # on the slot's own page
    rails(chassis, 120, EventKind.RAIL_OFF)
    services.advance_runs(chassis.pk, later(120))
    run.refresh_from_db()
    assert run.state == "running"
    assert asked()[-1] == (4, "shutdown")


def test_a_decision_about_another_slot_than_shown_is_refused() -> None:
    chassis = new_chassis()
    run = hangs(chassis)
    with pytest.raises(RunMovedOn, match="the run is at slot 7 now"):
        decide(run, Choice.CUT, 4, 100)
    decide(run, Choice.SKIP, 7, 100)
    with pytest.raises(RunMovedOn, match="the run is at slot 4 now"):
        decide(run, Choice.CUT, 7, 101)
    assert asked() == [(7, "shutdown")]


def test_cancel_takes_back_what_was_not_sent_and_leaves_the_rest() -> None:
    chassis = new_chassis()
    run = begin(chassis, RunKind.SHUTDOWN, 7, 4)
    services.advance_runs(chassis.pk, NOW)
    goes_off(chassis, 1)
    services.advance_runs(chassis.pk, later(1))
    decide(run, Choice.CANCEL, None, 2)
    run.refresh_from_db()
    assert (run.state, run.outcome) == ("cancelled", "Cancelled by Ana. 1 slot is off, 1 left out.")
    assert Command.objects.latest("pk").outcome == "Taken back by Ana."
    assert services.advance_runs(chassis.pk, later(3)) is None
    with pytest.raises(RunMovedOn, match="this run is over"):
        decide(run, Choice.CANCEL, None, 4)


def test_a_lost_link_is_waited_for_and_nothing_is_sent_again_by_itself() -> None:
    chassis = new_chassis()
    run = begin(chassis, RunKind.SHUTDOWN, 7, 4)
    services.advance_runs(chassis.pk, NOW)
    board_takes(chassis, 0)
    services.link_lost(chassis.pk, chassis.epoch, "No answer for 3 s.", later(1))
    for seconds in (2, 60, 600):
        services.advance_runs(chassis.pk, later(seconds))
    run.refresh_from_db()
    assert run.state == "running"
    services.link_restored(chassis.pk, chassis.epoch, hello(), later(601))
    assert services.advance_runs(chassis.pk, later(601)) == later(611)  # its snapshot is to come
    services.apply_state(chassis.pk, chassis.epoch, snapshot(0), later(602))
    services.advance_runs(chassis.pk, later(602))
    run.refresh_from_db()
    assert run.state == "waiting"
    assert notes(run)[7][1] == "The link was lost before it was done."
    assert asked() == [(7, "shutdown")]


def test_what_went_off_while_the_link_was_lost_counts() -> None:
    chassis = new_chassis()
    begin(chassis, RunKind.SHUTDOWN, 7, 4)
    services.advance_runs(chassis.pk, NOW)
    services.link_lost(chassis.pk, chassis.epoch, "No answer for 3 s.", later(1))
    services.link_restored(chassis.pk, chassis.epoch, hello(), later(601))
    services.apply_state(chassis.pk, chassis.epoch, snapshot(0, {7: OFF}), later(602))
    services.advance_runs(chassis.pk, later(602))
    assert asked() == [(7, "shutdown"), (4, "shutdown")]


def test_a_new_start_of_the_program_goes_on_from_rows_and_repeats_nothing() -> None:
    chassis = new_chassis()
    run = begin(chassis, RunKind.SHUTDOWN, 7, 4)
    services.advance_runs(chassis.pk, NOW)
    services.forget_links(["sim://demo"], later(5))
    epoch = services.take_lease(chassis.pk, 0, later(6))
    services.advance_runs(chassis.pk, later(6))
    services.link_restored(chassis.pk, epoch, hello(), later(7))
    services.apply_state(chassis.pk, epoch, snapshot(0), later(8))
    services.advance_runs(chassis.pk, later(8))
    assert asked() == [(7, "shutdown")]
    run.refresh_from_db()
    assert run.state == "waiting"


def test_a_crash_between_command_and_step_leaves_neither() -> None:
    chassis = new_chassis()
    run = begin(chassis, RunKind.SHUTDOWN, 7, 4)
    with refusing_updates("slots_powerrun"), pytest.raises(IntegrityError):
        services.advance_runs(chassis.pk, later(1))
    assert asked() == []
    assert notes(run)[7] == ("waiting", "")
    services.advance_runs(chassis.pk, later(2))
    assert asked() == [(7, "shutdown")]


def test_a_slot_that_is_not_known_is_a_persons_matter() -> None:
    chassis = new_chassis()
    run = begin(chassis, RunKind.SHUTDOWN, 7)
    lost = event(1, EventKind.DEVICE_LOST)
    services.record_hardware_events(chassis.pk, chassis.epoch, [lost], NOW)
    assert services.advance_runs(chassis.pk, later(1)) == later(10)
    services.advance_runs(chassis.pk, later(10))
    run.refresh_from_db()
    assert run.state == "waiting"
    assert asked() == []
    with pytest.raises(NotPossible, match="no power that could be cut"):
        decide(run, Choice.CUT, 7, 11)


def test_what_the_board_cannot_do_is_a_persons_matter() -> None:
    chassis = new_chassis({7: OFF})
    services.record_hardware_events(
        chassis.pk, chassis.epoch, [event(1, EventKind.RELEASED, value=1)], NOW
    )
    run = begin(chassis, RunKind.START, 7)
    services.advance_runs(chassis.pk, NOW)
    run.refresh_from_db()
    assert run.state == "waiting"
    assert "is released for removal" in notes(run)[7][1]


def test_somebody_else_s_command_is_let_to_its_end() -> None:
    chassis = new_chassis()
    begin(chassis, RunKind.SHUTDOWN, 7, 4)
    send(chassis, CommandOp.SHUTDOWN)
    services.advance_runs(chassis.pk, later(1))
    assert asked() == [(7, "shutdown")]
    rails(chassis, 2, EventKind.RAIL_OFF)
    services.advance_runs(chassis.pk, later(2))
    assert asked() == [(7, "shutdown"), (4, "shutdown")]


def test_the_slot_we_run_on_comes_last_and_the_run_ends_with_its_acceptance(
    settings: Settings,
) -> None:
    chassis = new_chassis()
    settings.OWN_SLOT = ("demo", 7)
    with pytest.raises(OwnSlot, match="This program runs on slot 7"):
        begin(chassis, RunKind.SHUTDOWN, 7, 4)
    run = begin(chassis, RunKind.SHUTDOWN, 7, 4, accepts=True)
    assert run.order == [4, 7]
    services.advance_runs(chassis.pk, NOW)
    goes_off(chassis, 1)
    services.advance_runs(chassis.pk, later(1))
    assert asked()[-1] == (7, "shutdown")
    board_takes(chassis, 2)
    services.advance_runs(chassis.pk, later(2))
    run.refresh_from_db()
    assert run.state == "done"
    assert run.outcome.startswith("1 slot is off. Slot 7 shuts down now, and this program with it")


def test_nobody_was_warned_of_a_slot_that_became_ours_after_the_run_began(
    settings: Settings,
) -> None:
    chassis = new_chassis()
    run = begin(chassis, RunKind.SHUTDOWN, 7, 4)
    settings.OWN_SLOT = ("demo", 7)
    services.advance_runs(chassis.pk, NOW)
    run.refresh_from_db()
    assert (run.state, asked()) == ("waiting", [])
    assert "This program runs on slot 7" in notes(run)[7][1]


def test_the_trail_of_a_run_has_the_role_of_who_began_it() -> None:
    chassis = new_chassis()
    begin(chassis, RunKind.SHUTDOWN, 7)
    services.advance_runs(chassis.pk, NOW)
    entry = AuditEntry.objects.get(action="command.shutdown")
    assert (entry.who, entry.role) == ("Ana", "operator")


def test_the_usual_order_leaves_out_what_is_empty(settings: Settings) -> None:
    chassis = new_chassis(dict.fromkeys(range(4, 10), EMPTY))
    settings.OWN_SLOT = ("demo", 2)
    assert services.usual_run_order(chassis.pk, RunKind.START) == (1, 2, 3, 10)
    assert services.usual_run_order(chassis.pk, RunKind.SHUTDOWN) == (10, 3, 1, 2)


@pytest.mark.parametrize("order", [(), (7, 7), (11,), (0,)])
def test_an_order_that_is_none_is_refused(order: tuple[int, ...]) -> None:
    with pytest.raises(NotPossible):
        begin(new_chassis(), RunKind.START, *order)


def test_one_run_at_a_time_and_none_without_a_link() -> None:
    chassis = new_chassis()
    begin(chassis, RunKind.SHUTDOWN, 7)
    with pytest.raises(RunUnderWay, match="A shutdown of this chassis, asked by Ana"):
        begin(chassis, RunKind.START, 7)
    services.link_lost(chassis.pk, chassis.epoch, "No answer for 3 s.", NOW)
    with pytest.raises(LinkNotLive):
        begin(chassis, RunKind.START, 7)


def test_no_run_begins_in_a_chassis_that_a_recording_speaks_for() -> None:
    chassis = new_chassis()
    Chassis.objects.filter(pk=chassis.pk).update(
        board_id=f"a1b2c3d4e5f6{REPLAYED_ENDING}", link_state=LinkState.UP
    )
    with pytest.raises(LinkNotLive, match="played from a recording"):
        begin(chassis, RunKind.SHUTDOWN, 1)


def test_every_change_of_a_run_is_a_new_revision_and_idle_costs_one_query(
    django_assert_num_queries: object,
) -> None:
    chassis = new_chassis()
    with django_assert_num_queries(1):  # type: ignore[operator]  # a fixture that returns a context manager
        assert services.advance_runs(chassis.pk, NOW) is None
    begin(chassis, RunKind.SHUTDOWN, 7)
    assert Chassis.objects.get().revision == chassis.revision + 1
    services.advance_runs(chassis.pk, NOW)
    assert Chassis.objects.get().revision == chassis.revision + 3  # the command, and the run
    assert slot_of(chassis).revision == chassis.revision + 2
    assert Slot.objects.filter(revision__gt=chassis.revision).count() == 1
