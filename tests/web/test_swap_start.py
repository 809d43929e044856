"""How a swap begins, the list of swaps, and the list of what is moved over."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backplane.people.models import AuditEntry
from backplane.slots.models import Chassis
from backplane.swaps.checklist import checklist
from backplane.swaps.models import Swap
from tests.web.racks import make_chassis, seen
from tests.web.swap_requests import HTML, JSON, do, page

pytestmark = pytest.mark.django_db


def test_a_swap_starts_by_a_form_and_the_second_one_leads_to_the_first(
    technician: Client, demo: Chassis
) -> None:
    assert "Which slot?" in page(technician, "/w/new/")
    html = page(technician, "/w/new/?slot=demo-01")
    assert "Swap slot 1 of Chassis demo?" in html
    answer = technician.post("/w/new/", {"slot": "demo-01", "seen": seen()}, headers=HTML)
    swap = Swap.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/w/{swap.pk}/")
    assert AuditEntry.objects.get(action="swap.start").who == "technician"
    again = technician.post("/w/new/", {"slot": "demo-01", "seen": seen()}, headers=HTML)
    assert again.status_code == 409
    assert f"Go on with swap {swap.pk}" in again.content.decode()
    assert (
        technician.post("/w/new/", {"slot": "demo-01", "seen": seen()}, headers=JSON).status_code
        == 409
    )
    assert f"Swap {swap.pk} is not finished" in page(technician, "/w/new/")


def test_a_start_by_program_answers_with_the_swaps_number(
    technician: Client, demo: Chassis
) -> None:
    answer = technician.post("/w/new/", {"slot": "DEMO-01", "seen": seen()}, headers=JSON)
    assert answer.status_code == 201
    assert answer.json()["swap"] == Swap.objects.get().pk


@pytest.mark.parametrize(
    ("sent", "status"), [({}, 422), ({"seen": "x"}, 422), ({"seen": "0"}, 409)]
)
def test_a_swap_starts_only_on_what_was_seen(
    technician: Client, demo: Chassis, sent: dict[str, str], status: int
) -> None:
    answer = technician.post("/w/new/", {"slot": "demo-01"} | sent, headers=JSON)
    assert answer.status_code == status
    assert not Swap.objects.exists()


def test_an_expected_pi_that_makes_no_sense_is_not_any_pi(
    technician: Client, demo: Chassis
) -> None:
    for sent in ("9" * 19, "web-03"):
        answer = technician.post(
            "/w/new/", {"slot": "demo-07", "expected": sent, "seen": seen()}, headers=JSON
        )
        assert answer.status_code == 422
    assert not Swap.objects.exists()


def test_a_chassis_that_does_not_answer_says_so_at_each_slot(
    technician: Client, demo: Chassis
) -> None:
    make_chassis("a12", link_state="down")
    assert page(technician, "/w/new/").count("The chassis does not answer.") == 10
    answer = technician.post("/w/new/", {"slot": "a12-01", "seen": seen("a12")}, headers=HTML)
    assert answer.status_code == 409
    assert not Swap.objects.exists()


def test_of_many_chassis_one_is_asked_for_before_its_slots_are_read(
    technician: Client, demo: Chassis
) -> None:
    Chassis.objects.bulk_create(
        Chassis(slug=f"a{number}", board_id=f"b{number}", location=f"Row {number}")
        for number in range(40)
    )
    with CaptureQueriesContext(connection) as queries:
        html = page(technician, "/w/new/")
    assert len(queries) < 20
    assert "Which chassis?" in html
    assert "Row 39" in html
    assert 'href="/w/new/?rack=demo"' in html
    assert "No backplane has been heard" not in html
    one = page(technician, "/w/new/?rack=DEMO")
    assert "Which slot?" in one
    assert "/w/new/?slot=demo-01" in one
    assert technician.get("/w/new/?rack=nothing").status_code == 404


@pytest.mark.parametrize("label", ["demo-11", "demo-x", "nothing-01", "demo"])
def test_a_label_of_no_slot_is_not_found(technician: Client, demo: Chassis, label: str) -> None:
    assert technician.get("/w/new/", {"slot": label}).status_code == 404


def test_the_list_shows_open_parked_and_ended_swaps(technician: Client, swap: Swap) -> None:
    assert "Step 1 of 9: Locate" in page(technician, "/w/")
    do(technician, swap, "park", confirm="yes")
    assert "Parked" in page(technician, "/w/")
    do(technician, swap, "cancel", confirm="yes")
    assert "No swap is open." in page(technician, "/w/")


def test_operators_edit_the_checklist_and_it_is_told_in_the_trail(
    operator: Client, technician: Client, demo: Chassis
) -> None:
    assert technician.get("/settings/checklist/").status_code == 403
    assert "Network cable" in page(operator, "/settings/checklist/")
    answer = operator.post("/settings/checklist/", {"items": " Fan  cable \n\nSD card\n"})
    assert answer.status_code == 302
    assert checklist() == ["Fan cable", "SD card"]
    entry = AuditEntry.objects.get(action="checklist.change")
    assert (entry.who, entry.detail["after"]) == ("operator", ["Fan cable", "SD card"])
    for bad in ("x\n" * 13, "y" * 121):
        assert operator.post("/settings/checklist/", {"items": bad}).status_code == 422
    assert checklist() == ["Fan cable", "SD card"]
