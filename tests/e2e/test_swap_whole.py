"""A whole swap from the first tap to the receipt: by touch with the desk following, and by keyboard alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenScreen
from tests.e2e.lab import Lab, until
from tests.e2e.swap_screens import PHONE, SwapScreen, begin

pytestmark = pytest.mark.e2e

_NEW = "BPC-NEW-07"


def _started_at_the_desk(lab: Lab, open_screen: OpenScreen, number: int) -> SwapScreen:
    """From the slot's page, as somebody who reads an event would."""
    screen = open_screen("tim").show(f"s/{number}/")
    screen.page.get_by_role("link", name="Swap", exact=True).click()
    screen.page.get_by_role("button", name=f"Start the swap of slot {number}").click()
    screen.page.wait_for_url("**/w/*/")
    return SwapScreen(lab, screen.page).wait()


def test_a_swap_by_touch_alone_with_the_desk_following(lab: Lab, open_screen: OpenScreen) -> None:
    desk = _started_at_the_desk(lab, open_screen, 7)
    desk.expect_key("1", "Go to slot 7")
    expect(desk.card).to_contain_text("Slot 7 blinks white.")
    phone = SwapScreen(lab, open_screen("tim", **PHONE).page)
    phone.page.goto(f"{lab.app.url}/S/{lab.slug.upper()}-07/")  # what the label's QR code says
    phone.wait()
    assert phone.number == desk.number
    both = (desk, phone)
    _take_out_by_touch(lab, phone, both)
    _put_in_by_touch(lab, phone, both)
    for screen in both:
        screen.expect_no_reload()
    expect(desk.page.locator("#steps li[data-state=done]")).to_have_count(9)
    _check_receipt(phone.page, lab)


def _expect_each(screens: tuple[SwapScreen, ...], key: str, title: str) -> None:
    for screen in screens:
        screen.expect_key(key, title)


def _take_out_by_touch(lab: Lab, phone: SwapScreen, both: tuple[SwapScreen, ...]) -> None:
    _expect_each(both, "2", "Which slot blinks white?")
    phone.tap_slot(7)
    _expect_each(both, "3", "Shut down slot 7")
    phone.hold("shut_down")
    _expect_each(both, "3", "Shutting down slot 7")
    _expect_each(both, "4", "Pull slot 7")
    assert lab.bay(7)["rail_on"] is False
    lab.tell("pull 7")
    _expect_each(both, "5", "Insert into slot 7")


def _put_in_by_touch(lab: Lab, phone: SwapScreen, both: tuple[SwapScreen, ...]) -> None:
    lab.tell(f"insert 7 {_NEW}")
    _expect_each(both, "6/unknown", "Who is in slot 7?")
    assert lab.bay(7)["rail_on"] is False, "no power before somebody says who it is"
    phone.page.locator("#card-name_new-name").tap()
    phone.page.locator("#card-name_new-name").fill("web-07b")
    phone.tap("name_new")
    _expect_each(both, "8", "Check slot 7")
    lab.until_bay(7, rail_on=True, power_good=True)
    phone.wait_until_well()
    phone.tap("accept_health")
    _expect_each(both, "done", "Done")


def _check_receipt(page: Page, lab: Lab) -> None:
    page.get_by_role("link", name="Receipt").tap()
    receipt = page.locator(".receipt")
    expect(receipt).to_contain_text("by tim")
    expect(receipt.get_by_role("row", name=re.compile("^Name"))).to_contain_text("web-07b")
    taken_out, recorded = receipt.get_by_role("row", name=re.compile("^Carrier")).all()
    expect(taken_out).to_contain_text(str(lab.home[7]))
    for row in (taken_out, recorded):
        expect(row).to_contain_text(_NEW)


def _tab_to(page: Page, selector: str) -> None:
    """Reach a control with Tab alone, from wherever the focus is."""
    for _ in range(60):
        if page.evaluate("one => document.activeElement.matches(one)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab never comes to {selector}")


def _type(desk: SwapScreen, selector: str, key: str) -> None:
    _tab_to(desk.page, selector)
    desk.page.keyboard.press(key)


def _comes_to(desk: SwapScreen, key: str) -> None:
    desk.expect_key(key)
    assert desk.page.evaluate("document.activeElement !== document.body"), "focus was lost"


