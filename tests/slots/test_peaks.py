"""The learned peak: raised by what telemetry told, for the slot and its module, seldom written."""

import pytest

from backplane.slots import services
from backplane.slots.errors import StaleGeneration
from backplane.slots.facts import EventKind, SlotFlag
from backplane.slots.models import Chassis, Module, Slot
from tests.support.slots import NOW, OFF, event, new_chassis

pytestmark = pytest.mark.django_db


def learn(chassis: Chassis, peaks_mw: dict[int, int]) -> int:
    return services.learn_peaks(chassis.pk, chassis.epoch, peaks_mw, NOW)


def test_a_peak_is_learned_for_the_slot_and_its_module() -> None:
    chassis = new_chassis()
    module = Module.objects.create(name="cache-01")
    Slot.objects.filter(number=7).update(module=module, peak_mw=0)
    assert learn(chassis, {7: 9_000, 8: 5_000}) == 3
    module.refresh_from_db()
    assert (module.peak_mw, Slot.objects.get(number=7).peak_mw) == (9_000, 9_000)
    assert Slot.objects.get(number=8).peak_mw == 5_000
    assert Chassis.objects.get().revision == chassis.revision  # nothing painted changed


@pytest.mark.parametrize(("peak_mw", "rows"), [(9_000, 0), (9_180, 0), (9_181, 1)])
def test_two_percent_are_no_news(peak_mw: int, rows: int) -> None:
    chassis = new_chassis()
    Slot.objects.update(peak_mw=9_000)
    assert learn(chassis, {7: peak_mw}) == rows


def test_no_news_cost_one_query(django_assert_num_queries: object) -> None:
    chassis = new_chassis()
    Slot.objects.update(peak_mw=9_000)
    with django_assert_num_queries(1):  # type: ignore[operator]  # a fixture that returns a context manager
        assert learn(chassis, dict.fromkeys(range(1, 11), 8_000)) == 0


@pytest.mark.parametrize("flags", [OFF, OFF | SlotFlag.TRIPPED])
def test_what_a_fault_drew_is_not_what_the_module_needs(flags: SlotFlag) -> None:
    chassis = new_chassis({7: flags})
    assert learn(chassis, {7: 31_000}) == 0
    assert learn(chassis, {7: 31_000, 8: 9_000}) == 1


def test_the_next_occupant_learns_anew() -> None:
    chassis = new_chassis()
    learn(chassis, {7: 16_000})
    services.record_hardware_events(chassis.pk, chassis.epoch, [event(1, EventKind.REMOVE)], NOW)
    assert Slot.objects.get(number=7).peak_mw == 0


def test_an_older_generation_teaches_nothing() -> None:
    chassis = new_chassis()
    with pytest.raises(StaleGeneration):
        services.learn_peaks(chassis.pk, chassis.epoch - 1, {7: 16_000}, NOW)
