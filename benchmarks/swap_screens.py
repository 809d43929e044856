"""A wrong pull, told to 50 open pages of one swap: to their sockets, to their cards, and painted on a phone.

The phone in real Chromium is the technician's who has the swap; 49 pages without a browser are somebody's who follows. Each turns
red by what its socket tells and asks for its card after that, as pages do. Slot 7 is the one to pull; a hand pulls slot 6, and puts it back. Floor of the
same run: the phone alone.
"""

import asyncio
import json
import re
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from playwright.async_api import Page, async_playwright

from benchmarks.report import Figure, percentile, table
from benchmarks.swap_pages import SwapPage, open_page
from tests.support.app_process import PASSWORD, AppProcess, running_app
from tests.support.chromium import ARGUMENTS, EXECUTABLE
from tests.support.http import Browser, sign_in
from tests.support.rack_process import RackProcess, running_rack

TITLE = "A wrong pull to 50 pages of a swap"
PAGES = 50
ROUNDS = 10
ALONE = 5
_DEBOUNCE_MS = 20
_WANTED, _PULLED = 7, 6
_LIMIT_S = 60.0  # nothing is measured by it
_JSON = "application/json"
_FOLLOWER = "vera"
_PEOPLE = f"""
from backplane.people.models import User
User.objects.create_user({_FOLLOWER!r}, password={PASSWORD!r}, role="viewer")
"""
# A message posted from the next frame's callback is handled after that frame was painted.
_WATCH = """() => {
  const screen = document.querySelector("#screen");
  const channel = new MessageChannel();
  const keys = [];
  window.painted = [];
  channel.port1.onmessage = () => window.painted.push([keys.shift(), performance.timeOrigin + performance.now()]);
  new MutationObserver(() => {
    keys.push(screen.dataset.key);
    requestAnimationFrame(() => channel.port2.postMessage(0));
  }).observe(screen, { attributes: true, attributeFilter: ["data-key"] });
}"""
_PAINTED = "() => window.painted.find(([key]) => key === '4/wrong_pull')?.[1] ?? 0"


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            running_rack(folder / "rack") as rack,
            running_app(folder / "app", rack.port_url) as app,
        ):
            app.manage("shell", "-c", _PEOPLE)
            return asyncio.run(_run(Swap(rack, app)))


class Swap:
    """The swap of slot 7 at the step in which it is to be pulled, and the hands at the rack."""

    def __init__(self, rack: RackProcess, app: AppProcess) -> None:
        self.rack, self.app = rack, app
        self.person: Browser = sign_in(app.url)
        racks = self.person.get(f"{app.url}/").text
        found = re.search(r'data-slug="([\w-]+)"', racks)
        assert found is not None, "the app shows no chassis"
        self.slug = found[1]
        snapshot = json.loads(self.person.get(f"{app.url}/c/{self.slug}/snapshot/").text)
        seen = str(snapshot["chassis"]["slots"][_WANTED - 1]["rev"])
        fields = {"slot": f"{self.slug}-{_WANTED:02}", "seen": seen}
        answer = self.person.post(f"{app.url}/w/new/", fields, Accept=_JSON)
        assert answer.status == 201, answer.text
        self.number: int = json.loads(answer.body)["swap"]
        self.url = f"{app.url}/w/{self.number}/"

    def to_pull(self) -> None:
        for key, do in (("1", "at_rack"), ("2", "slot"), ("3", "cut")):
            self.until(key)
            self.press(do, slot=str(_WANTED))
        self.until("4")

    def press(self, do: str, **values: str) -> None:
        seen = re.search(r'data-version="(\d+)"', self._stage())
        fields = {"do": do, "seen": seen[1] if seen else "", "confirm": str(_WANTED), **values}
        answer = self.person.post(f"{self.url}do/", fields, Accept=_JSON)
        assert answer.status == 202, answer.text

    def until(self, key: str) -> None:
        deadline_s = time.monotonic() + _LIMIT_S
        while f'data-key="{key}"' not in self._stage():
            assert time.monotonic() < deadline_s, (key, self._stage()[:300])
            time.sleep(0.05)

    def put_back(self) -> None:
        self.rack.tell(f"insert {_PULLED}")
        self.until("4/restore")
        self.press("leave_off")
        self.until("4")

    def _stage(self) -> str:
        return self.person.get(f"{self.url}stage/").text


