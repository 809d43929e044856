"""axe finds nothing on any page: light and dark, desk and phone, live and stale; and the page bends to its reader."""

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import OpenScreen
from tests.e2e.lab import NOT_SIMULATED, Lab
from tests.e2e.screens import signed_in
from tests.e2e.test_phone_sign_in import scan, secret_of_qr
from tests.support.axe import load_axe, violations
from tests.support.chromium import close, new_context

pytestmark = pytest.mark.e2e

_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PAGES = {
    "list": "/",
    "chassis": "/c/{slug}/",
    "drawer": "/c/{slug}/?slot=3",
    "slot": "/c/{slug}/s/3/",
    "no data": f"/c/{NOT_SIMULATED}/",
    "life of a slot": "/c/{slug}/s/3/life/",
    "life of a carrier": "/carriers/1/",
    "power": "/c/{slug}/power/",
    "labels": "/c/{slug}/labels/",
    "swaps": "/w/",
    "which slot": "/w/new/",
    "start of a swap": "/w/new/?slot={slug}-08",
    "light card": "/help/leds/",
    "events": "/events/",
    "people": "/settings/people/",
    "sites": "/settings/sites/",
    "phones": "/settings/phones/",
    "tokens": "/settings/tokens/",
    "audit": "/settings/audit/",
    "over": "/phone/nothing-like-it/",
    "password": "/password/",
    "not found": "/c/no-such-rack/",
}


@pytest.fixture(scope="module")
def axe() -> str:
    return load_axe()


def test_axe_finds_nothing_on_any_page_and_320_pixels_are_enough(
    lab: Lab, open_screen: OpenScreen, axe: str
) -> None:
    page = open_screen().page
    found: dict[str, list[str]] = {}
    for name, path in PAGES.items():
        page.goto(lab.app.url + path.format(slug=lab.slug))
        if name in {"chassis", "drawer", "slot"}:
            expect(page.locator("body")).to_have_attribute("data-level", "live")
        found[name] = violations(axe, page)
        page.set_viewport_size({"width": 320, "height": 700})
        if page.evaluate(_OVERFLOW) > 0:
            found[name].append("it scrolls sideways")
    assert not {name: wrong for name, wrong in found.items() if wrong}


def test_axe_finds_nothing_where_one_is_not_signed_in(lab: Lab, browser: Browser, axe: str) -> None:
    context = new_context(browser)
    page = context.new_page()
    page.goto(f"{lab.app.url}/sign-in/")
    found = violations(axe, page)
    close(context)
    assert found == []


def test_axe_finds_nothing_on_a_refusal(lab: Lab, open_screen: OpenScreen, axe: str) -> None:
    page = open_screen("vera").page
    page.goto(f"{lab.app.url}/settings/people/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("role")
    assert violations(axe, page) == []


def test_axe_finds_nothing_while_a_phone_signs_in(
    lab: Lab, open_screen: OpenScreen, browser: Browser, axe: str
) -> None:
    desk = open_screen("olga").page
    desk.goto(f"{lab.app.url}/settings/phones/")
    desk.get_by_role("button", name="Show a QR code").click()
    assert violations(axe, desk) == []
    context = new_context(browser)
    phone = scan(lab, context, secret_of_qr(lab))
    assert violations(axe, phone) == []
    expect(desk.get_by_role("button", name="Let it in").first).to_be_visible()
    assert violations(axe, desk) == []
    close(context)


def test_axe_finds_nothing_in_the_question_before_a_token(
    lab: Lab, open_screen: OpenScreen, axe: str
) -> None:
    page = open_screen().page
    page.goto(f"{lab.app.url}/settings/tokens/")
    page.get_by_label("Name").fill("axe")
    page.get_by_label("read reads chassis").check()
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Make the token axe?")
    assert violations(axe, page) == []


def test_axe_finds_nothing_on_a_rack_in_trouble(
    lab: Lab, open_screen: OpenScreen, axe: str
) -> None:
    screen = open_screen().show()
    lab.ask(8, "release")
    screen.expect_face(8, "safe")
    for line in ("trip 3", "halt 2", "loose 4 on", "pull 7"):
        lab.tell(line)
    lab.ask(9, "power_off")
    lab.ask(1, "locate_on")
    for number, face in {7: "fault", 3: "fault", 2: "halted", 4: "suspicious", 9: "off"}.items():
        screen.expect_face(number, face)
    assert violations(axe, screen.page) == []


def test_axe_finds_nothing_in_the_gravest_question(
    lab: Lab, open_screen: OpenScreen, axe: str
) -> None:
    screen = open_screen().show()
    screen.open(3)
    screen.press("power_off")
    assert violations(axe, screen.page) == []


def test_axe_finds_nothing_on_stale_pages(lab: Lab, open_screen: OpenScreen, axe: str) -> None:
    for rest in ("?slot=3", "s/3/"):
        screen = open_screen()
        screen.page.clock.install()
        screen.show(rest)
        screen.page.context.set_offline(True)
        screen.page.clock.fast_forward(12_000)
        screen.expect_level("stale")
        assert violations(axe, screen.page) == [], rest


def test_twice_the_zoom_loses_nothing(lab: Lab, open_screen: OpenScreen) -> None:
    # 200 % in a window of 1440 x 900 is a layout of 720 x 450 at twice the density.
    screen = open_screen(width=720, height=450, device_scale_factor=2).show()
    assert screen.page.evaluate(_OVERFLOW) <= 0
    for number in range(1, 11):  # the bays have no room for words now, so the list says them
        expect(screen.row(number)).to_be_visible()
        expect(screen.row(number).locator("b")).to_have_text(lab.slot(number)["word"])


def test_colours_of_the_reader_keep_every_border_and_lamp(lab: Lab, browser: Browser) -> None:
    context = signed_in(lab, browser, forced_colors="active")
    page = context.new_page()
    page.goto(lab.url())
    expect(page.locator("body")).to_have_attribute("data-level", "live")
    styles = (
        "bay => { const s = getComputedStyle(bay); return [s.borderTopStyle, s.borderTopWidth]; }"
    )
    for number in (1, 5, 8):
        style, width = page.locator(f"#bay-{number}").evaluate(styles)
        assert style != "none"
        assert width != "0px"
    lamp = page.locator('#bay-1 [data-lamp="status"]')
    green = lamp.evaluate("lamp => getComputedStyle(lamp).backgroundColor")
    red, good, blue = (
        int(part) for part in green.removeprefix("rgb(").removesuffix(")").split(",")
    )
    assert good > 2 * red
    assert good > blue
    close(context)


def test_targets_are_large_enough_for_a_finger(lab: Lab, open_screen: OpenScreen) -> None:
    page = open_screen(width=390, height=844, has_touch=True, is_mobile=True).show().page
    sizes = page.locator(".bay-row, .acts .btn").evaluate_all(
        "all => all.filter(one => one.checkVisibility()).map(one => one.getBoundingClientRect().height)"
    )
    assert len(sizes) >= 10
    assert min(sizes) >= 44
