"""A swap as people meet it: its page in a browser, touched or typed; and its presses alone, to get to a step quickly.

Time that no test can wait for passes in the database: a lease or a limit is made to have begun earlier.
"""

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from playwright.sync_api import (
    CDPSession,
    Error,
    Locator,
    Page,
    Request,
    Response,
    expect,
)
from playwright.sync_api import TimeoutError as TooLate

from tests.e2e.lab import Lab, until
from tests.support.http import Answer

JSON: Final = "application/json"
PHONE: Final[dict[str, Any]] = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
_NO_FINGER: Final[dict[str, Any]] = {"type": "touchEnd", "touchPoints": []}
_TO_THE_MIDDLE: Final = "one => one.scrollIntoView({ block: 'center' })"  # from under the bar
_KEY = re.compile(r'data-key="([^"]*)"')
_VERSION = re.compile(r'data-version="(\d+)"')
_SWAP_PAGE = re.compile(r"/w/(\d+)/$")


@dataclass
class Pilot:
    """One technician's presses without a screen."""

    lab: Lab
    swap: int
    slot: int
    who: str = "tim"

    def stage(self) -> str:
        answer = self.lab.visitor(self.who).get(self.url("stage/"))
        assert answer.status == 200, answer.text
        return answer.text

    def url(self, rest: str = "") -> str:
        return f"{self.lab.app.url}/w/{self.swap}/{rest}"

    @property
    def key(self) -> str:
        found = _KEY.search(self.stage())
        return found[1] if found else ""

    @property
    def version(self) -> str:
        found = _VERSION.search(self.stage())
        return found[1] if found else ""

    def until(self, *keys: str) -> None:
        until(lambda: self.key in keys, f"swap {self.swap} comes to {keys}; it is at {self.key}")

    def post(self, do: str, **values: str) -> Answer:
        """Press, having seen the newest screen; a guarded button was confirmed."""
        fields = {"do": do, "seen": self.version, "confirm": str(self.slot), **values}
        return self.lab.visitor(self.who).post(self.url("do/"), fields, Accept=JSON)

    def press(self, do: str, **values: str) -> None:
        answer = self.post(do, **values)
        assert answer.status == 202, answer.text

    def find(self) -> None:
        """Steps 1 and 2: at the rack, and the right slot named."""
        self.until("1")
        self.press("at_rack")
        self.until("2")
        self.press("slot", slot=str(self.slot))

    def to_pull(self) -> "Pilot":
        """Up to steady blue; what runs there is cut, which is quicker than a shutdown."""
        self.find()
        self.until("3", "4")
        if self.key == "3" and self.lab.bay(self.slot)["rail_on"]:
            self.press("cut")
        self.until("4")
        return self

    def to_insert(self) -> "Pilot":
        """Up to the empty slot that invites."""
        if self.lab.bay(self.slot)["carrier"]:
            self.to_pull()
            self.lab.tell(f"pull {self.slot}")
        else:
            self.find()
        self.until("5")
        return self

    def put_in(self, carrier: str = "") -> None:
        self.lab.tell(f"insert {self.slot} {carrier}".strip())

    def to_health(self) -> "Pilot":
        """Up to the checks, with the same carrier back."""
        self.to_insert()
        self.put_in()
        self.until("6/same_back")
        self.press("accept_carrier")
        self.until("8")
        return self

    def pass_time(self, seconds: float, column: str) -> None:
        """Let a moment of the swap's row lie further in the past."""
        _shift(self.lab, ("swaps_swap", column), f"id = {self.swap}", seconds)


def begin(lab: Lab, slot: int, who: str = "tim") -> Pilot:
    """Start a swap as the start page does, on what is seen now; who looked too early looks again."""
    begun: list[int] = []

    def is_begun() -> bool:
        fields = {"slot": f"{lab.slug}-{slot:02}", "seen": str(lab.view()["seq"])}
        answer = lab.visitor(who).post(f"{lab.app.url}/w/new/", fields, Accept=JSON)
        if answer.status == 201:
            begun.append(json.loads(answer.body)["swap"])
        else:
            assert "Changed since you looked" in answer.text
        return bool(begun)

    until(is_begun, "the start of a swap")
    return Pilot(lab, begun[0], slot, who)


def pass_time_since(lab: Lab, op: str, seconds: float) -> None:
    """Let the newest command of this kind have been sent that much earlier; waits until it was sent."""
    newest = f"(SELECT max(id) FROM slots_command WHERE op = '{op}')"  # noqa: S608  (names of this file)
    where = f"sent_at IS NOT NULL AND id = {newest}"
    until(lambda: _shift(lab, ("slots_command", "sent_at"), where, seconds), f"{op} was sent")