async def _run(swap: Swap) -> list[Figure]:
    await asyncio.to_thread(swap.to_pull)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
        phone = await _phone(await browser.new_page(viewport={"width": 390, "height": 844}), swap)
        alone = [await _painted_ms(swap, phone, []) for _ in range(ALONE)]
        async with AsyncExitStack() as stack:
            pages = [
                await stack.enter_async_context(open_page(one, swap.slug)) for one in _pages(swap)
            ]
            painted = [await _painted_ms(swap, phone, pages) for _ in range(ROUNDS)]
        await browser.close()
    floor_ms = percentile(alone, 0.5)
    told = [ms for page in pages for ms in page.told_ms]
    red = [ms for page in pages for ms in page.red_ms]
    shown = [ms for page in pages for ms in page.shown_ms]
    beside = f"the phone alone: p50 {floor_ms:.0f} ms; debounce {_DEBOUNCE_MS} ms"
    return [
        Figure("contact to the alarm at every page, p95", percentile(told, 0.95), "ms", 500, f"{ROUNDS} pulls x {PAGES - 1} sockets"),
        Figure("contact to the alert of the swap at every page, p95", percentile(red, 0.95), "ms", 500, "what turns it red, with its words"),
        Figure("contact to the whole card at every page, p95", percentile(shown, 0.95), "ms", None, f"{PAGES - 1} pages that follow, spread over 2 s"),
        Figure("contact to red painted on the technician's phone, p50", percentile(painted, 0.5), "ms", None, beside),
        Figure("the same, worst", max(painted), "ms", None, ""),
    ]  # fmt: skip


def _pages(swap: Swap) -> list[SwapPage]:
    host, cookie = f"127.0.0.1:{swap.app.port}", sign_in(swap.app.url, _FOLLOWER).cookie_header()
    return [SwapPage(host, cookie, swap.number) for _ in range(PAGES - 1)]


async def _phone(page: Page, swap: Swap) -> Page:
    cookies = [
        {"name": one.name, "value": one.value or "", "url": swap.app.url}
        for one in swap.person.cookies
    ]
    await page.context.add_cookies(cookies)  # type: ignore[arg-type]  # a TypedDict with these very keys
    await page.emulate_media(reduced_motion="reduce")
    await page.goto(swap.url)
    await page.wait_for_selector("body[data-level='live']")
    await page.evaluate(_WATCH)
    return page


async def _painted_ms(swap: Swap, phone: Page, pages: list[SwapPage]) -> float:
    """Pull the wrong slot once, and wait until every page has its card; return when the phone had painted its own."""
    await phone.evaluate("() => { window.painted = []; }")
    pulled_s, pulled_ms = time.monotonic(), time.time() * 1000
    await asyncio.to_thread(swap.rack.tell, f"pull {_PULLED}")
    async with asyncio.timeout(_LIMIT_S):
        while not all(page.has_card for page in pages):  # noqa: ASYNC110  (49 of them)
            await asyncio.sleep(0.01)
        # Asked by a timer: polling by frames would keep the page at 60 frames a second.
        await phone.wait_for_function(_PAINTED, polling=100)
    painted_ms = float(await phone.evaluate(_PAINTED))
    for page in pages:
        page.note_since(pulled_s)
    await asyncio.to_thread(swap.put_back)
    await asyncio.sleep(1)  # more than 4 changes a second would be flapping to the firmware
    return painted_ms - pulled_ms


if __name__ == "__main__":
    print(table(TITLE, measure()))
