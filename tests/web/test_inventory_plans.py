"""The page of a plan: every row with sign, word, from, to, why and age; applied with the number typed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backplane.inventory.models import Mode, StoredRow, SyncPlan
from backplane.inventory.records import (
    Action,
    Conflict,
    FieldChange,
    Group,
    Kind,
    Owner,
    Phase,
    Plan,
    PlanRow,
)
from backplane.inventory.setup import store_mode
from backplane.inventory.store import Asked, keep_result, store_plan
from backplane.inventory.writing.results import Fate, RowResult
from backplane.live.inventory.badge import differences
from backplane.live.inventory.plan_work import with_needs
from backplane.people.models import AuditEntry
from backplane.slots.models import Chassis, Module, Slot
from tests.support.slots import EMPTY

pytestmark = pytest.mark.django_db

_BAY = PlanRow(
    key="bay:1",
    kind=Kind.BAY,
    phase=Phase.BAY_SET,
    group=Group.SWAP,
    label="bay slot07 of A12",
    action=Action.CHANGE,
    changes=(
        FieldChange("installed_device", "web-01", "web-09", Owner.OURS, "a bay holds what is seen"),
    ),
    why="web-09 is seen in it.",
    evidence="slot 7 of A12: a board is there",
    depends_on=("device:9",),
    object_id=1,
)
_DEVICE = replace(
    _BAY,
    key="device:9",
    kind=Kind.DEVICE,
    phase=Phase.DEVICE_CREATE,
    label="device <web-09>",
    action=Action.CREATE,
    changes=(FieldChange("serial", None, "9f31", Owner.OURS, "the board says so"),),
    depends_on=(),
)
_CONFLICT = replace(
    _BAY,
    key="told:1",
    phase=Phase.TOLD,
    label="bay slot08 of A12",
    action=Action.CONFLICT,
    conflict=Conflict.BAY_DISABLED,
    changes=(),
    why="The bay is disabled in NetBox.",
    depends_on=(),
)


def stored(*rows: PlanRow, age: timedelta = timedelta()) -> SyncPlan:
    at = timezone.now() - age
    dated = tuple(replace(row, evidence_at=at - timedelta(seconds=42)) for row in rows)
    return store_plan(Plan(dated, at, at, at + timedelta(minutes=15), 4), Asked(by="ana"))


def page(client: Client, plan: SyncPlan) -> str:
    return client.get(f"/inventory/plan/{plan.pk}/").content.decode()


def test_each_row_says_what_from_to_why_and_how_old(operator: Client) -> None:
    text = page(operator, stored(_DEVICE, _BAY, _CONFLICT))
    for word in (
        *("Add", "Change", "Conflict", "web-01", "web-09", "web-09 is seen in it."),
        *("slot 7 of A12: a board is there, 42 s ago", "ours: a bay holds what is seen"),
        *("Comes with: device &lt;web-09&gt;.", "up to 2 changes"),
    ):
        assert word in text
    assert text.index("Conflict") < text.index(">Add<") if ">Add<" in text else True
    assert "<web-09>" not in text


def test_agreement_is_said(operator: Client) -> None:
    assert "NetBox and the rack agree," in page(operator, stored())
    assert "NetBox and the rack agree, checked" in operator.get("/inventory/plan/").content.decode()


def test_viewers_look_and_apply_nothing(viewer: Client) -> None:
    plan = stored(_DEVICE)
    text = page(viewer, plan)
    assert "device &lt;web-09&gt;" in text
    assert "Apply to NetBox" not in text
    assert viewer.post(f"/inventory/plan/{plan.pk}/apply/", {"confirm": plan.pk}).status_code == 403
    assert viewer.post("/inventory/plan/new/").status_code == 403


def test_without_the_number_typed_nothing_is_written(operator: Client) -> None:
    plan = stored(_DEVICE)
    answer = operator.post(f"/inventory/plan/{plan.pk}/apply/", {"confirm": "0"})
    assert answer.status_code == 422
    assert f"That was not {plan.pk}. Nothing was written." in answer.content.decode()
    assert not AuditEntry.objects.filter(action="inventory.plan").exists()


def test_a_plan_that_expired_cannot_be_applied(operator: Client) -> None:
    plan = stored(_DEVICE, age=timedelta(hours=1))
    assert "This plan has expired" in page(operator, plan)
    answer = operator.post(f"/inventory/plan/{plan.pk}/apply/", {"confirm": str(plan.pk)})
    assert answer.status_code == 409


def test_results_are_listed_with_what_stood_there(operator: Client) -> None:
    plan = stored(_DEVICE, _BAY)
    result = RowResult("bay:1", Fate.CHANGED, "Ana changed it.", 1, {"installed_device": "web-01"})
    keep_result(plan.pk, result, timezone.now())
    text = page(operator, plan)
    for word in (
        "Fell out: changed since",
        "Ana changed it.",
        "Stood there before: installed_device web-01.",
    ):
        assert word in text


def test_a_chosen_row_takes_along_what_it_needs() -> None:
    plan = stored(_DEVICE, _BAY)
    assert with_needs(plan, ["bay:1"]) == {"bay:1", "device:9"}
    assert with_needs(plan, ["device:9", "unknown"]) == {"device:9"}


def test_the_way_back_is_a_plan_too(operator: Client) -> None:
    plan = stored(_BAY)
    result = RowResult("bay:1", Fate.DONE, "", 1, {"installed_device": "web-01"}, "2026-11-21")
    keep_result(plan.pk, result, timezone.now())
    SyncPlan.objects.filter(pk=plan.pk).update(state="applied", applied_at=timezone.now())
    assert "Plan the way back" in page(operator, plan)
    answer = operator.post(f"/inventory/plan/{plan.pk}/undo/")
    back = SyncPlan.objects.get(undoes=plan)
    assert answer.headers["Location"] == f"/inventory/plan/{back.pk}/"
    (row,) = StoredRow.objects.filter(plan=back)
    assert row.row.changes[0].after == "web-01"


@override_settings(NETBOX_URL="https://netbox.example.org")
def test_the_way_back_says_what_stays_in_netbox(operator: Client) -> None:
    """Nothing is deleted there, so the page says what a person would have to delete."""
    plan = stored(_DEVICE, _BAY)
    keep_result(plan.pk, RowResult("device:9", Fate.DONE, "", 77), timezone.now())
    keep_result(plan.pk, RowResult("bay:1", Fate.DONE, "", 1, {}, "2026-11-21"), timezone.now())
    SyncPlan.objects.filter(pk=plan.pk).update(state="applied", applied_at=timezone.now())
    assert "The 1 thing this plan made stays in NetBox" in page(operator, plan)
    operator.post(f"/inventory/plan/{plan.pk}/undo/")
    text = page(operator, SyncPlan.objects.get(undoes=plan))
    assert "Stays in NetBox" in text
    assert "NetBox and the rack agree" not in text, "nobody looked"
    assert f'href="https://netbox.example.org/{_DEVICE.kind}/77/"' in text


def test_the_header_counts_what_netbox_has_otherwise(viewer: Client, demo: Chassis) -> None:
    stored(_DEVICE, _BAY, _CONFLICT)
    assert '<span class="badge">3<' in viewer.get("/events/").content.decode()
    stored()
    assert "badge" not in viewer.get("/events/").content.decode()


@override_settings(NETBOX_URL="https://netbox.example.org", NETBOX_TOKEN="x" * 40)
def test_the_inventory_says_how_it_stands_with_netbox(viewer: Client) -> None:
    def said() -> str:
        return viewer.get("/inventory/").content.decode()

    assert "not compared yet" in said()
    plan = stored(_DEVICE, _CONFLICT)
    assert "2 differences" in said()
    assert f'href="/inventory/plan/{plan.pk}/"' in said()
    keep_result(plan.pk, RowResult("device:9", Fate.DONE, "", 77), timezone.now())
    SyncPlan.objects.filter(pk=plan.pk).update(state="applied", applied_at=timezone.now())
    assert "1 difference<" in said()
    stored()
    assert "agrees" in said()
    store_mode(Mode.OFF)
    assert "agrees" not in said()


def test_a_way_back_is_no_count_of_what_differs(operator: Client, demo: Chassis) -> None:
    plan = stored(_DEVICE)
    keep_result(plan.pk, RowResult("device:9", Fate.DONE, "", 77), timezone.now())
    SyncPlan.objects.filter(pk=plan.pk).update(state="applied", applied_at=timezone.now())
    stored(_BAY, _CONFLICT)
    operator.post(f"/inventory/plan/{plan.pk}/undo/")
    assert differences() == 2
    assert "There is nothing to put back" in page(operator, SyncPlan.objects.get(undoes=plan))
    assert "agree" not in operator.get("/inventory/plan/").content.decode()


def test_the_header_asks_once_and_counts_slots_and_netbox(demo: Chassis) -> None:
    stored(_DEVICE, _BAY, _CONFLICT)
    module = Module.objects.create(name="web-01", uid="w1")
    Slot.objects.filter(chassis=demo, number__in=(2, 3)).update(planned_module=module, module=None)
    Slot.objects.filter(chassis=demo, number=2).update(flags=int(EMPTY))
    Slot.objects.filter(chassis=demo, number=3).update(state="M7")
    with CaptureQueriesContext(connection) as queries:
        assert differences() == 3 + 1
    assert len(queries) == 1
    plan = SyncPlan.objects.get()
    keep_result(plan.pk, RowResult("bay:1", Fate.DONE, "", 1), timezone.now())
    assert differences() == 3 + 1, "while it is open nothing is done"
    SyncPlan.objects.update(state="partly")
    assert differences() == 2 + 1
    Slot.objects.update(planned_module=None)
    assert differences() == 2
    SyncPlan.objects.all().delete()
    assert differences() == 0


def test_in_mode_off_nothing_is_read_or_written(operator: Client) -> None:
    plan = stored(_BAY)
    store_mode(Mode.OFF)
    answer = operator.post(f"/inventory/plan/{plan.pk}/apply/", {"confirm": str(plan.pk)})
    assert answer.status_code == 409
    assert "The mode is off" in answer.content.decode()
    assert operator.post("/inventory/plan/new/").status_code == 303
    assert SyncPlan.objects.count() == 1
    assert "The mode is off" in operator.get("/inventory/plan/").content.decode()


def test_a_plan_whose_program_died_does_not_say_that_it_is_being_applied(
    operator: Client,
) -> None:
    plan = stored(_BAY)
    SyncPlan.objects.filter(pk=plan.pk).update(state="applying", applied_at=timezone.now())
    assert "It is being applied" in page(operator, plan)
    old = timezone.now() - timedelta(hours=2)
    SyncPlan.objects.filter(pk=plan.pk).update(applied_at=old, expires_at=old)
    text = page(operator, plan)
    assert "Broke off" in text
    assert "It is being applied" not in text
