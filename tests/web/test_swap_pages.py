"""What the page of a swap shows at each step, and to whom."""

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client

from backplane.live.swaps import pictures
from backplane.slots.models import Chassis, Slot
from backplane.swaps.models import Swap, SwapEntry
from backplane.swaps.steps import Step
from tests.web.swap_requests import do, page
from tests.web.swaps import move

pytestmark = pytest.mark.django_db


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


def test_the_wrong_number_stops_in_red_and_is_read_out(technician: Client, swap: Swap) -> None:
    move(swap, Step.CONFIRM)
    do(technician, swap, "slot", slot="6")
    html = page(technician, f"/w/{swap.pk}/")
    assert 'data-tone="stop"' in html
    assert 'role="alert"' in html
    assert "not slot 6" in html


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


def test_the_service_worker_rules_the_whole_site_and_knows_its_files(client: Client) -> None:
    answer = client.get("/sw.js")
    script = answer.content.decode()
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert script.startswith("self.BUILD = {")
    assert "js/swap/page" in script.splitlines()[0]
    assert "js/live/connection" in script.splitlines()[0]
    assert "css/swap" in script.splitlines()[0]


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
