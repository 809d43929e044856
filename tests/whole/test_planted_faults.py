"""The watch over a whole rack is not blind: a rule is taken away, a fixed walk is gone, and the wrong is seen.

The same walks with every rule in its place show nothing, so what they show is the fault.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pytest

from backplane.slots import obstacles, planner
from backplane.slots.facts import EventKind
from backplane.slots.ops import CommandOp
from backplane.slots.power import Accounts
from backplane.slots.records import EventRecord
from backplane.slots.services import checks, hardware, leases, links, work
from backplane.slots.services.work import Work
from firmware import codes
from firmware.operations import Operations
from firmware.rails import Rails, Request
from firmware.slot import Slot
from firmware.supplies import Supplies
from tests.support import walks
from tests.support.watched_rack import WatchedRack
from tests.support.whole_record import Record
from tests.whole.conftest import NewRack

Plant = Callable[[pytest.MonkeyPatch], None]


def gone(rack: WatchedRack, *those: Callable[[WatchedRack], None]) -> list[str]:
    """Go walks over a rack; return what was wrong."""
    record = Record(rack)
    rack.run(8)  # the Pis are up
    for walk in those:
        walk(rack)
        record.check_new()
    return rack.wrongs


def watched(new_rack: NewRack) -> WatchedRack:
    rack = new_rack(kind=WatchedRack)
    assert isinstance(rack, WatchedRack)
    return rack


@pytest.mark.parametrize("walk", walks.WALKS, ids=lambda walk: walk.__name__)
def test_with_every_rule_in_its_place_nothing_is_wrong(
    new_rack: NewRack, walk: Callable[[WatchedRack], None]
) -> None:
    rack = watched(new_rack)
    assert gone(rack, walk) == [], "\n".join(rack.story)


# -- the faults: each takes one promise away, on both sides where both keep it -------------------


def powers_released_slots(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(obstacles._RULES, CommandOp.POWER_ON, lambda _facts: "")
    why_not = Rails.why_not

    def but_for_the_release(rails: Rails, slot: Slot) -> int:
        was, slot.released = slot.released, False
        try:
            return int(why_not(rails, slot))
        finally:
            slot.released = was

    patch.setattr(Rails, "why_not", but_for_the_release)


def takes_releases_back_by_itself(patch: pytest.MonkeyPatch) -> None:
    """The flag goes first, so that nothing contradicts itself afterwards but the lamp."""
    patch.setitem(obstacles._RULES, CommandOp.POWER_ON, lambda _facts: "")
    why_not = Rails.why_not

    def without_the_release(rails: Rails, slot: Slot) -> int:
        slot.released = False
        return int(why_not(rails, slot))

    patch.setattr(Rails, "why_not", without_the_release)


def keeps_wishes_over_a_lost_link(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(links, "drop_commands", lambda _work, _why: None)


def keeps_wishes_over_a_new_host(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(leases, "drop_commands", lambda _work, _why: None)
    keeps_wishes_over_a_lost_link(patch)


def orders_what_is_not_known(patch: pytest.MonkeyPatch) -> None:
    for module in (checks, planner):
        patch.setattr(module, "obstacle", lambda *_args, **_options: "")


def raises_rails_together(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Rails, "_free_at", lambda _rails: 0)


def admits_whatever_is_asked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Accounts, "shortage", lambda _accounts, _slot: None)
    patch.setattr(Accounts, "never_fits", lambda _accounts, _slot: None)


def takes_a_reset_for_a_loss_of_power(patch: pytest.MonkeyPatch) -> None:
    begin = Supplies.tick

    def at_each_boot(supplies: Supplies) -> None:
        if not hasattr(supplies, "is_told"):
            supplies.is_told = True  # the fault's own mark
            supplies.power_was_lost()
        begin(supplies)

    patch.setattr(Supplies, "tick", at_each_boot)


def drops_rails_at_a_reset(patch: pytest.MonkeyPatch) -> None:
    """Switches are opened at boot and what was there before is forgotten."""
    adopt_all = Rails.adopt_all

    def opened(rails: Rails) -> None:
        for slot in rails._chassis.slots:
            rails._board.set_rail(slot.number, False)
        adopt_all(rails)

    patch.setattr(Rails, "adopt_all", opened)


def releases_what_is_live(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(planner, "_has_volts_yet", lambda _command, _slot: False)
    patch.setattr(Slot, "is_safe", lambda _slot: True)
    patch.setattr(Operations, "_why_not_released", lambda _operations, _slot: codes.OK)


def powers_whatever_comes_in(patch: pytest.MonkeyPatch) -> None:
    tick = Rails.tick

    def eager(rails: Rails) -> None:
        for slot in rails._chassis.slots:
            if slot.held and slot.is_seated() and not slot.rail and not slot.waiting:
                slot.held = False
                now_ms = rails._chassis.now_ms + 300
                rails.request_on(Request(slot, codes.BY_COMMAND, now_ms))
        tick(rails)

    patch.setattr(Rails, "tick", eager)
    patch.setattr(Rails, "_why_not_alone", lambda _rails, _slot: codes.OK)


def forgets_removals(patch: pytest.MonkeyPatch) -> None:
    record = hardware._record

    def without_removals(work: Work, events: Iterable[EventRecord]) -> None:
        fresh = list(events)
        record(work, [event for event in fresh if event.kind != EventKind.REMOVE])
        if fresh:
            work.set_chassis(cursor=fresh[-1].number)

    patch.setattr(hardware, "_record", without_removals)


def writes_no_history(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        work, "insert", lambda _rows: None
    )  # of transitions, at the end of a piece of work


@dataclass(frozen=True)
class Fault:
    plant: Plant
    walk: Callable[[WatchedRack], None]
    seen_as: str


FAULTS = (
    Fault(powers_released_slots, walks.power_for_a_released_slot, "comes up though it is released"),
    Fault(
        takes_releases_back_by_itself,
        walks.power_for_a_released_slot,
        "comes up while its blue light is steady",
    ),
    Fault(keeps_wishes_over_a_lost_link, walks.a_wish_over_a_lost_link, "outlives the link"),
    Fault(keeps_wishes_over_a_new_host, walks.a_wish_over_a_new_host, "outlives the lease"),
    Fault(orders_what_is_not_known, walks.a_wish_for_what_is_not_known, "the slot is not known"),
    Fault(raises_rails_together, walks.a_loss_of_power, "ms behind another"),
    Fault(admits_whatever_is_asked, walks.a_tight_budget, "is admitted"),
    Fault(takes_a_reset_for_a_loss_of_power, walks.a_reset, "a power loss that never was"),
    Fault(drops_rails_at_a_reset, walks.a_reset, "goes off as the board boots"),
    Fault(releases_what_is_live, walks.a_release_fed_from_outside, "is steady blue at"),
    Fault(powers_whatever_comes_in, walks.out_and_in_with_no_host, "by no command"),
    Fault(forgets_removals, walks.out_and_in, "follows"),
    Fault(writes_no_history, walks.out_and_in, "its rows end at"),
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.plant.__name__)
def test_a_planted_fault_is_seen(
    new_rack: NewRack, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    rack = watched(new_rack)
    fault.plant(monkeypatch)
    wrongs = gone(rack, fault.walk)
    assert any(fault.seen_as in wrong for wrong in wrongs), "\n".join([*wrongs, *rack.story])
