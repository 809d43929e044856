import pytest
from django.test import Client

from backplane.live.pages.names import occupant_of
from backplane.people.models import AuditEntry
from backplane.slots.models import Carrier, Chassis, Module, Slot
from tests.support.full_disk import unwritable
from tests.web.racks import OFF, make_chassis

pytestmark = pytest.mark.django_db


def slot(number: int) -> Slot:
    return Slot.objects.select_related("carrier__module").get(chassis__slug="demo", number=number)


def save(client: Client, number: int, module: str, label: str) -> int:
    values = {"module_name": module, "carrier_label": label, "of": occupant_of(slot(number))}
    return client.post(f"/c/demo/s/{number}/names/", values).status_code


def test_names_go_to_the_pi_and_to_its_carrier(operator: Client, demo: Chassis) -> None:
    assert save(operator, 7, "  web-33 ", "tray  B") == 302
    carrier = slot(7).carrier
    assert carrier is not None
    assert carrier.module is not None
    assert (carrier.module.name, carrier.label) == ("web-33", "tray B")


def test_a_name_typed_for_one_pi_never_goes_to_another(operator: Client, demo: Chassis) -> None:
    page = operator.get("/c/demo/s/7/").content.decode()
    seen = occupant_of(slot(7))
    assert f'name="of" value="{seen}"' in page
    Slot.objects.filter(number=7).update(carrier=Carrier.objects.create(uid="bb02"), module=None)
    for sent in ({"of": seen}, {}):
        values = {"module_name": "web-33"} | sent
        answer = operator.post("/c/demo/s/7/names/", values, follow=True)
        assert "something else stands in slot 7 now" in answer.content.decode()
    carrier = slot(7).carrier
    assert carrier is not None
    assert carrier.module is None
    assert AuditEntry.objects.filter(outcome__startswith="refused: Changed").count() == 2


def test_in_doubt_another_name_is_another_pi_and_nothing_is_undone(
    operator: Client, demo: Chassis
) -> None:
    save(operator, 7, "web-33", "")
    before = occupant_of(slot(7))
    Slot.objects.filter(chassis=demo, number=7).update(is_occupant_unsure=True)
    late = {"module_name": "web-34", "of": before}  # typed on a page from before the doubt
    answer = operator.post("/c/demo/s/7/names/", late, follow=True)
    assert "Nothing was saved" in answer.content.decode()
    assert save(operator, 7, "web-09", "") == 302
    assert (slot(7).carrier, str(slot(7).module), slot(7).is_occupant_unsure) == (
        None,
        "web-09",
        False,
    )
    assert (
        "Too late to undo" in operator.post("/c/demo/s/7/names/undo/", follow=True).content.decode()
    )
    assert Module.objects.filter(name__in=["web-33", "web-09"]).count() == 2


def test_a_new_name_reaches_the_screens_but_is_no_new_state(
    operator: Client, demo: Chassis
) -> None:
    before = slot(7).revision
    save(operator, 7, "web-33", "")
    assert Chassis.objects.get().revision == demo.revision + 1
    assert slot(7).revision == before
    save(operator, 7, "web-33", "")
    assert Chassis.objects.get().revision == demo.revision + 1


def test_a_carrier_without_a_known_pi_gets_one_by_its_name(operator: Client, demo: Chassis) -> None:
    tray = Carrier.objects.create(uid="aa01")
    Slot.objects.filter(number=5).update(carrier=tray, state="M1", flags=OFF)
    save(operator, 5, "new-one", "")
    carrier = slot(5).carrier
    assert carrier is not None
    assert carrier.module is not None
    assert carrier.module.name == "new-one"


def test_an_empty_slot_has_nothing_to_name(operator: Client, demo: Chassis) -> None:
    assert "nothing to name" in operator.get("/c/demo/s/5/").content.decode()


def test_a_name_that_is_too_long_comes_back_with_the_reason(
    operator: Client, demo: Chassis
) -> None:
    values = {"module_name": "x" * 65, "carrier_label": ""}
    answer = operator.post("/c/demo/s/7/names/", values)
    assert answer.status_code == 422
    assert "at most 64 characters" in answer.content.decode()


def test_a_name_that_cannot_be_written_is_said_to_be_lost(operator: Client, demo: Chassis) -> None:
    values = {"module_name": "web-33", "carrier_label": "", "of": occupant_of(slot(7))}
    with unwritable():
        page = operator.post("/c/demo/s/7/names/", values, follow=True)
    assert "Nothing was saved. The database cannot be written" in page.content.decode()
    assert save(operator, 7, "web-33", "") == 302


def test_viewers_name_nothing(viewer: Client) -> None:
    make_chassis("demo")
    assert save(viewer, 7, "mine", "") == 403


def test_a_rename_can_be_undone_for_a_moment(operator: Client, demo: Chassis) -> None:
    save(operator, 7, "web-33", "tray B")
    assert "/c/demo/s/7/names/undo/" in operator.get("/c/demo/s/7/").content.decode()
    assert "/names/undo/" not in operator.get("/c/demo/s/6/").content.decode()
    undone = operator.post("/c/demo/s/7/names/undo/", follow=True).content.decode()
    assert "Undone. Slot 7 has its old names." in undone
    carrier = slot(7).carrier
    assert carrier is not None
    assert carrier.module is not None
    assert (carrier.module.name, carrier.label) == ("web-03", "")
    again = operator.post("/c/demo/s/7/names/undo/", follow=True).content.decode()
    assert "Too late to undo, or changed since." in again


def test_after_a_minute_it_is_too_late(operator: Client, demo: Chassis) -> None:
    save(operator, 7, "web-33", "")
    session = operator.session
    session["undo_names"] = session["undo_names"] | {"at": session["undo_names"]["at"] - 11}
    session.save()
    assert "/names/undo/" not in operator.get("/c/demo/s/7/").content.decode()
    session["undo_names"] = session["undo_names"] | {"at": session["undo_names"]["at"] - 60}
    session.save()
    operator.post("/c/demo/s/7/names/undo/")
    carrier = slot(7).carrier
    assert carrier is not None
    assert str(carrier.module) == "web-33"


def test_a_rename_is_kept_in_the_trail(operator: Client, demo: Chassis) -> None:
    save(operator, 7, "web-33", "tray B")
    entry = AuditEntry.objects.get(action="names.change")
    assert (entry.saw, entry.outcome) == ("web-03 on no label", "done: web-33 on tray B")


def test_an_old_name_never_goes_back_to_another_pi(operator: Client, demo: Chassis) -> None:
    save(operator, 7, "web-33", "")
    Slot.objects.filter(number=7).update(carrier=Carrier.objects.create(uid="bb02"), module=None)
    assert "/names/undo/" not in operator.get("/c/demo/s/7/").content.decode()
    operator.post("/c/demo/s/7/names/undo/")
    carrier = slot(7).carrier
    assert carrier is not None
    assert carrier.module is None


def test_a_name_that_somebody_else_gave_since_is_not_undone(
    operator: Client, admin: Client, demo: Chassis
) -> None:
    save(operator, 7, "web-33", "")
    save(admin, 7, "web-44", "")
    assert "/names/undo/" not in operator.get("/c/demo/s/7/").content.decode()
    operator.post("/c/demo/s/7/names/undo/")
    carrier = slot(7).carrier
    assert carrier is not None
    assert carrier.module is not None
    assert carrier.module.name == "web-44"
