"""What can go otherwise up to the empty slot, as the screens say it: wrong numbers, wrong hands, lights, time."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenScreen
from tests.e2e.lab import Lab, until
from tests.e2e.swap_screens import (
    PHONE,
    Pilot,
    SwapScreen,
    begin,
    pass_time_since,
)

pytestmark = pytest.mark.e2e


@pytest.fixture
def phone(lab: Lab, open_screen: OpenScreen) -> SwapScreen:
    """The technician's phone, with no page yet."""
    return SwapScreen(lab, open_screen("tim", **PHONE).page)


def test_a_wrong_number_stops_in_red_and_the_right_one_goes_on(lab: Lab, phone: SwapScreen) -> None:
    phone.show(begin(lab, 8).swap)
    phone.tap("at_rack")
    phone.expect_key("2")
    phone.tap_slot(6)
    phone.expect_key("2/wrong_slot", "Stop: not slot 6")
    expect(phone.card).to_have_attribute("role", "alert")
    expect(phone.card).to_contain_text("You named slot 6; this swap is for another slot.")
    phone.tap("try_again")
    phone.expect_key("2")
    phone.tap_slot(8)
    phone.expect_key("4", "Pull slot 8")  # it was off: there is nothing to shut down


def test_a_light_that_is_not_seen_is_found_by_lighting_all_the_others(
    lab: Lab, phone: SwapScreen
) -> None:
    phone.show(begin(lab, 8).swap)
    phone.press("light_missing")
    phone.expect_key("1/no_read_back", "Does slot 8 blink white?")
    phone.tap("locate_but")
    phone.expect_key("2", "Which slot is dark?")
    white = [bay["slot"] for bay in lab.bays() if bay["lights"] >> 9 & 7 == 3]
    until(
        lambda: (
            [bay["slot"] for bay in lab.bays() if bay["lights"] >> 9 & 7 == 3]
            == [1, 2, 3, 4, 5, 6, 7, 9, 10]
        ),
        f"all but slot 8 are lit; first {white}",
    )
    phone.tap_slot(8)
    phone.expect_key("4")


def test_a_pi_that_does_not_stop_is_cut_by_holding(lab: Lab, phone: SwapScreen) -> None:
    lab.tell("hang 9")
    swap = begin(lab, 9)
    swap.find()
    phone.show(swap.swap)
    phone.hold("shut_down")
    phone.expect_key("3", "Shutting down slot 9")
    lab.until_slot(9, face="shutting-down")
    pass_time_since(lab, "shutdown", 90)
    phone.expect_key("3/hangs", "Slot 9 does not stop")
    assert lab.bay(9)["rail_on"] is True, "a person decides, never the app"
    expect(phone.card).to_contain_text("You decide: wait for it, or cut its power.")
    phone.tap("cut")  # a tap is not enough
    expect(phone.dialog).to_contain_text("is lost")
    phone.page.keyboard.press("Escape")
    phone.hold("cut")
    phone.expect_key("4", "Pull slot 9")
    assert lab.bay(9)["rail_on"] is False


def test_a_wrong_pull_turns_every_screen_red_until_the_same_carrier_is_back(
    lab: Lab, phone: SwapScreen, open_screen: OpenScreen
) -> None:
    swap = begin(lab, 8).to_pull()
    phone.show(swap.swap)
    desk = SwapScreen(lab, open_screen("olga").page).show(swap.swap)
    events = open_screen("vera").page
    events.goto(f"{lab.app.url}/events/")
    lab.tell("pull 6")
    for screen in (phone, desk):
        screen.expect_key("4/wrong_pull", "That was slot 6")
        expect(screen.screen).to_have_attribute("data-tone", "stop")
        expect(screen.card).to_have_attribute("role", "alert")
        expect(screen.card).to_contain_text(
            f"Put {lab.home[6]} back in slot 6, the one blinking red"
        )
        expect(screen.lamp).to_have_attribute("data-colour", "red")
    red, green, blue = _rgb(phone)
    assert red > 2 * max(green, blue), "full red"
    box = phone.card.bounding_box()
    assert box
    assert box["width"] > 340
    banner = events.locator("[data-alarms] .alarm b")
    expect(banner).to_have_text(f"That was slot 6. Put {lab.home[6]} back in slot 6.")
    assert lab.bay(8)["lights"] >> 6 & 7 == 0, "the blue light does not invite while it is red"
    lab.tell(f"insert 6 {lab.home[6]}")
    expect(banner).to_have_count(0)
    for screen in (phone, desk):
        screen.expect_key("4/restore", "Slot 6 is back")
    phone.tap("restore_power")
    lab.until_bay(6, rail_on=True)
    for screen in (phone, desk):
        screen.expect_key("4", "Pull slot 8")
        screen.expect_no_reload()
    until(lambda: lab.bay(8)["lights"] >> 6 & 7 == 1, "blue is steady again")


