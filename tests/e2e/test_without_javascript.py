"""Without JavaScript everything that matters still works: plain links, plain forms, pages of their own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.lab import Lab
from tests.support.chromium import close, new_context, sign_in_page

pytestmark = pytest.mark.e2e


@pytest.fixture
def plain(lab: Lab, browser: Browser) -> Iterator[Page]:
    """A signed-in page of a browser that runs no script."""
    context = new_context(browser, java_script_enabled=False)
    try:
        yield sign_in_page(context, lab.app.url, "olga")
    finally:
        close(context)


def test_the_rack_and_its_slots_are_links_and_words(lab: Lab, plain: Page) -> None:
    plain.goto(lab.url())
    expect(plain.locator("#bay-1")).to_contain_text("Running")
    expect(plain.locator("#bay-5")).to_contain_text("Empty")
    plain.locator("#bay-8").click()
    plain.wait_for_url("**/?slot=8")
    expect(plain.locator("[data-panel]")).to_have_attribute("data-n", "8")
    expect(plain.locator("[data-panel]")).to_contain_text("Off")
    plain.get_by_role("link", name="Page of this slot").click()
    plain.wait_for_url("**/s/8/")
    expect(plain.get_by_role("heading", level=1)).to_contain_text("slot 8")


def test_power_goes_off_through_a_page_that_asks_for_the_number(lab: Lab, plain: Page) -> None:
    plain.goto(lab.url("s/3/"))
    plain.get_by_role("button", name="Cut power").click()
    expect(plain.get_by_role("heading", level=1)).to_contain_text("Cut power to slot 3")
    plain.get_by_label("number").fill("4")
    plain.get_by_role("button", name="Cut power to slot 3").click()
    expect(plain.locator("#confirm-wrong")).to_contain_text("Nothing was sent")
    assert lab.bay(3)["rail_on"] is True
    plain.get_by_label("number").fill("3")
    plain.get_by_role("button", name="Cut power to slot 3").click()
    plain.wait_for_url("**/s/3/")
    lab.until_bay(3, rail_on=False)
    lab.until_slot(3, face="off")
    plain.reload()
    expect(plain.locator("[data-panel]")).to_contain_text("Off")


def test_a_shutdown_is_asked_back_and_can_be_left(lab: Lab, plain: Page) -> None:
    plain.goto(lab.url("s/4/"))
    plain.get_by_role("button", name="Shut down").click()
    expect(plain.get_by_role("heading", level=1)).to_contain_text("Shut down slot 4")
    plain.get_by_role("link", name="Cancel").click()
    plain.wait_for_url("**/s/4/")
    assert lab.slot(4)["pending"] is None
    assert lab.bay(4)["pi"] == "running"


def test_locate_needs_no_question(lab: Lab, plain: Page) -> None:
    plain.goto(lab.url("s/6/"))
    plain.get_by_role("button", name="Locate", exact=True).click()
    plain.wait_for_url("**/s/6/")
    lab.until_slot(6, pending=None)
    plain.reload()
    expect(plain.locator("[data-panel]")).to_contain_text("white, blinking fast")


def test_an_old_form_is_told_what_changed(lab: Lab, plain: Page) -> None:
    plain.goto(lab.url("s/2/"))
    lab.tell("pull 2")
    lab.until_slot(2, face="empty")
    plain.get_by_role("button", name="Shut down").click()
    plain.get_by_role("button", name="Shut down slot 2").click()
    expect(plain.locator('[data-part="refusal"]')).to_contain_text("Changed since you looked")
