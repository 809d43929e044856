"""A chassis page in a real browser, with the words that tests of it need."""

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.e2e.lab import LIMIT_S, Lab
from tests.support.app_process import ADMIN
from tests.support.chromium import new_context

expect.set_options(timeout=LIMIT_S * 1000)


def signed_in(lab: Lab, browser: Browser, name: str = ADMIN, **options: Any) -> BrowserContext:  # noqa: ANN401  (the options of Playwright)
    """Return a fresh context whose cookies are those of a signed-in person."""
    context = new_context(browser, **options)
    context.set_default_timeout(LIMIT_S * 1000)
    cookies = [
        {"name": cookie.name, "value": cookie.value or "", "url": lab.app.url}
        for cookie in lab.visitor(name).cookies
    ]
    context.add_cookies(cookies)  # type: ignore[arg-type]  # a TypedDict with these very keys
    return context


@dataclass
class Screen:
    """One page that follows a chassis."""

    lab: Lab
    page: Page

    def show(self, rest: str = "", slug: str = "") -> "Screen":
        """Open the chassis page, or another page of the chassis, and wait until it is live."""
        self.page.goto(f"{self.lab.app.url}/c/{slug or self.lab.slug}/{rest}")
        self.expect_level("live")
        return self

    def expect_level(self, level: str) -> None:
        expect(self.page.locator("body")).to_have_attribute("data-level", level)

    def bay(self, number: int) -> Locator:
        return self.page.locator(f"#bay-{number}")

    def row(self, number: int) -> Locator:
        """The slot's line in the list of narrow screens."""
        return self.page.locator(f'[data-row="{number}"] a')

    def expect_face(self, number: int, face: str, word: str = "") -> None:
        expect(self.bay(number)).to_have_attribute("data-face", face)
        if word:
            expect(self.bay(number).locator('[data-f="word"]')).to_have_text(word)

    def expect_lamp(self, number: int, which: str, colour: str, pattern: str) -> None:
        lamp = self.bay(number).locator(f'[data-lamp="{which}"]')
        expect(lamp).to_have_attribute("data-pattern", pattern)
        if pattern != "off":
            expect(lamp).to_have_attribute("data-colour", colour)

    @property
    def panel(self) -> Locator:
        """The slot in full: drawer of the chassis page, body of the slot page."""
        return self.page.locator("[data-panel]")

    def part(self, name: str) -> Locator:
        return self.panel.locator(f'[data-part="{name}"]')

    def open(self, number: int) -> None:
        """Open the slot's drawer."""
        self.bay(number).click()
        expect(self.panel).to_have_attribute("data-n", str(number))
        expect(self.panel).to_be_visible()

    def button(self, op: str) -> Locator:
        return self.panel.locator(f'form[data-op="{op}"] button')

    @property
    def dialog(self) -> Locator:
        return self.page.locator('dialog[data-dialog="ask"]')

    def press(self, op: str) -> None:
        """Press an action that asks first, up to its open dialog."""
        expect(self.button(op)).to_have_attribute("aria-disabled", "false")
        self.button(op).click()
        expect(self.dialog).to_be_visible()

    def say_yes(self) -> None:
        self.dialog.locator("[data-yes]").click()
        expect(self.dialog).to_be_hidden()

    def type_number(self, number: int) -> None:
        """Confirm the gravest class by typing."""
        self.dialog.get_by_label(re.compile("number")).fill(str(number))
        self.page.keyboard.press("Enter")
        expect(self.dialog).to_be_hidden()

    def expect_event(self, number: int, text: str) -> None:
        """Wait for a line of the slot in the chassis's event list."""
        lines = self.page.locator("[data-history] [data-events] li")
        line = lines.filter(has=self.page.get_by_text(f"Slot {number}", exact=True))
        expect(line.filter(has_text=text).first).to_be_visible()
