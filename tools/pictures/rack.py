"""Pictures of the rack, one slot, events: a day on which a few things happened."""

from playwright.sync_api import expect

from tests.support.chromium import new_context
from tools.pictures.studio import PHONE, Studio, shoot

NAMES = {
    1: "gw-01",
    2: "gw-02",
    3: "db-01",
    4: "db-02",
    6: "cache-01",
    7: "web-03",
    8: "web-04",
    9: "web-05",
}


def name_the_pis(studio: Studio) -> None:
    """Wait for the rack and name what stands in it, as a person would."""
    studio.until_slot(1, face="running")
    for number, name in NAMES.items():
        studio.name(number, name)


def a_day(studio: Studio) -> None:
    """A trip, a halt, a release, somebody who looks for a slot."""
    studio.rehearse("halt 9")
    studio.until_slot(9, face="halted")
    studio.ask(8, "release")
    studio.until_slot(8, face="safe")
    studio.rehearse("trip 7")
    studio.until_slot(7, face="fault")
    studio.ask(2, "locate_on")
    studio.until(lambda: studio.slot(2)["lamps"]["locate"]["pattern"] == "fast", "slot 2 is lit")


def chassis(studio: Studio) -> None:
    with studio.page() as page:
        studio.live(page, "?slot=7")
        shoot(page, "chassis-light")
    with studio.page(color_scheme="dark") as page:
        studio.live(page, "?slot=8")
        shoot(page, "chassis-dark")
    with studio.page(**PHONE) as page:
        studio.live(page)
        shoot(page, "chassis-phone")


def slot(studio: Studio) -> None:
    with studio.page() as page:
        studio.live(page, "s/2/")
        shoot(page, "slot")


def sign_in_picture(studio: Studio) -> None:
    context = new_context(studio.browser, width=1200, height=750)
    page = context.new_page()
    page.goto(f"{studio.app.url}/sign-in/")
    shoot(page, "sign-in")
    context.close()


def events(studio: Studio) -> None:
    with studio.page() as page:
        page.goto(f"{studio.app.url}/events/")
        shoot(page, "events")


def rehearsal(studio: Studio) -> None:
    with studio.page() as page:
        studio.live(page, "?slot=3")
        page.locator("[data-rehearsal] summary").click()
        shoot(page, "rehearsal")


def chassis_stale(studio: Studio) -> None:
    """The last one: the server is gone, and the page says so."""
    with studio.page() as page:
        studio.live(page, "?slot=3")
        studio.app.stop()
        expect(page.locator("body")).to_have_attribute("data-level", "stale")
        shoot(page, "chassis-stale")
