"""What is pressed on the page of a swap: asked back, refused as stale, allowed to whom, and told in the trail."""

import pytest
from django.test import Client

from backplane.people.models import AuditEntry
from backplane.slots.models import Command
from backplane.swaps.models import Swap
from backplane.swaps.steps import Step, SwapState
from tests.web.racks import seen
from tests.web.swap_requests import JSON, do, page
from tests.web.swaps import move

pytestmark = pytest.mark.django_db


def test_a_form_is_answered_by_leading_back_to_the_swap(technician: Client, swap: Swap) -> None:
    move(swap, Step.CONFIRM)
    answer = do(technician, swap, "slot", json=False, slot="7")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/w/{swap.pk}/")


def test_the_gravest_wants_the_slots_number_with_and_without_script(
    technician: Client, swap: Swap
) -> None:
    move(swap, Step.SHUT_DOWN)
    asked = do(technician, swap, "shut_down", json=False)
    assert asked.status_code == 200
    assert "Type 7 to confirm" in asked.content.decode()
    wrong = do(technician, swap, "shut_down", json=False, confirm="6")
    assert wrong.status_code == 422
    assert "That was not 7. Nothing was done." in wrong.content.decode()
    refused = do(technician, swap, "shut_down")
    assert refused.status_code == 422
    assert refused.json()["error"] == "Hold the button, or type 7."
    assert not Command.objects.filter(op="shutdown").exists()
    assert do(technician, swap, "shut_down", confirm="7").status_code == 202
    assert Command.objects.get(op="shutdown").origin == "swap"


def test_a_question_comes_first_as_a_page_where_no_script_asks(
    technician: Client, swap: Swap
) -> None:
    asked = do(technician, swap, "cancel", json=False)
    html = asked.content.decode()
    assert asked.status_code == 200
    assert f"Cancel swap {swap.pk}?" in html
    assert "stays as it is" in html
    answer = do(technician, swap, "cancel", json=False, confirm="yes")
    assert answer.status_code == 303
    swap.refresh_from_db()
    assert swap.state == SwapState.CANCELLED


def test_what_was_drawn_before_the_step_changed_is_refused_as_stale(
    technician: Client, swap: Swap
) -> None:
    before = swap.version
    move(swap, Step.SHUT_DOWN)
    answer = do(technician, swap, "shut_down", seen=before, confirm="7")
    assert answer.status_code == 409
    assert "Changed since you looked" in answer.json()["error"]
    in_page = do(technician, swap, "shut_down", json=False, seen=before, confirm="7")
    assert in_page.status_code == 409
    assert "Changed since you looked" in in_page.content.decode()


def test_a_deed_that_this_step_does_not_offer_is_refused(technician: Client, swap: Swap) -> None:
    answer = do(technician, swap, "finish")
    assert answer.status_code == 422
    assert "not possible" in answer.json()["error"]
    assert do(technician, swap, "no-such-deed").status_code == 422


def test_a_viewer_sees_everything_and_can_do_nothing(viewer: Client, swap: Swap) -> None:
    move(swap, Step.CONFIRM)
    html = page(viewer, f"/w/{swap.pk}/")
    assert "Needs the role technician." in html
    assert 'aria-disabled="false"' not in html.split('id="screen"')[1]
    answer = do(viewer, swap, "slot", slot="7")
    assert answer.status_code == 403
    assert (
        viewer.post("/w/new/", {"slot": "demo-01", "seen": seen()}, headers=JSON).status_code == 403
    )
    swap.refresh_from_db()
    assert swap.step == Step.CONFIRM


def test_others_follow_may_write_and_learn_who_has_it(operator: Client, swap: Swap) -> None:
    html = page(operator, f"/w/{swap.pk}/")
    assert "technician has slot 7." in html
    assert "technician has this swap." in html
    refused = do(operator, swap, "at_rack")
    assert refused.status_code == 403
    assert do(operator, swap, "message", text="I open the door").status_code == 202
    assert "I open the door" in page(operator, f"/w/{swap.pk}/")
    assert do(operator, swap, "take_over").status_code == 202
    assert "You have slot 7." in page(operator, f"/w/{swap.pk}/")


def test_the_holders_page_renews_the_lease_and_others_do_not(
    technician: Client, operator: Client, swap: Swap
) -> None:
    until = swap.lease_until
    assert do(technician, swap, "renew").json() == {"held": True, "holder": "technician"}
    swap.refresh_from_db()
    assert until
    assert swap.lease_until
    assert swap.lease_until > until
    assert do(operator, swap, "renew").json() == {"held": False, "holder": "technician"}


def test_nobody_acts_on_what_they_have_not_seen(technician: Client, swap: Swap) -> None:
    move(swap, Step.CONFIRM)
    answer = do(technician, swap, "slot", slot="7", seen="")
    assert answer.status_code == 422
    swap.refresh_from_db()
    assert swap.step == Step.CONFIRM


def test_what_was_refused_is_in_the_trail_with_what_was_seen(
    technician: Client, operator: Client, swap: Swap
) -> None:
    move(swap, Step.CONFIRM)
    assert do(operator, swap, "slot", slot="7").status_code == 403
    entry = AuditEntry.objects.get(action="swap.slot")
    assert (entry.who, entry.swap_id, entry.slot) == ("operator", swap.pk, 7)
    assert entry.outcome.startswith("refused: technician has this swap")
    assert entry.saw.startswith("version ")
    again = technician.post("/w/new/", {"slot": "demo-07", "seen": seen()}, headers=JSON)
    assert again.status_code == 409
    newest = AuditEntry.objects.filter(action="swap.start").latest("pk")
    assert newest.outcome.startswith("refused: ")
