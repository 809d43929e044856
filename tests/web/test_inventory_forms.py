"""Modules are recorded and changed by form: any spelling of a MAC, undone for a moment, kept in the trail."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from backplane.people.models import AuditEntry
from backplane.slots.models import Chassis, Module

pytestmark = pytest.mark.django_db


@pytest.fixture
def web(db: None) -> Module:
    return Module.objects.create(name="web-01", serial="9f31", macs=["dc:a6:32:00:00:01"])


def field(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found is not None
    return found[1]


def send(client: Client, module: Module, **changes: str) -> int:
    """Open the form, change boxes, send it."""
    url = f"/inventory/modules/{module.pk}/"
    values = {
        "seen": field(client.get(url).content.decode(), "seen"),
        "name": module.name,
        "serial": module.serial,
        "macs": ", ".join(module.macs),
        "uid": module.uid,
        "status": "active",
    }
    return client.post(url, values | changes).status_code


def test_a_module_is_recorded_with_its_macs_in_any_spelling(operator: Client) -> None:
    values = {
        "name": " web  09 ",
        "macs": "DC-A6-32-00-00-09 dca6.3200.000a",
        "uid": "b9",
        "status": "spare",
        "asset_tag": "",
    }
    assert operator.post("/inventory/modules/new/", values).status_code == 303
    made = Module.objects.get()
    assert made.macs == ["dc:a6:32:00:00:09", "dc:a6:32:00:00:0a"]
    assert (made.name, made.asset_tag) == ("web 09", None)
    assert AuditEntry.objects.get(action="inventory.module").outcome == "done: recorded"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"macs": "no address"}, "is no MAC address"),
        ({"serial": "9F31"}, "web-01 has this serial"),
        ({"macs": "dca632000001"}, "web-01 has dc:a6:32:00:00:01"),
        ({"name": "", "serial": ""}, "Give it a name"),
    ],
)
def test_what_cannot_be_recorded_says_why(
    operator: Client, web: Module, changes: dict[str, str], why: str
) -> None:
    values = {"name": "web-02", "serial": "", "macs": "", "uid": "b2", "status": "active"}
    answer = operator.post("/inventory/modules/new/", values | changes)
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert Module.objects.count() == 1


def test_a_rename_can_be_undone_for_a_moment(operator: Client, web: Module) -> None:
    assert send(operator, web, name="web-33", owner="Ana") == 303
    assert (
        f"/inventory/modules/{web.pk}/undo/" in operator.get(f"/modules/{web.pk}/").content.decode()
    )
    text = operator.post(f"/inventory/modules/{web.pk}/undo/", follow=True).content.decode()
    assert "Undone." in text
    web.refresh_from_db()
    assert (web.name, web.owner, web.macs) == ("web-01", "", ["dc:a6:32:00:00:01"])
    again = operator.post(f"/inventory/modules/{web.pk}/undo/", follow=True).content.decode()
    assert "Too late to undo." in again


def test_what_somebody_changed_since_is_not_undone(operator: Client, web: Module) -> None:
    send(operator, web, name="web-33")
    Module.objects.update(name="web-44")
    text = operator.post(f"/inventory/modules/{web.pk}/undo/", follow=True).content.decode()
    assert "somebody changed it since" in text
    assert Module.objects.get().name == "web-44"


def test_two_people_at_one_form_do_not_overwrite_each_other(operator: Client, web: Module) -> None:
    assert send(operator, web, name="web-33", seen="old") == 409
    web.refresh_from_db()
    assert web.name == "web-01"


def test_a_change_is_kept_in_the_trail_and_no_change_is_not(operator: Client, web: Module) -> None:
    send(operator, web)
    assert not AuditEntry.objects.filter(action="inventory.module").exists()
    send(operator, web, status="failed")
    entry = AuditEntry.objects.get(action="inventory.module")
    assert entry.outcome == "done: status active to failed"


def test_a_new_name_reaches_the_screens(operator: Client, demo: Chassis) -> None:
    send(operator, Module.objects.get(name="web-03"), name="web-33")
    assert Chassis.objects.get().revision == demo.revision + 1


def test_viewers_and_technicians_change_nothing(technician: Client, web: Module) -> None:
    assert technician.get(f"/inventory/modules/{web.pk}/").status_code == 403
    assert technician.post("/inventory/modules/new/", {"name": "x"}).status_code == 403
    assert technician.get("/inventory/import/").status_code == 403


def upload(client: Client, text: str) -> str:
    file = SimpleUploadedFile("node_list.csv", text.encode())
    return client.post("/inventory/import/", {"file": file}).content.decode()


def test_an_import_shows_each_fate_and_writes_only_when_confirmed(
    operator: Client, web: Module
) -> None:
    shown = upload(operator, "serial,name,owner\n9f31,web-01,Ana\n77,db,\n9f31,x,\n")
    for word in (
        "1 new",
        "1 change",
        "1 refused",
        "Line 2 has the same serial.",
        "Write 2 modules",
    ):
        assert word in shown
    assert Module.objects.count() == 1
    answer = operator.post(
        "/inventory/import/confirm/",
        {"file": field(shown, "file"), "mark": field(shown, "mark")},
        follow=True,
    )
    assert "1 new, 1 changed." in answer.content.decode()
    assert sorted(Module.objects.values_list("name", "owner")) == [("db", ""), ("web-01", "Ana")]
    assert AuditEntry.objects.filter(action="inventory.import").count() == 1


def test_what_changed_meanwhile_is_shown_again(operator: Client, web: Module) -> None:
    shown = upload(operator, "serial,owner\n9f31,Ana\n")
    Module.objects.update(owner="Zoe")
    answer = operator.post(
        "/inventory/import/confirm/", {"file": field(shown, "file"), "mark": field(shown, "mark")}
    )
    assert answer.status_code == 409
    assert "Changed since you looked." in answer.content.decode()
    assert Module.objects.get().owner == "Zoe"


def test_a_file_that_is_no_list_says_why(operator: Client) -> None:
    assert "No column tells the modules apart" in upload(operator, "colour\nred\n")
    answer = operator.post("/inventory/import/", {})
    assert answer.status_code == 422
    assert "Choose a file first." in answer.content.decode()
    answer = operator.post("/inventory/import/confirm/", {"file": "%%%", "mark": ""})
    assert answer.status_code == 422


def test_cells_of_a_file_are_escaped_on_the_page(operator: Client) -> None:
    shown = upload(operator, "name,note\nweb-9,<img src=x>\n")
    assert "<img src=x>" not in shown
    assert "&lt;img src=x&gt;" in shown


def test_the_export_is_a_file_for_everybody(viewer: Client, demo: Chassis) -> None:
    answer = viewer.get("/inventory/modules.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="modules.csv"'
    lines = answer.content.decode().splitlines()
    assert lines[0].endswith(",note,chassis,slot")
    assert any(line.endswith("demo,7") and "web-03" in line for line in lines)
