"""Lamps on the page follow what the firmware reports; each fault says its cause and what to do."""

import pytest
from playwright.sync_api import expect

from tests.e2e.lab import Lab, until
from tests.e2e.screens import Screen

pytestmark = pytest.mark.e2e

WHITE = 0b111 << 9  # the locate lamp in the lights word


def test_locate_lights_on_the_rack_first_and_then_on_the_page(
    lab: Lab, desk: Screen, phone: Screen
) -> None:
    desk.open(6)
    desk.button("locate_on").click()
    desk.expect_lamp(6, "locate", "white", "fast")
    phone.expect_lamp(6, "locate", "white", "fast")
    assert lab.bay(6)["lights"] & WHITE
    expect(desk.panel.locator('[data-light="locate"]')).to_have_text("white, blinking fast")
    expect(desk.bay(6)).to_contain_text("Locating for admin, ends")
    desk.button("locate_off").click()
    desk.expect_lamp(6, "locate", "white", "off")
    assert not lab.bay(6)["lights"] & WHITE


def test_the_lamp_test_lights_every_lamp_and_never_steady_blue(lab: Lab, desk: Screen) -> None:
    desk.page.get_by_role("button", name="Lamp test").click()
    until(
        lambda: all(bay["lights"] >> 6 & 0b111 > 1 for bay in lab.bays()), "every blue lamp blinks"
    )
    for number in (1, 5, 8):
        desk.expect_lamp(number, "hotswap", "blue", "fast")
    for number in (1, 5, 8):
        desk.expect_lamp(number, "hotswap", "blue", "off")


def test_a_trip_is_a_fault_with_cause_and_advice_until_it_is_cleared(
    lab: Lab, desk: Screen
) -> None:
    lab.tell("trip 3")
    desk.expect_face(3, "fault", "Fault")
    desk.expect_lamp(3, "status", "red", "on")
    expect(desk.page.locator("[data-alert]")).to_contain_text("Slot 3: Fault. Over-current")
    desk.open(3)
    expect(desk.part("cause")).to_contain_text("cut by hardware")
    expect(desk.part("cause")).to_contain_text("look for a short")
    assert desk.button("power_on").get_attribute("aria-disabled") == "true"
    desk.press("clear_trip")
    desk.say_yes()
    desk.expect_face(3, "off")
    lab.until_bay(3, tripped=False, rail_on=False)
    expect(desk.button("clear_trip")).to_have_count(0)


def test_a_brown_out_leaves_a_line_and_the_slot_runs_on(lab: Lab, desk: Screen) -> None:
    lab.tell("brownout 1")
    desk.expect_event(1, "Power is not good any more")
    desk.expect_event(1, "Power is good.")
    desk.expect_face(1, "running")
    assert lab.bay(1)["rail_on"] is True


def test_a_pi_that_halts_by_itself_is_not_shown_as_running(lab: Lab, desk: Screen) -> None:
    lab.tell("halt 2")
    desk.expect_face(2, "halted", "Halted, power on")
    assert lab.bay(2)["rail_on"] is True


def test_current_through_an_empty_looking_slot_is_suspicious(lab: Lab, desk: Screen) -> None:
    lab.tell("loose 4 on")
    desk.expect_face(4, "suspicious", "Suspicious")
    assert lab.bay(4)["rail_on"] is True, "nothing is switched on a guess"
    lab.tell("loose 4 off")
    desk.expect_face(4, "running")


def test_a_released_slot_alone_is_blue(lab: Lab, desk: Screen) -> None:
    desk.open(8)
    desk.press("release")
    desk.say_yes()
    desk.expect_face(8, "safe", "Safe to remove")
    desk.expect_lamp(8, "hotswap", "blue", "on")
    steady = [bay["slot"] for bay in lab.bays() if bay["lights"] >> 6 & 0b111 == 1]
    assert steady == [8]


def test_pulling_the_wrong_slot_alarms_until_it_is_back(
    lab: Lab, desk: Screen, phone: Screen
) -> None:
    lab.ask(8, "release")
    desk.expect_face(8, "safe")
    lab.tell("pull 7")
    desk.expect_face(7, "fault", "Wrong slot pulled")
    desk.expect_lamp(7, "status", "red", "fast")
    expect(desk.page.locator("[data-alert]")).to_contain_text("slot 8 is the one to pull")
    expect(phone.row(7)).to_contain_text("Wrong slot pulled")
    lab.tell("insert 7")
    desk.expect_face(7, "off")
    desk.expect_event(7, "The alarm was cleared.")
    assert lab.bay(7)["rail_on"] is False


def test_an_alarm_can_be_cleared_by_a_person(lab: Lab, desk: Screen) -> None:
    lab.ask(8, "release")
    desk.expect_face(8, "safe")
    lab.tell("pull 9")
    desk.expect_face(9, "fault")
    desk.open(9)
    desk.press("clear_alarm")
    desk.dialog.locator("[data-yes]").click()
    expect(desk.dialog).to_be_visible()  # not without a reason
    desk.dialog.locator("[name=reason]").fill("It goes to the workshop")
    desk.say_yes()
    desk.expect_face(9, "empty", "Empty")
    until(lambda: lab.bay(9)["lights"] & 0b111 == 0, "the red lamp is off")
