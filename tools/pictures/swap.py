"""Pictures of guided swaps: the nine steps on a phone, the desk that follows, a slot pulled by mistake, a receipt."""

from playwright.sync_api import Page, expect

from tools.pictures.studio import PHONE, Play, Studio, begin, shoot


def happy(studio: Studio) -> None:
    """Slot 7 gets another Pi: each step on the phone, two on the desk."""
    play = begin(studio, 7)
    with studio.page("tim", **PHONE) as phone, studio.page() as desk:
        for page in (phone, desk):
            page.goto(play.url())
            expect(page.locator("body")).to_have_attribute("data-level", "live")
        _find_and_stop(play, phone)
        take(play, desk, "4", "swap-desk")
        studio.rehearse("pull 7")
        take(play, phone, "5", "swap-5-insert")
        studio.rehearse("insert 7 BPC-5E21-07")
        take(play, phone, "6/unknown", "swap-6-identify")
        studio.set_budget("80")  # power comes in a blink; it is looked at while it waits
        play.press("name_new", name="web-03b")
        take(play, phone, "7/no_power", "swap-7-power-on")
        studio.set_budget("")
        take(play, phone, "8", "swap-8-health")
        play.press("accept_health")
        take(play, phone, "done", "swap-9-done")
        phone.get_by_role("link", name="Receipt").click()
        shoot(phone, "swap-receipt", is_whole=True)


def _find_and_stop(play: Play, phone: Page) -> None:
    expect(phone.locator("#lead")).to_have_text("Slot 7 blinks white.")
    take(play, phone, "1", "swap-1-locate")
    play.press("at_rack")
    take(play, phone, "2", "swap-2-confirm")
    play.press("slot", slot="7")
    take(play, phone, "3", "swap-3-shut-down")
    play.press("shut_down")
    expect(phone.locator("#now-title")).to_have_text("Shutting down slot 7")
    expect(phone.locator("#twin .read-back")).to_have_text("The board reports it so.")
    shoot(phone, "swap-3-shutting-down")
    take(play, phone, "4", "swap-4-pull")


def mistaken(studio: Studio) -> None:
    """Slot 3 is the one to pull, in the dark; somebody pulls slot 6."""
    play = begin(studio, 3)
    with studio.page("tim", **PHONE, color_scheme="dark") as phone:
        phone.goto(play.url())
        play.until("1")
        play.press("at_rack")
        take(play, phone, "2", "swap-2-confirm-dark")
        play.press("slot", slot="3")
        play.until("3")
        play.press("shut_down")
        take(play, phone, "4", "swap-4-pull-dark")
    _wrong_pull(studio, play)
    play.until("4")
    play.press("park")
    play.until("parked")
    with studio.page() as page:
        page.goto(f"{studio.app.url}/w/")
        shoot(page, "swaps")
    play.press("cancel")


def _wrong_pull(studio: Studio, play: Play) -> None:
    studio.rehearse("pull 6")
    with studio.page("tim", **PHONE) as phone:
        phone.goto(play.url())
        take(play, phone, "4/wrong_pull", "swap-wrong-pull")
    with studio.page() as desk:
        studio.live(desk, "?slot=6")
        shoot(desk, "alarm")
    studio.rehearse("insert 6")
    play.until("4/restore")
    play.press("restore_power")
    studio.until_slot(6, face="running")


def take(play: Play, page: Page, key: str, name: str) -> None:
    """Wait until the page shows the step, then take it."""
    play.until(key)
    screen = page.locator("#screen")
    expect(screen).to_have_attribute("data-key", key)
    lamp_says = page.locator("#twin .read-back")
    if lamp_says.count():
        expect(lamp_says).to_have_text("The board reports it so.")
    if page.locator("[data-until]").count():
        expect(page.locator("[data-until]")).to_contain_text("left")
    page.evaluate("scrollTo(0, 0)")
    shoot(page, name)
