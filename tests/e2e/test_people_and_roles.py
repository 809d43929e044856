"""Who may do what, from the sign-in to a role that is taken away while the page is open."""

import json
import re

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import OpenScreen
from tests.e2e.lab import NOT_SIMULATED, SIMULATED_IN_APP, Lab
from tests.support.app_process import PASSWORD
from tests.support.chromium import close, new_context, sign_in_page
from tests.support.http import sign_in

pytestmark = pytest.mark.e2e


def test_signing_in_leads_to_where_one_wanted_to_go(lab: Lab, browser: Browser) -> None:
    context = new_context(browser)
    page = context.new_page()
    page.goto(lab.url("s/7/"))
    assert "/sign-in/" in page.url
    page.get_by_label("Name").fill("olga")
    page.get_by_label("Password", exact=True).fill("not-her-password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Password", exact=True).fill("correct-horse-battery")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/s/7/")
    close(context)


def test_a_viewer_sees_all_and_commands_nothing(lab: Lab, open_screen: OpenScreen) -> None:
    screen = open_screen("vera").show()
    screen.open(3)
    for op in ("power_on", "shutdown", "power_cycle", "power_off"):
        expect(screen.button(op)).to_have_attribute("aria-disabled", "true")
    expect(screen.button("locate_on")).to_have_attribute("aria-disabled", "true")
    expect(screen.part("whys")).to_contain_text("Needs the role operator")
    expect(screen.part("whys")).to_contain_text("Needs the role technician")
    screen.button("power_off").click(force=True)
    expect(screen.dialog).to_be_hidden()
    expect(screen.page.locator("[data-rehearsal]")).to_have_count(0)
    for op in ("locate_on", "power_off", "shutdown"):
        answer = lab.ask(3, op, "vera")
        assert answer.status == 403
        assert "role" in json.loads(answer.body)["error"]
    lab.tell("pull 7")
    screen.expect_face(7, "empty")
    assert lab.bay(3)["rail_on"] is True


def test_a_technician_locates_and_switches_no_power(lab: Lab, open_screen: OpenScreen) -> None:
    screen = open_screen("tim").show()
    screen.open(3)
    screen.button("locate_on").click()
    screen.expect_lamp(3, "locate", "white", "fast")
    expect(screen.button("power_off")).to_have_attribute("aria-disabled", "true")
    assert lab.ask(3, "power_off", "tim").status == 403


def test_a_role_taken_away_counts_on_open_pages_at_once(lab: Lab, open_screen: OpenScreen) -> None:
    screen = open_screen("olga").show()
    screen.open(3)
    expect(screen.button("power_off")).to_have_attribute("aria-disabled", "false")
    people = lab.visitor().get(f"{lab.app.url}/settings/people/").text
    form = re.search(
        r'action="(/settings/people/\d+/role/)"(?:(?!</form>).)*of olga', people, re.DOTALL
    )
    assert form is not None
    try:
        assert (
            lab.visitor().post(lab.app.url + form[1], {"was": "operator", "role": "viewer"}).status
            == 200
        )
        expect(screen.button("power_off")).to_have_attribute("aria-disabled", "true")
        expect(screen.part("whys")).to_contain_text("Needs the role operator")
        assert lab.ask(3, "power_off", "olga").status == 403
    finally:
        again = {"was": "viewer", "role": "operator", "typed": "olga", "password": PASSWORD}
        lab.visitor().post(lab.app.url + form[1], again)


def test_signing_out_elsewhere_ends_the_open_page(lab: Lab, browser: Browser) -> None:
    context = new_context(browser)
    page = sign_in_page(context, lab.app.url, "olga")
    page.goto(lab.url())
    expect(page.locator("body")).to_have_attribute("data-level", "live")
    other = context.new_page()
    other.goto(lab.url())
    other.locator(".me summary").click()
    other.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/?next=*")
    close(context)


def test_a_simulated_rack_can_be_rehearsed_from_the_page(lab: Lab, open_screen: OpenScreen) -> None:
    screen = open_screen("olga").show(slug=SIMULATED_IN_APP)
    expect(screen.page.locator(".ribbon")).to_contain_text("Simulated")
    screen.expect_face(7, "running")
    rehearsal = screen.page.locator("[data-rehearsal]")
    rehearsal.locator("summary").click()
    rehearsal.locator('label.pick:has(input[value="7"])').click()
    rehearsal.get_by_role("button", name="Pull", exact=True).click()
    screen.expect_face(7, "empty")
    expect(rehearsal.locator("[data-answer]")).to_have_text("pull 7: done")
    rehearsal.get_by_role("button", name="Pull", exact=True).click()
    expect(rehearsal.locator("[data-answer]")).to_contain_text("empty already")
    rehearsal.get_by_role("button", name="Insert", exact=True).click()
    screen.expect_face(7, "off")


def test_a_real_chassis_cannot_be_rehearsed(lab: Lab, open_screen: OpenScreen) -> None:
    rehearsal = f"{lab.app.url}/c/{NOT_SIMULATED}/rehearsal/"
    olga = sign_in(lab.app.url, "olga")
    assert olga.post(rehearsal, {"line": "pull 7"}).status == 404
    screen = open_screen("olga")
    screen.page.goto(f"{lab.app.url}/c/{NOT_SIMULATED}/")
    expect(screen.bay(7)).to_have_attribute("data-face", "no-data")
    expect(screen.page.locator("[data-rehearsal]")).to_have_count(0)
    expect(screen.page.locator(".ribbon")).to_have_count(0)


def test_a_viewer_may_not_rehearse(lab: Lab) -> None:
    vera = lab.visitor("vera")
    answer = vera.post(f"{lab.app.url}/c/{SIMULATED_IN_APP}/rehearsal/", {"line": "pull 1"})
    assert answer.status == 403