def test_a_swap_by_keyboard_alone_never_loses_the_focus(lab: Lab, open_screen: OpenScreen) -> None:
    desk = _started_by_keyboard(lab, open_screen("tim").page)
    _type(desk, "#card-at_rack button", "Enter")
    _comes_to(desk, "2")
    _type(desk, '.pad button[value="9"]', "Space")
    _comes_to(desk, "3")
    _shut_down_by_keyboard(desk)
    _comes_to(desk, "4")
    lab.tell("pull 9")
    _comes_to(desk, "5")
    lab.tell("insert 9")
    _comes_to(desk, "6/same_back")
    _type(desk, "#card-accept_carrier button", "Enter")
    _comes_to(desk, "8")
    desk.wait_until_well()
    _type(desk, "#card-accept_health button", "Enter")
    _comes_to(desk, "done")
    desk.expect_no_reload()


def _started_by_keyboard(lab: Lab, page: Page) -> SwapScreen:
    page.goto(f"{lab.app.url}/w/new/")
    _tab_to(page, f'a[href="/w/new/?slot={lab.slug}-09"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/w/new/?slot=*")
    _tab_to(page, "button.primary[type=submit]")
    page.keyboard.press("Space")
    page.wait_for_url("**/w/*/")
    return SwapScreen(lab, page).wait()


def _shut_down_by_keyboard(desk: SwapScreen) -> None:
    keys = desk.page.keyboard
    _type(desk, "#card-shut_down button", "Enter")
    expect(desk.dialog.get_by_role("textbox")).to_be_focused()
    keys.type("8")  # a wrong number does nothing
    keys.press("Enter")
    expect(desk.refusal).to_contain_text("type 9")
    keys.press("Control+a")
    keys.type("9")
    keys.press("Enter")
    expect(desk.dialog).to_be_hidden()


def test_the_light_on_screen_is_what_the_firmware_reports(
    lab: Lab, open_screen: OpenScreen
) -> None:
    swap = begin(lab, 8)
    phone = SwapScreen(lab, open_screen("tim", **PHONE).page).show(swap.swap)
    expect(phone.lamp).to_have_attribute("data-pattern", "fast")
    assert lab.bay(8)["lights"] >> 9 & 7 == 3  # white, 4 Hz
    expect(phone.page.locator("#twin")).to_contain_text("white, fast blink")
    expect(phone.page.locator("#twin")).to_contain_text("The board reports it so.")
    timing = phone.lamp.evaluate(
        "lamp => lamp.getAnimations().map(one => one.effect.getComputedTiming())"
        ".map(timing => [timing.duration, timing.iterations])"
    )
    assert timing == [[1000, 5]]
    # After its five blinks it is steady; the word goes on saying so.
    phone.lamp.evaluate("lamp => lamp.getAnimations().forEach(one => one.finish())")
    assert phone.lamp.evaluate("lamp => getComputedStyle(lamp).opacity") == "1"
    swap.to_pull()
    phone.expect_key("4")
    expect(phone.lamp).to_have_attribute("data-colour", "blue")
    expect(phone.lamp).to_have_attribute("data-pattern", "on")
    assert lab.bay(8)["lights"] >> 6 & 7 == 1  # blue, steady
    lab.tell("pull 8")
    phone.expect_key("5")
    until(lambda: lab.bay(8)["lights"] >> 9 & 7 == 2, "the firmware blinks white at 1 Hz")
    expect(phone.lamp).to_have_attribute("data-pattern", "slow")
    expect(phone.page.locator("#twin")).to_contain_text("The board reports it so.")


def test_reduced_motion_means_no_motion_in_a_swap(lab: Lab, open_screen: OpenScreen) -> None:
    swap = begin(lab, 8)
    screen = SwapScreen(lab, open_screen("tim", reduced_motion="reduce").page).show(swap.swap)
    expect(screen.lamp).to_have_attribute("data-pattern", "fast")
    expect(screen.page.locator("#twin")).to_contain_text("white, fast blink")
    running = "document.getAnimations().filter(one => one.playState === 'running').length"
    assert screen.page.evaluate(running) == 0
