"""The power page: budget in bars and words, restore policy, budget, runs; by role, without script."""

from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from backplane.people.models import AuditEntry
from backplane.slots.models import Chassis, Command, PowerRun, RunState, Slot
from tests.web.racks import make_command, seen

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


def body(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_the_budget_says_who_waits_and_why(viewer: Client, demo: Chassis) -> None:
    slot = Slot.objects.get(number=10)
    make_command(slot, "power_on", waiting_for="slot 10 needs 9 W, 6 W free")
    for path in ("/c/demo/power/", "/c/demo/", "/c/demo/power/part/", "/c/demo/power/bars/"):
        said = body(viewer, path)
        assert "Slot 10 waits</a>: slot 10 needs 9 W, 6 W free" in said, path
        assert "granted" in said


def test_a_lost_supply_is_told(viewer: Client, demo: Chassis) -> None:
    demo.lost_supplies = [supply.number for supply in demo.profile.supplies][:1]
    demo.save()
    assert 'not known<br><span class="soft">lost when last told' in body(viewer, "/c/demo/power/")
    Chassis.objects.update(supplies_known=True)
    said = body(viewer, "/c/demo/power/")
    assert "lost</b>" in said
    assert "budget-warns" in said


def test_a_viewer_looks_and_changes_nothing(viewer: Client, demo: Chassis) -> None:
    said = body(viewer, "/c/demo/power/")
    assert "Set budget" not in said
    assert "Shut down slots" not in said
    for path in ("power/budget/", "s/1/restore/", "power/start/", "power/runs/1/"):
        assert viewer.post(f"/c/demo/{path}", {}, headers=JSON).status_code == 403


def test_a_restore_policy_is_asked_of_the_board(operator: Client, demo: Chassis) -> None:
    Slot.objects.filter(number=3).update(restore_policy=1)
    assert "power on" in body(operator, "/c/demo/power/")
    answer = operator.post("/c/demo/s/3/restore/", {"value": "2", "was": "1", "seen": seen()})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/c/demo/power/")
    command = Command.objects.get()
    assert (command.op, command.arguments) == ("set_config", {"key": 1, "value": 2})
    assert "asked: stay off" in body(operator, "/c/demo/power/")
    assert Slot.objects.get(number=3).restore_policy == 1  # what is seen stays what was seen
    entry = AuditEntry.objects.get(action="command.restore_policy")
    assert (entry.command_id, entry.detail) == (command.pk, {"to": "stay off"})
    assert entry.saw.endswith(", power on")
    assert operator.post("/c/demo/s/3/restore/", {"value": "7"}, headers=JSON).status_code == 422


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({}, 422, "Send which version you saw."),
        ({"seen": "40"}, 422, "Send which version you saw."),
        ({"seen": "0", "was": "1"}, 409, "Changed since you looked: slot 3 is now"),
        ({"seen": "9999", "was": "1"}, 409, "Changed since you looked: slot 3 is now"),
        ({"seen": "40", "was": "0"}, 409, "Changed since you looked: the restore policy"),
        ({"seen": "40", "was": ""}, 409, "Changed since you looked: the restore policy"),
    ],
)
def test_a_restore_policy_is_set_only_on_what_was_seen(
    operator: Client, demo: Chassis, sent: dict[str, str], status: int, words: str
) -> None:
    Slot.objects.filter(number=3).update(restore_policy=1)
    answer = operator.post("/c/demo/s/3/restore/", {"value": "2"} | sent, headers=JSON)
    assert answer.status_code == status
    assert answer.json()["error"].startswith(words)
    assert not Command.objects.exists()
    assert AuditEntry.objects.filter(outcome__startswith="refused: Changed").exists() == (
        status == 409
    )


def test_two_restore_policies_are_not_asked_at_once(operator: Client, demo: Chassis) -> None:
    Slot.objects.filter(number=3).update(restore_policy=1)
    fields = {"value": "2", "was": "1", "seen": seen()}
    assert operator.post("/c/demo/s/3/restore/", fields, headers=JSON).status_code == 202
    again = operator.post("/c/demo/s/3/restore/", fields | {"seen": seen()}, headers=JSON)
    assert again.status_code == 409
    assert "was just asked by operator" in again.json()["error"]
    assert Command.objects.count() == 1


