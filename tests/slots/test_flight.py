"""The flight recorder: what is kept with an unexpected loss of power, when, and what is not."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from backplane.slots import services
from backplane.slots.facts import EventKind, RailCause
from backplane.slots.losses import is_unexpected_loss
from backplane.slots.models import Chassis, FlightRecord, HardwareEvent
from backplane.slots.records import EventRecord
from backplane.slots.services import flight
from backplane.slots.services.work import Work
from backplane.slots.states import SlotFacts, SlotState
from backplane.slots.telemetry import Reading, store
from tests.support.slots import NOW, OFF, RUNNING, event, later, new_chassis

pytestmark = pytest.mark.django_db
BAD_CAUSES = (
    RailCause.REMOVAL,
    RailCause.TRIP,
    RailCause.POWER_GOOD_FAILED,
    RailCause.OVER_TEMPERATURE,
    RailCause.SUPPLY_LOST,
)


@pytest.fixture
def chassis() -> Iterator[Chassis]:
    """A chassis whose slots 0 and 7 have told a minute of telemetry up to now."""
    chassis = new_chassis()
    store.forget(chassis.pk)
    measure(chassis, range(-60, 1))
    yield chassis
    store.forget(chassis.pk)
    flight._open.clear()
    flight._newest.clear()


def _fail(_: Work) -> None:
    message = "the disk is full"
    raise RuntimeError(message)


def measure(chassis: Chassis, seconds: range) -> None:
    for second in seconds:
        for slot in (0, 7):
            reading = Reading(12_000, 400 + second, 4_700, 500 + second)
            store.put(chassis.pk, slot, reading, later(second))


def tell(chassis: Chassis, *events: EventRecord) -> None:
    services.record_hardware_events(chassis.pk, chassis.epoch, events, NOW)


def trip(number: int, at_s: float = 0, slot: int = 7) -> EventRecord:
    return event(number, EventKind.TRIP, slot, occurred_at=later(at_s))


def test_the_ten_seconds_before_are_kept_with_the_event_itself(chassis: Chassis) -> None:
    tell(chassis, trip(1))
    record = FlightRecord.objects.get()
    assert (record.hardware_event.kind, record.at, record.is_complete) == (
        EventKind.TRIP,
        NOW,
        False,
    )
    assert set(record.readings) == {"0", "7"}
    rows = record.readings["7"]
    assert (rows[0], rows[-1], len(rows)) == ([-10, 12_000, 390, 490], [0, 12_000, 400, 500], 11)


def test_the_five_seconds_after_follow_once_they_have_passed(
    chassis: Chassis, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        tell(chassis, trip(1))
    measure(chassis, range(1, 9))
    assert not services.is_flight_due(chassis.pk, later(5.9))
    assert services.complete_flight_records(chassis.pk, later(5.9)) == 0
    assert services.is_flight_due(chassis.pk, later(6))
    assert services.complete_flight_records(chassis.pk, later(6)) == 1
    record = FlightRecord.objects.get()
    assert record.is_complete
    assert [row[0] for row in record.readings["7"]] == [*range(-10, 6)]
    assert not services.is_flight_due(chassis.pk, later(60))
    assert services.complete_flight_records(chassis.pk, later(60)) == 0


def test_a_program_that_stopped_in_between_leaves_the_record_incomplete(chassis: Chassis) -> None:
    tell(chassis, trip(1))  # what was to be done after the commit is never done
    measure(chassis, range(1, 9))
    assert services.complete_flight_records(chassis.pk, later(60)) == 0
    record = FlightRecord.objects.get()
    assert (record.is_complete, len(record.readings["7"])) == (False, 11)


def test_the_memory_of_before_may_be_gone_when_the_rest_comes(
    chassis: Chassis, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        tell(chassis, trip(1))
    store.forget(chassis.pk)
    measure(chassis, range(3, 9))
    services.complete_flight_records(chassis.pk, later(6))
    rows = FlightRecord.objects.get().readings["7"]
    assert [row[0] for row in rows] == [*range(-10, 1), 3, 4, 5]  # a hole stays a hole


def test_the_events_of_one_fault_share_a_record(chassis: Chassis) -> None:
    off = event(2, EventKind.RAIL_OFF, value=RailCause.TRIP, occurred_at=later(0.01))
    tell(chassis, trip(1), off, trip(3, 0.5, slot=8), trip(4, 2.1, slot=9))
    records = FlightRecord.objects.order_by("pk")
    assert [record.hardware_event.number for record in records] == [1, 4]
    found = [flight.flight_around(each) for each in HardwareEvent.objects.order_by("number")]
    assert found[:3] == [records[0]] * 3
    assert found[3] == records[1]
    tell(chassis, event(5, EventKind.HALTED, occurred_at=later(0.5)))
    assert flight.flight_around(HardwareEvent.objects.get(number=5)) is None  # no loss of power


def test_a_fault_of_which_nothing_was_measured_has_no_record(chassis: Chassis) -> None:
    old = event(1, EventKind.TRIP, occurred_at=later(-3_600))
    undated = event(2, EventKind.TRIP, 8, occurred_at=None)
    tell(chassis, old, undated)
    assert not FlightRecord.objects.exists()
    assert [flight.flight_around(each) for each in HardwareEvent.objects.all()] == [None, None]


def test_a_batch_that_is_not_committed_leaves_no_record(chassis: Chassis) -> None:
    with pytest.raises(Exception, match="Event 9 came where 2"):
        tell(chassis, trip(1), trip(9))
    assert not FlightRecord.objects.exists()


def test_an_event_whose_commit_failed_brings_its_record_when_it_comes_again(
    chassis: Chassis, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Work, "finish", _fail)
        with pytest.raises(RuntimeError):
            tell(chassis, trip(1))
    assert not FlightRecord.objects.exists()
    tell(chassis, trip(1))
    assert FlightRecord.objects.get().hardware_event.number == 1


@pytest.mark.parametrize("cause", RailCause)
def test_only_what_nobody_asked_for_is_recorded(cause: RailCause) -> None:
    facts = SlotFacts(SlotState.ACTIVE, RUNNING)
    assert is_unexpected_loss(EventKind.RAIL_OFF, cause, facts) == (cause in BAD_CAUSES)


def test_power_that_fails_under_a_rail_that_is_on_is_a_loss() -> None:
    on, off = SlotFacts(SlotState.ACTIVE, RUNNING), SlotFacts(SlotState.INACTIVE, OFF)
    assert is_unexpected_loss(EventKind.POWER_LOST, 0, on)
    assert not is_unexpected_loss(EventKind.POWER_LOST, 0, off)
    for kind in (EventKind.REMOVE, EventKind.OVER_TEMP, EventKind.SUPPLY_LOST):
        assert not is_unexpected_loss(kind, 0, on)
    assert not is_unexpected_loss(
        EventKind.POWER_LOST, 0, SlotFacts(SlotState.COMMUNICATION_LOST, None)
    )
