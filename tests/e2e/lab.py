"""The whole product as people meet it: the app and a rack of real firmware, each a process of its own.

Both sides can be asked: the app by its pages, the firmware by the rack's control socket. Between tests
`rest` brings the rack back to where it began, through the same doors that people use.
"""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from backplane.firmware_link.simulator.demo import demo_world
from backplane.firmware_link.simulator.pi import PiTraits
from backplane.firmware_link.simulator.world import save_world
from tests.support.app_process import ADMIN, PASSWORD, AppProcess
from tests.support.http import Answer, Browser, sign_in
from tests.support.rack_process import RackProcess

SLOTS: Final = 10
RUNNING: Final = (1, 2, 3, 4, 6, 7, 9)
OFF: Final = 8
EMPTY: Final = (5, 10)
PEOPLE: Final = {
    ADMIN: "admin",
    "olga": "operator",
    "tim": "technician",
    "tess": "technician",
    "vera": "viewer",
}
SIMULATED_IN_APP: Final = "bench"
NOT_SIMULATED: Final = "bp-334466"  # a chassis of the past, whose board was real
LIMIT_S: Final = 30  # generous: the machine may be busy; nothing is measured here
_JSON: Final = "application/json"
_QUICK: Final = PiTraits(boot_ms=600, shutdown_ms=1_200)
_PEOPLE_AND_PAST: Final = f"""
from django.utils import timezone
from backplane.people.models import User
from backplane.slots import services
from backplane.slots.records import HelloFacts
for name, role in {PEOPLE!r}.items():
    if name != {ADMIN!r}:
        User.objects.create_user(name, password={PASSWORD!r}, role=role)
real = HelloFacts("0011223344660000", "reference-10", {SLOTS}, 0, "0.1.0", boot=1)
services.find_or_create_chassis(real, "/dev/serial/by-id/usb-of-the-past", timezone.now())
"""


def until(holds: Callable[[], object], what: str, limit_s: float = LIMIT_S) -> None:
    """Wait until `holds()` is true; fail with `what` and its last value when it never is."""
    deadline = time.monotonic() + limit_s
    last = holds()
    while not last:
        assert time.monotonic() < deadline, f"never came true: {what} (last: {last!r})"
        time.sleep(0.05)
        last = holds()


def new_rack(folder: Path) -> RackProcess:
    """Return a rack, not started, whose Pis boot and stop within a second or so."""
    rack = RackProcess(folder)
    name = f"tcp-{rack.port}"
    place = folder / "world" / name
    place.mkdir(parents=True)
    save_world(demo_world(name, SLOTS, _QUICK), place)
    return rack