def test_a_run_begins_only_on_what_was_seen(operator: Client, demo: Chassis) -> None:
    path = "/c/demo/power/shutdown/"
    blind = operator.post(path, places([2, 1], confirm="demo", seen="x"))
    assert "Send which version you saw." in blind.content.decode()
    old = seen()
    Slot.objects.filter(number=2).update(revision=int(old) + 1)
    Chassis.objects.update(revision=int(old) + 1)
    stale = operator.post(path, places([2, 1], confirm="demo", seen=old))
    assert stale.status_code == 409
    assert "Changed since you looked: slot 2 is now" in stale.content.decode()
    assert AuditEntry.objects.get(action="run.shutdown").saw == f"rev {old}"
    assert not PowerRun.objects.exists()
    operator.post(path, places([1], confirm="demo", seen=old))  # slot 2 has no part in it
    assert PowerRun.objects.get().order == [1]


def test_the_budget_is_set_after_a_question(operator: Client, demo: Chassis) -> None:
    asked = operator.post("/c/demo/power/budget/", {"watts": "42.5"}).content.decode()
    assert "Set the budget of Chassis demo to 42.5 W?" in asked
    assert Chassis.objects.get().budget_mw is None
    assert 'name="seen" value="150000"' in asked
    yes = {"confirm": "yes", "seen": "150000"}
    operator.post("/c/demo/power/budget/", {"watts": "42.5"} | yes)
    assert Chassis.objects.get().budget_mw == 42_500
    late = operator.post("/c/demo/power/budget/", {"watts": "90"} | yes)
    assert late.status_code == 409
    assert "Changed since you looked: the budget is 42.5 W now." in late.content.decode()
    assert Chassis.objects.get().budget_mw == 42_500
    operator.post("/c/demo/power/budget/", {"watts": "", "confirm": "yes", "seen": "42500"})
    assert Chassis.objects.get().budget_mw is None
    assert operator.post("/c/demo/power/budget/", {"watts": "-1"}, headers=JSON).status_code == 422
    outcomes = AuditEntry.objects.filter(action="chassis.budget").values_list("outcome", flat=True)
    assert min(outcomes) == "done: 150 W"


def places(order: list[int], **more: str) -> dict[str, Any]:
    return {f"place-{n}": place for place, n in enumerate(order, 1)} | {"seen": seen()} | more


def test_a_run_begins_only_with_the_chassis_s_name_typed(operator: Client, demo: Chassis) -> None:
    path = "/c/demo/power/shutdown/"
    assert "Type Chassis demo to confirm" in body(operator, path)
    refused = operator.post(path, places([2, 1], confirm="other"))
    assert refused.status_code == 422
    assert "Nothing was asked." in refused.content.decode()
    assert not PowerRun.objects.exists()
    begun = operator.post(path, places([2, 1], confirm="chassis DEMO"))
    assert (begun.status_code, begun.headers["Location"]) == (303, "/c/demo/power/")
    run = PowerRun.objects.get()
    assert (run.kind, run.order, run.requester_name) == ("shutdown", [2, 1], "operator")
    again = operator.post(path, places([2], confirm="demo"))
    assert again.status_code == 409
    assert "is under way" in again.content.decode()


def test_the_order_is_moved_by_buttons_and_by_numbers(operator: Client, demo: Chassis) -> None:
    path = "/c/demo/power/start/"
    moved = operator.post(path, places([1, 2, 3], move="3:up")).context["chosen"]
    assert [bay["n"] for _, bay in moved] == [1, 3, 2]
    typed = operator.post(path, {"place-1": "9", "place-4": "2", "place-2": "", "move": "none"})
    assert [bay["n"] for _, bay in typed.context["chosen"]] == [4, 1]
    assert 2 in [bay["n"] for bay in typed.context["left_out"]]
    assert not PowerRun.objects.exists()


