import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from backplane.slots.models import Chassis, Slot
from tests.web.racks import LOOKS, OTHER_LOOKS, make_chassis, make_command

pytestmark = pytest.mark.django_db


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_a_single_rack_needs_no_list(viewer: Client, demo: Chassis) -> None:
    answer = viewer.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/c/demo/")


def test_several_racks_are_listed_with_the_counts_of_their_states(
    viewer: Client, demo: Chassis
) -> None:
    make_chassis("a12", simulated=False, looks=OTHER_LOOKS)
    html = page(viewer, "/")
    assert "Chassis demo" in html
    assert "Chassis a12" in html
    assert "safe to remove" in html


def test_without_any_rack_the_page_says_what_to_do(viewer: Client) -> None:
    assert "PORTS=sim://demo" in page(viewer, "/")


def test_the_front_view_has_one_real_button_per_slot_with_its_word(
    viewer: Client, demo: Chassis
) -> None:
    html = page(viewer, "/c/demo/")
    buttons = re.findall(r'<button class="bay".*?</button>', html, re.DOTALL)
    words = [re.findall(r'data-f="word">([^<]*)<', button) for button in buttons]
    assert [word for (word,) in words] == [
        "Running",
        "Running",
        "Warning",
        "Halted, power on",
        "Empty",
        "Fault",
        "Safe to remove",
        "Starting",
        "No data",
        "Off",
    ]
    for number, button in enumerate(buttons, start=1):
        assert f'value="{number}"' in button
        assert button.count("data-lamp=") == 3


def test_lamps_are_drawn_as_reported_and_not_known_is_not_off(
    viewer: Client, demo: Chassis
) -> None:
    html = page(viewer, "/c/demo/")
    bay = {n: re.search(rf'id="bay-{n}".*?</button>', html, re.DOTALL) for n in (7, 9)}
    assert bay[7] is not None
    assert 'data-lamp="hotswap" data-colour="blue" data-pattern="on"' in bay[7][0]
    assert bay[9] is not None
    assert bay[9][0].count('data-pattern="unknown"') == 3


def test_the_list_for_narrow_screens_has_trouble_on_top(viewer: Client, demo: Chassis) -> None:
    html = page(viewer, "/c/demo/")
    rows = [int(number) for number in re.findall(r'<li data-row="(\d+)"', html)]
    assert rows[0] == 6
    assert sorted(rows) == list(range(1, 11))
    assert rows[-1] == 5


def test_without_script_a_slot_opens_beside_the_rack(viewer: Client, demo: Chassis) -> None:
    html = page(viewer, "/c/demo/?slot=7")
    assert re.search(r'id="bay-7"[^>]*aria-pressed="true"', html)
    assert "Pull slot 7." in html


def test_a_pending_command_paints_asked_and_nothing_else(viewer: Client, demo: Chassis) -> None:
    make_command(Slot.objects.get(chassis=demo, number=1))
    html = page(viewer, "/c/demo/?slot=1")
    assert re.search(r'id="bay-1" data-bay="1" data-face="running"[^>]*data-pending', html)
    assert "Shut down asked by ana" in html


@pytest.mark.parametrize("path", ["/c/demo/", "/c/demo/s/7/", "/events/", "/password/"])
def test_a_simulated_rack_is_marked_on_every_page(viewer: Client, demo: Chassis, path: str) -> None:
    assert re.search(r'class="ribbon".*?Simulated', page(viewer, path), re.DOTALL)


def test_a_real_rack_carries_no_such_mark(viewer: Client) -> None:
    make_chassis("real", simulated=False)
    for path in ("/c/real/", "/c/real/s/7/", "/events/"):
        assert "Simulated" not in page(viewer, path)


@pytest.mark.parametrize("path", ["/c/demo/?slot=2", "/c/demo/s/6/", "/events/"])
def test_pages_need_no_inline_styles_or_handlers(
    operator: Client, demo: Chassis, path: str
) -> None:
    html = page(operator, path)
    assert not re.search(r"\sstyle=|\son\w+=|<style", html)
    for tag in re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", html):
        assert 'type="application/json"' in tag or "nonce=" in tag


