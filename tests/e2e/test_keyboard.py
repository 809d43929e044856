"""Everything works from the keyboard, focus stays where it was put, and nobody is made to watch motion."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenScreen
from tests.e2e.lab import Lab
from tests.e2e.screens import Screen

pytestmark = pytest.mark.e2e


def _focused(page: Page) -> str:
    focused: str = page.evaluate("document.activeElement.id")
    return focused


def test_the_bays_are_one_tab_stop_with_arrows_home_end_and_digits(desk: Screen) -> None:
    page = desk.page
    page.locator(".skip").focus()
    for _ in range(12):
        page.keyboard.press("Tab")
        if _focused(page).startswith("bay-"):
            break
    assert _focused(page) == "bay-1"
    moves = {"ArrowRight": 2, "End": 10, "ArrowLeft": 9, "Home": 1, "7": 7, "0": 10, "3": 3}
    for key, number in moves.items():
        page.keyboard.press(key)
        assert _focused(page) == f"bay-{number}", key
    page.keyboard.press("Tab")
    assert not _focused(page).startswith("bay-"), "one tab stop for all"
    page.keyboard.press("Shift+Tab")
    assert _focused(page) == "bay-3"


def test_enter_opens_the_slot_and_escape_closes_it(desk: Screen) -> None:
    desk.page.keyboard.press("4")
    desk.page.keyboard.press("Enter")
    expect(desk.panel).to_be_visible()
    expect(desk.panel).to_have_attribute("data-n", "4")
    expect(desk.bay(4)).to_have_attribute("aria-pressed", "true")
    desk.page.keyboard.press("Escape")
    expect(desk.panel).to_be_hidden()
    assert _focused(desk.page) == "bay-4"


def test_escape_in_the_drawer_gives_the_focus_back(desk: Screen) -> None:
    desk.page.keyboard.press("6")
    desk.page.keyboard.press("Enter")
    desk.button("locate_on").focus()
    desk.page.keyboard.press("Escape")
    expect(desk.panel).to_be_hidden()
    assert _focused(desk.page) == "bay-6"


def test_a_slash_goes_to_the_search_and_g_i_to_the_inventory(desk: Screen) -> None:
    page = desk.page
    page.keyboard.press("i")
    page.keyboard.press("/")
    page.wait_for_url("**/inventory/?find")
    expect(page.locator("#q")).to_be_focused()
    page.go_back()
    expect(desk.bay(1)).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url("**/inventory/")


def test_l_locates_and_no_letter_switches_power(lab: Lab, desk: Screen) -> None:
    desk.page.keyboard.press("2")
    desk.page.keyboard.press("l")
    desk.expect_lamp(2, "locate", "white", "fast")
    desk.page.keyboard.press("l")
    desk.expect_lamp(2, "locate", "white", "off")
    for key in "abcdfghijkmnopqrstuvwxyz":
        desk.page.keyboard.press(key)
    assert [slot["n"] for slot in lab.view()["slots"] if slot["pending"]] == []


def test_letters_and_digits_can_be_switched_off(desk: Screen) -> None:
    desk.page.keyboard.press("?")
    dialog = desk.page.locator('dialog[data-dialog="keys"]')
    expect(dialog).to_be_visible()
    dialog.get_by_label("Letters and digits act as keys").uncheck()
    dialog.get_by_role("button", name="Close").click()
    desk.bay(1).focus()
    desk.page.keyboard.press("7")
    assert _focused(desk.page) == "bay-1"
    desk.page.keyboard.press("ArrowRight")
    assert _focused(desk.page) == "bay-2"


def test_a_whole_power_off_from_the_keyboard(lab: Lab, desk: Screen) -> None:
    page = desk.page
    page.keyboard.press("9")
    page.keyboard.press("Enter")
    expect(desk.panel).to_have_attribute("data-n", "9")
    desk.button("power_off").focus()
    page.keyboard.press("Enter")
    expect(desk.dialog.locator("[data-cancel]")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    expect(desk.dialog).to_be_hidden()
    desk.expect_face(9, "off")
    lab.until_bay(9, rail_on=False)
    assert page.evaluate("document.activeElement !== document.body"), "focus was lost"


def test_focus_stays_while_everything_around_it_changes(lab: Lab, desk: Screen) -> None:
    desk.open(7)
    desk.button("locate_on").focus()
    lab.tell("pull 6")
    lab.tell("trip 3")
    desk.expect_face(6, "empty")
    desk.expect_face(3, "fault")
    expect(desk.button("locate_on")).to_be_focused()
    lab.tell("pull 7")  # the very slot: its buttons change under the focus
    desk.expect_face(7, "empty")
    expect(desk.button("locate_on")).to_be_focused()


def test_reduced_motion_means_none(lab: Lab, open_screen: OpenScreen) -> None:
    screen = open_screen(reduced_motion="reduce").show()
    lab.ask(2, "locate_on")
    screen.expect_lamp(2, "locate", "white", "fast")
    lab.tell("pull 7")
    screen.expect_face(7, "empty")
    running = "document.getAnimations().filter(one => one.playState === 'running').length"
    assert screen.page.evaluate(running) == 0


def test_a_lamp_blinks_five_times_at_most(lab: Lab, desk: Screen) -> None:
    lab.ask(2, "locate_on")
    desk.expect_lamp(2, "locate", "white", "fast")
    lamp = desk.bay(2).locator('[data-lamp="locate"]')
    timing = lamp.evaluate(
        "lamp => lamp.getAnimations({subtree: false}).map(one => one.effect.getComputedTiming())"
        ".map(timing => [timing.duration, timing.iterations])"
    )
    assert timing == [[1000, 5]]
