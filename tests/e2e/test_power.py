"""Power asked from the page ends at the firmware's rail, and only what is seen paints the bay."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.lab import Lab
from tests.e2e.screens import Screen

pytestmark = pytest.mark.e2e


def test_cut_power_is_asked_first_then_the_rail_goes_down(lab: Lab, desk: Screen) -> None:
    held: list[Route] = []
    # The moment between the press and the server's answer, as long as we like to look at it.
    desk.page.route("**/s/3/command/", lambda route: held.append(route))  # noqa: PLW0108  (Playwright marks the function it is given)
    desk.open(3)
    desk.press("power_off")
    desk.type_number(3)
    expect(desk.bay(3)).to_have_attribute("data-pending", "")
    expect(desk.part("pending")).to_be_visible()
    desk.expect_face(3, "running")  # what is asked paints nothing else
    assert lab.bay(3)["rail_on"] is True
    held[0].continue_()
    desk.expect_face(3, "off", "Off")
    expect(desk.bay(3)).not_to_have_attribute("data-pending", "")
    lab.until_bay(3, rail_on=False, pi="off")
    desk.expect_event(3, "Power went off on command.")


def test_cut_power_by_holding_the_button(lab: Lab, desk: Screen) -> None:
    desk.open(2)
    desk.press("power_off")
    yes = desk.dialog.locator("[data-yes]")
    yes.click()  # a short press is not enough
    expect(desk.dialog).to_be_visible()
    yes.hover()
    desk.page.mouse.down()
    expect(desk.dialog).to_be_hidden()
    desk.page.mouse.up()
    desk.expect_face(2, "off")
    lab.until_bay(2, rail_on=False)


def test_a_wrong_number_cuts_nothing(lab: Lab, desk: Screen) -> None:
    desk.open(3)
    desk.press("power_off")
    desk.dialog.get_by_label(re.compile("number")).fill("4")
    desk.page.keyboard.press("Enter")
    expect(desk.dialog).to_be_visible()
    desk.page.keyboard.press("Escape")
    expect(desk.dialog).to_be_hidden()
    assert lab.slot(3)["pending"] is None
    assert lab.bay(3)["rail_on"] is lab.bay(4)["rail_on"] is True


def test_power_on_brings_the_rail_up(lab: Lab, desk: Screen) -> None:
    desk.open(8)
    desk.press("power_on")
    desk.say_yes()
    desk.expect_face(8, "running", "Running")
    lab.until_bay(8, rail_on=True, power_good=True)
    desk.expect_lamp(8, "status", "green", "on")
    expect(desk.part("pending")).to_be_hidden()


def test_a_graceful_shutdown_asks_waits_for_the_pi_and_cuts_then(lab: Lab, desk: Screen) -> None:
    desk.open(4)
    desk.press("shutdown")
    expect(desk.dialog.locator("#ask-title")).to_contain_text("slot 4")
    expect(desk.dialog.locator("[data-cancel]")).to_be_focused()
    expect(desk.dialog.locator("[data-yes]")).to_have_text("Shut down slot 4")
    desk.say_yes()
    desk.expect_face(4, "shutting-down", "Shutting down")
    assert lab.bay(4)["rail_on"] is True, "the Pi is given its time"
    desk.expect_face(4, "off", "Off")
    lab.until_bay(4, rail_on=False, pi="off")
    desk.expect_event(4, "The operating system has stopped.")
    desk.expect_event(4, "Power went off after its shutdown.")


def test_the_dialog_names_the_device(lab: Lab, desk: Screen) -> None:
    assert lab.name(4, "web-04") == 200
    expect(desk.bay(4)).to_contain_text("web-04")
    desk.open(4)
    desk.press("shutdown")
    expect(desk.dialog.locator("#ask-title")).to_contain_text("slot 4, web-04")
    desk.dialog.locator("[data-cancel]").click()
    expect(desk.dialog).to_be_hidden()
    assert lab.slot(4)["pending"] is None
    assert lab.bay(4)["pi"] == "running"


def test_a_pi_that_never_stops_is_not_cut_by_itself(lab: Lab, desk: Screen) -> None:
    lab.tell("hang 9")
    desk.open(9)
    desk.press("shutdown")
    desk.say_yes()
    desk.expect_event(9, "The Pi was told to shut down.")
    desk.expect_event(9, "The shutdown line is idle again.")
    desk.expect_face(9, "shutting-down")
    expect(desk.part("pending")).to_be_visible()
    assert lab.bay(9)["pi"] == "hung"
    assert lab.bay(9)["rail_on"] is True


def test_a_power_cycle_is_off_and_on_again(lab: Lab, desk: Screen) -> None:
    desk.open(1)
    desk.press("power_cycle")
    desk.type_number(1)
    lab.until_bay(1, rail_on=False)
    lab.until_bay(1, rail_on=True, pi="running")
    desk.expect_event(1, "Power went off for a power cycle.")
    desk.expect_event(1, "Power went on after a power cycle.")
    desk.expect_face(1, "running")


def test_starts_of_several_come_one_after_the_other(lab: Lab, desk: Screen) -> None:
    for number in (1, 2, 3):
        lab.ask(number, "power_off")
    for number in (1, 2, 3):
        desk.expect_face(number, "off")
    for number in (1, 2, 3):
        assert lab.ask(number, "power_on").status == 202
    for number in (1, 2, 3):
        desk.expect_face(number, "running")
        lab.until_bay(number, rail_on=True, power_good=True)
