"""Minutes of telemetry: seven numbers of each slot, one insert a minute, kept for so long and no longer."""

from datetime import datetime, timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from backplane.slots import services
from backplane.slots.models import Chassis, TelemetryMinute
from backplane.slots.reading_ring import Reading
from backplane.slots.rollups import Minute, Period, merged, minute_of, packed, unpacked
from backplane.slots.services.minutes import LET_GO_AT_ONCE
from backplane.slots.telemetry import store
from backplane.supervisor.minute_rounds import MinuteRounds
from tests.support.full_disk import unwritable
from tests.support.slots import NOW, later, new_chassis


def test_a_minute_keeps_means_and_maxima() -> None:
    readings = [Reading(12_000, 400, 4_700, 900), Reading(11_900, 500, 4_800, None), Reading()]
    minute = minute_of(readings)
    assert minute == Minute(3, 11_950, 450, 900, 4_750, 4_800, 5_375)
    assert (
        minute.mw != 11_950 * 450 // 1000
    )  # the mean of the products, not the product of the means
    assert unpacked(packed(minute)) == minute


def test_what_nobody_read_is_not_known_and_never_0() -> None:
    minute = minute_of([Reading(), Reading(mv=12_000)])
    assert minute == Minute(2, 12_000, None, None, None, None)
    assert minute.mw is None


def test_a_row_without_power_gets_the_product_of_its_means() -> None:
    assert unpacked([60, 12_000, 400, 900, None, None]).mw == 4_800
    assert unpacked([60, 12_000, None, None, None, None]).mw is None


def test_many_minutes_in_one_weigh_by_their_readings_and_keep_the_maxima() -> None:
    long, short = (
        Minute(60, 12_000, 400, 900, 4_000, 4_100, 4_800),
        Minute(20, 11_600, 800, 950, None, None),
    )
    assert merged([long, short]) == Period(80, 11_900, 500, 950, 4_000, 4_100, 4_800, 2)
    assert merged([]) == Period(0, None, None, None, None, None, None, 0)


@pytest.fixture
def chassis(db: None) -> Chassis:
    """Two minutes of one reading a second of slot 7, in the second one with a hole, and of the supply."""
    made = new_chassis()
    store.forget(made.pk)
    for second in [*range(60), *range(90, 120)]:
        store.put(made.pk, 7, Reading(12_000, 100 + second, 4_000, 300 + second), later(second))
    store.put(made.pk, 0, Reading(12_100, 2_000), later(3))
    return made


def kept(chassis: Chassis, slot: int = 7) -> list[tuple[datetime, Minute]]:
    return list(services.minutes_of(chassis.pk, slot, later(-3600), later(3600)))


@pytest.mark.django_db
def test_a_minute_is_one_insert_for_everybody_and_twice_is_once(chassis: Chassis) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert services.write_minute(NOW) == 1
    inserts = [query for query in queries if query["sql"].startswith("INSERT")]
    assert len(inserts) == 1
    services.write_minute(NOW)
    services.write_minute(later(60))
    assert services.write_minute(later(120)) == 0  # nothing was heard in it
    first, second = kept(chassis)
    assert first == (NOW, Minute(60, 12_000, 130, 359, 4_000, 4_000, 1_554))
    assert (second[0], second[1].points) == (later(60), 30)
    assert kept(chassis, 0) == [(NOW, Minute(1, 12_100, 2_000, 2_000, None, None, 24_200))]
    assert kept(chassis, 3) == []


@pytest.mark.django_db
def test_a_chassis_that_was_deleted_meanwhile_keeps_nobody_from_being_written(
    chassis: Chassis,
) -> None:
    store.put(chassis.pk + 99, 1, Reading(12_000, 1), later(1))
    try:
        assert services.write_minute(NOW) == 1
    finally:
        store.forget(chassis.pk + 99)


@pytest.mark.django_db
def test_rounds_write_what_is_over_and_catch_up(chassis: Chassis) -> None:
    rounds = MinuteRounds(NOW)
    rounds.go_round(later(61))
    assert TelemetryMinute.objects.count() == 0  # its last second may still come
    with unwritable():
        rounds.go_round(later(63))
    assert TelemetryMinute.objects.count() == 0
    rounds.go_round(later(130))
    assert [at for at, _ in kept(chassis)] == [NOW, later(60)]
    rounds.go_round(later(30))  # the clock was set back
    rounds.go_round(later(130))
    assert TelemetryMinute.objects.count() == 2


@pytest.mark.django_db
def test_old_minutes_are_let_go_of(chassis: Chassis, settings: Settings) -> None:
    settings.TELEMETRY_DAYS = 2
    for days in (1, 3, 4):
        minute = NOW - timedelta(days=days)
        TelemetryMinute.objects.create(chassis=chassis, minute=minute, readings={})
    MinuteRounds(NOW).go_round(later(62))
    assert TelemetryMinute.objects.count() == 2  # yesterday's, and the one just written


@pytest.mark.django_db
def test_a_backlog_of_old_minutes_goes_quicker_than_new_ones_come(
    chassis: Chassis, settings: Settings
) -> None:
    settings.TELEMETRY_DAYS = 2
    old = NOW - timedelta(days=30)
    many = 10 * LET_GO_AT_ONCE + 5
    TelemetryMinute.objects.bulk_create(
        TelemetryMinute(chassis=chassis, minute=old + timedelta(minutes=each), readings={})
        for each in range(many)
    )
    rounds = MinuteRounds(later(120))
    rounds.go_round(later(122))
    assert (
        TelemetryMinute.objects.count() == 5
    )  # not all in one round: the database is not ours alone
    rounds.go_round(later(182))
    assert TelemetryMinute.objects.count() == 0


@pytest.mark.django_db(transaction=True)
async def test_where_nothing_is_to_be_kept_nothing_is(settings: Settings) -> None:
    settings.TELEMETRY_DAYS = 0
    many = 10 * LET_GO_AT_ONCE + 5
    made = await sync_to_async(new_chassis)()
    await TelemetryMinute.objects.abulk_create(
        TelemetryMinute(chassis=made, minute=NOW + timedelta(minutes=each), readings={})
        for each in range(-many, 0)
    )
    rounds = MinuteRounds(NOW)
    try:
        await rounds.run()
    finally:
        rounds.stop_thread()
    assert not await TelemetryMinute.objects.aexists()