def _shift(lab: Lab, place: tuple[str, str], where: str, seconds: float) -> int:
    """Move moments in (table, column) into the past; return how many rows there are."""
    table, column = place
    with closing(sqlite3.connect(lab.app.data_dir / "backplane.sqlite3", timeout=30)) as rows, rows:
        found = rows.execute(f"SELECT id, {column} FROM {table} WHERE {where}").fetchall()  # noqa: S608  (names of this file)
        for row, at in found:
            said = _earlier(at, seconds)
            rows.execute(f"UPDATE {table} SET {column} = ? WHERE id = ?", (said, row))  # noqa: S608  (names of this file)
    return len(found)


def _earlier(at: str, seconds: float) -> str:
    """Return a moment as the database writes it, earlier by that much."""
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC) - timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


@dataclass
class SwapScreen:
    """The page of one swap in a browser."""

    lab: Lab
    page: Page

    def show(self, swap: int, rest: str = "") -> "SwapScreen":
        self.page.goto(f"{self.lab.app.url}/w/{swap}/{rest}")
        return self.wait()

    def wait(self) -> "SwapScreen":
        """Wait until the page follows its chassis."""
        expect(self.page.locator("body")).to_have_attribute("data-level", "live")
        self.page.evaluate("window.isFirstLoad = true")
        return self

    @property
    def number(self) -> int:
        found = _SWAP_PAGE.search(self.page.url.split("?")[0])
        assert found, self.page.url
        return int(found[1])

    def expect_no_reload(self) -> None:
        assert self.page.evaluate("window.isFirstLoad === true"), "the page was loaded anew"

    @property
    def screen(self) -> Locator:
        return self.page.locator("#screen")

    def expect_key(self, key: str, title: str = "") -> None:
        expect(self.screen).to_have_attribute("data-key", key)
        if title:
            expect(self.title).to_have_text(title)

    @property
    def title(self) -> Locator:
        return self.page.locator("#now-title")

    @property
    def card(self) -> Locator:
        return self.page.locator("#now")

    @property
    def lamp(self) -> Locator:
        return self.page.locator("#twin .lamp")

    @property
    def refusal(self) -> Locator:
        return self.page.locator("[data-refusal]")

    @property
    def news(self) -> Locator:
        return self.page.locator("#meanwhile")

    @property
    def offline(self) -> Locator:
        return self.page.locator("[data-offline]")

    @property
    def dialog(self) -> Locator:
        return self.page.locator("dialog[open]")

    def button(self, do: str) -> Locator:
        """The button of the card or of the bar below it."""
        forms = f"#card-{do} button, #bar-{do} button, #log-{do} button"
        return self.page.locator(forms).first

    def press(self, do: str) -> None:
        self.reach(do)
        self.button(do).click()

    def reach(self, do: str) -> None:
        """Open "More" where the button stands behind it."""
        if not self.button(do).is_visible():
            self.page.locator("#more > summary").click()
        expect(self.button(do)).to_have_attribute("aria-disabled", "false")

    def agree(self, do: str, **texts: str) -> None:
        """Press a button that asks first, fill in what it asks, and say yes."""
        self.press(do)
        expect(self.dialog).to_be_visible()
        for name, text in texts.items():
            self.dialog.locator(f'[name="{name}"]').fill(text)
        self.dialog.locator("button[type=submit]").click()
        expect(self.dialog).to_be_hidden()

    def tap(self, do: str) -> None:
        self.button(do).tap()

    def tap_slot(self, number: int) -> None:
        self.page.locator(f'.pad button[value="{number}"]').tap()

    def wait_until_well(self) -> None:
        """Wait for step 8 with all that is measured good: a Pi that only just starts draws too little."""
        self.expect_key("8")
        expect(self.button("accept_health")).to_have_text("It works")

    def hold(self, do: str) -> None:
        """Hold the button with a finger until the page has sent it."""
        finger = self.page.context.new_cdp_session(self.page)
        with self.page.expect_response(_is_deed) as answer:
            until(lambda: self._holds(finger, do), f"a finger that holds {do}")
        finger.send("Input.dispatchTouchEvent", _NO_FINGER)
        finger.detach()
        assert answer.value.ok, answer.value.text()

    def _holds(self, finger: CDPSession, do: str) -> bool:
        if self._is_touched(finger, self.button(do)):
            return True
        finger.send("Input.dispatchTouchEvent", _NO_FINGER)
        return False

    def _is_touched(self, finger: CDPSession, button: Locator) -> bool:
        """Put the finger down; False when the page moved under it, as it may for anybody."""
        try:
            button.evaluate(_TO_THE_MIDDLE)
        except Error as error:
            if isinstance(error, TooLate):
                raise
            return False  # another one stands there now
        box = button.bounding_box()
        if box is None:
            return False
        point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        touch = {"type": "touchStart", "touchPoints": [point]}
        finger.send("Input.dispatchTouchEvent", touch)
        return "holding" in (button.get_attribute("class") or "")


def _is_deed(response: Response) -> bool:
    request: Request = response.request
    return request.url.endswith("/do/") and "do=renew" not in (request.post_data or "")
