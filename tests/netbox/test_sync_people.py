"""People who work in the same NetBox, before and while a plan is applied: nobody's change is lost."""

import threading

import pytest

from backplane.inventory.netbox.access import Access
from backplane.inventory.netbox.client import NetBox
from backplane.inventory.records import PlanRow
from backplane.inventory.store import rows_of
from backplane.inventory.writing.executor import Executor
from backplane.inventory.writing.results import Fate, RowResult
from tests.support.netbox.kinds import Json
from tests.support.netbox_racks import Racks

pytestmark = pytest.mark.live


def test_a_persons_fields_tags_and_custom_fields_stay(synced: Racks) -> None:
    make, mark = synced.netbox.make, synced.mark
    make("extras/tags", name=f"{mark} loved", slug=f"{mark}-loved")
    make("extras/custom-fields", name=f"care_{mark}", type="text", object_types=["dcim.device"])
    module = synced.module(3)
    device = synced.device(module)
    kept = {"comments": "mine", "description": "for Bo"}
    own = {"custom_fields": {f"care_{mark}": "weekly"}}
    synced.edit("dcim/devices", device["id"], **kept, **own, add_tags=[{"slug": f"{mark}-loved"}])
    synced.pull(3)
    synced.sync_well()
    after = synced.device(module)
    assert {name: after[name] for name in kept} == kept
    assert after["custom_fields"][f"care_{mark}"] == "weekly"
    assert {one["slug"] for one in after["tags"]} == {f"{mark}-loved", f"{mark}-sync"}
    assert after["status"]["value"] == "inventory"


def test_a_status_of_a_persons_own_stays(synced: Racks) -> None:
    module = synced.module(3)
    synced.edit("dcim/devices", synced.device(module)["id"], status="decommissioning")
    assert synced.sync() is None
    assert synced.device(module)["status"]["value"] == "decommissioning"


def test_a_name_given_in_netbox_comes_here(synced: Racks) -> None:
    module = synced.module(3)
    synced.edit("dcim/devices", synced.device(module)["id"], name=f"{synced.mark} db")
    synced.sync_well()
    module.refresh_from_db()
    assert module.name == f"{synced.mark} db"
    assert synced.writes == []


def test_a_bay_filled_meanwhile_falls_out_and_the_rest_is_written(synced: Racks) -> None:
    pulled = synced.pull(3)
    _, new = synced.swap(5)
    plan = synced.plan()
    theirs = _a_persons_pi(synced, like=synced.device(synced.module(1)))
    synced.edit("dcim/device-bays", synced.bay(3)["id"], installed_device=theirs)
    applied = synced.apply(plan)
    assert applied.error is None
    assert not applied.is_good
    told = plan.rows.filter(result=Fate.CHANGED)
    assert [row.label for row in told if "slot" in row.label]
    assert all("Somebody changed it" in row.result_text for row in told)
    assert synced.bay(3)["installed_device"]["id"] == theirs
    assert synced.there()["rack 0/05"] == new.serial
    synced.sync()  # decides anew, on what stands there
    assert synced.bay(3)["installed_device"]["id"] == theirs
    assert synced.device(pulled)["status"]["value"] == "inventory"


def _a_persons_pi(racks: Racks, like: Json) -> int:
    body = {name: like[name]["id"] for name in ("device_type", "role", "site", "rack")}
    return int(racks.netbox.make("dcim/devices", name=f"{racks.mark} theirs", **body)["id"])


def test_a_word_changed_meanwhile_is_read_again_and_all_is_written(synced: Racks) -> None:
    """A person's comment moves the ETag; it does not touch what the plan is about."""
    module = synced.pull(3)
    plan = synced.plan()
    synced.edit("dcim/devices", synced.device(module)["id"], comments="mine")
    applied = synced.apply(plan)
    assert applied.is_good, applied.results
    after = synced.device(module)
    assert (after["comments"], after["status"]["value"]) == ("mine", "inventory")


def test_two_syncs_at_once_write_each_bay_once(synced: Racks) -> None:
    """Two that planned on the same state write at the same time, as two processes would."""
    synced.rotate(2, 5, 8)
    rows = rows_of(synced.plan())
    last = synced.last_change()
    ends = _run_twice(synced, rows)
    bad = {Fate.FAILED, Fate.LEFT}
    assert not [one for end in ends for one in end.values() if one.fate in bad]
    synced.sync()
    assert synced.there() == synced.here()
    assert synced.sync() is None
    bays = [
        row for row in synced.changes_since(last) if row["changed_object_type"] == "dcim.devicebay"
    ]
    assert len(bays) <= 2 * 3


def _run_twice(racks: Racks, rows: list[PlanRow]) -> list[dict[str, RowResult]]:
    ends: list[dict[str, RowResult]] = []

    def run() -> None:
        netbox = NetBox(Access(racks.netbox.url, racks.netbox.token, timeout_s=60))
        here = Executor(netbox, lambda row: RowResult(row.key, Fate.DONE), lambda _: None)
        ends.append(here.run(rows))
        netbox.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert len(ends) == 2
    return ends
