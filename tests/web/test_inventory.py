"""/inventory/: what is where, what differs, and the search that any scrap starts."""

import pytest
from django.test import Client
from django.utils import timezone

from backplane.slots.assets import plan_module
from backplane.slots.models import Chassis, Controller, Module, Slot, Supply

pytestmark = pytest.mark.django_db


def page(client: Client, query: str = "") -> str:
    return client.get(f"/inventory/{query}").content.decode()


def plan(number: int, name: str) -> Module:
    """Plan a module of this name for a slot; made where there is none."""
    module = Module.objects.filter(name=name).first() or Module.objects.create(name=name)
    plan_module(Slot.objects.get(number=number).pk, module.pk, timezone.now())
    return module


def test_every_slot_is_compared_with_its_plan(viewer: Client, demo: Chassis) -> None:
    plan(1, "gw-01")
    plan(2, "gw-09")
    plan(5, "spare-1")
    text = page(viewer)
    assert "2 slots not as planned" in text
    for word in ("As planned", "Another module", "Not there", "No plan", "Empty"):
        assert word in text
    only = page(viewer, "?show=differs")
    assert "gw-09" in only
    assert "db-01" not in only


def test_what_is_not_heard_is_not_known_and_no_difference(viewer: Client, demo: Chassis) -> None:
    plan(2, "gw-09")
    Slot.objects.filter(number=2).update(state="M7", flags=None)
    text = page(viewer)
    assert "no slot differs from its plan" in text
    assert "Last seen: " in text


def test_the_header_counts_the_differences(viewer: Client, demo: Chassis) -> None:
    assert "badge" not in viewer.get("/events/").content.decode()
    plan(2, "gw-09")
    assert (
        '<span class="badge">1<span class="vh"> difference</span>'
        in viewer.get("/events/").content.decode()
    )


def test_modules_in_no_slot_are_on_the_shelf(viewer: Client, demo: Chassis) -> None:
    Module.objects.create(name="spare-7", status="spare")
    Module.objects.create(name="old-1", status="retired")
    shelf = page(viewer, "?show=shelf")
    assert "spare-7" in shelf
    assert "old-1" not in shelf
    assert "gw-01" not in shelf
    assert "old-1" in page(viewer, "?show=retired")


def test_equipment_lists_a_board_as_soon_as_it_is_heard(operator: Client, demo: Chassis) -> None:
    Supply.objects.create(name="PSU left", chassis=demo, number=1)
    text = page(operator, "?show=equipment")
    assert str(demo.board_id) in text
    assert "PSU left" in text
    form = operator.get(f"/inventory/controllers/new/?board_id={demo.board_id}").content.decode()
    assert f'value="{demo.board_id}"' in form
    operator.post("/inventory/controllers/new/", {"board_id": demo.board_id, "status": "active"})
    assert Controller.objects.get().board_id == demo.board_id


@pytest.mark.parametrize(
    ("scrap", "found"),
    [
        ("DCA632D9F31C", "MAC"),
        ("a6-32-d9", "MAC"),
        ("d9f31c07", "Serial"),
        ("web-03", "Name"),
        ("T-77", "Asset tag"),
        ("demo-07", "Slot"),
    ],
)
def test_any_scrap_finds_the_pi(viewer: Client, demo: Chassis, scrap: str, found: str) -> None:
    Module.objects.filter(name="web-03").update(macs=["dc:a6:32:d9:f3:1c"], asset_tag="T-77")
    text = page(viewer, f"?q={scrap}")
    assert "Nothing fits" not in text
    assert f'<span class="soft">{found}</span>' in text
    assert "web-03" in text


def test_a_scrap_that_fits_nothing_says_so_and_is_escaped(viewer: Client, demo: Chassis) -> None:
    text = page(viewer, "?q=<script>x")
    assert "Nothing fits" in text
    assert "<script>x" not in text


def test_without_a_chassis_the_page_says_why_it_is_empty(viewer: Client) -> None:
    assert "No chassis has been heard yet" in page(viewer)


def test_the_plan_of_a_slot_is_set_by_any_of_its_numbers(operator: Client, demo: Chassis) -> None:
    module = Module.objects.create(name="web-77", serial="S-77", macs=["dc:a6:32:00:00:77"])
    for said in ("web-77", "s-77", "DC-A6-32-00-00-77", module.uid):
        Slot.objects.filter(number=5).update(planned_module=None)
        answer = operator.post("/c/demo/s/5/planned/", {"module": said}, follow=True)
        assert "web-77 is planned for slot 5." in answer.content.decode()
    assert Slot.objects.get(number=5).planned_module == module
    text = operator.get("/c/demo/s/5/").content.decode()
    assert "web-77" in text
    assert text.index("Plan it") < text.index("Plan none")  # Enter presses the first
    operator.post("/c/demo/s/5/planned/", {"module": "", "none": "1"})
    assert Slot.objects.get(number=5).planned_module is None


def test_a_name_that_means_no_module_plans_nothing(operator: Client, demo: Chassis) -> None:
    answer = operator.post("/c/demo/s/5/planned/", {"module": "nobody"}, follow=True)
    assert "No module is called nobody." in answer.content.decode()
    answer = operator.post("/c/demo/s/5/planned/", {"module": " "}, follow=True)
    assert "Type which module belongs here." in answer.content.decode()
    Module.objects.create(name="twin")
    Module.objects.create(name="twin")
    answer = operator.post("/c/demo/s/5/planned/", {"module": "twin"}, follow=True)
    assert "2 modules are called twin." in answer.content.decode()
    assert Slot.objects.get(number=5).planned_module is None


def test_a_module_is_planned_for_one_slot_only(operator: Client, demo: Chassis) -> None:
    plan(5, "spare-1")
    operator.post("/c/demo/s/6/planned/", {"module": "spare-1"})
    assert list(Slot.objects.exclude(planned_module=None).values_list("number", flat=True)) == [6]


def test_viewers_plan_nothing(viewer: Client, demo: Chassis) -> None:
    assert viewer.post("/c/demo/s/5/planned/", {"module": "gw-01"}).status_code == 403
