import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from backplane.live.swaps import pictures
from backplane.people.models import AuditEntry, User
from backplane.slots.models import Chassis, Command, Slot
from backplane.swaps.checklist import checklist
from backplane.swaps.models import Swap, SwapEntry
from backplane.swaps.steps import Step, SwapState
from tests.web.racks import make_chassis, seen
from tests.web.swaps import make_swap, move

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}
HTML = {"Accept": "text/html"}


@pytest.fixture
def swap(technician: Client, demo: Chassis) -> Swap:
    """Slot 7 of the demo chassis, in the technician's hands."""
    return make_swap(demo, User.objects.get(username="technician"))


def do(client: Client, swap: Swap, deed: str, *, json: bool = True, **values: Any) -> Any:  # noqa: ANN401  (a test client's answer)
    version = Swap.objects.values_list("version", flat=True).get(pk=swap.pk)
    return client.post(
        f"/w/{swap.pk}/do/", {"do": deed, "seen": version} | values, headers=JSON if json else HTML
    )


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


@pytest.mark.parametrize("step", list(Step))
def test_each_step_shows_its_card_its_place_in_nine_and_a_way_out(
    technician: Client, swap: Swap, step: Step
) -> None:
    move(swap, step)
    html = page(technician, f"/w/{swap.pk}/")
    assert f'data-step="{step.value}"' in html
    assert f"Step {step.value} of 9" in html
    assert html.count("data-strip=") == 10
    assert 'aria-current="step"' in html
    assert "/do/" in html


def test_the_number_pad_is_one_tap_a_key_and_the_right_one_moves_on(
    technician: Client, swap: Swap
) -> None:
    move(swap, Step.CONFIRM)
    html = page(technician, f"/w/{swap.pk}/")
    assert all(f'name="slot" value="{number}"' in html for number in range(1, 11))
    answer = do(technician, swap, "slot", slot="7")
    assert answer.status_code == 202
    assert answer.json()["version"] > swap.version
    swap.refresh_from_db()
    assert swap.step == Step.SHUT_DOWN


def without_pad(html: str) -> str:
    """Leave out what names all slots alike: the keys and the strip."""
    return re.sub(
        r'<fieldset class="pad">.*?</fieldset>|<span id="strip-.*?</span>',
        "",
        html,
        flags=re.DOTALL,
    )


@pytest.mark.parametrize("deed", ["", "locate_but", "wrong", "light_missing"])
def test_step_2_shows_its_answer_to_nobody_who_is_asked(
    technician: Client, operator: Client, swap: Swap, deed: str
) -> None:
    move(swap, Step.CONFIRM)
    if deed == "wrong":
        do(technician, swap, "slot", slot="6")
    elif deed:
        do(technician, swap, deed)
        move(swap, Step.CONFIRM)
    named = re.compile(r"slot\W{0,3}7\b|\b7\b[^<>]{0,9}slot|mine", re.IGNORECASE)
    for path in ("", "stage/", "stage/?since=0"):
        html = page(technician, f"/w/{swap.pk}/{path}")
        assert not named.search(without_pad(html)), named.search(without_pad(html))
        assert 'data-slot=""' in html
        followed = page(operator, f"/w/{swap.pk}/{path}")
        assert 'class="mine"' in followed
        assert 'data-slot="7"' in followed
    asked = do(technician, swap, "cancel", json=False).content.decode()
    assert "This slot stays as it is" in asked
    assert not named.search(asked)
    move(swap, Step.SHUT_DOWN)
    assert ", slot 7</span>" in page(technician, f"/w/{swap.pk}/")
    stale = do(technician, swap, "slot", seen=1, slot="6")
    assert "Shut down slot 7" in stale.json()["error"]


@pytest.mark.parametrize(("lights", "drawn"), [(0b011 << 9, "fast"), (0, "off"), (None, "unknown")])
def test_the_lamp_on_the_card_is_what_the_board_reports(
    technician: Client, swap: Swap, lights: int | None, drawn: str
) -> None:
    Slot.objects.filter(pk=swap.slot_id).update(lights=lights)
    card = page(technician, f"/w/{swap.pk}/").partition('id="twin"')[2]
    assert f'data-pattern="{drawn}"' in card.partition("</p>")[0]


def test_a_form_is_answered_by_leading_back_to_the_swap(technician: Client, swap: Swap) -> None:
    move(swap, Step.CONFIRM)
    answer = do(technician, swap, "slot", json=False, slot="7")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/w/{swap.pk}/")


