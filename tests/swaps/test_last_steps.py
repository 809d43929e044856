"""Steps 5 to 9 on the real firmware: who is it, does it get power, is it well, who writes it down."""

from dataclasses import dataclass, field

import pytest

from backplane.slots.models import Carrier, Chassis, Module, Slot, Stay
from backplane.slots.services.carriers import Look, note_carriers
from backplane.swaps import ports
from backplane.swaps.errors import NotPossible
from backplane.swaps.ports import Check, Recorded, RecordOutcome, SwapResult
from backplane.swaps.steps import Branch, SwapState
from tests.support.recorders import recording_by
from tests.support.swap_bench import SwapBench

pytestmark = pytest.mark.django_db
UID = "1b2c3d4e"
MAC = "d8:3a:dd:10:20:30"


def _spare(name: str, uid: str = UID) -> Module:
    module = Module.objects.create(name=name, serial=f"serial-{name}")
    Carrier.objects.create(uid=uid.encode().hex(), module=module)
    return module


def test_the_expected_pi_starts_by_itself(bench: SwapBench) -> None:
    module = _spare("web-07")
    swap = bench.to_empty(7, expected_module_id=module.pk)
    assert "web-07" in bench.stage(swap).lead
    bench.do(f"insert 7 {UID}")
    bench.until_key(swap, "8")
    assert bench.swap(swap).new_module == module


def test_a_known_spare_starts_by_itself_where_nothing_was_expected(bench: SwapBench) -> None:
    _spare("web-07")
    swap = bench.to_empty(7)
    bench.do(f"insert 7 {UID}")
    bench.until_key(swap, "8")


def test_who_was_last_seen_before_events_were_lost_gets_no_power(bench: SwapBench) -> None:
    module = _spare("web-07")
    swap = bench.to_empty(7, expected_module_id=module.pk)
    bench.do(f"insert 7 {UID}")
    bench.until(lambda: bench.slot(7).carrier is not None)
    Slot.objects.filter(pk=bench.slot(7).pk).update(is_occupant_unsure=True)
    bench.until_key(swap, "6/no_identity", within_s=40)
    assert not bench.bay(7).rail_is_commanded
    row, chassis = bench.slot(7), bench.chassis
    look = Look(chassis.journal or 0, chassis.cursor or 0, (7,))
    note_carriers(chassis.pk, look, {7: UID.encode().hex()}, bench.now)
    assert not bench.slot(7).is_occupant_unsure
    bench.until_key(swap, "8")
    assert bench.slot(7).carrier == row.carrier


def test_where_a_pi_was_last_seen_keeps_nobody_from_using_it(bench: SwapBench) -> None:
    module = bench.name(3, "web-09")
    _spare("web-07")
    swap = bench.to_empty(7)
    with pytest.raises(NotPossible, match=r"web-09 stands in .* slot 3 now"):
        bench.press(swap, "expect", module=module.pk)
    Slot.objects.filter(pk=bench.slot(3).pk).update(is_occupant_unsure=True)
    bench.press(swap, "expect", module=module.pk)
    assert bench.swap(swap).expected_module_id == module.pk


def test_what_was_read_before_events_were_lost_cannot_be_accepted(bench: SwapBench) -> None:
    expected = Module.objects.create(name="web-09")
    _spare("web-07")
    swap = bench.to_empty(7, expected_module_id=expected.pk)
    bench.do(f"insert 7 {UID}")
    bench.until_key(swap, "6/not_expected")
    Slot.objects.filter(pk=bench.slot(7).pk).update(is_occupant_unsure=True)
    with pytest.raises(NotPossible, match="Nothing was read yet"):
        bench.press(swap, "accept_carrier")
    bench.until_key(swap, "6/no_identity")
    assert not bench.bay(7).rail_is_commanded


def test_another_one_than_expected_waits_for_a_person(bench: SwapBench) -> None:
    expected = Module.objects.create(name="web-09")
    _spare("web-07")
    swap = bench.to_empty(7, expected_module_id=expected.pk)
    bench.do(f"insert 7 {UID}")
    bench.until_key(swap, "6/not_expected")
    assert not bench.bay(7).rail_is_commanded
    bench.press(swap, "accept_carrier")
    bench.until_key(swap, "8")


