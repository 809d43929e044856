"""On a real database file: durability, a full disk, and two at once."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction

from backplane.slots import services
from backplane.slots.durable import durable_transaction, is_storage_error, storage_is_ok
from backplane.slots.errors import (
    CommandNotAccepted,
    InvalidTransition,
    NotInSequence,
    StorageFull,
)
from backplane.slots.facts import Cause, EventKind, SlotFacts, SlotState
from backplane.slots.models import Chassis, Command, HardwareEvent, Slot, Transition
from backplane.slots.ops import CommandOp
from backplane.slots.records import EventRecord
from backplane.slots.services.work import work_on
from backplane.slots.states import Decision, decide_event
from tests.support.slots import NOW, OFF, ask, event, later, new_chassis, slot_of, snapshot

pytestmark = pytest.mark.usefixtures("file_database")
FULL, NORMAL = 2, 1


def synchronous() -> int:
    with connection.cursor() as cursor:
        return int(cursor.execute("PRAGMA synchronous").fetchone()[0])


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Run calls in threads that begin together; return what each returned or raised."""
    barrier = threading.Barrier(len(calls))
    results: list[object] = [None] * len(calls)

    def run(index: int, call: Callable[[], object]) -> None:
        barrier.wait(30)
        try:
            results[index] = call()
        except Exception as error:  # noqa: BLE001  (what it raised is the result)
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_the_connection_that_acknowledges_is_fully_synchronous() -> None:
    connection.ensure_connection()
    assert synchronous() == NORMAL
    with durable_transaction():
        assert synchronous() == FULL
    connection.close()  # a new connection of the same thread
    with durable_transaction():
        assert synchronous() == FULL


def test_a_durable_transaction_is_the_outermost_one() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"), durable_transaction():
        pass


def test_a_full_disk_keeps_nothing_and_is_told() -> None:
    chassis = new_chassis()
    events = [event(n, EventKind.HALTED, raw=b"x" * 4_000) for n in range(1, 200)]
    with connection.cursor() as cursor:
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageFull, match="Events wait on the board"):
        services.record_hardware_events(chassis.pk, chassis.epoch, events, NOW)
    assert not storage_is_ok()
    assert not chassis.storage_ok
    assert not HardwareEvent.objects.exists()
    assert Chassis.objects.get().cursor is None
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1000000")  # somebody made room
    result = services.record_hardware_events(chassis.pk, chassis.epoch, events, NOW)
    assert result.number == 199
    assert storage_is_ok()


def test_a_database_that_became_read_only_is_told_alike(file_database: Path) -> None:
    chassis = new_chassis()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = 1")
    with pytest.raises(StorageFull, match="readonly"):
        services.record_hardware_events(chassis.pk, chassis.epoch, [event(1, EventKind.TRIP)], NOW)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = 0")
    services.record_hardware_events(chassis.pk, chassis.epoch, [event(1, EventKind.TRIP)], NOW)


def test_our_own_mistakes_are_not_taken_for_a_full_disk() -> None:
    with pytest.raises(OperationalError, match="no such table"), durable_transaction():
        connection.cursor().execute("SELECT * FROM nowhere")
    assert storage_is_ok()
    assert is_storage_error(DatabaseError("database or disk is full"))


def test_two_links_cannot_both_record_an_event() -> None:
    chassis = new_chassis()
    events = [event(1, EventKind.REMOVE), event(2, EventKind.INSERT)]

    def record() -> object:
        return services.record_hardware_events(chassis.pk, chassis.epoch, events, NOW).number

    assert at_once(record, record) == [2, 2]
    assert HardwareEvent.objects.count() == 2
    assert Transition.objects.filter(hardware_event__isnull=False).count() == 2


def test_events_in_the_wrong_hands_stop_at_the_first_hole() -> None:
    chassis = new_chassis()
    first, second = event(1, EventKind.REMOVE), event(2, EventKind.INSERT)

    def record(one: EventRecord) -> Callable[[], object]:
        return lambda: services.record_hardware_events(chassis.pk, chassis.epoch, [one], NOW).number

    services.record_hardware_events(chassis.pk, chassis.epoch, [], NOW)
    Chassis.objects.update(journal=first.journal, cursor=0)
    results = at_once(record(first), record(second))
    assert results[0] == 1
    assert results[1] == 2 or isinstance(results[1], NotInSequence)


def test_of_two_operators_one_is_accepted() -> None:
    chassis = new_chassis({7: OFF})
    results = at_once(
        *[lambda: ask(chassis, CommandOp.POWER_ON, seen_revision=chassis.revision)] * 2
    )
    assert sorted(isinstance(result, Command) for result in results) == [False, True]
    assert any(isinstance(result, CommandNotAccepted) for result in results)
    assert Command.objects.count() == 1


def test_a_command_is_sent_by_one_alone() -> None:
    chassis = new_chassis({7: OFF})
    command = ask(chassis, CommandOp.POWER_ON)
    results = at_once(*[lambda: services.mark_sent(command.pk, chassis.epoch, NOW)] * 3)
    assert sorted(map(str, results)) == ["False", "False", "True"]


def test_a_pull_and_a_press_at_once_end_well_either_way() -> None:
    chassis = new_chassis({7: OFF})
    at_once(
        lambda: ask(chassis, CommandOp.POWER_ON, seen_revision=chassis.revision),
        lambda: services.record_hardware_events(
            chassis.pk, chassis.epoch, [event(1, EventKind.REMOVE)], NOW
        ),
    )
    assert slot_of(chassis).state == SlotState.NOT_INSTALLED
    assert not Command.objects.filter(state="open").exists()


def test_a_missed_swap_reads_again_and_decides_again() -> None:
    chassis = new_chassis()
    with work_on(chassis.pk, NOW) as work:
        slot = work.slots[7]
        # Somebody wrote without the chassis's lock after we had read.
        Slot.objects.filter(pk=slot.pk).update(state="M1", flags=int(OFF), revision=99)
        work.move(slot, lambda facts: decide_event(facts, EventKind.REMOVE, 0))
    last = Transition.objects.latest("pk")
    assert (last.old, last.new, last.cause) == ("M1", "M0", Cause.PERSON)  # no surprise any more


def test_a_row_that_never_stands_still_is_an_error() -> None:
    chassis = new_chassis()

    def restless(facts: SlotFacts) -> Decision:
        Slot.objects.filter(number=7).update(revision=1_000 + next(ticks))
        return decide_event(facts, EventKind.REMOVE, 0)

    ticks = iter(range(100))
    with pytest.raises(InvalidTransition, match="Slot 7"), work_on(chassis.pk, NOW) as work:
        work.move(work.slots[7], restless)
    assert slot_of(chassis).state == SlotState.ACTIVE


def test_a_kill_before_the_commit_leaves_everything_to_be_sent_again() -> None:
    chassis = new_chassis()
    pulled = [event(1, EventKind.REMOVE)]

    class Killed(BaseException):
        pass

    def pull_and_die() -> None:
        with work_on(chassis.pk, NOW, durable=True) as work:
            work.move(work.slots[7], lambda facts: decide_event(facts, EventKind.REMOVE, 0))
            raise Killed

    with pytest.raises(Killed):
        pull_and_die()
    assert slot_of(chassis).state == SlotState.ACTIVE
    assert services.record_hardware_events(chassis.pk, chassis.epoch, pulled, NOW).number == 1
    assert services.apply_state(chassis.pk, chassis.epoch, snapshot(0), later(1)) is None
    assert slot_of(chassis).state == SlotState.NOT_INSTALLED
