"""The Link panel of the chassis page tells of the real line: what passes, and what noise does to it."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.lab import Lab, until
from tests.e2e.screens import Screen

pytestmark = pytest.mark.e2e


def told(screen: Screen, label: str) -> str:
    row = screen.page.locator("#link tr").filter(has_text=label)
    return row.locator("td").first.inner_text()


def test_bad_frames_and_round_trips_of_the_line_are_on_the_page(lab: Lab, desk: Screen) -> None:
    assert int(told(desk, "Good frames").replace(",", "")) > 0
    assert re.fullmatch(r"\d+\.\d ms", told(desk, "Round trip"))
    assert told(desk, "Last reset") != "not known"
    expect(desk.page.locator("#link polyline").first).to_be_attached()
    before = int(told(desk, "Bad frames").replace(",", ""))
    lab.tell("noise 0.002")

    def has_more() -> bool:
        desk.show()  # sooner than the page looks by itself
        return int(told(desk, "Bad frames").replace(",", "")) > before

    until(has_more, "noise makes bad frames")
    lab.tell("noise 0")
    expect(desk.page.locator("#link svg rect").first).to_be_attached()
