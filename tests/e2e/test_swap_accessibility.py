"""axe finds nothing on a swap's page as its script leaves it: morphed from step to step, asking, alarmed, offline.

What each step and branch looks like as the server draws it is in tests/web/test_swap_looks.py.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenScreen
from tests.e2e.lab import Lab
from tests.e2e.swap_screens import SwapScreen, begin
from tests.support.axe import load_axe, violations

pytestmark = pytest.mark.e2e

Check = Callable[[str], None]


@pytest.fixture(scope="module")
def axe() -> str:
    return load_axe()


@pytest.fixture
def screen(lab: Lab, open_screen: OpenScreen) -> SwapScreen:
    return SwapScreen(lab, open_screen("tim").page)


@pytest.fixture
def check(screen: SwapScreen, axe: str) -> Check:
    """Wait for a screen and look at the part of the page that the step draws."""

    def look(key: str) -> None:
        screen.expect_key(key)
        assert violations(axe, screen.page, "#screen") == [], key

    return look


def test_a_page_that_walks_with_its_swap(lab: Lab, screen: SwapScreen, check: Check) -> None:
    swap = begin(lab, 8)
    swap.press("at_rack")
    screen.show(swap.swap)
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
    screen.press("cancel")
    expect(screen.dialog).to_be_visible()
    check("4/restore")  # with a question open
    screen.page.keyboard.press("Escape")
    screen.page.context.set_offline(True)
    expect(screen.offline).to_be_visible()
    check("4/restore")  # with the banner, and every button off
