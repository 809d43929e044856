from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings

from backplane.live.history import recent_lines
from backplane.live.rendering import chassis_view, event_view
from backplane.live.selectors import load_chassis, load_chassis_by_id
from backplane.slots import services
from backplane.slots.facts import EventKind, SlotFlag
from backplane.slots.models import Carrier, Chassis, Gap, Module, Slot
from backplane.slots.ops import CommandOp
from backplane.slots.records import CommandRequest, GapRecord
from backplane.slots.telemetry import Reading, store
from tests.support.slots import (
    BOARD,
    EMPTY,
    JOURNAL,
    NOW,
    OFF,
    SEATED,
    event,
    hello,
    later,
    new_chassis,
    snapshot,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def chassis() -> Iterator[Chassis]:
    made = new_chassis({5: EMPTY, 6: OFF})
    yield made
    store.forget(made.pk)


def slot_views(chassis: Chassis) -> dict[int, dict[str, object]]:
    record = load_chassis_by_id(chassis.pk)
    assert record is not None
    return {view["n"]: dict(view) for view in chassis_view(record, later(60))["slots"]}


def test_a_chassis_is_found_in_any_case(chassis: Chassis) -> None:
    record = load_chassis(chassis.slug.upper())
    assert record is not None
    assert record.id == chassis.pk
    assert load_chassis("nowhere") is None


def test_what_the_board_reported_is_what_is_shown(chassis: Chassis) -> None:
    views = slot_views(chassis)
    assert [views[n]["face"] for n in (5, 6, 7)] == ["empty", "off", "running"]
    assert (views[7]["v"], views[7]["a"], views[7]["temp_c"]) == (12.05, 0.4, 47.0)


def test_names_come_from_the_slots_module_or_its_carriers(chassis: Chassis) -> None:
    web = Module.objects.create(name="web-03", serial="10000000abc")
    carrier = Carrier.objects.create(uid="ab12", label="tray 4", module=web)
    Slot.objects.filter(chassis=chassis, number=7).update(carrier=carrier)
    unnamed = Carrier.objects.create(uid="cd34", label="tray 9")
    Slot.objects.filter(chassis=chassis, number=8).update(carrier=unnamed)
    views = slot_views(chassis)
    assert (views[7]["name"], views[8]["name"], views[9]["name"]) == ("web-03", "tray 9", "")


def test_another_module_than_planned_is_told(chassis: Chassis) -> None:
    here, planned = (Module.objects.create(name=name) for name in ("web-09", "web-03"))
    slots = Slot.objects.filter(chassis=chassis)
    slots.filter(number=7).update(module=here, planned_module=planned)
    slots.filter(number=8).update(module=here, planned_module=here)
    slots.filter(number=9).update(planned_module=planned)  # who is there is not known
    with override_settings(OWN_SLOT=(chassis.slug, 9)):
        views = slot_views(chassis)
    marks = {n: [flag["key"] for flag in views[n]["flags"]] for n in (7, 8, 9)}  # type: ignore[attr-defined]
    assert marks == {7: ["drift"], 8: [], 9: ["own"]}


def test_an_open_command_is_pending_with_its_requester(chassis: Chassis) -> None:
    asked = CommandRequest(chassis.pk, 7, CommandOp.SHUTDOWN, requester_name="Ben")
    command = services.request_command(asked, NOW)
    view = slot_views(chassis)[7]
    assert view["pending"] == {
        "id": command.pk,
        "word": "Shut down asked by Ben",
        "at": "2026-11-20T12:00:00.000Z",
        "wait": "",
    }
    said = [event_view(line) for line in recent_lines(chassis.pk)]
    assert ("Shut down was asked.", "Ben", 7) in [(e["text"], e["who"], e["slot"]) for e in said]


def test_newer_readings_in_memory_count_before_the_stored_ones(chassis: Chassis) -> None:
    store.put(chassis.pk, 7, Reading(12_000, 500, 5_100), later(1))
    store.put(chassis.pk, 8, Reading(12_000, 500, 5_100), NOW - timedelta(seconds=9))
    views = slot_views(chassis)
    assert (views[7]["temp_c"], views[8]["temp_c"]) == (51.0, 47.0)


def test_a_trip_is_shown_with_its_current_and_told(chassis: Chassis) -> None:
    epoch = chassis.epoch
    tripped = [
        event(1, EventKind.TRIP, value=2_600),
        event(2, EventKind.RAIL_OFF, value=2),
    ]
    services.record_hardware_events(chassis.pk, epoch, tripped, NOW)
    flags = {5: EMPTY, 6: OFF, 7: OFF | SlotFlag.TRIPPED}
    services.apply_state(chassis.pk, epoch, snapshot(2, flags), NOW)
    view = slot_views(chassis)[7]
    assert view["face"] == "fault"
    assert view["detail"] == "Over-current 2.6 A, cut by hardware"
    texts = [line.text for line in recent_lines(chassis.pk)]
    assert "Over-current 2.6 A, cut by hardware." in texts
    assert "Power went off by the over-current trip." in texts


def test_a_power_good_that_never_came_stays_a_fault(chassis: Chassis) -> None:
    failed = [event(1, EventKind.RAIL_OFF, value=3)]
    services.record_hardware_events(chassis.pk, chassis.epoch, failed, NOW)
    flags = {5: EMPTY, 6: OFF, 7: OFF}
    services.apply_state(chassis.pk, chassis.epoch, snapshot(1, flags), NOW)
    view = slot_views(chassis)[7]
    assert (view["face"], view["detail"]) == ("fault", "Power did not become good")


def test_power_that_failed_is_a_fault_and_no_start(chassis: Chassis) -> None:
    lost = [event(1, EventKind.POWER_LOST, value=9_000)]
    services.record_hardware_events(chassis.pk, chassis.epoch, lost, NOW)
    assert slot_views(chassis)[7]["word"] == "Power lost"
    # The same after a restart, which knows of no event.
    services.link_restored(chassis.pk, chassis.epoch, hello(), NOW)
    flags = {5: EMPTY, 6: OFF, 7: SEATED | SlotFlag.RAIL_ON}
    services.apply_state(chassis.pk, chassis.epoch, snapshot(1, flags), NOW)
    assert slot_views(chassis)[7]["word"] == "Power lost"
    good = [event(2, EventKind.POWER_GOOD)]
    services.record_hardware_events(chassis.pk, chassis.epoch, good, NOW)
    assert slot_views(chassis)[7]["word"] == "Running"


def test_what_is_asked_paints_nothing(chassis: Chassis) -> None:
    before = slot_views(chassis)
    for number, op in ((6, CommandOp.POWER_ON), (7, CommandOp.SHUTDOWN), (8, CommandOp.POWER_OFF)):
        services.request_command(CommandRequest(chassis.pk, number, op), NOW)
    after = slot_views(chassis)
    for number in (6, 7, 8):
        assert after[number]["pending"]
        assert after[number]["face"] == before[number]["face"]
        assert after[number]["lamps"] == before[number]["lamps"]


def test_a_lost_link_leaves_nothing_known_and_is_one_line(chassis: Chassis) -> None:
    services.link_lost(chassis.pk, chassis.epoch, "The cable was pulled.", NOW)
    assert {view["face"] for view in slot_views(chassis).values()} == {"no-data"}
    silent = [line for line in recent_lines(chassis.pk) if "does not answer" in line.text]
    assert len(silent) == 1


def test_events_of_unknown_kinds_and_gaps_are_told(chassis: Chassis) -> None:
    services.record_hardware_events(chassis.pk, chassis.epoch, [event(1, 99, value=-5)], NOW)
    Gap.objects.create(
        chassis=chassis,
        board_id=BOARD,
        journal=JOURNAL,
        first_missing=2,
        last_missing=9,
        reason="the ring was full.",
        noticed_at=later(1),
    )
    texts = [line.text for line in recent_lines(chassis.pk)]
    assert "Event of unknown kind 99 (value -5); it is kept as it came." in texts
    assert texts[-1] == "Events 2 to 9 will never come: the ring was full."


def test_a_gap_is_no_silence_of_the_chassis(chassis: Chassis) -> None:
    gap = GapRecord(BOARD, JOURNAL, 1, 9, "the ring was full.")
    services.record_gap(chassis.pk, chassis.epoch, gap, 9, later(1))
    texts = [line.text for line in recent_lines(chassis.pk)]
    assert "Events were lost; the slots are read anew." in texts
    assert "The chassis answers again; its slots were read anew." in texts  # as it did before
    services.apply_state(chassis.pk, chassis.epoch, snapshot(9), later(2))
    texts = [line.text for line in recent_lines(chassis.pk)]
    assert texts[-1] == "The slots were read anew."
    assert not any("answer" in text for text in texts)
    services.link_lost(chassis.pk, chassis.epoch, "The cable was pulled.", later(3))
    services.link_restored(chassis.pk, chassis.epoch, hello(), later(4))
    services.apply_state(chassis.pk, chassis.epoch, snapshot(9), later(5))
    assert [line.text for line in recent_lines(chassis.pk)][-2:] == [
        "The chassis does not answer. Power stays as it was.",
        "The chassis answers again; its slots were read anew.",
    ]


def test_lines_are_the_newest_oldest_first(chassis: Chassis) -> None:
    flood = [event(n, EventKind.BUTTON) for n in range(1, 41)]
    services.record_hardware_events(chassis.pk, chassis.epoch, flood, later(5))
    lines = recent_lines(chassis.pk, 20)
    assert len(lines) == 20
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    assert [int(line.id[1:]) for line in lines] == sorted(int(line.id[1:]) for line in lines)


def test_a_chassis_takes_few_queries_however_many_slots(chassis: Chassis) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        load_chassis_by_id(chassis.pk)
    assert len(queries) <= 5


def test_a_long_history_is_not_read_to_find_the_newest_silence(chassis: Chassis) -> None:
    with CaptureQueriesContext(connection) as queries:
        recent_lines(chassis.pk)
    asked = [query["sql"] for query in queries if '"cause" =' in query["sql"]]
    assert len(asked) == 2
    for sql in asked:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            steps = [row[3] for row in cursor.fetchall()]
        assert any("transition_cause_recent" in step for step in steps), steps
        assert not any("TEMP B-TREE" in step for step in steps)
