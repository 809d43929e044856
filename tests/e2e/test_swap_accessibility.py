"""axe finds nothing on any screen of a swap, in any look: one page walks through its steps and branches."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.axe_looks import load_axe, violations
from tests.e2e.conftest import OpenScreen
from tests.e2e.lab import Lab
from tests.e2e.swap_screens import SwapScreen, begin, pass_time_since

pytestmark = pytest.mark.e2e

Check = Callable[[str], None]


@pytest.fixture(scope="module")
def axe() -> Axe:
    return load_axe()


@pytest.fixture
def screen(lab: Lab, open_screen: OpenScreen) -> SwapScreen:
    return SwapScreen(lab, open_screen("tim").page)


@pytest.fixture
def check(screen: SwapScreen, axe: Axe) -> Check:
    """Wait for a screen and look at the part of the page that the step draws."""

    def look(key: str) -> None:
        screen.expect_key(key)
        assert violations(axe, screen.page, "#screen") == [], key

    return look


def test_steps_1_to_5_and_what_can_befall_them(lab: Lab, screen: SwapScreen, check: Check) -> None:
    swap = begin(lab, 8)
    screen.show(swap.swap)
    check("1")
    screen.page.locator("#more > summary").click()
    check("1")
    screen.page.locator("#more > summary").click()
    swap.press("light_missing")
    check("1/no_read_back")
    swap.press("at_rack")
    check("2")
    swap.press("slot", slot="6")
    check("2/wrong_slot")
    swap.press("try_again")
    swap.press("slot", slot="8")
    check("4")
    lab.tell("pull 6")
    check("4/wrong_pull")
    lab.tell(f"insert 6 {lab.home[6]}")
    check("4/restore")
    swap.press("leave_off")
    swap.until("4")
    swap.pass_time(600, "step_since")
    check("4/not_pulled")
    swap.press("park")
    check("parked")


def test_the_shutdown(lab: Lab, screen: SwapScreen, check: Check) -> None:
    lab.tell("hang 9")
    swap = begin(lab, 9)
    swap.find()
    screen.show(swap.swap)
    check("3")
    screen.button("cut").click()
    expect(screen.dialog).to_be_visible()
    check("3")  # with its gravest question open
    screen.page.keyboard.press("Escape")
    swap.press("shut_down")
    lab.until_slot(9, face="shutting-down")
    pass_time_since(lab, "shutdown", 90)
    check("3/hangs")
    swap.press("cut")
    swap.until("4")
    second = begin(lab, 10)
    second.find()
    screen.show(second.swap)
    check("3/queued")


def test_steps_5_to_9_and_the_receipt(lab: Lab, screen: SwapScreen, check: Check, axe: Axe) -> None:
    swap = begin(lab, 8).to_insert()
    screen.show(swap.swap)
    check("5")
    swap.put_in()
    check("6/same_back")
    lab.set_budget("20")
    swap.press("accept_carrier")
    check("7/no_power")
    lab.set_budget("")
    check("8")
    lab.until_bay(8, pi="running")
    lab.tell("halt 8")
    check("8/unhealthy")
    swap.press("accept_health", note="It is only to be wiped")
    check("done")
    screen.page.goto(swap.url("receipt/"))
    assert violations(axe, screen.page) == [], "receipt"


def test_who_is_it(lab: Lab, screen: SwapScreen, check: Check) -> None:
    swap = begin(lab, 5).to_insert()
    screen.show(swap.swap)
    swap.put_in("BPC-UNKNOWN-2")
    check("6/unknown")
    screen.page.context.set_offline(True)
    expect(screen.offline).to_be_visible()
    check("6/unknown")  # with the banner, and every button off
    screen.page.context.set_offline(False)
    expect(screen.offline).to_be_hidden()
    swap.press("cancel")
    check("cancelled")
