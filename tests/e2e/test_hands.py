"""What hands do at the rack shows on every screen at once, with a line in the history."""

import pytest
from playwright.sync_api import expect

from tests.e2e.lab import Lab
from tests.e2e.screens import Screen

pytestmark = pytest.mark.e2e


def test_a_pulled_pi_leaves_an_empty_bay_on_every_screen(
    lab: Lab, desk: Screen, phone: Screen
) -> None:
    desk.expect_face(7, "running")
    lab.tell("pull 7")
    desk.expect_face(7, "empty", "Empty")
    phone.expect_face(7, "empty")
    expect(phone.row(7)).to_contain_text("Empty")
    desk.expect_event(7, "The carrier was taken out.")
    assert lab.bay(7)["rail_on"] is False, "the next carrier must never mate live"


def test_an_inserted_pi_is_seen_and_identified_and_gets_no_power_by_itself(
    lab: Lab, desk: Screen, phone: Screen
) -> None:
    lab.tell("pull 7")
    desk.expect_face(7, "empty")
    lab.tell("insert 7")
    desk.expect_face(7, "off", "Off")
    phone.expect_face(7, "off")
    desk.expect_event(7, "A carrier was put in.")
    desk.expect_event(7, "was identified.")
    assert lab.bay(7)["rail_on"] is False
    assert lab.slot(7)["pending"] is None


def test_an_opened_handle_is_said_and_releases_what_is_off(lab: Lab, desk: Screen) -> None:
    lab.tell("handle 8 open")
    desk.expect_event(8, "The handle was opened.")
    desk.expect_face(8, "safe", "Safe to remove")
    assert lab.bay(8)["rail_on"] is False


def test_a_phone_shows_the_slots_that_need_somebody_first(lab: Lab, phone: Screen) -> None:
    lab.tell("trip 9")
    first = phone.page.locator(".bay-list li").first
    expect(first).to_have_attribute("data-row", "9")
    expect(first).to_contain_text("Over-current")
    first.get_by_role("link").tap()
    phone.expect_level("live")
    assert phone.page.url == lab.url("s/9/")
    expect(phone.panel).to_contain_text("Over-current")
