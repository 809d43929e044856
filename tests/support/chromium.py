"""Debian's Chromium under Playwright, with every phone-home switched off."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support.app_process import ADMIN, PASSWORD

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
EXECUTABLE = "/usr/bin/chromium"
_CLOSED_WITHIN_S = 20

logger = logging.getLogger(__name__)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a headless Chromium and close it at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def close(context: BrowserContext) -> None:
    """Close a context whose test is over. Once in thousands Chromium never says that it has: then it is left behind.

    The public close() has no time-out and would wait for ever; browser.close() ends what is left by force.
    """
    closing = asyncio.wait_for(context._impl_obj.close(None), _CLOSED_WITHIN_S)
    try:
        context._sync(closing)
    except TimeoutError:
        logger.warning("Chromium did not close %s", [page.url for page in context.pages])


def sign_in_page(
    context: BrowserContext, url: str, username: str = ADMIN, password: str = PASSWORD
) -> Page:
    """Return a page of `context` whose session has signed in at `url`."""
    page = context.new_page()
    page.goto(f"{url}/sign-in/")
    page.get_by_label("Name").fill(username)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: "/sign-in/" not in address)
    return page


def new_context(
    browser: Browser,
    *,
    width: int = 1440,
    height: int = 900,
    **options: Any,  # noqa: ANN401  (Playwright's own option types)
) -> BrowserContext:
    """Return a fresh context of the given window size, in British English and UTC."""
    return browser.new_context(
        viewport={"width": width, "height": height}, locale="en-GB", timezone_id="UTC", **options
    )