def test_our_own_slot_goes_last_and_with_a_warning(
    operator: Client, demo: Chassis, settings: Settings
) -> None:
    settings.OWN_SLOT = ("demo", 2)
    path = "/c/demo/power/shutdown/"
    assert "This program runs on slot 2." in body(operator, path)
    assert "This program runs on slot" not in body(operator, "/c/demo/power/start/")
    untold = operator.post(path, places([2, 1], confirm="demo"))
    assert untold.status_code == 409
    operator.post(path, places([2, 1], confirm="demo", accepts_own_slot="1"))
    assert PowerRun.objects.get().order == [1, 2]


@pytest.fixture
def waiting(operator: Client, demo: Chassis) -> PowerRun:
    operator.post("/c/demo/power/shutdown/", places([1, 2], confirm="demo"))
    run = PowerRun.objects.get()
    run.state = RunState.WAITING
    run.steps["1"] = run.steps["1"] | {"state": "failed", "note": "It did not stop in time."}
    run.save()
    return run


def test_a_run_that_waits_asks_a_person(operator: Client, waiting: PowerRun) -> None:
    said = body(operator, "/c/demo/power/")
    assert "Slot 1 waits for a person.</b> It did not stop in time." in said
    for words in ("Wait longer", "Ask again", "Cut its power: slot 1", "Leave it out: slot 1"):
        assert words in said
    path = f"/c/demo/power/runs/{waiting.pk}/"
    stale = operator.post(path, {"choice": "skip", "slot": "2", "seen": seen()}, headers=JSON)
    assert stale.status_code == 409
    assert operator.post(path, {"choice": "skip", "slot": "1", "seen": seen()}).status_code == 303
    waiting.refresh_from_db()
    assert (waiting.state, waiting.steps["1"]["state"]) == ("running", "skipped")
    assert (
        operator.post(
            path, {"choice": "explode", "slot": "1", "seen": seen()}, headers=JSON
        ).status_code
        == 422
    )


def test_a_run_is_decided_only_on_what_was_seen(operator: Client, waiting: PowerRun) -> None:
    path = f"/c/demo/power/runs/{waiting.pk}/"
    skip = {"choice": "skip", "slot": "1"}
    assert operator.post(path, skip, headers=JSON).status_code == 422
    old = seen()
    Slot.objects.filter(number=1).update(revision=int(old) + 1)
    Chassis.objects.update(revision=int(old) + 1)
    stale = operator.post(path, skip | {"seen": old}, headers=JSON)
    assert stale.status_code == 409
    assert "slot 1 is now" in stale.json()["error"]
    assert AuditEntry.objects.get(action="run.decide").saw == f"rev {old}"
    PowerRun.objects.update(revision=int(old) + 2)  # somebody decided, and it waits here again
    Chassis.objects.update(revision=int(old) + 2)
    moved = operator.post(path, skip | {"seen": str(int(old) + 1)}, headers=JSON)
    assert moved.json()["error"] == "Changed since you looked: the run is at slot 1 now."
    assert operator.post(path, skip | {"seen": seen()}, headers=JSON).status_code == 202


def test_a_cut_within_a_run_wants_the_number_typed(operator: Client, waiting: PowerRun) -> None:
    path = f"/c/demo/power/runs/{waiting.pk}/"
    asked = operator.post(path, {"choice": "cut", "slot": "1", "seen": seen()})
    assert "Cut power to slot 1?" in asked.content.decode()
    assert (
        operator.post(
            path, {"choice": "cut", "slot": "1", "seen": seen(), "confirm": "2"}
        ).status_code
        == 422
    )
    assert not Command.objects.exists()
    operator.post(path, {"choice": "cut", "slot": "1", "seen": seen(), "confirm": "1"})
    assert Command.objects.get().op == "power_off"


def test_a_run_can_be_cancelled(operator: Client, waiting: PowerRun) -> None:
    operator.post(f"/c/demo/power/runs/{waiting.pk}/", {"choice": "cancel", "seen": "0"})
    waiting.refresh_from_db()
    assert waiting.state == "cancelled"
    assert "Cancelled by operator." in body(operator, "/c/demo/power/")
