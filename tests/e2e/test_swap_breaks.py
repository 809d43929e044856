"""No network, no app: the last step stays on screen, the lights go on, and the swap is where the hands left it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenScreen
from tests.e2e.lab import Lab, until
from tests.e2e.swap_screens import PHONE, Pilot, SwapScreen, begin

pytestmark = pytest.mark.e2e

_KEPT = "path => caches.match(path, {ignoreVary: true}).then(kept => kept?.text() ?? '')"


def test_offline_the_step_stays_nothing_is_queued_and_the_return_is_told_in_a_sentence(
    lab: Lab, open_screen: OpenScreen
) -> None:
    swap = begin(lab, 8).to_pull()
    phone = SwapScreen(lab, open_screen("tim", **PHONE).page).show(swap.swap)
    phone.expect_key("4")
    phone.page.context.set_offline(True)
    expect(phone.offline).to_contain_text("blue steady = pull, white slow = insert, red = stop")
    expect(phone.offline).to_contain_text("nothing is sent later")
    sent: list[str] = []
    phone.page.on("request", lambda request: sent.append(request.method))
    for button in phone.page.locator("#screen .deed button").all():
        expect(button).to_have_attribute("aria-disabled", "true")
        expect(button).to_have_attribute("aria-describedby", "offline-text")
    phone.page.locator("#bar-light_missing button").tap(force=True)
    expect(phone.refusal).to_contain_text("Offline.")
    lab.tell("pull 8")  # the light says so still
    swap.until("5")
    phone.expect_key("4", "Pull slot 8")
    expect(phone.lamp).to_have_attribute("data-pattern", "on")
    assert "POST" not in sent
    phone.page.context.set_offline(False)
    phone.expect_key("5", "Insert into slot 8")
    expect(phone.offline).to_be_hidden()
    expect(phone.news).to_contain_text("Meanwhile: Slot 8 was pulled at")
    assert (phone.news.locator("p").text_content() or "").count(".") == 1, "one sentence"
    expect(phone.page.locator("#log")).not_to_contain_text("The light is not as said")
    phone.expect_no_reload()


def test_offline_a_reload_shows_the_last_step_and_the_light_card(
    lab: Lab, open_screen: OpenScreen
) -> None:
    swap = begin(lab, 8)
    phone = SwapScreen(lab, open_screen("tim", **PHONE).page).show(swap.swap)
    swap.to_pull()
    phone.expect_key("4")
    path = f"/w/{swap.swap}/"
    _until(phone.page, lambda: 'data-key="4"' in phone.page.evaluate(_KEPT, path))
    _until(phone.page, lambda: phone.page.evaluate(_KEPT, "/help/leds/"))
    phone.page.context.set_offline(True)
    phone.page.reload()
    phone.expect_key("4", "Pull slot 8")
    expect(phone.offline).to_be_visible()
    phone.page.goto(f"{lab.app.url}/help/leds/")
    expect(phone.page.get_by_role("heading", level=1)).to_have_text("What the lights say")
    phone.page.context.set_offline(False)
    phone.show(swap.swap).expect_key("4")


def test_whoever_is_signed_out_leaves_no_page_behind(lab: Lab, open_screen: OpenScreen) -> None:
    swap = begin(lab, 8)
    phone = SwapScreen(lab, open_screen("tim", **PHONE).page).show(swap.swap)
    path = f"/w/{swap.swap}/"
    _until(phone.page, lambda: phone.page.evaluate(_KEPT, path))
    phone.page.context.clear_cookies()  # as when the desk has ended the phone's session
    phone.page.goto(f"{lab.app.url}{path}")
    expect(phone.page.get_by_role("button", name="Sign in")).to_be_visible()
    assert phone.page.evaluate(_KEPT, path) == ""


def _until(page: Page, holds: Callable[[], object]) -> None:
    for _ in range(300):
        if holds():
            return
        page.wait_for_timeout(100)  # lets the browser's messages through, unlike a sleep
    pytest.fail("the worker keeps no page")


def test_a_restart_of_the_app_at_any_step_leaves_the_swap_where_it_was(
    lab: Lab, open_screen: OpenScreen
) -> None:
    swap = begin(lab, 9)
    phone = SwapScreen(lab, open_screen("tim", **PHONE).page).show(swap.swap)
    desk = SwapScreen(lab, open_screen("olga").page).show(swap.swap)
    both = (phone, desk)
    _restart_at("1", swap, both)
    phone.tap("at_rack")
    phone.expect_key("2")
    phone.tap_slot(9)
    _restart_at("3", swap, both)
    phone.hold("cut")
    _restart_at("4", swap, both)
    lab.tell("pull 9")
    _restart_at("5", swap, both)
    _wait_for_power(lab, swap)
    # What was only asked for is never sent by a program that has just started: a person says it again.
    _restart_at("7/no_power", swap, both, after="7/refused")
    lab.set_budget("")
    phone.tap("power_now")
    _restart_at("8", swap, both)
    phone.wait_until_well()
    phone.tap("accept_health")
    for screen in both:
        screen.expect_key("done")
        screen.expect_no_reload()


def _expect_each(screens: tuple[SwapScreen, ...], key: str) -> None:
    for screen in screens:
        screen.expect_key(key)


def _restart_at(key: str, swap: Pilot, screens: tuple[SwapScreen, ...], *, after: str = "") -> None:
    """Cut the host's power at this step, no goodbye to anybody; all comes back by itself."""
    lab = swap.lab
    _expect_each(screens, key)
    rail = lab.bay(9)["rail_on"]
    lab.app.kill()
    lab.app.start()
    until(lambda: lab.view()["link"]["up"], "the link is up")
    swap.until(after or key)
    for screen in screens:
        expect(screen.screen).to_have_attribute("data-version", swap.version)
        screen.expect_key(after or key)
        expect(screen.page.locator("body")).to_have_attribute("data-level", "live")
        expect(screen.offline).to_be_hidden()
        screen.expect_no_reload()
    assert lab.bay(9)["rail_on"] is rail


def _wait_for_power(lab: Lab, swap: Pilot) -> None:
    lab.set_budget("20")
    swap.put_in()
    swap.until("6/same_back")
    swap.press("accept_carrier")
