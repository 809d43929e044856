"""Which slots have an alarm, what it says, and what ends it: real services, real rows."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backplane.live.alarm_source import alarms_of_chassis
from backplane.live.alarms import AlarmKind, alarm_view
from backplane.live.rendering import chassis_view
from backplane.live.selectors import load_chassis
from backplane.live.site_source import in_order, load_site_alarms
from backplane.slots import services
from backplane.slots.facts import EventKind, SlotFlag, SlotState
from backplane.slots.models import Carrier, Chassis, Command, Module, Slot
from backplane.slots.ops import CommandOp, CommandState
from backplane.slots.records import EventRecord
from backplane.slots.telemetry import store
from backplane.swaps.models import Swap
from tests.support.slots import (
    EMPTY,
    NOW,
    OFF,
    ask,
    event,
    hello,
    later,
    new_chassis,
    slot_of,
    snapshot,
)

pytestmark = pytest.mark.django_db
RELEASED = OFF | SlotFlag.RELEASED
OUT = EMPTY | SlotFlag.HELD


@pytest.fixture
def chassis() -> Iterator[Chassis]:
    """Slot 7 is the one to pull; web-03 runs in slot 3, cache-01 in slot 6."""
    made = new_chassis({5: EMPTY, 7: RELEASED})
    for number, slot, name in ((1, 3, "web-03"), (2, 6, "cache-01")):
        module = Module.objects.create(name=name)
        Carrier.objects.create(uid=f"aa{slot:02x}", module=module)
        tell(made, event(number, EventKind.IDENTIFIED, slot, carrier_uid=f"aa{slot:02x}"))
    yield made
    store.forget(made.pk)


def tell(chassis: Chassis, *events: EventRecord, flags: dict[int, SlotFlag] | None = None) -> None:
    """Record what the board tells, each event at its own second, then the STATE that follows it."""
    for one in events:
        services.record_hardware_events(chassis.pk, chassis.epoch, [one], later(one.number))
    if flags:
        as_of = events[-1].number
        state = snapshot(as_of, {5: EMPTY, 7: RELEASED} | flags)
        services.apply_state(chassis.pk, chassis.epoch, state, later(11))


def pull_wrongly(chassis: Chassis, slot: int = 6) -> None:
    told = event(3, EventKind.REMOVE, slot), event(4, EventKind.WRONG_PULL, slot, 7)
    tell(chassis, *told, flags={slot: OUT | SlotFlag.ALARM})


def pull(chassis: Chassis, slot: int = 3) -> None:
    tell(chassis, event(3, EventKind.REMOVE, slot), flags={slot: OUT})


def said(chassis: Chassis) -> list[str]:
    return [alarm_view(alarm, "demo")["text"] for alarm in alarms_of_chassis(chassis.pk)]


def test_a_wrong_pull_says_who_goes_back_where(chassis: Chassis) -> None:
    pull_wrongly(chassis)
    (alarm,) = alarms_of_chassis(chassis.pk)
    view = alarm_view(alarm, "demo")
    assert view["text"] == "That was slot 6. Put cache-01 back in slot 6."
    assert view["advice"].startswith("Slot 7 is the one to pull.")
    assert (view["slot"], view["name"], view["wanted"]) == (6, "cache-01", [7])
    assert view["url"] == "/c/demo/s/6/"


def test_another_carrier_in_the_slot_is_no_all_clear(chassis: Chassis) -> None:
    pull_wrongly(chassis)
    other = event(5, EventKind.INSERT, 6), event(6, EventKind.IDENTIFIED, 6, carrier_uid="bb01")
    tell(chassis, *other, flags={6: OFF | SlotFlag.ALARM | SlotFlag.IDENTITY_READ})
    (alarm,) = alarms_of_chassis(chassis.pk)
    assert alarm.kind is AlarmKind.WRONG_CARRIER
    assert said(chassis)[0].endswith("Put cache-01 back in slot 6.")
    tell(chassis, event(7, EventKind.REMOVE, 6), flags={6: OUT | SlotFlag.ALARM})
    assert said(chassis) == ["That was slot 6. Put cache-01 back in slot 6."]


def test_a_contact_that_opens_under_current_is_pushed_back(chassis: Chassis) -> None:
    told = event(3, EventKind.SUSPICIOUS, 6, 400), event(4, EventKind.WRONG_PULL, 6, 7)
    live = EMPTY | SlotFlag.RAIL_ON | SlotFlag.POWER_GOOD | SlotFlag.SUSPICIOUS | SlotFlag.ALARM
    tell(chassis, *told, flags={6: live})
    assert said(chassis) == [
        "That was slot 6, and current still flows. Push cache-01 back into slot 6."
    ]


def test_the_firmware_ends_a_wrong_pull(chassis: Chassis) -> None:
    pull_wrongly(chassis)
    back = event(5, EventKind.INSERT, 6), event(6, EventKind.ALARM_CLEARED, 6)
    tell(chassis, *back, flags={6: OFF})
    assert said(chassis) == []


def test_a_surprise_without_a_swap_is_an_alarm_too(chassis: Chassis) -> None:
    pull(chassis)
    assert said(chassis) == [
        "Slot 3 was pulled while running. Put web-03 back in slot 3, or say why it stays out."
    ]


def test_a_surprise_marks_its_empty_slot_and_can_be_answered(chassis: Chassis) -> None:
    pull(chassis)
    record = load_chassis(chassis.slug)
    assert record is not None
    view = chassis_view(record, later(20))["slots"][2]
    assert (view["face"], [flag["key"] for flag in view["flags"]]) == ("empty", ["alarm", "held"])
    clear = [action for action in view["actions"] if action["op"] == "clear_alarm"]
    assert [action["enabled"] for action in clear] == [True]
    asked = ask(chassis, CommandOp.CLEAR_ALARM, 3, arguments={"reason": "It smoked."}, at=later(20))
    Command.objects.filter(pk=asked.pk).update(state=CommandState.DONE)
    assert said(chassis) == []


def test_a_surprise_outlives_a_silence_of_the_link(chassis: Chassis) -> None:
    pull(chassis)
    services.link_lost(chassis.pk, chassis.epoch, "The cable was pulled.", later(20))
    assert (
        said(chassis) == []
    )  # not known is no alarm, and no all-clear: the chassis does not answer
    services.link_restored(chassis.pk, chassis.epoch, hello(), later(30))
    state = snapshot(3, {3: OUT, 5: EMPTY, 7: RELEASED})
    services.apply_state(chassis.pk, chassis.epoch, state, later(31))
    assert len(said(chassis)) == 1


def test_a_surprise_ends_when_something_is_put_in(chassis: Chassis) -> None:
    pull(chassis)
    tell(chassis, event(4, EventKind.INSERT, 3), flags={3: OFF})
    assert said(chassis) == []


def test_a_surprise_ends_when_somebody_says_why(chassis: Chassis) -> None:
    pull(chassis)
    Command.objects.create(
        chassis=chassis,
        slot=slot_of(chassis, 3),
        op=CommandOp.CLEAR_ALARM,
        arguments={"reason": "It smoked."},
        state=CommandState.DONE,
        wire_id=1,
        if_event=0,
        created_at=later(60),
        expires_at=later(90),
    )
    assert said(chassis) == []


@pytest.mark.parametrize(
    ("began_s", "state", "is_alarm"),
    [
        (2, "open", False),
        (2, "parked", True),
        (60, "parked", False),
        (2, "cancelled", True),
    ],
)
def test_a_swap_of_that_slot_takes_the_surprise_over(
    chassis: Chassis, began_s: float, state: str, is_alarm: bool
) -> None:
    pull(chassis)
    Swap.objects.create(
        chassis=chassis,
        slot=slot_of(chassis, 3),
        state=state,
        step_since=later(began_s),
        created_at=later(1),
        ended_at=later(began_s) if state == "cancelled" else None,
    )
    assert bool(said(chassis)) is is_alarm


def test_a_pull_in_order_is_no_alarm(chassis: Chassis) -> None:
    tell(chassis, event(3, EventKind.REMOVE, 7), flags={7: OUT})
    assert said(chassis) == []


def test_the_alarm_leads_to_the_swap_that_wants_the_other_slot(chassis: Chassis) -> None:
    swap = Swap.objects.create(
        chassis=chassis, slot=slot_of(chassis, 7), step_since=NOW, created_at=NOW
    )
    pull_wrongly(chassis)
    (alarm,) = alarms_of_chassis(chassis.pk)
    assert alarm_view(alarm, "demo")["url"] == f"/w/{swap.pk}/"


def test_who_is_not_known_is_not_invented(chassis: Chassis) -> None:
    pull_wrongly(chassis, 8)
    assert said(chassis) == ["That was slot 8. Put what was there back in slot 8."]


def test_a_chassis_without_alarms_costs_one_query_more(chassis: Chassis) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert alarms_of_chassis(chassis.pk) == ()
    assert len(queries) <= 2  # the second for slots that are empty, as slot 5 is


def test_the_site_hears_of_every_chassis_newest_first(chassis: Chassis) -> None:
    pull_wrongly(chassis)
    other = Chassis.objects.create(slug="calm")
    every = load_site_alarms()
    assert list(every) == [chassis.pk]
    (alarm,) = in_order(every)
    assert (alarm["chassis"], alarm["slot"]) == (chassis.slug, 6)
    assert alarm["chassis_name"] == str(chassis)
    assert load_site_alarms(other.pk) == {}
    assert load_site_alarms(chassis.pk) == every


def test_calm_chassis_cost_two_queries_however_many_there_are(chassis: Chassis) -> None:
    calm = Chassis.objects.bulk_create(Chassis(slug=f"calm-{n}", board_id=f"{n}") for n in range(6))
    empty = {"number": 1, "state": SlotState.NOT_INSTALLED, "flags": int(EMPTY)}
    Slot.objects.bulk_create(Slot(chassis=one, **empty) for one in calm)
    with CaptureQueriesContext(connection) as queries:
        assert load_site_alarms() == {}
    assert len(queries) <= 2
    pull_wrongly(chassis)
    told = event(5, EventKind.REMOVE, 3)
    tell(chassis, told, flags={3: OUT, 6: OUT | SlotFlag.ALARM})
    assert [alarm["slot"] for alarm in load_site_alarms()[chassis.pk]] == [3, 6]
