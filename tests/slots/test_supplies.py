"""Lost supplies: kept from events, told in the budget, waited for, and never a reason to cut."""

from dataclasses import replace

import pytest

from backplane.slots import services
from backplane.slots.boards import Supply
from backplane.slots.budget import budget_of
from backplane.slots.errors import NotPossible
from backplane.slots.facts import EventKind
from backplane.slots.models import Chassis, Command, Module, Slot
from backplane.slots.ops import CommandOp
from backplane.slots.records import EventRecord, GapRecord
from backplane.slots.telemetry import Reading, store
from tests.support.slots import BOARD, JOURNAL, NOW, OFF, ask, event, hello, later, new_chassis

pytestmark = pytest.mark.django_db
PAIR = (Supply(1, "PSU A", 12_000, 100_000), Supply(2, "PSU B", 12_000, 100_000))


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch) -> Chassis:
    """A chassis with two supplies that share ten slots, slot 7 off."""
    chassis = new_chassis({7: OFF})
    profile = replace(chassis.profile, supplies=PAIR)
    monkeypatch.setattr(Chassis, "profile", profile)
    return chassis


def tell(chassis: Chassis, *events: EventRecord) -> None:
    services.record_hardware_events(chassis.pk, chassis.epoch, events, NOW)
    chassis.refresh_from_db()


def supply(number: int, kind: EventKind, which: int) -> EventRecord:
    return event(number, kind, slot=0, value=which)


def test_supplies_come_and_go_by_their_events(pair: Chassis) -> None:
    before = pair.revision
    tell(pair, supply(1, EventKind.SUPPLY_LOST, 2), supply(2, EventKind.SUPPLY_LOST, 1))
    assert (pair.lost_supplies, pair.revision) == ([1, 2], before + 1)
    tell(pair, supply(3, EventKind.SUPPLY_BACK, 2), supply(4, EventKind.SUPPLY_BACK, 2))
    assert pair.lost_supplies == [1]


def test_a_start_waits_for_a_lost_supply_and_nothing_is_cut(pair: Chassis) -> None:
    tell(pair, supply(1, EventKind.SUPPLY_LOST, 2))
    command = ask(pair, CommandOp.POWER_ON)
    assert services.plan_commands(pair.pk, pair.epoch, NOW).sends == ()
    command.refresh_from_db()
    assert command.waiting_for == (
        "slot 7 needs 12 W, 0 W free; PSU B is lost; starts when slots of 20 W together stop"
    )
    assert Command.objects.count() == 1
    (line,) = budget_of(pair, NOW)
    assert (line.budget_mw, line.admitted_mw, line.lost) == (100_000, 108_000, ("PSU B",))
    assert line.warning.startswith("PSU B is lost. 108 W admitted, 100 W there. Nothing is cut")
    assert line.waiting == ((7, command.waiting_for),)
    assert line.reserved == ((7, 12_000),)
    tell(pair, supply(2, EventKind.SUPPLY_BACK, 2))
    due = services.plan_commands(pair.pk, pair.epoch, later(1))
    assert [each.command_id for each in due.sends] == [command.pk]


def test_another_board_brings_its_own_supplies(pair: Chassis) -> None:
    tell(pair, supply(1, EventKind.SUPPLY_LOST, 2))
    Chassis.objects.update(ceiling_mw=90_000, adopt_board_id="1122334455660000")
    found = services.find_or_create_chassis(
        hello(board_id="1122334455660000"), pair.port_url, later(1)
    )
    assert (found.pk, found.lost_supplies, found.ceiling_mw) == (pair.pk, [], None)


def test_the_boards_ceiling_and_the_servers_budget_both_hold() -> None:
    chassis = new_chassis()
    services.set_budget(chassis.pk, 140_000, NOW)
    chassis.refresh_from_db()
    assert [(line.budget_mw, line.limit) for line in budget_of(chassis, NOW)] == [
        (140_000, "budget")
    ]
    services.note_config(chassis.pk, {(7, 0): 130_000}, NOW)
    chassis.refresh_from_db()
    assert [(line.budget_mw, line.limit) for line in budget_of(chassis, NOW)] == [
        (130_000, "ceiling")
    ]
    assert (chassis.budget_mw, chassis.ceiling_mw) == (140_000, 130_000)


