"""A wrong pull and a surprise, from the hand at the rack to the red banner of every open page, and back."""

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import OpenScreen
from tests.e2e.lab import LIMIT_S, OFF, Lab
from tests.e2e.screens import Screen

pytestmark = pytest.mark.e2e
SOON_MS = LIMIT_S * 1000


def banner(screen: Screen) -> Locator:
    return screen.page.locator("[data-alarms] .alarm")


def make_blue(lab: Lab, number: int = OFF) -> None:
    """Make a slot the one to pull."""
    lab.ask(number, "release")
    lab.until_slot(number, face="safe")


def test_a_wrong_pull_is_said_on_every_page_and_ends_when_it_is_put_right(
    lab: Lab, desk: Screen, open_screen: OpenScreen
) -> None:
    events = open_screen("vera")
    events.page.goto(f"{lab.app.url}/events/")
    desk.show("?slot=6")
    make_blue(lab)
    lab.tell("pull 3")
    for screen in (desk, events):
        expect(banner(screen).locator("b")).to_have_text(
            f"That was slot 3. Put {lab.home[3]} back in slot 3.", timeout=SOON_MS
        )
        expect(banner(screen)).to_contain_text(f"Slot {OFF} is the one to pull")
    desk.expect_face(OFF, "off")  # its blue light waits, and so does its face
    assert lab.bay(3)["lights"] & 0x3F == 0b011_011  # red, 4 Hz: the firmware says it too
    expect(banner(events).get_by_role("link", name="Open slot 3")).to_be_visible()
    plain = lab.visitor().get(f"{lab.app.url}/events/").text
    assert "That was slot 3." in plain  # without a script, too
    lab.tell(f"insert 3 {lab.home[3]}")
    for screen in (desk, events):
        expect(banner(screen)).to_have_count(0, timeout=SOON_MS)


def test_a_surprise_is_an_alarm_until_something_is_put_in(lab: Lab, desk: Screen) -> None:
    lab.tell("pull 2")
    desk.expect_face(2, "empty")
    expect(banner(desk).locator("b")).to_have_text(
        f"Slot 2 was pulled while running. Put {lab.home[2]} back in slot 2, or say why it stays out.",
        timeout=SOON_MS,
    )
    lab.tell(f"insert 2 {lab.home[2]}")
    expect(banner(desk)).to_have_count(0, timeout=SOON_MS)
