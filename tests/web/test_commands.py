from typing import Any

import pytest
from django.test import Client

from backplane.live.pages.asks import ASKS
from backplane.slots.facts import SlotFlag
from backplane.slots.models import Chassis, Command, Slot
from tests.support.full_disk import unwritable
from tests.web.racks import OFF, make_chassis, make_command

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


@pytest.fixture
def rack(db: None) -> Chassis:
    return make_chassis("rack", simulated=False)


def post(client: Client, number: int, op: str, *, json: bool = True, **more: Any) -> Any:  # noqa: ANN401  (a test client's answer)
    seen = Slot.objects.get(chassis__slug="rack", number=number).revision
    values = {"op": op, "seen": seen} | more
    path = f"/c/rack/s/{number}/command/"
    return client.post(path, values, headers=JSON if json else {"Accept": "text/html"})


def test_a_command_is_written_with_who_asked_and_what_they_saw(
    operator: Client, rack: Chassis
) -> None:
    answer = post(operator, 1, "shutdown")
    assert answer.status_code == 202
    command = Command.objects.get(pk=answer.json()["command"])
    assert (command.op, command.requester_name, command.seen_revision) == (
        "shutdown",
        "operator",
        31,
    )


def test_a_release_can_be_taken_back_while_there_is_one(operator: Client, rack: Chassis) -> None:
    assert post(operator, 1, "release_off").json()["error"] == "Slot 1 is not released."
    Slot.objects.filter(chassis=rack, number=1).update(state="M1", flags=OFF | SlotFlag.RELEASED)
    page = operator.get("/c/rack/s/1/").content.decode()
    assert "Take back release" in page
    asked = post(operator, 1, "release_off", json=False).content.decode()
    assert "Take back the release of slot 1, gw-01?" in asked
    assert 'value="release_off"' in asked
    assert post(operator, 1, "release_off", json=False, confirm="1").status_code == 303
    command = Command.objects.get()
    assert (command.op, command.arguments) == ("release", {"on": False})
    page = operator.get("/c/rack/s/1/").content.decode()
    assert "Take back release was asked." in page
    assert "Take back release asked by operator" in page


def test_a_start_that_waits_can_be_taken_back(operator: Client, rack: Chassis) -> None:
    slot = Slot.objects.get(chassis=rack, number=1)
    command = make_command(slot, "power_on", waiting_for="Slot 1 needs 9 W, 6 W free.")
    assert "Stop waiting" in operator.get("/c/rack/s/1/").content.decode()
    assert post(operator, 1, "take_back").status_code == 202
    command.refresh_from_db()
    assert (command.state, command.outcome) == ("expired", "Taken back by operator.")
    page = operator.get("/c/rack/s/1/").content.decode()
    assert "Power on was taken back by operator." in page
    assert "Stop waiting" not in page
    refused = post(operator, 1, "take_back")
    assert (refused.status_code, refused.json()["error"]) == (
        409,
        "Nothing waits for slot 1 any more.",
    )


def test_what_was_sent_cannot_be_taken_back(operator: Client, rack: Chassis) -> None:
    command = make_command(Slot.objects.get(chassis=rack, number=1), state="sent")
    assert "Stop waiting" not in operator.get("/c/rack/s/1/").content.decode()
    assert post(operator, 1, "take_back", json=False).status_code == 409
    command.refresh_from_db()
    assert command.state == "sent"


def test_a_shutdown_that_hangs_can_be_cut_from_the_page(operator: Client, rack: Chassis) -> None:
    hanging = make_command(Slot.objects.get(chassis=rack, number=1), "shutdown", state="accepted")
    assert post(operator, 1, "power_off", confirm="1").status_code == 202
    hanging.refresh_from_db()
    assert hanging.state == "failed"
    assert "Replaced" in hanging.outcome


def test_a_plain_form_is_asked_first_then_leads_back_to_the_slot(
    operator: Client, rack: Chassis
) -> None:
    asked = post(operator, 1, "shutdown", json=False)
    assert asked.status_code == 200
    assert "Shut down slot 1, gw-01?" in asked.content.decode()
    assert not Command.objects.exists()
    answer = post(operator, 1, "shutdown", json=False, confirm="1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/c/rack/s/1/")
    assert Command.objects.count() == 1


