"""The event page follows what happens: at once at its top, with a count for whoever reads further down."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenScreen
from tests.e2e.lab import Lab
from tests.e2e.swap_screens import Pilot, begin
from tests.support.app_process import ADMIN

pytestmark = pytest.mark.e2e


def test_new_events_appear_at_the_top_and_wait_for_whoever_reads_below(
    lab: Lab, open_screen: OpenScreen
) -> None:
    page = open_screen(height=500).page
    page.goto(f"{lab.app.url}/events/?chassis={lab.slug}")
    bar, rows = page.locator("[data-tail]"), page.locator("[data-tail-list] > li")
    expect(bar).to_contain_text("New events appear by themselves.")
    page.evaluate("window.isFirstLoad = true")
    lab.tell("pull 6")
    expect(rows.filter(has_text="The carrier was taken out.").first).to_be_visible()
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    newest = rows.first.get_attribute("id")
    lab.tell(f"insert 6 {lab.home[6]}")
    button = bar.get_by_role("button", name="new")
    expect(button).to_be_visible()
    assert rows.first.get_attribute("id") == newest  # nothing moves under the reader
    button.click()
    expect(rows.filter(has_text="A carrier was put in.").first).to_be_in_viewport()
    expect(button).to_be_hidden()
    assert page.evaluate("window.isFirstLoad") is True


def test_a_swap_is_one_row_that_unfolds(lab: Lab, open_screen: OpenScreen) -> None:
    page = open_screen().page
    page.goto(f"{lab.app.url}/events/?chassis={lab.slug}")
    swap = begin(lab, 8)
    swap.find()
    swap.until("4")
    row = page.locator(".event-swap").filter(has_text=f"Swap {swap.swap}")
    expect(row).to_contain_text("Step 4 of 9: Pull")
    Pilot(lab, swap.swap, 8, ADMIN).press("take_over")  # no event, and yet the row changes
    expect(row.locator("> .who")).to_have_text(ADMIN)
    page.set_viewport_size({"width": 390, "height": 800})
    words, folded = row.locator("> span").first, row.locator("> details")
    assert folded.evaluate("one => one.offsetLeft") == words.evaluate("one => one.offsetLeft")
    row.locator("summary").click()
    expect(row.get_by_text("Released").first).to_be_visible()
    link = row.locator("ul .when").first
    link.click()
    page.wait_for_url("**/events/*/")  # each event keeps an address of its own
