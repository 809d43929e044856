"""From a tap on a swap's button to the frame that shows it as asked, in Chromium with the real app and a real rack.

A trusted touch is sent to a page of a phone's size; the time is the browser's own, from the event's time stamp to after
the frame that first has the button busy. The deed's answer is held back, so that nothing but the tap can paint. Floor of
the same run, in turns with it: the same touch on a button whose handler changes one text.
"""

import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page

from benchmarks.report import Figure, percentile
from tests.support.app_process import AppProcess, running_app
from tests.support.chromium import chromium, new_context, sign_in_page

TITLE = "Tap to pending"
_ROUNDS = 60
_SLOT = "demo-08"

# `click` carries the time stamp of the finger's lifting; a message posted from the next frame's callback is handled
# after that frame was painted. The mark is looked for in that callback: a page that answered later is not counted.
_WATCH = """() => {
  const channel = new MessageChannel();
  let at = 0;
  window.painted = [];
  channel.port1.onmessage = () => window.painted.push(performance.now() - at);
  const probe = document.createElement("button");
  probe.id = "probe";
  probe.type = "button";
  probe.textContent = "0";
  probe.className = "btn tall";
  document.querySelector("main").prepend(probe);
  probe.addEventListener("click", () => { probe.textContent = String(Number(probe.textContent) + 1); });
  const marks = { probe: () => true, pad: (key) => key.getAttribute("aria-busy") === "true" };
  document.addEventListener("click", (event) => {
    const key = event.target.closest("#probe, .pad button");
    if (!key || !event.isTrusted) return;
    at = event.timeStamp;
    const look = () => requestAnimationFrame(() => {
      if (marks[key.id === "probe" ? "probe" : "pad"](key)) channel.port2.postMessage(0);
      else look();
    });
    look();
  }, { capture: true });
}"""


def measure() -> list[Figure]:
    with (
        tempfile.TemporaryDirectory() as name,
        running_app(Path(name) / "app") as app,
        chromium() as browser,
    ):
        context = new_context(browser, width=390, height=844, has_touch=True, is_mobile=True)
        page = sign_in_page(context, app.url)
        _to_the_pad(app, page)
        page.evaluate(_WATCH)
        finger = context.new_cdp_session(page)
        taps, floors = [], []
        for _ in range(_ROUNDS):
            floors.append(_tap(page, finger, "#probe"))
            taps.append(_tap_and_free(page, finger, '.pad button[value="3"]'))
    floor = percentile(floors, 0.5)
    note = f"{_ROUNDS} taps; floor p50 {floor:.1f}, p95 {percentile(floors, 0.95):.1f}"
    return [
        Figure("tap to painted pending, p95", percentile(taps, 0.95), "ms", 50, note),
        Figure("tap to painted pending, p50", percentile(taps, 0.5), "ms", None, ""),
    ]


def _to_the_pad(app: AppProcess, page: Page) -> None:
    """Start a swap and go to its second step, which has a key for each slot."""
    page.goto(f"{app.url}/c/demo/")
    page.wait_for_selector("[data-bay='8'][data-face='off']")
    page.goto(f"{app.url}/w/new/?slot={_SLOT}")
    page.get_by_role("button", name="Start the swap").tap()
    page.locator("#card-at_rack button").tap()
    page.wait_for_selector(".pad button[value='3']")
    page.wait_for_selector("body[data-level='live']")


def _tap_and_free(page: Page, finger: CDPSession, selector: str) -> float:
    """Tap with the deed's answer held back; then refuse it, which frees the button and does nothing."""
    held: list[Any] = []
    page.route("**/do/", lambda route: held.append(route))  # noqa: PLW0108  (Playwright marks the function it is given)
    spent = _tap(page, finger, selector)
    page.wait_for_selector(f"{selector}[aria-busy]")
    for route in held:
        route.fulfill(status=409, content_type="application/json", body='{"error": "Measured."}')
    page.wait_for_selector(f"{selector}:not([aria-busy])")
    page.unroute("**/do/")
    return spent


def _tap(page: Page, finger: CDPSession, selector: str) -> float:
    """Touch the middle of an element; return milliseconds from the browser's time stamp to the painted frame."""
    page.evaluate("() => { window.painted = []; }")
    box = page.locator(selector).bounding_box()
    assert box is not None
    point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    # Asked by a timer: Playwright's own polling by frames would keep the page at 60 frames a second.
    page.wait_for_function("() => window.painted.length > 0", polling=50)
    return float(page.evaluate("() => window.painted[0]"))
