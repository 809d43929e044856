"""A phone is signed in from the desk: two real browsers, with and without script."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import OpenScreen
from tests.e2e.lab import Lab
from tests.support.chromium import close, new_context

pytestmark = pytest.mark.e2e

_OVERHEAR = """
from django.utils import timezone
from backplane.people import phones
from backplane.people.audit import Actor
from backplane.people.models import User
owner = User.objects.get(username="olga")
made = phones.make_pass(Actor(owner.pk, "olga", "operator", "desk"), owner, timezone.now(), is_swap_only={})
print("secret", made.secret)
"""


def secret_of_qr(lab: Lab, *, is_swap_only: bool = False) -> str:
    """Make a QR for olga; a test has no camera, so the address is told rather than drawn."""
    said = lab.app.manage("shell", "-c", _OVERHEAR.format(is_swap_only))
    return next(line.split()[1] for line in said.splitlines() if line.startswith("secret "))


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A phone's browser that nobody has signed in."""
    context = new_context(browser, width=390, height=844, has_touch=True)
    yield context
    close(context)


def shown_code(page: Page) -> str:
    return (page.locator(".phone-code").text_content() or "").strip()


def scan(lab: Lab, phone: BrowserContext, secret: str) -> Page:
    page = phone.new_page()
    page.goto(f"{lab.app.url}/phone/{secret}/")
    page.get_by_role("button", name="Show the code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Type this at the desk")
    return page


def let_in(desk: Page, code: str) -> None:
    """Type at the desk what the phone shows."""
    desk.get_by_label("Which code does your phone show?").fill(code)
    desk.get_by_role("button", name="Let it in").click()


def sign_out_all(desk: Page) -> None:
    """Sign every phone of olga out: other tests may have left some in."""
    inside = desk.get_by_role("button", name="Sign out").filter(has_text="olga")
    for left in reversed(range(inside.count())):
        inside.first.click()
        expect(inside).to_have_count(left)


def test_the_desk_follows_and_the_phone_gets_in_by_itself(
    lab: Lab, open_screen: OpenScreen, phone: BrowserContext
) -> None:
    desk = open_screen("olga").page
    desk.goto(f"{lab.app.url}/settings/phones/")
    sign_out_all(desk)
    desk.get_by_role("button", name="Show a QR code").click()
    expect(desk.get_by_role("img", name="QR code that signs a phone in")).to_be_visible()
    expect(desk.locator("[data-left]")).to_have_text(re.compile(r"^Good for \d+ s\.$"))
    page = scan(lab, phone, secret_of_qr(lab))
    code = shown_code(page)
    asked = desk.get_by_label("Which code does your phone show?")
    expect(asked).to_be_focused()  # the page came by itself
    assert code not in desk.locator("main").inner_text()
    desk.keyboard.type(code)
    desk.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/phone/" not in url)
    expect(page.locator(".me-name")).to_contain_text("technician")
    page.goto(lab.url())
    expect(page.locator("body")).to_have_attribute("data-level", "live")
    inside = desk.get_by_role("button", name="Sign out").filter(has_text="olga")
    expect(inside).to_have_count(1)  # the desk's page looks each second
    inside.click()
    page.wait_for_url("**/sign-in/?next=*")  # its socket was closed, at once


def test_it_works_without_script(lab: Lab, browser: Browser, open_screen: OpenScreen) -> None:
    desk = open_screen("olga", java_script_enabled=False).page
    context = new_context(browser, java_script_enabled=False)
    page = scan(lab, context, secret_of_qr(lab, is_swap_only=True))
    desk.goto(f"{lab.app.url}/settings/phones/")
    let_in(desk, shown_code(page))
    page.get_by_role("link", name="Look again").click()
    page.get_by_role("button", name="Sign in as olga").click()
    page.wait_for_url("**/w/")
    page.goto(f"{lab.app.url}/events/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not from this phone")
    close(context)


def test_the_secret_leaves_with_no_request_and_lies_in_no_log(
    lab: Lab, phone: BrowserContext
) -> None:
    secret = secret_of_qr(lab)
    referrers: list[str] = []
    phone.on("request", lambda request: referrers.append(request.headers.get("referer", "")))
    scan(lab, phone, secret)
    assert referrers
    assert not any(secret in referrer for referrer in referrers)
    assert secret not in (lab.app.data_dir / "app.log").read_text()
