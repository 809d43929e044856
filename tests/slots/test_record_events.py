"""Hardware events in the database: once each, in order, with their effect and the cursor."""

import pytest

from backplane.slots import notify, services
from backplane.slots.errors import (
    ChassisMismatch,
    DuplicateDiffers,
    NotInSequence,
    StaleGeneration,
)
from backplane.slots.facts import Cause, EventKind, RailCause, SlotFlag, SlotState
from backplane.slots.models import (
    Carrier,
    Chassis,
    Command,
    Gap,
    HardwareEvent,
    Module,
    Slot,
    Transition,
)
from backplane.slots.ops import CommandOp, CommandState
from backplane.slots.records import Change, EventRecord
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


def record(chassis: Chassis, *events: EventRecord) -> tuple[int, int]:
    result = services.record_hardware_events(chassis.pk, chassis.epoch, events, later(1))
    return result.journal, result.number


def history(number: int = 7) -> list[tuple[str, str, str]]:
    rows = Transition.objects.filter(slot__number=number).order_by("pk")
    return list(rows.values_list("old", "new", "cause"))[1:]  # without the first discovery


def test_a_pull_under_power_is_a_surprise_and_one_transition() -> None:
    chassis = new_chassis()
    record(chassis, event(1, EventKind.REMOVE))
    slot = slot_of(chassis)
    assert slot.state == SlotState.NOT_INSTALLED
    assert slot.facts.present is False
    assert slot.facts.held is True
    last = Transition.objects.latest("pk")
    assert (last.old, last.new, last.cause) == ("M4", "M0", "surprise")
    assert last.hardware_event is not None
    assert last.hardware_event.number == 1
    assert last.revision == slot.revision == Chassis.objects.get().revision


def test_a_batch_raises_the_revision_once_and_is_told_once_after_the_commit(
    django_capture_on_commit_callbacks: object,
) -> None:
    chassis = new_chassis()
    told: list[Change] = []
    notify.subscribe(told.append)
    try:
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]  # a fixture that returns a context manager
            record(chassis, event(1, EventKind.REMOVE), event(2, EventKind.REMOVE, slot=3))
            assert told == []
    finally:
        notify.unsubscribe(told.append)
    assert told == [Change(chassis.pk, (3, 7), chassis.revision + 1)]


def test_one_event_can_move_every_slot() -> None:
    chassis = new_chassis({5: OFF})
    record(chassis, event(1, EventKind.CHASSIS_POWER_RESTORED, slot=0))
    assert set(Slot.objects.values_list("state", flat=True)) == {"M1"}
    rows = Transition.objects.filter(hardware_event__number=1)
    assert rows.count() == 9  # slot 5 was off
    assert set(rows.values_list("cause", flat=True)) == {"power_restored"}


def test_one_event_can_move_none() -> None:
    chassis = new_chassis()
    before = Transition.objects.count()
    record(chassis, event(1, EventKind.BOOT, slot=0, value=1), event(2, EventKind.HALTED))
    assert Transition.objects.count() == before
    assert slot_of(chassis).facts.halted is True
    assert slot_of(chassis).state == SlotState.ACTIVE


def test_the_same_events_again_change_nothing() -> None:
    chassis = new_chassis()
    events = [event(1, EventKind.REMOVE), event(2, EventKind.INSERT)]
    assert record(chassis, *events) == (events[0].journal, 2)
    before = list(Chassis.objects.values()), list(Slot.objects.values()), history()
    # The host died between commit and ACK: the board sends them again, and a new one behind.
    assert record(chassis, *events) == (events[0].journal, 2)
    assert (list(Chassis.objects.values()), list(Slot.objects.values()), history()) == before
    assert record(chassis, *events, event(3, EventKind.REMOVE)) == (events[0].journal, 3)
    assert HardwareEvent.objects.count() == 3
    assert history() == [
        ("M4", "M0", "surprise"),
        ("M0", "M1", "surprise"),
        ("M1", "M0", "person"),
    ]


