"""From a wrong pull to the red lamp beside the hand, and to the alarm on 50 open pages.

The rack is the simulator's real firmware in a process of its own; the app is the real process; half of the 50 sockets
follow the chassis, half the site, as pages do. Slot 7 is the one to pull; a hand pulls slot 6, and puts it back.
Floor of the sockets: websockets.broadcast() to 50 readers in the same run, from a process of its own.
"""

import asyncio
import json
import re
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from benchmarks.fanout import Server, reading, serving
from benchmarks.report import Figure, percentile, table
from tests.support.app_process import AppProcess, running_app
from tests.support.http import Browser, sign_in
from tests.support.rack_process import RackProcess, running_rack

TITLE = "A wrong pull to 50 screens"
SOCKETS = 50
ROUNDS = 20
_DEBOUNCE_MS = 20
_WANTED, _PULLED = 7, 6
_RED_FAST = 3 | 3 << 3
_STATUS_BITS = 0x3F
_LIMIT_S = 60.0  # nothing is measured by it


@dataclass
class Screen:
    """One open page: when it was first told of the alarm, on the clock that all processes share."""

    told_at_s: float | None = None
    is_calm: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self, connection: ClientConnection) -> None:
        async for text in connection:
            at_s = time.monotonic()
            message = json.loads(text)
            if message["type"] == "beat":
                await connection.send('{"type":"beat"}')
            alarms = message.get("alarms", message.get("chassis", {}).get("alarms"))
            if alarms:
                self.is_calm.clear()
                self.told_at_s = self.told_at_s or at_s
            elif alarms is not None:
                self.is_calm.set()


@dataclass(frozen=True, slots=True)
class Round:
    """Milliseconds from the contact that opened: to the firmware's red lamp, and to each screen."""

    to_lamp: float
    to_screens: list[float]


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            running_rack(folder / "rack") as rack,
            running_app(folder / "app", rack.port_url) as app,
        ):
            rounds, peer_ms = asyncio.run(_run(rack, app))
    screens = [ms for entry in rounds for ms in entry.to_screens]
    lamps = [entry.to_lamp for entry in rounds]
    floor_ms = _DEBOUNCE_MS + percentile(peer_ms, 0.95)
    beside = (
        f"debounce {_DEBOUNCE_MS} ms + websockets.broadcast() to {SOCKETS} readers "
        f"p95 {percentile(peer_ms, 0.95):.1f} ms"
    )
    p95 = percentile(screens, 0.95)
    return [
        Figure("contact to the firmware's red lamp, worst", max(lamps), "ms", 200, f"p50 {percentile(lamps, 0.5):.0f} ms, as polled; debounce {_DEBOUNCE_MS} ms"),
        Figure("contact to the alarm on every screen, p50", percentile(screens, 0.5), "ms", None, beside),
        Figure("contact to the alarm on every screen, p95", p95, "ms", 500, f"{ROUNDS} pulls x {SOCKETS} sockets"),
        Figure("the slowest screen of all", max(screens), "ms", None),
        Figure("p95 to its floor", p95 / floor_ms, "x", None, beside),
    ]  # fmt: skip


async def _run(rack: RackProcess, app: AppProcess) -> tuple[list[Round], list[float]]:
    person = await asyncio.to_thread(sign_in, app.url)
    await asyncio.to_thread(_make_blue, rack, person)
    async with _screens(app, person) as screens, serving("broadcast") as peer:
        rounds = [await _one_round(rack, screens) for _ in range(ROUNDS)]
        return rounds, await _peer_ages(peer)