@dataclass
class Lab:
    """One rack behind TCP, and the app that looks after it; `slug` is the rack's chassis."""

    rack: RackProcess
    app: AppProcess
    slug: str = ""
    is_short_of_power: bool = False
    home: dict[int, str | None] = field(default_factory=dict)  # which carrier belongs where
    _visitors: dict[str, Browser] = field(default_factory=dict)

    def set_up(self) -> None:
        """Start both, add the people, and wait until the chassis is known and calm."""
        self.rack.start()
        self.home = {bay["slot"]: bay["carrier"] for bay in self.bays()}
        self.app.manage("prepare")
        self.app.manage("shell", "-c", _PEOPLE_AND_PAST)
        self.app.start()
        until(self._find_chassis, "the rack becomes a chassis")
        self.rest()

    def _find_chassis(self) -> bool:
        racks = self.visitor().get(f"{self.app.url}/").text
        slugs = {part.split("/")[0] for part in racks.split('href="/c/')[1:]}
        ours = slugs - {SIMULATED_IN_APP, NOT_SIMULATED}
        self.slug = min(ours, default="")
        return bool(self.slug)

    def url(self, rest: str = "") -> str:
        """Return an address on the chassis; `rest` is such as "s/7/"."""
        return f"{self.app.url}/c/{self.slug}/{rest}"

    def tell(self, line: str) -> None:
        """Do something to the rack: a control line."""
        self.rack.tell(line)

    def bays(self) -> list[dict[str, Any]]:
        """Return what physically is, slot by slot."""
        bays: list[dict[str, Any]] = self.rack.tell("state")["slots"]
        return bays

    def bay(self, number: int) -> dict[str, Any]:
        return self.bays()[number - 1]

    def until_bay(self, number: int, **facts: object) -> None:
        """Wait until the firmware's side of the slot is as told, such as rail_on=False."""
        until(
            lambda: facts.items() <= self.bay(number).items(),
            f"slot {number} becomes {facts}; it is {self.bay(number)}",
        )

    def visitor(self, name: str = ADMIN) -> Browser:
        """Return a signed-in client without a screen."""
        if name not in self._visitors:
            self._visitors[name] = sign_in(self.app.url, name)
        return self._visitors[name]

    def view(self) -> dict[str, Any]:
        """Return the chassis as pages show it."""
        answer = self.visitor().get(self.url("snapshot/"))
        assert answer.status == 200, answer.text
        chassis: dict[str, Any] = json.loads(answer.body)["chassis"]
        return chassis

    def slot(self, number: int) -> dict[str, Any]:
        """Return one slot as pages show it."""
        slot: dict[str, Any] = self.view()["slots"][number - 1]
        return slot

    def name(self, number: int, module: str) -> int:
        """Name the Pi in a slot as its page does; return the status of the answer."""
        page = self.visitor().get(self.url(f"s/{number}/")).text
        occupant = re.search(r'name="of" value="([^"]*)"', page)
        assert occupant is not None
        fields = {"module_name": module, "of": occupant[1]}
        return self.visitor().post(self.url(f"s/{number}/names/"), fields).status

    def until_slot(self, number: int, **facts: object) -> None:
        """Wait until the app's side of the slot is as told, such as face="running"."""
        until(
            lambda: facts.items() <= self.slot(number).items(),
            f"slot {number} is shown as {facts}",
        )

    def ask(self, number: int, op: str, name: str = ADMIN) -> Answer:
        """POST a command as the page's script does, having seen the newest state."""
        fields = {"op": op, "seen": str(self.slot(number)["rev"]), "confirm": str(number)}
        fields["reason"] = "It is meant so."
        return self.visitor(name).post(self.url(f"s/{number}/command/"), fields, Accept=_JSON)

    def set_budget(self, watts: str) -> None:
        """Set the chassis' budget; "" is the board's own."""
        asked = self.visitor().post(self.url("power/budget/"), {"watts": watts}).text
        seen = re.search(r'name="seen" value="(\d+)"', asked)
        fields = {"watts": watts, "confirm": "yes", "seen": seen[1] if seen else ""}
        answer = self.visitor().post(self.url("power/budget/"), fields, Accept=_JSON)
        assert answer.status == 202, answer.text
        self.is_short_of_power = bool(watts)

    def rest(self) -> None:
        """Bring the rack back to where it began: the usual slots run, one is off, two are empty."""
        self._start_what_stands_still()
        self.tell("silence off")
        self.tell("noise 0")
        until(lambda: self.view()["link"]["up"], "the link is up")
        until(lambda: not self._end_swaps(), "no swap is unfinished")
        if self.is_short_of_power:
            self.set_budget("")
        until(self._is_calm, "the rack is as in the beginning", limit_s=2 * LIMIT_S)

    def _start_what_stands_still(self) -> None:
        """Start what a test that failed had stopped, so that it fails alone."""
        if self.rack.process is None or self.rack.process.poll() is not None:
            self.rack.start()
        if self.app.process is None or self.app.process.poll() is not None:
            self.app.start()

    def _end_swaps(self) -> set[str]:
        """Cancel what a test left unfinished; return the numbers of what still is."""
        swaps = self.visitor().get(f"{self.app.url}/w/").text.split('id="ended-title"')[0]
        unfinished = set(re.findall(r'href="/w/(\d+)/"', swaps))
        for number in unfinished:
            for do in ("take_over", "cancel"):  # the one that is not offered is refused
                self._press(f"{self.app.url}/w/{number}/", do)
        return unfinished

    def _press(self, swap_url: str, do: str) -> None:
        """Press a button of a swap, having seen its newest screen."""
        seen = re.search(r'data-version="(\d+)"', self.visitor().get(f"{swap_url}stage/").text)
        fields = {"do": do, "seen": seen[1] if seen else ""}
        self.visitor().post(f"{swap_url}do/", fields, Accept=_JSON)

    def _is_calm(self) -> bool:
        mended = [
            self._mend(bay, slot) for bay, slot in zip(self.bays(), self._slots(), strict=True)
        ]
        return not any(mended)

    def _slots(self) -> list[dict[str, Any]]:
        slots: list[dict[str, Any]] = self.view()["slots"]
        return slots

    def _mend(self, bay: dict[str, Any], slot: dict[str, Any]) -> bool:
        """Take one step towards the beginning; False when the slot is there already."""
        number = bay["slot"]
        hands = self._hands_needed(bay, slot)
        if hands:
            self.tell(hands)
            return True
        op = _op_needed(bay, slot)
        if op and not slot["pending"]:
            self.ask(number, op)  # refused ones are asked again at the next look
        is_shown = slot["face"] in _faces_at_rest(number)
        return bool(op or slot["pending"] or bay["pi"] == "booting" or not is_shown)

    def _hands_needed(self, bay: dict[str, Any], slot: dict[str, Any]) -> str:
        number = bay["slot"]
        wanted = self.home[number]
        if bay["carrier"] != wanted and bay["carrier"]:
            return f"pull {number}"
        if bay["carrier"] != wanted:
            return "" if self._is_elsewhere(wanted) else f"insert {number} {wanted}"
        if bay["loose"]:
            return f"loose {number} off"
        if bay["backfeed"]:
            return f"backfeed {number} off"
        has_old_fault = (
            number == OFF and slot["face"] == "fault"
        )  # nothing will power it on and end it
        if slot["face"] == "safe" or bay["pi"] == "hung" or has_old_fault:
            return f"pull {number}"  # hands are quicker than a shutdown's 90 s, and take a release back
        return f"handle {number} close" if bay["carrier"] and bay["handle"] == "open" else ""

    def _is_elsewhere(self, carrier: str | None) -> bool:
        return any(bay["carrier"] == carrier for bay in self.bays())


def _faces_at_rest(number: int) -> set[str]:
    if number in EMPTY:
        return {"empty"}
    return {"off"} if number == OFF else {"running", "warning"}  # one slot is warm, near its limit


def _op_needed(bay: dict[str, Any], slot: dict[str, Any]) -> str:
    """Return the command that brings the slot nearer to the beginning; "" when none does."""
    offered = {action["op"] for action in slot["actions"]}
    urgent = next((op for op in ("clear_alarm", "clear_trip", "locate_off") if op in offered), "")
    if urgent:
        return urgent
    if bay["slot"] == OFF:
        return "power_off" if bay["rail_on"] else ""
    if bay["slot"] in EMPTY:
        return ""
    if not bay["rail_on"]:
        return "power_on"
    return "power_cycle" if bay["pi"] == "halted" else ""
