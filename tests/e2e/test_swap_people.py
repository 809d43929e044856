"""More than one person, more than one screen: who has the swap, who follows, who takes over, whose turn it is."""

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import OpenScreen
from tests.e2e.lab import Lab
from tests.e2e.swap_screens import PHONE, SwapScreen, begin
from tests.e2e.test_phone_sign_in import let_in, scan, secret_of_qr, shown_code
from tests.support.chromium import close, new_context

pytestmark = pytest.mark.e2e


def test_an_operator_takes_over_at_once_and_both_are_told(
    lab: Lab, open_screen: OpenScreen
) -> None:
    swap = begin(lab, 8).to_pull()
    phone = SwapScreen(lab, open_screen("tim", **PHONE).page).show(swap.swap)
    expect(phone.page.locator("#people")).to_contain_text("You have slot 8.")
    desk = SwapScreen(lab, open_screen("olga").page).show(swap.swap)
    expect(desk.page.locator("#people")).to_contain_text("tim has slot 8. You follow.")
    desk.press("take_over")
    expect(desk.dialog).to_contain_text("tim has it now, and is told.")
    desk.dialog.locator("button[type=submit]").click()
    expect(desk.page.locator("#people")).to_contain_text("You have slot 8.")
    expect(phone.page.locator("#people")).to_contain_text("olga has slot 8.")
    expect(phone.page.locator("#log")).to_contain_text("olga: Taken over from tim")
    expect(phone.button("cancel")).to_have_attribute("aria-disabled", "true")
    expect(phone.page.locator("#swap-whys")).to_contain_text("olga has this swap.")
    phone.expect_key("4")
    phone.expect_no_reload()


def test_a_technician_takes_over_after_two_minutes_of_silence_and_not_before(
    lab: Lab, open_screen: OpenScreen
) -> None:
    swap = begin(lab, 8).to_pull()  # nobody's page renews the lease
    phone = SwapScreen(lab, open_screen("tess", **PHONE).page).show(swap.swap)
    expect(phone.button("take_over")).to_have_attribute("aria-disabled", "true")
    expect(phone.page.locator("#swap-whys")).to_contain_text("after 2 minutes of silence")
    swap.pass_time(120, "lease_until")
    expect(phone.page.locator("#people")).to_contain_text("Not heard of for 2 minutes.")
    phone.agree("take_over")
    expect(phone.page.locator("#people")).to_contain_text("You have slot 8.")
    expect(phone.button("cancel")).to_have_attribute("aria-disabled", "false")


def test_a_message_is_seen_on_both_screens(lab: Lab, open_screen: OpenScreen) -> None:
    swap = begin(lab, 8).to_pull()
    phone = SwapScreen(lab, open_screen("tim", **PHONE).page).show(swap.swap)
    desk = SwapScreen(lab, open_screen("tess").page).show(swap.swap)
    desk.page.locator("#log-message input[type=text]").fill("The spare is on shelf 2")
    desk.page.keyboard.press("Enter")
    for screen in (desk, phone):
        expect(screen.page.locator("#log")).to_contain_text("tess: The spare is on shelf 2")
    expect(desk.page.locator("#log-message input[type=text]")).to_have_value("")


def test_a_viewer_sees_each_step_and_can_press_nothing(lab: Lab, open_screen: OpenScreen) -> None:
    swap = begin(lab, 8)
    viewer = SwapScreen(lab, open_screen("vera", **PHONE).page).show(swap.swap)
    swap.to_pull()
    viewer.expect_key("4", "Pull slot 8")
    expect(viewer.page.locator("#swap-whys")).to_contain_text("Needs the role technician.")
    expect(viewer.page.locator("#screen button[aria-disabled=false]")).to_have_count(0)
    url = f"{lab.app.url}/w/{swap.swap}/do/"
    answer = lab.visitor("vera").post(
        url, {"do": "park", "seen": swap.version}, Accept="application/json"
    )
    assert answer.status == 403


def test_the_second_swap_of_a_chassis_waits_and_says_for_whom(
    lab: Lab, open_screen: OpenScreen
) -> None:
    first = begin(lab, 8).to_pull()
    second = begin(lab, 10, "tess")
    phone = SwapScreen(lab, open_screen("tess", **PHONE).page).show(second.swap)
    phone.tap("at_rack")
    phone.expect_key("2")
    phone.tap_slot(10)
    phone.expect_key("3/queued", "Slot 10 waits its turn")
    expect(phone.card).to_contain_text("One slot at a time: slot 8 is first. tim has it.")
    lights = lab.bay(10)["lights"]
    assert lights >> 6 & 7 == 0, "never two blue lights to pull"
    assert lights >> 9 & 7 != 2, "nor a second slot that invites"
    first.press("park")
    phone.expect_key("5", "Insert into slot 10")


def test_a_dead_phone_loses_nothing_another_device_goes_on(
    lab: Lab, open_screen: OpenScreen
) -> None:
    swap = begin(lab, 8).to_pull()
    phone = SwapScreen(lab, open_screen("tim", **PHONE).page).show(swap.swap)
    close(phone.page.context)
    lab.tell("pull 8")
    other = SwapScreen(lab, open_screen("tim").page).show(swap.swap)
    other.expect_key("5", "Insert into slot 8")
    expect(other.page.locator("#people")).to_contain_text("You have slot 8.")
    lab.tell("insert 8")
    other.expect_key("6/same_back")
    other.press("accept_carrier")
    other.expect_key("8")
    other.wait_until_well()
    other.press("accept_health")
    other.expect_key("done")


def test_a_phone_signed_in_for_swaps_only_swaps_and_switches_nothing_else(
    lab: Lab, open_screen: OpenScreen, browser: Browser
) -> None:
    desk = open_screen("olga").page
    context = new_context(browser, **PHONE)
    page = scan(lab, context, secret_of_qr(lab, is_swap_only=True))
    desk.goto(f"{lab.app.url}/settings/phones/")
    let_in(desk, shown_code(page))
    page.wait_for_url("**/w/")
    page.get_by_role("link", name="New swap").tap()
    page.locator(f'a[href="/w/new/?slot={lab.slug}-08"]').tap()
    page.get_by_role("button", name="Start the swap of slot 8").tap()
    page.wait_for_url("**/w/*/")
    phone = SwapScreen(lab, page).wait()
    phone.tap("at_rack")
    phone.expect_key("2")
    phone.tap_slot(8)
    phone.expect_key("4", "Pull slot 8")
    lab.tell("pull 8")
    phone.expect_key("5")
    lab.tell("insert 8")
    phone.expect_key("6/same_back")
    phone.tap("accept_carrier")
    phone.expect_key("8")
    phone.wait_until_well()
    phone.tap("accept_health")
    phone.expect_key("done")
    page.goto(lab.url("s/3/"))
    expect(page.locator('form[data-op="power_off"] button')).to_have_attribute(
        "aria-disabled", "true"
    )
    said = page.evaluate(
        "url => fetch(url, {method: 'POST', body: new URLSearchParams("
        "{op: 'power_off', confirm: '3', csrfmiddlewaretoken: document.querySelector("
        "'[name=csrfmiddlewaretoken]').value})}).then(answer => answer.status)",
        lab.url("s/3/command/"),
    )
    assert said == 403
    assert lab.bay(3)["rail_on"] is True
    close(context)
