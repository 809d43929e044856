"""The pages in a real browser: accessibility rules, keys, questions before commands, old pictures."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from backplane.people.models import Site
from backplane.people.roles import Role
from backplane.slots.models import Chassis, Command, HardwareEvent, Module
from tests.support.axe import load_axe, look, violations
from tests.web.conftest import OpenAs
from tests.web.racks import OTHER_LOOKS, make_chassis, make_user

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
# All that folds, but for the menus: those lie over the page.
_OPEN = "document.querySelectorAll('main details').forEach((one) => { one.open = true; })"
FRESH = timedelta(
    days=1
)  # seen so far in the future that no test can be slow enough to call it old
Visit = Callable[..., Page]


@pytest.fixture
def rack(transactional_db: None) -> Chassis:
    make_user("ben", Role.OPERATOR)
    make_chassis("a12", simulated=False, looks=OTHER_LOOKS)
    chassis = make_chassis("demo")
    Chassis.objects.update(seen_at=timezone.now() + FRESH)
    return chassis


@pytest.fixture
def old_rack(rack: Chassis) -> Chassis:
    Chassis.objects.update(seen_at=timezone.now() - timedelta(minutes=2))
    return rack


@pytest.fixture
def visit(rack: Chassis, open_as: OpenAs) -> Visit:
    """Open pages as ben, each call in a window of its own size and scheme."""

    def open_page(path: str, **options: Any) -> Page:  # noqa: ANN401  (Playwright's own options)
        page = open_as("ben", path, **options)
        # Until its script runs the page is a page of plain forms, which is another test's subject.
        expect(page.locator("body:not([data-level=checking])")).to_be_visible(timeout=30_000)
        return page

    return open_page


def test_no_page_breaks_an_accessibility_rule(
    record_paths: list[str], visit: Visit, live_server: LiveServer
) -> None:
    axe, page = load_axe(), visit("/c/demo/?slot=7")
    found: dict[str, list[str]] = {}
    faces = ("/c/demo/?slot=7", "/c/a12/?slot=2", "/c/demo/s/6/", "/events/", "/", "/c/x/")
    for path in (*faces, *record_paths):
        page.goto(live_server.url + path)
        page.evaluate(_OPEN)
        found[path] = violations(axe, page)
        if page.evaluate("document.documentElement.scrollWidth") > 390:
            found[path].append("it scrolls sideways")
    assert not any(found.values()), found


def test_an_old_picture_is_accessible_and_refuses_power(old_rack: Chassis, visit: Visit) -> None:
    page = visit("/c/demo/?slot=1")
    expect(page.locator("[data-banner=connection]")).to_be_visible(timeout=30_000)
    assert violations(load_axe(), page) == []
    page.set_viewport_size({"width": 1440, "height": 900})
    shut_down = page.get_by_role("button", name="Shut down")
    expect(shut_down).to_have_attribute("aria-disabled", "true")
    expect(page.get_by_text("wait until the page is live again").last).to_be_visible()
    shut_down.click(force=True)
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_a_long_name_of_a_site_leaves_room_for_who_is_assigned(
    rack: Chassis, open_as: OpenAs
) -> None:
    site = Site.objects.create(name="Rechenzentrum-Floridsdorf-Haus-2-Obergeschoss-4")
    make_user("ada", Role.ADMIN).sites.add(site)
    page = open_as("ada", "/settings/sites/", width=320, height=640)
    box = page.locator(".facts dd").bounding_box()
    assert box
    assert box["width"] > 100


def test_the_toolbar_is_one_tab_stop_and_obeys_keys(visit: Visit) -> None:
    page = visit("/c/demo/")
    tab_stops = page.locator(".bays button:not([tabindex='-1'])")
    expect(tab_stops).to_have_count(1)
    tab_stops.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#bay-2")).to_be_focused()
    page.keyboard.press("End")
    expect(page.locator("#bay-10")).to_be_focused()
    page.keyboard.press("7")
    expect(page.locator("#bay-7")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Slot 7 web-03")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Slot 7 web-03")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_letters_and_digits_can_be_switched_off(visit: Visit) -> None:
    page = visit("/c/demo/")
    page.get_by_role("button", name="All keys").click()
    page.get_by_label("Letters and digits act as keys").uncheck()
    page.get_by_role("button", name="Close", exact=True).click()
    page.locator("#bay-1").focus()
    page.keyboard.press("7")
    expect(page.locator("#bay-1")).to_be_focused()
    page.keyboard.press("End")
    expect(page.locator("#bay-10")).to_be_focused()


def test_the_question_names_slot_and_device_and_starts_on_cancel(visit: Visit) -> None:
    page = visit("/c/demo/?slot=1")
    page.get_by_role("button", name="Shut down").and_(page.locator("[aria-disabled=false]")).click()
    dialog = page.get_by_role("dialog", name="Shut down slot 1, gw-01?")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#bay-1[data-pending]")).to_have_count(0)


def test_power_is_cut_only_when_held_or_typed_and_asked_is_painted(visit: Visit) -> None:
    page = visit("/c/demo/?slot=1")
    page.get_by_role("button", name="Cut power").and_(page.locator("[aria-disabled=false]")).click()
    dialog = page.get_by_role("dialog", name="Cut power to slot 1, gw-01?")
    verb = dialog.get_by_role("button", name="Cut power to slot 1")
    verb.click()
    expect(dialog).to_be_visible()
    dialog.get_by_label("Hold the button, or type the slot's number").fill("2")
    verb.click()
    expect(dialog).to_be_visible()
    dialog.get_by_label("Hold the button, or type the slot's number").fill("1")
    with page.expect_response("**/command/") as answered:
        verb.click()
    assert answered.value.status == 202
    expect(page.locator("#bay-1")).to_have_attribute("data-face", "running")
    expect(page.locator("#bay-1[data-pending]")).to_have_count(1)


def test_the_slot_we_run_on_goes_down_only_for_whoever_reads_what_goes_with_it(
    rack: Chassis, visit: Visit, settings: Settings
) -> None:
    settings.OWN_SLOT = ("demo", 1)
    page = visit("/c/demo/?slot=1")
    expect(page.get_by_text("This program runs here").first).to_be_visible()
    page.get_by_role("button", name="Shut down").and_(page.locator("[aria-disabled=false]")).click()
    dialog = page.get_by_role("dialog", name="Shut down slot 1, gw-01?")
    expect(dialog).to_contain_text("This program runs on slot 1.")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    assert look(load_axe(), page, "dialog[open]") == []
    verb = dialog.get_by_role("button", name="Hold: Shut down slot 1")  # the gravest, here alone
    verb.click()
    expect(dialog).to_be_visible()
    page.set_viewport_size({"width": 320, "height": 640})
    box = dialog.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 320
    dialog.get_by_label("Hold the button, or type the slot's number").fill("1")
    with page.expect_response("**/command/") as answered:
        page.keyboard.press("Enter")
    assert answered.value.status == 202
    command = Command.objects.get(chassis=rack)
    assert (command.op, command.slot and command.slot.number) == ("shutdown", 1)


def test_a_narrow_screen_opens_the_slot_as_a_page(visit: Visit) -> None:
    page = visit("/c/demo/", width=390)
    rows = page.locator(".bay-row")
    expect(rows.first).to_contain_text("Fault")
    box = rows.first.bounding_box()
    assert box is not None
    assert box["height"] >= 56
    page.locator("#bay-7").click()
    page.wait_for_url("**/c/demo/s/7/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_nothing_moves_for_those_who_asked_for_no_motion(visit: Visit) -> None:
    page = visit("/c/demo/", reduced_motion="reduce")
    assert page.evaluate("document.getAnimations().length") == 0
    page = visit("/c/demo/", reduced_motion="no-preference")
    counts = page.evaluate(
        "document.getAnimations().map((one) => one.effect.getComputedTiming().iterations)"
    )
    assert counts
    assert set(counts) == {5}


def test_the_front_view_has_the_board_s_proportions(visit: Visit) -> None:
    page = visit("/c/demo/")
    panel = page.locator(".rack").bounding_box()
    bay = page.locator("#bay-1").bounding_box()
    assert panel is not None
    assert bay is not None
    assert panel["width"] / panel["height"] == pytest.approx(482.6 / 132.5, rel=0.005)
    assert bay["width"] / panel["width"] == pytest.approx(38.6 / 482.6, rel=0.01)
    assert bay["height"] / panel["height"] == pytest.approx(122.5 / 132.5, rel=0.01)


@pytest.fixture
def record_paths(rack: Chassis) -> list[str]:
    event = HardwareEvent.objects.filter(chassis=rack).latest("pk")
    module = Module.objects.filter(name="gw-01").latest("pk")
    pages = ("s/7/life/", "power/", "power/shutdown/", "labels/")
    return [f"/events/h{event.pk}/", f"/modules/{module.pk}/", *(f"/c/demo/{one}" for one in pages)]


def test_s_leads_to_the_swap_of_the_open_slot_unless_keys_are_off(visit: Visit) -> None:
    page = visit("/c/demo/?slot=7")
    page.evaluate("localStorage.setItem('backplane.keys', 'off')")
    page.keyboard.press("s")
    page.evaluate("localStorage.setItem('backplane.keys', 'on')")
    assert page.url.endswith("/c/demo/?slot=7")
    page.keyboard.press("s")
    page.wait_for_url("**/w/new/?slot=demo-07")


def test_an_alarm_is_cleared_only_with_a_reason(visit: Visit) -> None:
    page = visit("/c/a12/?slot=3")
    page.get_by_role("button", name="Clear the alarm").click()
    dialog = page.get_by_role("dialog", name="Clear the alarm of slot 3, db-01?")
    verb = dialog.get_by_role("button", name="Clear the alarm of slot 3")
    verb.click()
    expect(dialog).to_be_visible()
    dialog.get_by_label("Why may it be cleared?").fill("It stays out")
    with page.expect_response("**/command/") as answered:
        verb.click()
    assert answered.value.status == 202
    expect(dialog).to_be_hidden()


def test_what_is_asked_of_the_whole_chassis_is_asked_on_what_shows_now(
    visit: Visit,
) -> None:
    page = visit("/c/demo/")
    form = page.locator("form", has=page.get_by_role("button", name="Lamp test"))
    expect(form.locator("[name=seen]")).to_have_value("40")
    page.evaluate(
        """() => {
            const chassis = JSON.parse(document.getElementById("chassis-view").textContent);
            const part = { ...chassis, link: { ...chassis.link, up: false } };
            const detail = { seq: 77, slots: [], chassis: part, events: [] };
            document.dispatchEvent(new CustomEvent("live:delta", { detail }));
        }"""
    )
    expect(form.locator("[name=seen]")).to_have_value("77")
    lamps = form.get_by_role("button")
    expect(lamps).to_have_attribute("aria-disabled", "true")
    expect(lamps).to_have_accessible_description("The chassis does not answer.")


def test_to_light_all_others_is_off_for_the_reason_of_locate_and_else_for_none(
    visit: Visit,
) -> None:
    page = visit("/c/demo/?slot=1")
    others = page.get_by_role("button", name="Light all others")
    expect(others).to_have_attribute("aria-disabled", "false")
    expect(others).to_have_accessible_description("")
    page.evaluate(
        """() => {
            const chassis = JSON.parse(document.getElementById("chassis-view").textContent);
            const slot = structuredClone(chassis.slots[0]);
            for (const action of slot.actions) action.enabled = false;
            slot.actions[0].why = "The board has no such light";
            const detail = { seq: 77, slots: [slot], chassis, events: [] };
            document.dispatchEvent(new CustomEvent("live:delta", { detail }));
        }"""
    )
    expect(others).to_have_attribute("aria-disabled", "true")
    expect(others).to_have_accessible_description("Locate: The board has no such light.")
