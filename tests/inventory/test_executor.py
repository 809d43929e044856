"""The executor's odd cases: one bad row of many, a race for the same device, answers that keep their own word."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from backplane.inventory import sync
from backplane.inventory.codec import pack, unpack
from backplane.inventory.records import Action, FieldChange, Group, Kind, Owner, Phase, PlanRow
from backplane.inventory.store import Asked
from backplane.inventory.writing.executor import Executor
from backplane.inventory.writing.results import Fate, RowResult
from tests.support.inventory import SyncedRack, synced_rack
from tests.support.netbox.real import either_netbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.live]


@pytest.fixture
def rack() -> Iterator[SyncedRack]:
    with either_netbox() as double:
        yield synced_rack(double)


def _site(name: str, slug: str, needs: tuple[str, ...] = ()) -> PlanRow:
    fields = (("name", name), ("slug", slug))
    changes = tuple(FieldChange(field, None, value, Owner.FIRST, "") for field, value in fields)
    return PlanRow(
        f"site:{slug}", Kind.SITE, Phase.SITE, Group.BOOTSTRAP, name, Action.CREATE, changes,
        depends_on=needs,
    )  # fmt: skip


def _run(rack: SyncedRack, rows: list[PlanRow]) -> tuple[dict[str, Fate], Executor]:
    kept: list[RowResult] = []
    netbox = rack.netbox()
    executor = Executor(netbox, lambda row: RowResult(row.key, Fate.DONE), kept.append)
    results = executor.run(rows)
    netbox.close()
    assert {one.key for one in kept} == set(results)
    return {key: one.fate for key, one in results.items()}, executor


def test_one_bad_row_of_many_falls_out_alone(rack: SyncedRack) -> None:
    rows = [_site(f"S{number}", f"s{number}") for number in range(9)]
    rows[4] = _site("S4", "no slug, this")
    rows[4] = replace(rows[4], changes=(*rows[4].changes, _far_too_long(rack)))
    fates, _ = _run(rack, rows)
    assert [fate for fate in fates.values() if fate is not Fate.DONE] == [Fate.FAILED]
    assert len(rack.double.rows("dcim/sites")) == 8


def _far_too_long(rack: SyncedRack) -> FieldChange:
    rack.double.is_held_to_schema = False
    return FieldChange("description", None, "x" * 300, Owner.FIRST, "")


def test_what_somebody_made_meanwhile_is_taken_for_made(rack: SyncedRack) -> None:
    theirs = rack.double.add("dcim/sites", name="S1", slug="s1")
    fates, executor = _run(rack, [_site("S0", "s0"), _site("S1", "s1")])
    assert fates == {"site:s0": Fate.DONE, "site:s1": Fate.ALREADY}
    assert executor.ids.made["site:s1"] == theirs


def test_what_needs_a_row_that_was_not_done_waits(rack: SyncedRack) -> None:
    bad = replace(_site("A", "a"), changes=(*_site("A", "a").changes, _far_too_long(rack)))
    child = replace(_site("B", "b", ("site:a",)), kind=Kind.ROLE, phase=Phase.ROLE)
    fates, _ = _run(rack, [bad, child])
    assert fates == {"site:a": Fate.FAILED, "site:b": Fate.WAITS}


def test_what_was_not_reached_is_left_and_told(rack: SyncedRack) -> None:
    rack.double.fail(at="dcim/sites", how="502-html")
    fates, executor = _run(rack, [_site("A", "a")])
    assert fates == {"site:a": Fate.LEFT}
    assert "does not answer" in str(executor.error)


def test_a_race_for_the_same_rack_makes_nothing_twice(rack: SyncedRack) -> None:
    """A second installation plans on the empty NetBox too, and writes after the first has."""
    late = rack.plan()
    netbox = rack.netbox()
    early, _ = sync.make(netbox, Asked(scope="", by="Bo"), rack.now)
    sync.apply(netbox, early, "Bo", rack.now)
    late.state = "open"
    late.save()
    applied = sync.apply(netbox, late, "Ada", rack.now)
    netbox.close()
    assert applied.error is None
    assert len(rack.double.rows("dcim/devices")) == 11
    assert len(rack.double.rows("dcim/mac-addresses")) == 10
    rack.sync()
    assert rack.sync() is None
    assert rack.netbox_says() == rack.we_say()


def test_rows_are_kept_as_they_are(rack: SyncedRack) -> None:
    netbox = rack.netbox()
    stored, plan = sync.make(netbox, Asked(by="Ada"), rack.now)
    netbox.close()
    assert tuple(one.row for one in stored.rows.all()) == plan.rows
    assert tuple(unpack(pack(row)) for row in plan.rows) == plan.rows


def test_a_twin_that_another_installation_made_for_its_slot_is_not_taken(rack: SyncedRack) -> None:
    """Two installations with one module uid: the second to come leaves the device and its address alone."""
    rack.sync()
    _, new = rack.swap(3)
    late = rack.plan()
    like = rack.double.rows("dcim/devices", name="pi-01")[0]
    body = {name: like[name] for name in ("device_type", "role", "site", "tags")}
    own = {"bp_uid": new.uid, "bp_slot": "b01/slot01"}
    theirs = rack.double.add("dcim/devices", name="theirs", custom_fields=own, **body)
    netbox = rack.netbox()
    applied = sync.apply(netbox, late, "Ada", rack.now)
    netbox.close()
    (told,) = applied.plan.rows.filter(result=Fate.CHANGED)
    assert "Somebody else has just made theirs for another slot" in told.result_text
    (bay,) = rack.double.rows("dcim/device-bays", name="slot03")
    assert bay["installed_device"] != theirs
    assert rack.double.rows("dcim/mac-addresses", mac_address=new.mac.upper()) == []