def test_the_wrong_number_stops_in_red_and_is_read_out(technician: Client, swap: Swap) -> None:
    move(swap, Step.CONFIRM)
    do(technician, swap, "slot", slot="6")
    html = page(technician, f"/w/{swap.pk}/")
    assert 'data-tone="stop"' in html
    assert 'role="alert"' in html
    assert "not slot 6" in html


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


def test_the_living_part_comes_alone_and_only_when_it_differs(
    technician: Client, swap: Swap
) -> None:
    move(swap, Step.PULL)
    path = f"/w/{swap.pk}/stage/"
    first = technician.get(path)
    html = first.content.decode()
    assert html.lstrip().startswith("<div")
    assert "<html" not in html
    again = technician.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    move(swap, Step.INSERT)
    assert technician.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_what_happened_meanwhile_is_told_since_the_entry_last_seen(
    technician: Client, swap: Swap
) -> None:
    seen = SwapEntry.objects.filter(swap=swap).latest("pk").pk
    path = f"/w/{swap.pk}/stage/?since={seen}"
    assert "Meanwhile" not in page(technician, path)
    for text in ("A", "B", "Slot 7 was emptied", "C", "D"):
        SwapEntry.objects.create(swap=swap, at=swap.created_at, step=4, kind="note", text=text)
    html = page(technician, path)
    told = html[html.index("Meanwhile") :].split("</p>")[0]
    assert "Slot 7 was emptied" in told
    assert "and 2 more" in told
    assert "Meanwhile" not in page(technician, f"/w/{swap.pk}/stage/?since=nonsense")


def test_a_scanned_label_offers_one_big_button_for_the_step(technician: Client, swap: Swap) -> None:
    assert 'id="scan"' not in page(technician, f"/w/{swap.pk}/")
    html = page(technician, f"/w/{swap.pk}/?at=7")
    assert "I am at slot 7" in html
    assert 'name="do" value="at_rack"' in html
    move(swap, Step.CONFIRM)
    assert 'name="do" value="slot"' in page(technician, f"/w/{swap.pk}/?at=7")
    move(swap, Step.PULL)
    assert 'id="scan"' not in page(technician, f"/w/{swap.pk}/?at=7")


def test_the_qr_code_is_a_drawing_of_the_address(technician: Client, swap: Swap) -> None:
    answer = technician.get(f"/w/{swap.pk}/qr.svg")
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.content.startswith(b"<svg")


def test_the_receipt_tells_who_when_and_what(technician: Client, swap: Swap) -> None:
    html = page(technician, f"/w/{swap.pk}/receipt/")
    assert f"Swap {swap.pk}: " in html
    assert "web-03" in html
    assert "technician" in html


def test_an_unknown_swap_is_not_found(technician: Client, demo: Chassis) -> None:
    for path in ("/w/999/", "/w/999/stage/", "/w/999/receipt/", "/w/999/qr.svg"):
        assert technician.get(path).status_code == 404


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


def test_the_service_worker_rules_the_whole_site_and_knows_its_files(client: Client) -> None:
    answer = client.get("/sw.js")
    script = answer.content.decode()
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert script.startswith("self.BUILD = {")
    assert "js/swap/page" in script.splitlines()[0]
    assert "js/live/connection" in script.splitlines()[0]
    assert "css/swap" in script.splitlines()[0]


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


def test_pages_that_ask_at_once_share_one_picture_and_no_words(
    technician: Client, operator: Client, swap: Swap, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, taken = pictures._take, []

    def take_and_tell(swap: Swap, now: datetime) -> pictures.Picture:
        taken.append(now)
        return take(swap, now)

    monkeypatch.setattr(pictures, "_take", take_and_tell)
    monkeypatch.setattr(pictures, "_KEPT_FOR", timedelta(hours=1))  # no machine is that slow
    move(swap, Step.CONFIRM)
    asked = page(technician, f"/w/{swap.pk}/stage/")
    followed = page(operator, f"/w/{swap.pk}/stage/")
    assert len(taken) == 1
    assert "Swap of this slot" in asked
    assert "Swap of slot 7" in followed  # what is hidden from one is not hidden from the other
    SwapEntry.objects.create(swap=swap, at=swap.created_at, step=2, kind="note", text="A new line")
    assert "A new line" in page(operator, f"/w/{swap.pk}/stage/")
    move(swap, Step.SHUT_DOWN)
    assert 'data-step="3"' in page(technician, f"/w/{swap.pk}/stage/")
    assert len(taken) == 3