def test_what_belongs_elsewhere_stays_only_for_a_reason(bench: SwapBench) -> None:
    module = _spare("db-01")
    row = bench.slot(3)
    row.planned_module = module
    row.save(update_fields=["planned_module"])
    swap = bench.to_empty(7)
    bench.do(f"insert 7 {UID}")
    stage = bench.until_key(swap, "6/elsewhere")
    assert "slot 3" in stage.lead
    with pytest.raises(NotPossible, match="why it stays here"):
        bench.press(swap, "accept_carrier")
    bench.press(swap, "accept_carrier", reason="slot 3 is dead")
    bench.until_key(swap, "8")


def test_what_is_kept_here_stands_in_no_other_chassis_any_more(bench: SwapBench) -> None:
    """The other chassis has been silent since the tray left it, so its row still names the Pi."""
    module = _spare("db-01")
    other = Chassis.objects.create(slug="b01", revision=5)
    there = Slot.objects.create(chassis=other, number=3, module=module)
    stay = Stay.objects.create(slot=there, module=module, since=bench.now)
    swap = bench.to_empty(7)
    bench.do(f"insert 7 {UID}")
    assert "b01 slot 3" in bench.until_key(swap, "6/elsewhere").lead
    bench.press(swap, "accept_carrier", reason="b01 is being taken down")
    bench.until_key(swap, "8")
    there.refresh_from_db()
    stay.refresh_from_db()
    other.refresh_from_db()
    assert (there.module, stay.module) == (None, None)
    assert other.revision == 6  # its pages look again
    assert bench.slot(7).module == module


def test_what_belongs_elsewhere_is_taken_out_by_the_blue_light(bench: SwapBench) -> None:
    module = _spare("db-01")
    row = bench.slot(3)
    row.planned_module = module
    row.save(update_fields=["planned_module"])
    swap = bench.to_empty(7)
    bench.do(f"insert 7 {UID}")
    bench.until_key(swap, "6/elsewhere")
    bench.press(swap, "reseat")
    bench.until_key(swap, "4")
    bench.do("pull 7")
    bench.until_key(swap, "5")


def test_the_same_carrier_back_is_the_same_pi_or_a_new_one_on_it(bench: SwapBench) -> None:
    old = bench.name(7, "web-03")
    swap = bench.to_empty(7)
    bench.do("insert 7")
    bench.until_key(swap, "6/same_back")
    bench.press(swap, "same_new_pi", name="web-03b", serial="77")
    bench.until_key(swap, "8")
    row = bench.swap(swap)
    assert (row.new_name, row.old_module, row.new_carrier) == ("web-03b", old, row.old_carrier)
    assert bench.slot(7).module == row.new_module


def test_a_reseated_pi_is_told_as_such(bench: SwapBench) -> None:
    bench.name(7, "web-03")
    swap = bench.to_empty(7)
    bench.do("insert 7")
    bench.until_key(swap, "6/same_back")
    bench.press(swap, "accept_carrier")
    bench.until_key(swap, "8")
    bench.run(3)
    bench.press(swap, "accept_health")
    assert bench.swap(swap).outcome == "web-03 was reseated in slot 7."


def test_power_waits_for_the_budget_in_the_planners_words(bench: SwapBench) -> None:
    _spare("web-07")
    swap = bench.to_empty(7)
    row = bench.chassis
    row.budget_mw = 30_000
    row.save(update_fields=["budget_mw"])
    bench.do(f"insert 7 {UID}")
    stage = bench.until_key(swap, "7/no_power")
    assert "Slot 7 needs 12 W" in stage.lead
    row.budget_mw = None
    row.save(update_fields=["budget_mw"])
    bench.until_key(swap, "8")


def test_a_trip_at_the_start_can_be_tried_again(bench: SwapBench) -> None:
    _spare("web-07")
    swap = bench.to_empty(7)
    bench.do(f"insert 7 {UID}")
    bench.until(lambda: bench.slot(7).facts.rail_on)
    bench.do("trip 7")
    stage = bench.until_key(swap, "7/power_fault", "8/unhealthy")
    assert stage.tone == "stop"
    bench.press(swap, "retry_power")
    bench.until_key(swap, "8")


