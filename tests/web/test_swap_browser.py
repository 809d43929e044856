"""The swap page in a real browser: accessibility, holding, typing through changes, being offline."""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import OperationalError, connections
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from backplane.people.roles import Role
from backplane.slots.models import Chassis
from backplane.swaps.models import Swap, SwapEntry
from tests.support.chromium import chromium, new_context, sign_in_page
from tests.web.racks import PASSWORD, make_chassis, make_user
from tests.web.swaps import make_swap, move

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
SOON_MS = 30_000
_LOCKED_TRIES = 100
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
def browser(swap: Swap) -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def visit(browser: Browser, live_server: LiveServer) -> Iterator[Visit]:
    """Open pages on a phone as ana, each call in a window of its own."""
    contexts: list[BrowserContext] = []

    def open_page(path: str, *, who: str = "ana", width: int = 390, **options: Any) -> Page:  # noqa: ANN401  (Playwright's own options)
        context = new_context(browser, width=width, height=844, **options)
        contexts.append(context)
        page = sign_in_page(context, live_server.url, who, PASSWORD)
        page.goto(live_server.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()


def violations(page: Page) -> list[str]:
    results = Axe.from_file(AXE).run(page, options={"resultTypes": ["violations"]})
    return [
        f"{found['id']}: {node['target']}"
        for found in results.response["violations"]
        for node in found["nodes"]
    ]


def aside(work: Callable[[], object]) -> None:
    """Let another thread reach the tests' database: Playwright's loop occupies this one."""
    own = connections["default"]
    own.inc_thread_sharing()

    def run() -> None:
        connections["default"] = own
        for _ in range(_LOCKED_TRIES):
            # Tables of a database in memory are locked at once while the server reads: no time-out helps.
            with suppress(OperationalError):
                work()
                return
            time.sleep(0.05)
        work()

    with ThreadPoolExecutor(1) as one:
        one.submit(run).result()
    own.dec_thread_sharing()


def put_at(swap: Swap, step: int) -> None:
    aside(lambda: move(swap, step))


def log(swap: Swap, text: str) -> None:
    now = timezone.now()
    aside(lambda: SwapEntry.objects.create(swap=swap, at=now, step=4, kind="note", text=text))


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_step_breaks_an_accessibility_rule_or_is_wider_than_the_screen(
    swap: Swap, visit: Visit, width: int, scheme: str
) -> None:
    page = visit(path_of(swap), width=width, color_scheme=scheme)
    found: dict[str, list[str]] = {}
    for step in range(1, 10):
        put_at(swap, step)
        page.reload()
        wait_for_script(page)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        found[f"step {step}"] = violations(page)
    for path in ("/w/", "/w/new/", "/w/new/?slot=demo-01", f"/w/{swap.pk}/receipt/"):
        page.goto(page.url.split("/w/")[0] + path)
        found[path] = violations(page)
    assert not any(found.values()), found
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(page.url.split("/w/")[0] + path_of(swap))
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_tap_is_shown_as_asked_within_the_same_frame(swap: Swap, visit: Visit) -> None:
    put_at(swap, 2)
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
    put_at(swap, 3)
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
    put_at(swap, 3)
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
    put_at(swap, 4)
    page = visit(path_of(swap))
    wait_for_script(page)
    message = page.locator("#log-message input[type=text]")
    message.fill("On my way")
    log(swap, "The door was opened")
    expect(page.get_by_text("The door was opened")).to_be_visible(timeout=SOON_MS)
    expect(message).to_have_value("On my way")
    expect(message).to_be_focused()


def test_when_the_focused_control_goes_the_focus_is_on_the_cards_heading(
    swap: Swap, visit: Visit
) -> None:
    put_at(swap, 2)
    page = visit(path_of(swap))
    wait_for_script(page)
    page.locator(".pad button").first.focus()
    put_at(swap, 4)
    expect(page.locator("#now-title")).to_be_focused(timeout=SOON_MS)


def test_offline_the_last_step_stays_buttons_wait_and_the_return_is_told(
    swap: Swap, visit: Visit
) -> None:
    put_at(swap, 4)
    page = visit(path_of(swap))
    wait_for_script(page)
    title = page.locator("#now-title").inner_text()
    page.context.set_offline(True)
    banner = page.locator("[data-offline]")
    expect(banner).to_contain_text("Offline. The lights still guide you", timeout=SOON_MS)
    expect(page.locator("#now-title")).to_have_text(title)
    expect(page.locator("#bar button[aria-disabled=false]")).to_have_count(0)
    assert violations(page) == []
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
    put_at(swap, 2)
    page = visit(path_of(swap) + "?at=7")
    expect(page.locator("#screen")).to_have_attribute("data-step", "3", timeout=SOON_MS)
    expect(page.locator("#scan")).to_have_count(0)


def test_a_viewer_sees_the_step_and_why_every_button_is_off(swap: Swap, visit: Visit) -> None:
    put_at(swap, 3)
    page = visit(path_of(swap), who="vic")
    wait_for_script(page)
    expect(page.locator("#screen button[aria-disabled=false]")).to_have_count(0)
    expect(page.locator("#swap-whys")).to_contain_text("Needs the role technician.")


def test_a_whole_swap_page_works_without_script(swap: Swap, visit: Visit) -> None:
    put_at(swap, 2)
    page = visit(path_of(swap), java_script_enabled=False)
    page.locator(".pad button[value='7']").click()
    expect(page.locator("#screen")).to_have_attribute("data-step", "3")
    page.locator(".deeds button").first.click()
    page.get_by_role("textbox").fill("7")
    page.locator("form.question button.danger").click()
    assert page.url.endswith(path_of(swap))