def test_the_red_words_come_by_socket_before_the_card_with_its_buttons_is_there(
    lab: Lab, phone: SwapScreen
) -> None:
    swap = begin(lab, 8).to_pull()
    phone.show(swap.swap)
    phone.page.route(re.compile("/stage/"), lambda _: None)  # the server's answer does not come
    lab.tell("pull 6")
    phone.expect_key("4/wrong_pull", "That was slot 6")
    expect(phone.screen).to_have_attribute("data-tone", "stop")
    expect(phone.card).to_have_attribute("role", "alert")
    lead = f"Put {lab.home[6]} back in slot 6, the one blinking red."
    expect(phone.page.locator("#lead")).to_have_text(lead)
    expect(phone.lamp).to_have_count(0)  # what the lamp does nobody has said yet
    expect(phone.page.locator("#deeds button")).to_have_count(0)
    expect(phone.page.locator("#bar button[aria-disabled=false]")).to_have_count(0)
    phone.page.unroute(re.compile("/stage/"))  # and what was held goes on
    expect(phone.lamp).to_have_attribute("data-colour", "red")
    expect(phone.button("keep_out")).to_have_attribute("aria-disabled", "false")
    phone.expect_key("4/wrong_pull", "That was slot 6")
    phone.expect_no_reload()


def _rgb(screen: SwapScreen) -> list[int]:
    said = screen.card.evaluate("card => getComputedStyle(card).backgroundColor")
    return [int(part) for part in re.findall(r"\d+", said)][:3]


def test_a_slot_kept_out_ends_the_alarm_with_its_reason_and_gets_a_swap_of_its_own(
    lab: Lab, phone: SwapScreen
) -> None:
    swap = begin(lab, 8).to_pull()
    phone.show(swap.swap)
    lab.tell("pull 6")
    phone.expect_key("4/wrong_pull")
    phone.agree("keep_out", reason="Its fan is broken")
    phone.expect_key("4", "Pull slot 8")
    expect(phone.page.locator("#log")).to_contain_text("Slot 6 stays out: Its fan is broken")
    phone.page.goto(f"{lab.app.url}/w/")
    parked = phone.page.locator("section", has=phone.page.locator("#parked-title"))
    parked.get_by_role("link", name=re.compile("slot 6")).tap()
    phone.wait().expect_key("parked")
    expect(phone.card).to_contain_text("Slot 6 is empty.")
    expect(phone.page.locator("#log")).to_contain_text("Left empty: Its fan is broken")


def test_cancel_says_what_it_does_before_it_does_it(lab: Lab, phone: SwapScreen) -> None:
    swap = begin(lab, 9).to_pull()
    phone.show(swap.swap)
    phone.press("cancel")
    expect(phone.dialog).to_contain_text("The blue light goes off, and slot 9 is powered on again.")
    phone.dialog.get_by_role("button", name="Back").tap()
    phone.expect_key("4")
    assert lab.bay(9)["rail_on"] is False
    phone.agree("cancel")
    phone.expect_key("cancelled", f"Swap {swap.swap} is cancelled")
    lab.until_bay(9, rail_on=True)
    expect(phone.page.locator("#deeds button")).to_have_count(0)


def test_cancel_after_the_pull_leaves_the_slot_empty(lab: Lab, phone: SwapScreen) -> None:
    swap = begin(lab, 10).to_insert()
    phone.show(swap.swap)
    phone.press("cancel")
    expect(phone.dialog).to_contain_text("Slot 10 stays empty.")
    phone.dialog.locator("button[type=submit]").tap()
    phone.expect_key("cancelled")
    until(lambda: lab.bay(10)["lights"] == 0, "no light invites any more")


def test_a_swap_put_aside_is_gone_on_with_from_the_list_by_somebody_else(
    lab: Lab, phone: SwapScreen, open_screen: OpenScreen
) -> None:
    swap = begin(lab, 8).to_pull()
    phone.show(swap.swap)
    phone.press("park")
    expect(phone.dialog).to_contain_text("The lights of slot 8 go off.")
    phone.dialog.locator("button[type=submit]").tap()
    phone.expect_key("parked")
    until(lambda: lab.bay(8)["lights"] >> 6 & 7 == 0, "blue goes off")
    desk = SwapScreen(lab, open_screen("olga").page)
    desk.page.goto(f"{lab.app.url}/w/")
    desk.page.get_by_role("link", name=re.compile(rf"^{swap.swap}\b.*slot 8")).click()
    desk.wait().expect_key("parked", f"Swap {swap.swap} is put aside")
    desk.press("resume")
    desk.expect_key("4", "Pull slot 8")
    expect(phone.page.locator("#people")).to_contain_text("olga has slot 8")
    phone.expect_key("4")


def _ten_minutes_later(swap: Pilot) -> None:
    swap.pass_time(600, "step_since")


def test_a_slot_not_pulled_in_time_may_stay_and_an_empty_one_is_put_aside(
    lab: Lab, phone: SwapScreen
) -> None:
    swap = begin(lab, 8).to_pull()
    phone.show(swap.swap)
    expect(phone.page.locator("#until")).to_contain_text("min left")
    _ten_minutes_later(swap)
    phone.expect_key("4/not_pulled", "Pull slot 8, or leave it in")
    phone.tap("try_again")
    phone.expect_key("4")
    lab.tell("pull 8")
    phone.expect_key("5")
    swap.pass_time(1800, "step_since")
    phone.expect_key("parked")
    expect(phone.page.locator("#log")).to_contain_text("slot 8 left empty")


def test_a_chassis_that_falls_silent_stops_nobody_for_good(lab: Lab, phone: SwapScreen) -> None:
    swap = begin(lab, 8).to_pull()
    phone.show(swap.swap)
    lab.tell("silence on")
    phone.expect_key("4/link_lost", "Slot 8 is not known now")
    expect(phone.card).to_contain_text("steady blue is safe to pull")
    lab.tell("pull 8")  # the hand follows the light
    lab.tell("silence off")
    phone.expect_key("5", "Insert into slot 8")