def test_a_technician_locates_at_once_and_may_nothing_else(
    technician: Client, rack: Chassis
) -> None:
    for op in ASKS:
        answer = post(technician, 1, op, confirm="1")
        assert answer.status_code == (202 if op.startswith("locate") else 403), op
    asked = Command.objects.order_by("pk").values_list("op", flat=True)
    assert list(asked)[:2] == ["locate_on", "locate_off"]
    assert set(asked) <= {"locate_on", "locate_off"}
    for op in ("lamp_test", "take_over", "adopt_board"):
        assert technician.post("/c/rack/command/", {"op": op}, headers=JSON).status_code == 403


@pytest.mark.parametrize("confirm", ["", "2", "yes"])
def test_power_is_not_cut_without_the_slot_s_number(
    operator: Client, rack: Chassis, confirm: str
) -> None:
    refused = post(operator, 1, "power_off", confirm=confirm)
    assert refused.status_code == 422
    assert refused.json() == {"error": "Type 1 to confirm."}
    post(operator, 1, "power_off", json=False, confirm=confirm)
    assert not Command.objects.exists()


def test_power_is_cut_once_the_number_is_typed(operator: Client, rack: Chassis) -> None:
    assert post(operator, 1, "power_off", confirm="1").status_code == 202
    assert Command.objects.get().op == "power_off"


def test_an_old_screen_is_told_what_the_slot_is_now(operator: Client, rack: Chassis) -> None:
    answer = post(operator, 1, "shutdown", seen=3)
    assert answer.status_code == 409
    assert answer.json()["error"].startswith("Changed since you looked: slot 1 is now")
    assert answer.json()["slot"]["rev"] == 31
    assert not Command.objects.exists()


def test_an_old_screen_without_script_gets_the_page_with_the_reason(
    operator: Client, rack: Chassis
) -> None:
    answer = post(operator, 1, "shutdown", json=False, seen=3, confirm="1")
    assert answer.status_code == 409
    assert "Changed since you looked" in answer.content.decode()


def test_the_second_of_two_operators_is_refused(operator: Client, rack: Chassis) -> None:
    make_command(Slot.objects.get(chassis=rack, number=1))
    answer = post(operator, 1, "shutdown")
    assert answer.status_code == 409
    assert "just asked by ana" in answer.json()["error"]


def test_what_is_not_possible_is_refused_with_the_reason(operator: Client, rack: Chassis) -> None:
    answer = post(operator, 5, "power_on")
    assert answer.status_code == 422
    assert answer.json()["error"] == "Slot 5 is empty."


def test_nothing_is_asked_of_a_chassis_that_does_not_answer(
    operator: Client, rack: Chassis
) -> None:
    Chassis.objects.update(link_state="lost")
    assert post(operator, 1, "power_on").status_code == 409
    assert not Command.objects.exists()


@pytest.mark.parametrize(("op", "role"), [("power_on", "operator"), ("locate_on", "technician")])
def test_a_viewer_may_not_ask(viewer: Client, rack: Chassis, op: str, role: str) -> None:
    answer = post(viewer, 1, op)
    assert answer.status_code == 403
    assert role in answer.json()["error"]
    assert not Command.objects.exists()


@pytest.mark.parametrize("changes", [{"op": "explode"}, {"op": "lamp_test"}, {"seen": "x"}])
def test_nonsense_is_refused(operator: Client, rack: Chassis, changes: dict[str, str]) -> None:
    values = {"op": "shutdown", "seen": "31"} | changes
    answer = operator.post("/c/rack/s/1/command/", values, headers=JSON)
    assert answer.status_code == 422
    assert not Command.objects.exists()


def test_an_unknown_slot_is_not_found(operator: Client, rack: Chassis) -> None:
    values = {"op": "shutdown", "seen": "31"}
    assert operator.post("/c/rack/s/11/command/", values).status_code == 404


