"""Pictures of what stands around a swap: the light card, power, a life, an event, phones, the audit trail."""

import re

from playwright.sync_api import expect

from tests.support.chromium import new_context
from tools.pictures.studio import PHONE, Studio, shoot

_A_PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
_LET_IN = """
from django.utils import timezone
from backplane.people import phones
from backplane.people.audit import Actor
from backplane.people.models import User
owner = User.objects.get(username="tim")
actor = Actor(owner.pk, "tim", "technician", "desk")
print("secret", phones.make_pass(actor, owner, timezone.now(), is_swap_only=True).secret)
"""


def light_card(studio: Studio) -> None:
    with studio.page(height=1150) as page:
        page.goto(f"{studio.app.url}/help/leds/")
        shoot(page, "light-card")


def power(studio: Studio) -> None:
    """The budget is small, so slot 8 waits."""
    studio.ask(8, "release_off")
    studio.until_slot(8, face="off")
    studio.set_budget("80")
    studio.ask(8, "power_on")
    studio.until(lambda: (studio.slot(8)["pending"] or {}).get("wait"), "slot 8 waits for power")
    with studio.page(height=1000) as page:
        page.goto(studio.url("power/"))
        expect(page.locator("body")).to_contain_text(re.compile("Slot 8 .*needs", re.IGNORECASE))
        shoot(page, "power")
    studio.ask(8, "take_back")
    studio.set_budget("")


def life(studio: Studio) -> None:
    with studio.page() as page:
        page.goto(studio.url("s/7/life/"))
        shoot(page, "life")


def event(studio: Studio) -> None:
    """The trip of slot 7, with what all slots drew around it."""
    with studio.page(height=1100) as page:
        page.goto(f"{studio.app.url}/events/")
        page.locator("li", has_text="cut by hardware").first.locator(".when").click()
        expect(page.locator(".flight")).to_be_visible()
        shoot(page, "event-flight")


def phones(studio: Studio) -> None:
    """A phone asks to be let in; a picture has no camera, so the address is told rather than drawn."""
    secret = _secret(studio)
    phone = new_context(studio.browser, **PHONE, user_agent=_A_PHONE)
    page = phone.new_page()
    page.goto(f"{studio.app.url}/phone/{secret}/")
    page.get_by_role("button", name="Show the code").click()
    expect(page.locator(".phone-code")).to_be_visible()
    shoot(page, "phone-code")
    with studio.page("tim") as desk:
        desk.goto(f"{studio.app.url}/settings/phones/")
        expect(desk.locator(".phone-code").first).to_be_visible()
        shoot(desk, "phones")
    phone.close()


def _secret(studio: Studio) -> str:
    said = studio.app.manage("shell", "-c", _LET_IN)
    return next(line.split()[1] for line in said.splitlines() if line.startswith("secret "))


def audit(studio: Studio) -> None:
    with studio.page() as page:
        page.goto(f"{studio.app.url}/settings/audit/")
        shoot(page, "audit")