@pytest.mark.parametrize("budget_mw", [-1, 2_000_000_001])
def test_a_budget_is_a_power(budget_mw: int) -> None:
    chassis = new_chassis()
    with pytest.raises(ValueError, match="A budget is"):
        services.set_budget(chassis.pk, budget_mw, NOW)


def test_the_same_budget_again_changes_nothing() -> None:
    chassis = new_chassis()
    assert services.set_budget(chassis.pk, 90_000, NOW)
    assert services.set_budget(chassis.pk, 90_000, NOW) is None
    assert services.set_budget(chassis.pk, None, NOW)
    chassis.refresh_from_db()
    assert chassis.power_budget_mw == 150_000


def test_what_a_module_drew_elsewhere_it_is_granted_here() -> None:
    chassis = new_chassis({7: OFF})
    module = Module.objects.create(name="hungry", rating_mw=9_000, peak_mw=16_000)
    Slot.objects.filter(number=7).update(module=module)
    (line,) = budget_of(chassis, NOW)
    assert line.admitted_mw == 9 * 12_000
    ask(chassis, CommandOp.POWER_ON)
    services.set_budget(chassis.pk, 110_000, NOW)
    services.plan_commands(chassis.pk, chassis.epoch, NOW)
    assert Command.objects.get().waiting_for.startswith("slot 7 needs 16 W, 2 W free")


def test_what_is_drawn_is_told_as_long_as_it_is_fresh() -> None:
    chassis = new_chassis()
    store.put(chassis.pk, 0, Reading(12_000, 4_000), later(1))
    assert budget_of(chassis, later(5))[0].drawn_mw == 48_000
    assert budget_of(chassis, later(12))[0].drawn_mw is None
    services.set_link_status(chassis.pk, "lost", "gone", later(5))
    chassis.refresh_from_db()
    assert budget_of(chassis, later(5))[0].drawn_mw is None


def test_what_was_read_is_kept_and_what_was_not_is_not_known() -> None:
    chassis = new_chassis()
    change = services.note_config(
        chassis.pk, {(1, 6): 2, (1, 7): 0, (5, 0): 1_000, (1, 99): 1}, NOW
    )
    assert change is not None
    assert change.slot_numbers == (6, 7)
    policies = dict(Slot.objects.values_list("number", "restore_policy"))
    assert (policies[5], policies[6], policies[7]) == (None, 2, 0)
    assert services.note_config(chassis.pk, {(1, 6): 2}, NOW) is None
    services.note_config(chassis.pk, {(1, 6): None}, NOW)
    assert Slot.objects.get(number=6).restore_policy is None


def test_the_board_says_which_supplies_are_good(pair: Chassis) -> None:
    assert not pair.supplies_known  # until it is asked
    tell(pair, supply(1, EventKind.SUPPLY_LOST, 1))
    services.note_config(pair.pk, {(10, 0): 0b010}, NOW)
    pair.refresh_from_db()
    assert (pair.lost_supplies, pair.supplies_known) == ([2], True)
    services.note_config(pair.pk, {(10, 0): 0b110}, NOW)
    pair.refresh_from_db()
    assert pair.lost_supplies == []


def test_what_a_gap_may_have_told_of_supplies_is_not_known_until_it_is_asked(
    pair: Chassis,
) -> None:
    services.note_config(pair.pk, {(10, 0): 0b010}, NOW)
    gap = GapRecord(BOARD, JOURNAL, 1, 40, "overwritten")
    services.record_gap(pair.pk, pair.epoch, gap, 40, NOW)
    pair.refresh_from_db()
    assert (pair.lost_supplies, pair.supplies_known) == ([2], False)
    services.note_config(pair.pk, {(10, 0): None}, NOW)  # an older firmware cannot say
    pair.refresh_from_db()
    assert (pair.lost_supplies, pair.supplies_known) == ([2], False)


def test_the_good_supplies_cannot_be_set(pair: Chassis) -> None:
    arguments = {"key": 10, "value": 6}
    with pytest.raises(NotPossible, match="only be read"):
        ask(pair, CommandOp.SET_CONFIG, 0, arguments=arguments)
