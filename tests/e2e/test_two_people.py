"""Two people at one rack: who looked at an old state is told so, and one of two presses wins."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.e2e.conftest import OpenScreen
from tests.e2e.lab import Lab
from tests.e2e.screens import Screen
from tests.support.http import sign_in

pytestmark = pytest.mark.e2e


def test_who_looked_at_an_old_state_is_told_what_it_is_now(
    lab: Lab, open_screen: OpenScreen, complaints: list[str]
) -> None:
    screen = open_screen("olga")
    # A socket that says nothing more after its first picture: the page lives on what it saw.
    screen.page.route_web_socket("**/ws/**", _only_the_first_picture)
    screen.show()
    screen.open(3)
    assert lab.ask(3, "power_off").status == 202
    lab.until_slot(3, face="off", pending=None)
    screen.expect_face(3, "running")
    screen.press("power_cycle")
    screen.type_number(3)
    expect(screen.part("refusal")).to_contain_text("Changed since you looked")
    screen.expect_face(3, "off")  # and the page shows what it is now
    expect(screen.bay(3)).not_to_have_attribute("data-pending", "")
    assert lab.bay(3)["rail_on"] is False
    assert all("409" in line for line in complaints)
    complaints.clear()


def _only_the_first_picture(page_side: WebSocketRoute) -> None:
    server_side = page_side.connect_to_server()
    seen: list[str] = []

    def pass_on(message: str | bytes) -> None:
        text = message if isinstance(message, str) else message.decode()
        kind = json.loads(text)["type"]
        if kind in {"hello", "snap"} and kind not in seen:
            seen.append(kind)
            page_side.send(message)
        elif kind == "beat":  # alive, with nothing new
            beat = json.loads(text) | {"seq": 0}
            page_side.send(json.dumps(beat))

    server_side.on_message(pass_on)


def test_one_of_two_who_press_at_once_wins(lab: Lab, desk: Screen) -> None:
    seen = str(lab.slot(2)["rev"])
    people = [sign_in(lab.app.url, name) for name in ("olga", "admin")]
    fields = {"op": "power_off", "seen": seen, "confirm": "2"}
    with ThreadPoolExecutor() as both:
        answers = list(
            both.map(
                lambda person: person.post(
                    lab.url("s/2/command/"), fields, Accept="application/json"
                ),
                people,
            )
        )
    assert sorted(answer.status for answer in answers) == [202, 409]
    desk.expect_face(2, "off")
    lab.until_bay(2, rail_on=False)