def test_commands_travel_by_post_with_a_token_alone(operator: Client, rack: Chassis) -> None:
    assert operator.get("/c/rack/s/1/command/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = operator.cookies
    assert strict.post("/c/rack/s/1/command/", {"op": "shutdown", "seen": 31}).status_code == 403
    assert not Command.objects.exists()


def test_a_lamp_test_is_asked_of_the_chassis(operator: Client, rack: Chassis) -> None:
    answer = operator.post("/c/rack/command/", {"op": "lamp_test", "seen": "31"}, headers=JSON)
    assert answer.status_code == 202
    assert Command.objects.get().slot is None


def test_only_an_admin_takes_a_board_over(operator: Client, admin: Client, rack: Chassis) -> None:
    Chassis.objects.update(link_state="other_owner")
    assert "Take over" not in operator.get("/c/rack/").content.decode()
    assert "Take over" in admin.get("/c/rack/").content.decode()
    values = {"op": "take_over", "seen": "31"}
    assert operator.post("/c/rack/command/", values, headers=JSON).status_code == 403
    assert not Chassis.objects.get().take_over_confirmed
    assert admin.post("/c/rack/command/", values, headers=JSON).status_code == 202
    assert Chassis.objects.get().take_over_confirmed


def test_a_take_over_is_asked_only_of_a_board_that_obeys_another(
    admin: Client, rack: Chassis
) -> None:
    answer = admin.post("/c/rack/command/", {"op": "take_over", "seen": "31"}, headers=JSON)
    assert answer.status_code == 409
    assert answer.json()["error"].startswith("Changed since you looked: ")
    assert not Chassis.objects.get().take_over_confirmed


def test_a_wish_for_a_chassis_says_what_was_seen(admin: Client, rack: Chassis) -> None:
    for op in ("lamp_test", "take_over", "adopt_board"):
        for seen in ({}, {"seen": "x"}):
            answer = admin.post("/c/rack/command/", {"op": op} | seen, headers=JSON)
            assert (answer.status_code, answer.json()["error"]) == (
                422,
                "Send which version you saw.",
            )
    assert not Command.objects.exists()


def test_lights_by_elimination_want_the_newest_version(technician: Client, rack: Chassis) -> None:
    assert post(technician, 1, "locate_but", seen=3).status_code == 409
    assert not Command.objects.exists()


def test_the_board_adopted_is_the_one_the_admin_read_about(admin: Client, rack: Chassis) -> None:
    Chassis.objects.update(offered_board_id="00000000000000aa", link_state="refused")
    assert "00000000000000aa" in admin.get("/c/rack/").content.decode()
    other = {"op": "adopt_board", "board": "00000000000000bb", "seen": "31"}
    assert admin.post("/c/rack/command/", other, headers=JSON).status_code == 409
    right = {"op": "adopt_board", "board": "00000000000000aa", "seen": "31"}
    assert admin.post("/c/rack/command/", right, headers=JSON).status_code == 202
    assert Chassis.objects.get().adopt_board_id == "00000000000000aa"


@pytest.mark.parametrize(
    "values",
    [{"op": "lamp_test"}, {"op": "take_over"}, {"op": "adopt_board", "board": "00000000000000aa"}],
)
def test_what_cannot_be_written_is_refused_in_words(
    admin: Client, rack: Chassis, values: dict[str, str]
) -> None:
    other_owner = {"link_state": "other_owner"} if values["op"] == "take_over" else {}
    Chassis.objects.update(offered_board_id="00000000000000aa", **other_owner)
    values |= {"seen": "31"}
    with unwritable():
        answer = admin.post("/c/rack/command/", values, headers=JSON)
    assert answer.status_code == 503
    assert answer.json()["error"].startswith("Nothing was done. The database cannot be written")
    assert admin.post("/c/rack/command/", values, headers=JSON).status_code == 202


NINES = "9" * 5000


def test_no_number_is_too_long_to_be_refused(operator: Client, rack: Chassis) -> None:
    assert post(operator, 1, "power_on", seen=NINES).status_code == 422
    assert operator.get("/c/rack/", {"slot": NINES}).status_code == 200
    assert operator.get(f"/S/rack-{NINES}/").status_code == 404
    assert operator.get("/events/", {"h": NINES, "slot": NINES}).status_code == 200
    assert (
        operator.get("/events/", {"h": "9" * 30, "c": "9" * 30, "g": "9" * 30}).status_code == 200
    )