def test_a_duplicate_that_differs_is_reported_and_nothing_is_kept() -> None:
    chassis = new_chassis()
    record(chassis, event(1, EventKind.REMOVE))
    with pytest.raises(DuplicateDiffers, match="Event 1"):
        record(chassis, event(1, EventKind.INSERT), event(2, EventKind.INSERT))
    assert HardwareEvent.objects.count() == 1


def test_a_newer_firmware_may_say_more_in_the_same_event() -> None:
    chassis = new_chassis()
    record(chassis, event(1, EventKind.REMOVE))
    assert record(chassis, event(1, EventKind.REMOVE, raw=b"raw and more"))[1] == 1


@pytest.mark.parametrize(
    "wrong", [event(3, EventKind.INSERT), event(2, EventKind.INSERT, journal=1)]
)
def test_a_hole_or_another_journal_is_refused(wrong: EventRecord) -> None:
    chassis = new_chassis()
    record(chassis, event(1, EventKind.REMOVE))
    with pytest.raises(NotInSequence):
        record(chassis, wrong)
    assert Chassis.objects.get().cursor == 1


def test_an_older_generation_may_not_write() -> None:
    chassis = new_chassis()
    services.take_lease(chassis.pk, 0, NOW)
    with pytest.raises(StaleGeneration):
        record(chassis, event(1, EventKind.REMOVE))
    assert not HardwareEvent.objects.exists()


def test_events_of_another_board_are_refused() -> None:
    chassis = new_chassis()
    with pytest.raises(ChassisMismatch):
        record(chassis, event(1, EventKind.REMOVE, board_id="ff" * 8))


def test_events_from_before_us_are_a_gap() -> None:
    chassis = new_chassis()
    assert record(chassis, event(57, EventKind.REMOVE))[1] == 57
    gap = Gap.objects.get()
    assert (gap.first_missing, gap.last_missing) == (1, 56)


@pytest.mark.parametrize("poison", [event(1, 77), event(1, EventKind.REMOVE, slot=11)])
def test_what_is_not_understood_is_kept_raw_and_the_line_goes_on(poison: EventRecord) -> None:
    chassis = new_chassis()
    before = list(Slot.objects.values())
    assert record(chassis, poison)[1] == 1
    row = HardwareEvent.objects.get()
    assert not row.is_understood
    assert bytes(row.raw) == b"raw"
    assert list(Slot.objects.values()) == before
    assert record(chassis, event(2, EventKind.REMOVE))[1] == 2


def test_an_event_our_rules_stumble_over_is_kept_and_marked() -> None:
    chassis = new_chassis()
    Slot.objects.filter(number=7).update(cause="nonsense")  # a row that our enums cannot read
    assert record(chassis, event(1, EventKind.REMOVE), event(2, EventKind.REMOVE, slot=3))[1] == 2
    assert list(
        HardwareEvent.objects.order_by("number").values_list("is_understood", flat=True)
    ) == [False, True]


def test_a_read_carrier_brings_its_module() -> None:
    chassis = new_chassis()
    module = Module.objects.create(name="web-03")
    Carrier.objects.create(uid="c0ffee", module=module)
    record(chassis, event(1, EventKind.IDENTIFIED, carrier_uid="c0ffee"))
    slot = slot_of(chassis)
    assert slot.carrier is not None
    assert (slot.carrier.uid, slot.module) == ("c0ffee", module)
    assert slot.facts.has(SlotFlag.IDENTITY_READ)


def test_an_unseen_carrier_is_created_and_a_removal_keeps_the_plan() -> None:
    chassis = new_chassis()
    planned = Module.objects.create(name="web-03")
    Slot.objects.filter(number=7).update(planned_module=planned)
    record(chassis, event(1, EventKind.IDENTIFIED, carrier_uid="beef"))
    assert slot_of(chassis).carrier == Carrier.objects.get(uid="beef")
    record(chassis, event(2, EventKind.REMOVE))
    slot = slot_of(chassis)
    assert (slot.carrier, slot.module, slot.planned_module) == (None, None, planned)
    assert (slot.mv, slot.ma, slot.cdeg) == (None, None, None)


