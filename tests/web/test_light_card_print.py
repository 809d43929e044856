"""The light card in Chromium: no rule of accessibility is broken, and each paper takes it on one page."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from backplane.people.roles import Role
from tests.support.chromium import chromium, new_context, sign_in_page
from tests.web.racks import PASSWORD, make_user
from tests.web.test_browser import AXE

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def browser(transactional_db: None) -> Iterator[Browser]:
    make_user("ben", Role.VIEWER)
    with chromium() as browser:
        yield browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_card_on_a_screen(browser: Browser, live_server: LiveServer, scheme: str) -> None:
    for width in (1200, 390):
        context = new_context(browser, width=width, color_scheme=scheme)
        page = sign_in_page(context, live_server.url, "ben", PASSWORD)
        page.goto(live_server.url + "/help/leds/")
        found = Axe.from_file(AXE).run(page, options={"resultTypes": ["violations"]})
        assert found.response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        context.close()


def test_the_card_takes_one_page_of_each_paper(browser: Browser, live_server: LiveServer) -> None:
    page = sign_in_page(new_context(browser), live_server.url, "ben", PASSWORD)
    page.goto(live_server.url + "/help/leds/")
    pages = {
        paper: len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(format=paper)))
        for paper in ("A4", "A5", "A6")
    }
    assert pages == {"A4": 1, "A5": 1, "A6": 1}


def test_nothing_blinks_for_who_wants_less_motion(
    browser: Browser, live_server: LiveServer
) -> None:
    script = (
        "[...document.querySelectorAll('.lamp')].filter((l) => l.getAnimations().length).length"
    )
    for motion, blinks in (("reduce", False), ("no-preference", True)):
        context = new_context(browser, reduced_motion=motion)
        page = sign_in_page(context, live_server.url, "ben", PASSWORD)
        page.goto(live_server.url + "/help/leds/")
        assert bool(page.evaluate(script)) is blinks
        context.close()