def test_a_trip_in_the_health_check_leads_back_by_swapping_again(bench: SwapBench) -> None:
    _spare("web-07")
    swap = bench.to_empty(7)
    bench.do(f"insert 7 {UID}")
    bench.until_key(swap, "8")
    bench.run(1)
    bench.do("trip 7")
    bench.until_key(swap, "8/unhealthy")
    bench.press(swap, "swap_again")
    bench.until_key(swap, "4")


@dataclass
class Reporter:
    """Says of every module what the test wants."""

    said: tuple[Check, ...] = (Check("Node report", None, "nothing heard"),)

    def checks(self, _chassis_id: int, _slot_number: int) -> tuple[Check, ...]:
        return self.said


def test_reports_end_the_health_check_and_their_absence_is_told(bench: SwapBench) -> None:
    reporter = Reporter()
    ports.register_reporter(reporter)
    try:
        _spare("web-07")
        swap = bench.to_empty(7)
        bench.do(f"insert 7 {UID}")
        bench.until_key(swap, "8")
        bench.age(swap, 180)
        bench.run(1)
        assert bench.key(swap) == "8/unhealthy"
        with pytest.raises(NotPossible, match="why"):
            bench.press(swap, "accept_health")
        bench.press(swap, "try_again")
        reporter.said = (Check("Node report", True, "up"),)
        bench.until(lambda: bench.swap(swap).state == SwapState.DONE)
    finally:
        ports.unregister_reporter(reporter)


@dataclass
class Book:
    """A recorder whose inventory is away, until it is not."""

    taken: list[SwapResult] = field(default_factory=list)
    is_back: bool = False

    def record(self, result: SwapResult) -> Recorded:
        self.taken.append(result)
        return Recorded(RecordOutcome.QUEUED, "The inventory does not answer.")

    def settle(self, _swap_id: int) -> Recorded | None:
        return Recorded(RecordOutcome.WRITTEN, "Written and read back.") if self.is_back else None


def test_a_queued_record_lets_the_technician_go_and_settles_later(bench: SwapBench) -> None:
    book = Book()
    with recording_by(book):
        web_03 = bench.name(7, "web-03")
        web_03.macs = [MAC]
        web_03.save(update_fields=["macs"])
        _spare("web-07")
        swap = bench.to_empty(7)
        bench.do(f"insert 7 {UID}")
        bench.until_key(swap, "8")
        bench.run(3)
        bench.press(swap, "accept_health")
        row = bench.swap(swap)
        assert (row.state, row.branch) == (SwapState.DONE, Branch.RECORD_WAITS)
        assert bench.stage(swap).title == "You may leave"
        taken = book.taken[0]
        assert row.old_carrier is not None
        assert (taken.old_mac, taken.old_carrier_uid) == (MAC, row.old_carrier.uid)
        assert taken.old_carrier_uid not in {"", taken.new_carrier_uid}
        book.is_back = True
        bench.run(2)
        assert bench.swap(swap).record["text"] == "Written and read back."
        assert bench.stage(swap).title == "Done"


def test_without_an_inventory_the_step_keeps_what_it_would_write(bench: SwapBench) -> None:
    bench.name(7, "web-03")
    _spare("web-07")
    swap = bench.to_empty(7)
    bench.do(f"insert 7 {UID}")
    bench.until_key(swap, "8")
    bench.run(3)
    bench.press(swap, "accept_health")
    row = bench.swap(swap)
    assert row.record["outcome"] == RecordOutcome.NOT_CONNECTED
    assert [row.record["lines"][0][1], row.record["lines"][0][2]] == ["web-03", "web-07"]


def test_a_slot_may_be_left_empty_and_that_is_recorded(bench: SwapBench) -> None:
    bench.name(7, "web-03")
    swap = bench.to_empty(7)
    bench.press(swap, "finish")
    row = bench.swap(swap)
    assert (row.state, row.outcome) == (SwapState.DONE, "Slot 7 was left empty.")
    bench.run(1)
    assert bench.lamp(7, "locate") == "off"


def test_nothing_inserted_in_half_an_hour_is_put_aside_as_left_empty(bench: SwapBench) -> None:
    swap = bench.to_empty(7)
    bench.age(swap, 1800)
    bench.run(0.5)
    assert bench.swap(swap).state == SwapState.PARKED
    assert bench.lamp(7, "locate") == "off"
    bench.press(swap, "resume")
    bench.until_key(swap, "5")
