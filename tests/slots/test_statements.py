"""Statements that are made once: they read and write what the ORM would, on every connection."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from backplane.slots import services
from backplane.slots.facts import EventKind
from backplane.slots.models import Carrier, Chassis, HardwareEvent, Module, Slot, Stay, Transition
from backplane.slots.statements import Select, insert, update
from tests.support.slots import BOARD, JOURNAL, NOW, event, new_chassis

pytestmark = pytest.mark.django_db


def _columns(row: Chassis | Slot | Stay) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def _event(chassis: Chassis, number: int) -> HardwareEvent:
    return HardwareEvent(
        chassis=chassis,
        board_id=BOARD,
        journal=JOURNAL,
        number=number,
        boot=1,
        uptime_ms=number,
        kind=EventKind.REMOVE,
        slot_number=7,
        value=-number,
        raw=b"\0\xff",
        received_at=NOW,
    )


def test_rows_are_those_of_the_orm_with_times_numbers_and_lists() -> None:
    chassis = new_chassis()
    update(Chassis, {"lost_supplies": [1, 2], "seen_at": NOW, "budget_mw": None}, pk=chassis.pk)
    read = Select(lambda: Chassis.objects.filter(pk=0))
    (seen,) = read(chassis.pk)
    assert _columns(seen) == _columns(Chassis.objects.get(pk=chassis.pk))
    assert (seen.lost_supplies, seen.seen_at, seen.budget_mw) == ([1, 2], NOW, None)
    slots = Select(lambda: Slot.objects.filter(chassis_id=0).order_by("number"))
    assert [_columns(slot) for slot in slots(chassis.pk)] == [
        _columns(slot) for slot in chassis.slots.order_by("number")
    ]
    assert read(chassis.pk + 1) == []


def test_what_a_query_adds_to_a_row_comes_with_it() -> None:
    chassis = new_chassis()
    carrier = Carrier.objects.create(uid="beef", label="Tray 7")
    slot = chassis.slots.get(number=7)
    update(Slot, {"carrier_id": carrier.pk}, pk=slot.pk)
    read = Select(lambda: Slot.objects.filter(pk=0).annotate(label=F("carrier__label")).order_by())
    (seen,) = read(slot.pk)
    assert (seen.carrier_id, vars(seen)["label"]) == (carrier.pk, "Tray 7")


def test_an_update_writes_only_where_everything_is_as_said() -> None:
    chassis = new_chassis()
    slot = chassis.slots.get(number=7)
    stay = Stay.objects.get(slot=slot, until=None)
    late = NOW + timedelta(seconds=1)
    assert update(Slot, {"revision": 9}, pk=slot.pk, state="M0", revision=slot.revision) == 0
    assert update(Slot, {"revision": 9}, pk=slot.pk, state=slot.state, revision=slot.revision) == 1
    assert Slot.objects.get(pk=slot.pk).revision == 9
    assert update(Stay, {"until": late}, slot_id=slot.pk, until=None) == 1
    assert update(Stay, {"until": NOW}, slot_id=slot.pk, until=None) == 0
    stay.refresh_from_db()
    assert stay.until == late


def test_inserted_rows_have_their_keys_in_their_order_however_many() -> None:
    chassis = new_chassis()
    rows = [_event(chassis, number) for number in range(1, 121)]
    insert(rows)
    assert {row.pk: row.number for row in rows} == dict(
        HardwareEvent.objects.values_list("pk", "number")
    )
    first = HardwareEvent.objects.get(number=1)
    assert (bytes(first.raw), first.value, first.received_at, first.occurred_at) == (
        b"\0\xff",
        -1,
        NOW,
        None,
    )
    rows[0].is_understood = False
    rows[0].save(update_fields=["is_understood"])  # it knows that it is there
    assert not HardwareEvent.objects.get(number=1).is_understood
    insert([])


def test_a_database_that_returns_no_keys_is_asked_as_the_orm_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chassis = new_chassis()
    monkeypatch.setattr(type(connection.features), "can_return_columns_from_insert", False)
    insert([_event(chassis, 1), _event(chassis, 2)])
    assert HardwareEvent.objects.count() == 2


def test_the_same_event_twice_is_refused_by_the_database() -> None:
    chassis = new_chassis()
    insert([_event(chassis, 1)])
    with pytest.raises(IntegrityError), transaction.atomic():
        insert([_event(chassis, 1)])
    assert HardwareEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_each_thread_reads_with_its_own_connection() -> None:
    chassis = new_chassis()
    read = Select(lambda: Chassis.objects.filter(pk=0))
    seen: list[str] = []

    def look() -> None:
        seen.extend(row.slug for row in read(chassis.pk))
        connection.close()

    look()
    for _ in range(2):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert seen == [chassis.slug] * 3


def test_a_pull_is_nine_statements_and_no_more() -> None:
    chassis = new_chassis()
    number = chassis.cursor or 0
    pulled = event(number + 1, EventKind.REMOVE)
    with CaptureQueriesContext(connection) as asked:  # the screens wait for each of them
        services.record_hardware_events(chassis.pk, chassis.epoch, [pulled], NOW)
    said = [query["sql"].split()[0] for query in asked if "SAVEPOINT" not in query["sql"]]
    assert sorted(said) == ["INSERT"] * 2 + ["SELECT"] * 3 + ["UPDATE"] * 4
    assert Transition.objects.filter(hardware_event__number=number + 1).count() == 1


def test_who_is_in_a_slot_survives_an_event_beside_it() -> None:
    chassis = new_chassis()
    slot = chassis.slots.get(number=3)
    module = Module.objects.create(name="pi-3")
    services.name_occupant(slot.pk, module_id=module.pk, now=NOW)
    number = chassis.cursor or 0
    pulled = event(number + 1, EventKind.REMOVE, slot=7)
    services.record_hardware_events(chassis.pk, chassis.epoch, [pulled], NOW)
    assert Slot.objects.get(pk=slot.pk).module_id == module.pk