@pytest.mark.parametrize(
    ("op", "flags", "kind", "cause"),
    [
        (CommandOp.POWER_ON, OFF, EventKind.RAIL_ON, RailCause.COMMAND),
        (CommandOp.POWER_OFF, None, EventKind.RAIL_OFF, RailCause.COMMAND),
        (CommandOp.SHUTDOWN, None, EventKind.RAIL_OFF, RailCause.SHUTDOWN_DONE),
        (CommandOp.POWER_CYCLE, None, EventKind.RAIL_ON, RailCause.CYCLE),
    ],
)
def test_the_rail_ends_the_command_it_carries(
    op: CommandOp, flags: SlotFlag | None, kind: EventKind, cause: RailCause
) -> None:
    chassis = new_chassis({7: flags} if flags else None)
    command = send(chassis, op)
    record(chassis, rail(1, kind, command, cause))
    command.refresh_from_db()
    assert command.state == CommandState.DONE
    assert command.finished_at == later(1)


def test_a_cycle_is_not_done_when_the_rail_goes_off() -> None:
    chassis = new_chassis()
    command = send(chassis, CommandOp.POWER_CYCLE)
    record(chassis, rail(1, EventKind.RAIL_OFF, command, RailCause.CYCLE))
    assert slot_of(chassis).state == SlotState.ACTIVATION_REQUEST
    assert Command.objects.get().state == CommandState.SENT
    record(
        chassis,
        rail(2, EventKind.RAIL_ON, command, RailCause.CYCLE),
        event(3, EventKind.POWER_GOOD),
    )
    assert slot_of(chassis).state == SlotState.ACTIVE
    assert Command.objects.get().state == CommandState.DONE


def test_a_shutdown_without_an_id_still_ends_its_command() -> None:
    chassis = new_chassis()
    send(chassis, CommandOp.SHUTDOWN)
    record(chassis, rail(1, EventKind.RAIL_OFF, None, RailCause.SHUTDOWN_DONE))
    assert Command.objects.get().state == CommandState.DONE
    assert history()[-1] == ("M6", "M1", Cause.PERSON)


def test_anothers_rail_ends_nothing_of_ours() -> None:
    chassis = new_chassis({7: OFF})
    send(chassis, CommandOp.POWER_ON)
    record(chassis, event(1, EventKind.RAIL_ON, value=RailCause.RESTORE_POLICY))
    assert Command.objects.get().state == CommandState.SENT


def test_a_removal_closes_what_was_asked_of_the_slot() -> None:
    chassis = new_chassis({7: OFF})
    waiting, other = ask(chassis, CommandOp.POWER_ON), ask(chassis, CommandOp.LOCATE_ON, 3)
    record(chassis, event(1, EventKind.REMOVE))
    waiting.refresh_from_db()
    other.refresh_from_db()
    assert (waiting.state, waiting.outcome) == (CommandState.EXPIRED, "Slot 7 was emptied.")
    assert other.state == CommandState.OPEN
    assert slot_of(chassis).state == SlotState.NOT_INSTALLED


def test_a_boot_is_remembered_for_the_next_commands() -> None:
    chassis = new_chassis()
    record(chassis, event(1, EventKind.BOOT, slot=0, boot=4))
    assert ask(chassis, CommandOp.LOCATE_ON).boot == 4


def test_events_in_m7_wait_for_state() -> None:
    chassis = new_chassis()
    services.link_lost(chassis.pk, chassis.epoch, "No answer for 3 s.", NOW)
    record(chassis, event(1, EventKind.REMOVE))
    assert slot_of(chassis).state == SlotState.COMMUNICATION_LOST
    assert services.apply_state(chassis.pk, chassis.epoch, snapshot(1), NOW) is None  # link down
