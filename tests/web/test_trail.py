"""Every wish from a page leaves an entry in the audit trail: accepted, refused, and what the person saw."""

from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from backplane.people.models import AuditEntry
from backplane.slots.facts import SlotFlag
from backplane.slots.models import Chassis, Command, Slot
from tests.web.racks import OFF, make_chassis, make_command

pytestmark = pytest.mark.django_db


def entries() -> Any:  # noqa: ANN401  (a query set)
    return AuditEntry.objects.filter(action__startswith="command.").order_by("pk")


JSON = {"Accept": "application/json"}


@pytest.fixture
def rack(db: None) -> Chassis:
    return make_chassis("rack", simulated=False)


def ask(client: Client, number: int, op: str, *, json: bool = True, **more: object) -> Any:  # noqa: ANN401  (a test client's answer)
    seen = Slot.objects.get(chassis__slug="rack", number=number).revision
    values = {"op": op, "seen": seen} | more
    path = f"/c/rack/s/{number}/command/"
    return client.post(path, values, headers=JSON if json else {"Accept": "text/html"})


def test_a_command_says_who_asked_for_what_and_what_they_saw(
    operator: Client, rack: Chassis
) -> None:
    command_id = ask(operator, 1, "shutdown").json()["command"]
    entry = entries().get()
    assert (entry.who, entry.role, entry.action) == ("operator", "operator", "command.shutdown")
    assert (entry.subject, entry.chassis, entry.slot) == ("rack slot 1", "rack", 1)
    assert (entry.saw, entry.command_id) == ("rev 31: Running", command_id)
    assert (entry.outcome, entry.settled_at) == ("", None)
    assert entry.address == "127.0.0.1"


def test_a_refusal_is_kept_with_its_reason(operator: Client, rack: Chassis) -> None:
    ask(operator, 5, "power_on")
    ask(operator, 1, "shutdown", seen=3)
    empty, stale = entries()
    assert empty.outcome == "refused: Slot 5 is empty."
    assert stale.outcome.startswith("refused: Changed since you looked")
    assert stale.saw == "rev 3; by then rev 31: Running"
    assert all(entry.settled_at and entry.command_id is None for entry in (empty, stale))


def test_a_role_that_is_too_low_is_kept_too(technician: Client, rack: Chassis) -> None:
    ask(technician, 1, "power_off", confirm="1")
    technician.post("/c/rack/command/", {"op": "take_over"}, headers=JSON)
    cut, take_over = entries()
    assert (cut.action, cut.outcome) == ("command.power_off", "refused: Needs the role operator.")
    assert (take_over.action, take_over.slot) == ("command.take_over", None)
    assert take_over.outcome == "refused: Needs the role admin."


def test_a_question_that_nobody_answered_is_no_deed(operator: Client, rack: Chassis) -> None:
    ask(operator, 1, "shutdown", json=False)
    ask(operator, 1, "power_off")
    assert not entries().exists()


def test_what_is_asked_of_the_chassis_is_kept(operator: Client, rack: Chassis) -> None:
    operator.post("/c/rack/command/", {"op": "lamp_test", "seen": "31"}, headers=JSON)
    entry = entries().get()
    assert (entry.action, entry.command_id) == ("command.lamp_test", Command.objects.get().pk)
    assert entry.saw == "rev 31; by then rev 40"


def test_taking_back_is_kept_and_wants_the_newest_version(operator: Client, rack: Chassis) -> None:
    slot = Slot.objects.get(chassis=rack, number=1)
    command = make_command(slot, "power_on", waiting_for="Slot 1 needs 9 W, 6 W free.")
    refused = ask(operator, 1, "take_back", seen=slot.revision - 1)
    assert refused.status_code == 409
    assert refused.json()["error"] == "Changed since you looked: slot 1 is now running."
    command.refresh_from_db()
    assert command.state == "open"
    assert ask(operator, 1, "take_back").status_code == 202
    outcomes = list(entries().values_list("outcome", flat=True))
    assert outcomes[0].startswith("refused: Changed since you looked")
    assert outcomes[1] == "done: power_on taken back"


def test_a_dead_light_is_found_by_lighting_all_others(technician: Client, rack: Chassis) -> None:
    assert ask(technician, 3, "locate_but").status_code == 202
    asked = Command.objects.values_list("op", "slot__number").order_by("pk")
    assert list(asked) == [("locate_on", n) for n in range(1, 11) if n != 3]
    assert entries().get().action == "command.locate_but"


def test_our_own_slot_goes_down_only_for_those_who_were_told(
    operator: Client, rack: Chassis, settings: Settings
) -> None:
    settings.OWN_SLOT = ("rack", 1)
    assert ask(operator, 1, "shutdown").json() == {"error": "Type 1 to confirm."}
    assert ask(operator, 1, "shutdown", confirm="1").status_code == 409
    assert not Command.objects.exists()
    asked = ask(operator, 1, "shutdown", json=False).content.decode()
    assert "This program runs on slot 1." in asked
    assert "Type the slot&#x27;s number" in asked or "Type the slot's number" in asked
    assert 'name="accepts_own_slot" value="1"' in asked
    told = ask(operator, 1, "shutdown", json=False, confirm="1", accepts_own_slot="1")
    assert told.status_code == 303
    assert Command.objects.get().op == "shutdown"
    assert "accepts_own_slot" not in ask(operator, 2, "shutdown", json=False).content.decode()


def alarmed(rack: Chassis) -> None:
    Slot.objects.filter(chassis=rack, number=1).update(state="M1", flags=OFF | SlotFlag.ALARM)


def test_an_alarm_is_cleared_with_a_reason_alone(operator: Client, rack: Chassis) -> None:
    alarmed(rack)
    refused = ask(operator, 1, "clear_alarm")
    assert (refused.status_code, refused.json()["error"]) == (422, "Why may it be cleared?")
    assert not Command.objects.exists()
    assert ask(operator, 1, "clear_alarm", reason="  It stays   out ").status_code == 202
    assert Command.objects.get().arguments["reason"] == "It stays out"
    assert entries().get().reason == "It stays out"


def test_without_script_a_page_asks_for_the_reason(operator: Client, rack: Chassis) -> None:
    alarmed(rack)
    asked = ask(operator, 1, "clear_alarm", json=False)
    assert asked.status_code == 200
    assert "Why may it be cleared?" in asked.content.decode()
    silent = ask(operator, 1, "clear_alarm", json=False, confirm="1", reason="  ")
    assert silent.status_code == 422
    assert "Say why. Nothing was sent." in silent.content.decode()
    assert not Command.objects.exists()
    answered = ask(operator, 1, "clear_alarm", json=False, confirm="1", reason="Left empty")
    assert answered.status_code == 303
    assert Command.objects.get().op == "clear_alarm"
