"""The swap page in a real browser: accessibility, holding, typing through changes, being offline."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from backplane.people.roles import Role
from backplane.slots.models import Chassis
from backplane.swaps.models import Swap, SwapEntry
from tests.support.axe import load_axe, look
from tests.web.conftest import OpenAs
from tests.web.racks import make_chassis, make_user
from tests.web.swaps import make_swap, move

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
SOON_MS = 30_000
Visit = Callable[..., Page]


@pytest.fixture
def swap(transactional_db: None) -> Swap:
    ana = make_user("ana", Role.TECHNICIAN)
    make_user("vic", Role.VIEWER)
    chassis = make_chassis("demo")
    # So far in the future that no test can be slow enough to call it old.
    Chassis.objects.update(seen_at=timezone.now() + timedelta(days=1))
    return make_swap(chassis, ana)


@pytest.fixture
def visit(swap: Swap, open_as: OpenAs) -> Visit:
    """Open pages on a phone, as ana unless told otherwise."""

    def open_page(path: str, *, who: str = "ana", **options: Any) -> Page:  # noqa: ANN401  (Playwright's own options)
        return open_as(who, path, width=390, height=844, **options)

    return open_page


def log(swap: Swap, text: str) -> None:
    SwapEntry.objects.create(swap=swap, at=timezone.now(), step=4, kind="note", text=text)


def path_of(swap: Swap) -> str:
    return f"/w/{swap.pk}/"


def wait_for_script(page: Page) -> None:
    expect(page.locator("body:not([data-level=checking])")).to_be_visible(timeout=SOON_MS)


def until(page: Page, promise: str) -> None:
    """Wait until a promise of the page comes true."""
    for _ in range(SOON_MS // 100):
        if page.evaluate(promise):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"never true: {promise}")


def test_a_tap_is_shown_as_asked_within_the_same_frame(swap: Swap, visit: Visit) -> None:
    move(swap, 2)
    page = visit(path_of(swap))
    wait_for_script(page)
    page.route("**/do/", lambda _: None)  # an answer that never comes
    spent_ms = page.evaluate(
        """async () => {
            const key = document.querySelector(".pad button[value='7']");
            const began = performance.now();
            key.click();
            if (key.getAttribute("aria-busy") !== "true") throw new Error("nothing was painted");
            await new Promise(requestAnimationFrame);
            return performance.now() - began;
        }"""
    )
    assert spent_ms < 1000  # generous for a busy machine; the attribute above was set synchronously


def test_a_guarded_button_acts_when_held_and_asks_when_tapped(swap: Swap, visit: Visit) -> None:
    move(swap, 3)
    page = visit(path_of(swap))
    wait_for_script(page)
    button = page.locator(".deeds button[data-hold]").first
    button.click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("textbox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    with page.expect_request("**/do/") as sent:
        box = button.bounding_box()
        assert box
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        expect(button).to_have_class(re.compile("holding"))
    page.mouse.up()
    assert "confirm=7" in (sent.value.post_data or "")


def test_the_keyboard_alone_types_the_number_and_enter_acts(swap: Swap, visit: Visit) -> None:
    move(swap, 3)
    page = visit(path_of(swap))
    wait_for_script(page)
    page.locator(".deeds button[data-hold]").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]").get_by_role("textbox")).to_be_focused()
    page.keyboard.type("7")
    with page.expect_request("**/do/") as sent:
        page.keyboard.press("Enter")
    assert "confirm=7" in (sent.value.post_data or "")
    expect(page.locator("dialog[open]")).to_have_count(0, timeout=SOON_MS)


def test_typed_words_focus_and_an_open_question_survive_a_change(swap: Swap, visit: Visit) -> None:
    move(swap, 4)
    page = visit(path_of(swap))
    wait_for_script(page)
    message = page.locator("#log-message input[type=text]")
    message.fill("On my way")
    log(swap, "The door was opened")
    expect(page.locator("#log")).to_contain_text("The door was opened", timeout=SOON_MS)
    expect(message).to_have_value("On my way")
    expect(message).to_be_focused()


def test_when_the_focused_control_goes_the_focus_is_on_the_cards_heading(
    swap: Swap, visit: Visit
) -> None:
    move(swap, 2)
    page = visit(path_of(swap))
    wait_for_script(page)
    page.locator(".pad button").first.focus()
    move(swap, 4)
    expect(page.locator("#now-title")).to_be_focused(timeout=SOON_MS)


def test_offline_the_last_step_stays_buttons_wait_and_the_return_is_told(
    swap: Swap, visit: Visit
) -> None:
    move(swap, 4)
    page = visit(path_of(swap))
    wait_for_script(page)
    title = page.locator("#now-title").inner_text()
    page.context.set_offline(True)
    banner = page.locator("[data-offline]")
    expect(banner).to_contain_text("Offline. The lights still guide you", timeout=SOON_MS)
    expect(page.locator("#now-title")).to_have_text(title)
    expect(page.locator("#bar button[aria-disabled=false]")).to_have_count(0)
    assert look(load_axe(), page) == []
    until(page, "fetch('/healthz/', { cache: 'no-store' }).then(() => false, () => true)")
    # An answer that was on its way when the network went has told the page that all is well again.
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    log(swap, "Slot 7 was emptied")
    page.context.set_offline(False)
    expect(banner).to_be_hidden(timeout=SOON_MS)
    expect(page.locator("#meanwhile")).to_contain_text("Slot 7 was emptied", timeout=SOON_MS)
    expect(page.locator("#bar button[aria-disabled=true]")).to_have_count(0)


def test_offline_a_reload_shows_the_kept_page_and_sign_out_forgets_it(
    swap: Swap, visit: Visit
) -> None:
    page = visit(path_of(swap))
    wait_for_script(page)
    kept = f"caches.match({path_of(swap)!r}, {{ ignoreVary: true }}).then(Boolean)"
    until(page, kept)
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("#now-title")).to_be_visible()
    expect(page.locator("[data-offline]")).to_be_visible(timeout=SOON_MS)
    page.context.set_offline(False)
    page.goto(page.url.split("/w/")[0] + "/w/")
    page.locator("details.me summary").click()
    page.get_by_role("button", name="Sign out").click()
    until(page, f"{kept}.then((is_kept) => !is_kept)")


def test_a_scanned_label_is_sent_by_itself(swap: Swap, visit: Visit) -> None:
    move(swap, 2)
    page = visit(path_of(swap) + "?at=7")
    expect(page.locator("#screen")).to_have_attribute("data-step", "3", timeout=SOON_MS)
    expect(page.locator("#scan")).to_have_count(0)


def test_a_viewer_sees_the_step_and_why_every_button_is_off(swap: Swap, visit: Visit) -> None:
    move(swap, 3)
    page = visit(path_of(swap), who="vic")
    wait_for_script(page)
    expect(page.locator("#screen button[aria-disabled=false]")).to_have_count(0)
    expect(page.locator("#swap-whys")).to_contain_text("Needs the role technician.")


def test_a_whole_swap_page_works_without_script(swap: Swap, visit: Visit) -> None:
    move(swap, 2)
    page = visit(path_of(swap), java_script_enabled=False)
    page.locator(".pad button[value='7']").click()
    expect(page.locator("#screen")).to_have_attribute("data-step", "3")
    page.locator(".deeds button").first.click()
    page.get_by_role("textbox").fill("7")
    page.locator("form.question button.danger").click()
    assert page.url.endswith(path_of(swap))
