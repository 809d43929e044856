"""Rules of the plan one by one: requests, partial snapshots, people's fields, repairs after a kill."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backplane.inventory.mapping import ChassisMapping, Mapping, Place
from backplane.inventory.plan import first_sync_requests
from backplane.inventory.records import (
    Action,
    Conflict,
    FieldChange,
    Group,
    Kind,
    NbSnapshot,
    Owner,
    Phase,
    Plan,
    PlanOptions,
    Ref,
    Seen,
    SeenChassis,
)
from tests.support.netbox_model import NetboxModel
from tests.support.plan_cases import RACK, agreed, device_named, devices, module, the_rack
from tests.support.rack_and_record import (
    EMPTY,
    NOW,
    applied,
    bay,
    full_rack,
    pi,
    plan_of,
    rack,
    reseat,
)

READS_BEFORE = 12  # of the 14 lists; bays and interfaces are looked up once their devices are made


def farm(count: int) -> Seen:
    """Return `count` chassis with ten modules each."""
    return Seen(
        tuple(
            SeenChassis(
                number,
                f"c{number}",
                f"board-{number}",
                f"C{number}",
                bays=tuple(bay(slot, pi(10 * number + slot)) for slot in range(1, 11)),
            )
            for number in range(count)
        )
    )


def changes_of(plan: Plan, key: str) -> dict[str, FieldChange]:
    row = next(row for row in plan.rows if row.key == key)
    return {change.field: change for change in row.changes}


@pytest.mark.parametrize("count", [1, 10, 50])
def test_the_first_sync_takes_exactly_the_requests_it_may(count: int) -> None:
    mapping = Mapping(place=Place(site="Home", location="Room 1", rack="R1"))
    plan = plan_of(farm(count), EMPTY, mapping)
    assert READS_BEFORE + plan.requests == first_sync_requests(count)


@pytest.mark.parametrize(("count", "requests"), [(1, 28), (10, 29), (50, 45)])
def test_the_formula_gives_the_counts_that_were_measured(count: int, requests: int) -> None:
    assert first_sync_requests(count) == requests


def test_a_swap_writes_six_lists_and_looks_once_for_the_new_interface() -> None:
    plan = plan_of(Seen((reseat(the_rack(), bay(3, pi(9))),), (module(3),)), agreed()[1])
    assert plan.requests == 7
    assert {row.phase for row in plan.rows if row.writes_netbox} == {
        Phase.DEVICE_CREATE,
        Phase.BAY_SET,
        Phase.DEVICE_CHANGE,
        Phase.MAC_CREATE,
        Phase.INTERFACE_CHANGE,
        Phase.JOURNAL,
    }
    assert all(row.group is Group.SWAP for row in plan.rows if row.writes_netbox)


def test_an_exchange_of_ten_takes_two_lists_of_bays() -> None:
    seen = farm(1)
    home, snapshot = applied(seen)
    modules = [one.module for one in home.chassis[0].bays]
    turned = tuple(bay(at + 1, modules[at - 1]) for at in range(10))
    plan = plan_of(Seen((replace(home.chassis[0], bays=turned),)), snapshot)
    phases = [row.phase for row in plan.rows if row.kind is Kind.BAY]
    assert phases == [Phase.BAY_CLEAR] * 10 + [Phase.BAY_SET] * 10


def part_of(snapshot: NbSnapshot) -> NbSnapshot:
    """Return what a swap of slot03 reads: the chassis, its bay, the module that was in it."""
    wanted = {"A12", "pi-003"}
    return NbSnapshot(
        snapshot.taken_at,
        "4.6.8",
        is_whole=False,
        devices=tuple(one for one in snapshot.devices if one.name in wanted),
        bays=tuple(one for one in snapshot.bays if one.name == "slot03"),
    )


def test_from_a_part_of_netbox_no_bootstrap_is_planned_and_references_go_by_natural_key() -> None:
    one_bay = replace(the_rack(), bays=(bay(3, pi(9)),))
    plan = plan_of(Seen((one_bay,), (module(3),)), part_of(agreed()[1]))
    assert plan.conflicts == ()
    assert not [row for row in plan.rows if row.group is Group.BOOTSTRAP]
    role = changes_of(plan, "device:u009")["role"].after
    assert isinstance(role, Ref)
    assert (role.id, role.natural) == (None, (("slug", "compute-node"),))
    assert plan.requests == 7


def test_a_module_that_stands_in_an_unread_bay_is_not_taken_out_of_it() -> None:
    snapshot = part_of(agreed()[1])
    spare = replace(device_named("pi-004"), bay_id=4444)
    one_bay = replace(the_rack(), bays=(bay(3, module(4)),))
    read = replace(snapshot, devices=(*snapshot.devices, spare))
    plan = plan_of(Seen((one_bay,)), read)
    assert [row.conflict for row in plan.rows] == [Conflict.NOT_READ]


def test_a_status_that_is_a_persons_stays_in_a_bay_and_on_the_shelf() -> None:
    retired = devices(pi_003={"status": "decommissioning"})
    assert plan_of(Seen((the_rack(),)), retired).writes == ()
    pulled = plan_of(Seen((reseat(the_rack(), bay(3)),), (module(3),)), retired)
    assert "status" not in changes_of(pulled, "device:u003")
    assert changes_of(pulled, "device:u003")["rack"].after is None


def test_fields_that_are_netboxs_are_never_written_to_a_device_that_exists() -> None:
    theirs = devices(pi_001={"name": "web-1", "role": "Web", "tenant": "Shop", "asset_tag": "A-1"})
    tagged = replace(module(1), asset_tag="OURS-1", tenant="")
    plan = plan_of(Seen((reseat(the_rack(), bay(1, tagged)),)), theirs)
    assert {row.kind for row in plan.rows} == {Kind.LOCAL_MODULE}
    assert all(change.owner is Owner.NETBOX for change in changes_of(plan, "module:u001").values())


def test_an_asset_tag_is_filled_in_where_netbox_has_none() -> None:
    tagged = replace(module(1), asset_tag="OURS-1")
    plan = plan_of(Seen((reseat(the_rack(), bay(1, tagged)),)), agreed()[1])
    assert changes_of(plan, "device:u001")["asset_tag"].after == "OURS-1"


def test_a_dummy_serial_never_replaces_one_that_netbox_has() -> None:
    blank = replace(module(1), serial="0000000000000000")
    assert plan_of(Seen((reseat(the_rack(), bay(1, blank)),)), agreed()[1]).writes == ()


@pytest.mark.parametrize("health", ["M7", "unsensed"])
def test_what_is_not_known_changes_nothing(health: str) -> None:
    unknown = bay(3, is_known=False) if health == "M7" else bay(3, present=None)
    plan = plan_of(Seen((reseat(the_rack(), unknown),), (module(3),)), agreed()[1])
    assert plan.rows == ()


def test_a_board_without_identity_changes_nothing() -> None:
    plan = plan_of(Seen((reseat(the_rack(), bay(3, None, present=True)),)), agreed()[1])
    assert plan.rows == ()


def test_a_module_of_a_silent_chassis_moves_once_it_is_seen_elsewhere() -> None:
    both = applied(Seen((RACK, rack("b01", tuple(bay(at) for at in range(1, 11))))))
    a12, b01 = both[0].chassis
    mover = a12.bays[0].module
    seen = Seen((replace(a12, is_known=False), reseat(b01, bay(5, mover))))
    plan = plan_of(seen, both[1])
    bays = [(row.label, row.action) for row in plan.rows if row.kind is Kind.BAY]
    assert bays == [
        ("bay slot01 of A12", Action.CLEAR),
        ("bay slot05 of B01", Action.CHANGE),
    ]


def test_a_run_killed_after_any_phase_is_finished_by_the_next() -> None:
    seen = Seen((reseat(the_rack(), bay(3, pi(9, role=None))),), (module(3),))
    snapshot = agreed()[1]
    plan = plan_of(seen, snapshot)
    whole = NetboxModel.of(snapshot)
    whole.apply(plan)
    wanted = {(one.name, one.status, one.bp_slot) for one in whole.snapshot(snapshot).devices}
    for phase in sorted({row.phase for row in plan.rows}):
        model = NetboxModel.of(snapshot)
        model.apply(replace(plan, rows=tuple(row for row in plan.rows if row.phase <= phase)))
        rest = model.snapshot(snapshot)
        model = NetboxModel.of(rest)
        model.apply(plan_of(seen, rest))
        now = model.snapshot(rest)
        assert {(one.name, one.status, one.bp_slot) for one in now.devices} == wanted
        assert len(now.macs) == 5
        assert plan_of(seen, now).writes == ()


def test_a_chassis_is_changed_after_all_its_children() -> None:
    known = replace(reseat(the_rack(), bay(1, module(2)), bay(2, module(1))), serial="BP-0042")
    plan = plan_of(Seen((known,)), agreed()[1])
    last = [row for row in plan.rows if row.writes_netbox][-1]
    assert (last.key, last.phase) == ("device:board-a12", Phase.CHASSIS_CHANGE)


def test_a_place_that_differs_is_told_and_netboxs_holds() -> None:
    mapping = Mapping(place=Place(site="Home"), chassis=(("a12", ChassisMapping(rack="R9")),))
    plan = plan_of(Seen((the_rack(),)), agreed()[1], mapping)
    assert [row.conflict for row in plan.rows] == [Conflict.PLACE_DIFFERS]
    assert plan.writes == ()


def test_places_are_not_made_where_the_options_say_so() -> None:
    plan = plan_of(Seen((RACK,)), options=PlanOptions(creates_places=False))
    assert {row.conflict for row in plan.rows} == {Conflict.NO_PLACE}


def test_without_a_site_nothing_is_planned() -> None:
    plan = plan_of(Seen((RACK,)), EMPTY, Mapping())
    assert [row.conflict for row in plan.rows] == [Conflict.NO_SITE]


def test_a_field_of_ours_made_otherwise_stops_every_write() -> None:
    snapshot = agreed()[1]
    wrong = tuple(replace(one, type="integer") for one in snapshot.custom_fields)
    plan = plan_of(Seen((rack(),)), replace(snapshot, custom_fields=wrong))
    assert {row.conflict for row in plan.rows} == {Conflict.WRONG_FIELD}


def test_simulated_chassis_are_planned_where_they_are_allowed() -> None:
    simulated = replace(RACK, is_simulated=True)
    assert plan_of(Seen((simulated,))).writes == ()
    assert plan_of(Seen((simulated,)), options=PlanOptions(allows_simulated=True)).writes


def test_a_bay_that_the_chassis_lacks_is_made_and_then_filled() -> None:
    snapshot = agreed()[1]
    fewer = replace(snapshot, bays=tuple(one for one in snapshot.bays if one.name != "slot05"))
    plan = plan_of(Seen((reseat(the_rack(), bay(5, pi(9))),)), fewer)
    made = next(row for row in plan.rows if row.phase is Phase.BAY_CREATE)
    filled = next(row for row in plan.rows if row.phase is Phase.BAY_SET)
    assert made.key in filled.depends_on
    model = NetboxModel.of(fewer)
    model.apply(plan)
    assert len([one for one in model.snapshot(fewer).bays if one.installed_device_id]) == 5


def test_a_plan_expires() -> None:
    plan = plan_of(Seen((RACK,)), options=PlanOptions(lifetime=timedelta(minutes=3)))
    assert plan.expires_at == NOW + timedelta(minutes=3)


def test_a_mac_in_any_spelling_is_the_same() -> None:
    snapshot = agreed()[1]
    dotted = tuple(replace(one, mac=one.mac.replace(":", "").lower()) for one in snapshot.macs)
    assert plan_of(Seen((the_rack(),)), replace(snapshot, macs=dotted)).rows == ()


def test_a_bay_of_another_installation_is_never_cleared() -> None:
    """Two of them with one module uid would take the Pi from each other each minute, and double its address."""
    mine, theirs = "00000000000000aa-1", "00000000000000bb-1"
    chassis = replace(full_rack(count=4), uid=theirs)
    _, snapshot = applied(Seen((chassis,)))
    own = rack("b01", (bay(1, pi(3)),))
    plan = plan_of(Seen((replace(own, uid=mine),)), snapshot)
    (told,) = plan.conflicts
    assert told.conflict is Conflict.TWO_PLACES
    assert "Another installation has it in slot03 of A12" in told.why
    assert not [row for row in plan.writes if row.subject == "u003" and row.writes_netbox]
    moved = plan_of(
        Seen((replace(own, uid="00000000000000bb-2"), reseat(chassis, bay(3)))), snapshot
    )
    assert not moved.conflicts, "between chassis of one installation it moves"


def test_an_address_that_is_there_twice_is_told() -> None:
    snapshot = agreed()[1]
    first = snapshot.macs[0]
    plan = plan_of(
        agreed()[0], replace(snapshot, macs=(*snapshot.macs, replace(first, id=first.id + 900)))
    )
    (told,) = plan.conflicts
    assert told.conflict is Conflict.DUPLICATE
    assert "2 times" in told.why
    assert not plan.writes
