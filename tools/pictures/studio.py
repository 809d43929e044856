"""A running app with a simulated rack and a browser, how to reach all three, and how a picture is kept."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, expect

from tests.support.app_process import AppProcess
from tests.support.chromium import new_context, sign_in_page
from tests.support.http import Answer, sign_in
from tests.support.http import Browser as Client
from tools.small_png import small_png

PICTURES: Final = Path(__file__).resolve().parents[2] / "docs" / "pictures"
LIMIT_MS: Final = 60_000
MOST_BYTES: Final = 200_000
DESK: Final = {"width": 1440, "height": 900}
PHONE: Final[dict[str, Any]] = {
    "width": 390,
    "height": 844,
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
_KEY = re.compile(r'data-key="([^"]*)"')
_VERSION = re.compile(r'data-version="(\d+)"')


@dataclass
class Studio:
    """An app with the simulated chassis "demo": ben is its operator, tim its technician."""

    app: AppProcess
    browser: Browser
    clients: dict[str, Client] = field(default_factory=dict)

    def client(self, who: str = "ben") -> Client:
        """Return a signed-in client without a screen."""
        if who not in self.clients:
            self.clients[who] = sign_in(self.app.url, who)
        return self.clients[who]

    def url(self, rest: str = "") -> str:
        return f"{self.app.url}/c/demo/{rest}"

    def rehearse(self, line: str) -> None:
        self.post(self.url("rehearsal/"), {"line": line})

    def post(self, url: str, fields: dict[str, str], who: str = "ben") -> Answer:
        """POST as a page's script does; end the program when it is refused."""
        answer = self.client(who).post(url, fields, Accept="application/json")
        if answer.status not in (200, 201, 202):
            raise SystemExit(f"{url} {fields} was answered {answer.status}: {answer.text[:500]}")
        return answer

    def slot(self, number: int) -> dict[str, Any]:
        snapshot = json.loads(self.client().get(self.url("snapshot/")).body)
        slot: dict[str, Any] = snapshot["chassis"]["slots"][number - 1]
        return slot

    def name(self, number: int, module: str) -> None:
        """Name the Pi in a slot as its page does."""
        page = self.client("ben").get(self.url(f"s/{number}/")).text
        occupant = re.search(r'name="of" value="([^"]*)"', page)
        fields = {"module_name": module, "of": occupant[1] if occupant else ""}
        self.post(self.url(f"s/{number}/names/"), fields)

    def ask(self, number: int, op: str) -> None:
        fields = {"op": op, "seen": str(self.slot(number)["rev"]), "confirm": str(number)}
        self.post(self.url(f"s/{number}/command/"), fields)

    def set_budget(self, watts: str) -> None:
        """Set the budget of the chassis in W; "" is what the board file says."""
        asked = self.client().post(self.url("power/budget/"), {"watts": watts}).text
        seen = re.search(r'name="seen" value="(\d+)"', asked)
        fields = {"watts": watts, "confirm": "yes", "seen": seen[1] if seen else ""}
        self.post(self.url("power/budget/"), fields)

    def until(self, holds: Callable[[], object], what: str) -> None:
        """Wait until `holds()` is true; end the program when it never is."""
        deadline = time.monotonic() + LIMIT_MS / 1000
        while not holds():
            if time.monotonic() > deadline:
                raise SystemExit(f"Never came true: {what}.")
            time.sleep(0.05)

    def until_slot(self, number: int, **facts: object) -> None:
        self.until(lambda: facts.items() <= self.slot(number).items(), f"slot {number}: {facts}")

    @contextmanager
    def page(self, who: str = "ben", **options: Any) -> Iterator[Page]:  # noqa: ANN401  (the options of Playwright)
        context = new_context(self.browser, **(DESK | options))
        context.set_default_timeout(LIMIT_MS)
        try:
            yield sign_in_page(context, self.app.url, who)
        finally:
            context.close()

    def live(self, page: Page, rest: str = "") -> None:
        """Open a page of the chassis and wait until it follows."""
        page.goto(self.url(rest))
        expect(page.locator("body")).to_have_attribute("data-level", "live")


@dataclass(frozen=True, slots=True)
class Play:
    """One guided swap, pressed by tim."""

    studio: Studio
    number: int
    slot: int

    def url(self, rest: str = "") -> str:
        return f"{self.studio.app.url}/w/{self.number}/{rest}"

    def _stage(self) -> str:
        return self.studio.client("tim").get(self.url("stage/")).text

    def key(self) -> str:
        found = _KEY.search(self._stage())
        return found[1] if found else ""

    def press(self, do: str, **values: str) -> None:
        """Press a button, having seen the newest screen."""
        seen = _VERSION.search(self._stage())
        fields = {"do": do, "seen": seen[1] if seen else "", "confirm": str(self.slot), **values}
        self.studio.post(self.url("do/"), fields, "tim")

    def until(self, key: str) -> None:
        self.studio.until(
            lambda: self.key() == key, f"swap {self.number} at {key}, it is at {self.key()}"
        )

    def to_pull(self) -> None:
        """Find the slot, name it, shut it down: steps 1 to 3."""
        self.until("1")
        self.press("at_rack")
        self.until("2")
        self.press("slot", slot=str(self.slot))
        self.until("3")
        self.press("shut_down")
        self.until("4")


def begin(studio: Studio, slot: int) -> Play:
    """Start a swap as tim."""
    fields = {"slot": f"demo-{slot:02}", "seen": str(studio.slot(slot)["rev"])}
    answer = studio.post(f"{studio.app.url}/w/new/", fields, "tim")
    return Play(studio, json.loads(answer.body)["swap"], slot)


def shoot(page: Page, name: str, *, is_whole: bool = False) -> None:
    """Write one picture, without the mouse's traces or moving parts; `is_whole`: all that scrolls."""
    page.mouse.move(0, 0)
    page.evaluate("document.fonts.ready")
    path = PICTURES / f"{name}.png"
    png = page.screenshot(animations="disabled", full_page=is_whole)
    size = path.write_bytes(small_png(page.context, png))
    if size > MOST_BYTES:
        raise SystemExit(f"{path} has {size} bytes; at most {MOST_BYTES} are wanted.")
    print(f"{path.relative_to(PICTURES.parents[1])}  {size // 1000} kB", flush=True)