@pytest.mark.parametrize("path", ["/c/demo/", "/c/demo/s/1/", "/events/", "/c/demo/power/"])
def test_the_import_map_names_every_module_that_the_page_may_run(
    viewer: Client, demo: Chassis, path: str
) -> None:
    html = page(viewer, path)
    found = re.search(r'<script type="importmap"[^>]*>(.*?)</script>', html, re.DOTALL)
    assert found
    named = {url.removeprefix("/static/") for url in json.loads(found[1])["imports"]}
    run = re.findall(r'<script type="module" src="/static/(js/[\w/-]+?)(?:\.\w{12})?\.js"', html)
    assert run
    root = Path(settings.STATICFILES_DIRS[0])
    waiting = [root / f"{name}.js" for name in run]
    while waiting:
        file = waiting.pop().resolve()
        assert file.relative_to(root.resolve()).as_posix() in named
        imports = re.findall(
            r'^(?:import|\}) .*?from "(\./.+?|\.\./.+?)";', file.read_text(), re.MULTILINE
        )
        waiting += [file.parent / name for name in imports]


def test_measures_are_a_stylesheet_of_the_board(viewer: Client, demo: Chassis) -> None:
    answer = viewer.get("/c/demo/measures.css")
    assert answer.headers["Content-Type"] == "text/css"
    assert b"--rack-w: 482.6;" in answer.content


def test_the_snapshot_carries_what_a_websocket_would(viewer: Client, demo: Chassis) -> None:
    body = viewer.get("/c/demo/snapshot/").json()
    assert body["seq"] == demo.revision
    assert [bay["face"] for bay in body["chassis"]["slots"]][6] == "safe"
    times = [event["at"] for event in body["events"]]
    assert times == sorted(times)


def test_recent_holds_the_trend_and_the_slot_s_own_events(viewer: Client, demo: Chassis) -> None:
    body = viewer.get("/c/demo/s/7/recent/").json()
    assert body["lines"]
    assert "limit 75 °C" in body["sentence"]
    assert {event["slot"] for event in body["events"]} == {7}


@pytest.mark.parametrize("path", ["/s/demo-07/", "/S/DEMO-07/", "/S/DEMO-07", "/s/demo-7/"])
def test_the_address_on_a_label_leads_to_the_slot(viewer: Client, demo: Chassis, path: str) -> None:
    answer = viewer.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/c/demo/s/7/")


@pytest.mark.parametrize(
    "path",
    ["/c/nowhere/", "/c/demo/s/11/", "/c/demo/s/0/", "/c/demo/?slot=99", "/s/demo/", "/s/nope-3/"],
)
def test_what_is_not_there_is_not_found(viewer: Client, demo: Chassis, path: str) -> None:
    answer = viewer.get(path)
    assert answer.status_code == 404
    assert b"Nothing was changed" in answer.content


def test_strangers_are_led_to_the_door(db: None, demo: Chassis) -> None:
    answer = Client().get("/c/demo/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in/")


def test_a_viewer_sees_the_actions_and_why_they_are_off(viewer: Client, demo: Chassis) -> None:
    html = page(viewer, "/c/demo/s/1/")
    assert "Needs the role operator" in html
    assert "Needs the role technician" in html
    assert 'aria-disabled="false"' not in html


def test_a_chassis_that_does_not_answer_says_so_and_offers_no_command(operator: Client) -> None:
    make_chassis("dead", looks=LOOKS, link_state="lost")
    html = page(operator, "/c/dead/s/1/")
    assert "The chassis does not answer" in html
    acts = re.findall(r'<form class="act"[^>]* data-op=.*?</form>', html, re.DOTALL)
    assert acts
    assert all('aria-disabled="true"' in act for act in acts)