def _make_blue(rack: RackProcess, person: Browser) -> None:
    """Cut power to slot 7 and release it, as an operator does, so that it is the one to pull."""
    base = f"{person.base_url}/c/{_slug(person)}"
    for op in ("power_off", "release"):
        view = json.loads(person.get(f"{base}/snapshot/").text)["chassis"]["slots"][_WANTED - 1]
        fields = {"op": op, "seen": str(view["rev"]), "confirm": str(_WANTED)}
        answer = person.post(f"{base}/s/{_WANTED}/command/", fields, Accept="application/json")
        assert answer.status < 300, answer.text
        deadline_s = time.monotonic() + _LIMIT_S
        while not _is_so(op, json.loads(person.get(f"{base}/snapshot/").text)):
            assert time.monotonic() < deadline_s, rack.log()
            time.sleep(0.1)


def _is_so(op: str, snapshot: dict[str, Any]) -> bool:
    view = snapshot["chassis"]["slots"][_WANTED - 1]
    wanted = {"power_off": "off", "release": "safe"}[op]
    return bool(view["face"] == wanted and "below 0.5 V" in json.dumps(view["seen"]))


def _slug(person: Browser) -> str:
    found = re.search(r'data-slug="([\w-]+)"', person.get(f"{person.base_url}/").text)
    assert found is not None, "the app shows no chassis"
    return found[1]


@asynccontextmanager
async def _screens(app: AppProcess, person: Browser) -> AsyncIterator[list[Screen]]:
    """Keep 50 pages open: every second one follows the chassis, the others the site."""
    slug = await asyncio.to_thread(_slug, person)
    screens = [Screen() for _ in range(SOCKETS)]
    host = f"127.0.0.1:{app.port}"
    async with AsyncExitStack() as stack:
        following = []
        for number, screen in enumerate(screens):
            path = f"chassis/{slug}" if number % 2 else "site"
            connection = await stack.enter_async_context(
                connect(
                    f"ws://{host}/ws/{path}/",
                    origin=Origin(f"http://{host}"),
                    additional_headers={"Cookie": person.cookie_header()},
                    compression=None,
                    proxy=None,
                )
            )
            following.append(asyncio.create_task(screen.follow(connection)))
        await _all_calm(screens)
        yield screens
        for task in following:
            task.cancel()


async def _all_calm(screens: list[Screen]) -> None:
    async with asyncio.timeout(_LIMIT_S):
        for screen in screens:
            await screen.is_calm.wait()


async def _one_round(rack: RackProcess, screens: list[Screen]) -> Round:
    for screen in screens:
        screen.told_at_s = None
    opened_s = time.monotonic()
    lit_s = await asyncio.to_thread(_pull_and_see_red, rack)
    async with asyncio.timeout(_LIMIT_S):
        while any(screen.told_at_s is None for screen in screens):  # noqa: ASYNC110  (50 of them)
            await asyncio.sleep(0.01)
    told_ms = [(screen.told_at_s - opened_s) * 1000 for screen in screens if screen.told_at_s]
    await asyncio.to_thread(rack.tell, f"insert {_PULLED}")
    await _all_calm(screens)
    await asyncio.sleep(1)  # more than 4 changes a second would be flapping to the firmware
    return Round((lit_s - opened_s) * 1000, told_ms)


def _pull_and_see_red(rack: RackProcess) -> float:
    """Pull slot 6; return when its lamp was first seen to be red and fast, by asking the rack again and again."""
    rack.tell(f"pull {_PULLED}")
    deadline_s = time.monotonic() + _LIMIT_S
    while time.monotonic() < deadline_s:
        lights = rack.tell("state")["slots"][_PULLED - 1]["lights"]
        if lights & _STATUS_BITS == _RED_FAST:
            return time.monotonic()
        time.sleep(0.002)
    raise AssertionError(rack.log())


async def _peer_ages(peer: Server) -> list[float]:
    """Return how old the peer's messages are when its 50 readers have them, in ms."""
    ages_ms: list[float] = []
    async with reading(peer.port, ages_ms, SOCKETS):
        await peer.run(5, 0.05)
        ages_ms.clear()
        await peer.run(ROUNDS, 0.05)
    return ages_ms


if __name__ == "__main__":
    print(table(TITLE, measure()))
