"""From a pull in the simulator to the changed slot painted in Chromium, stage by stage.

The rack is the simulator in a process of its own behind TCP; the app is the real process; the page is real Chromium on
this same machine, so that all clocks are one. The software's share is the whole minus the firmware's 20 ms debounce.
The page runs with reduced motion: a lamp that still blinks from the round before would tie every frame to the display's
60 Hz, and waiting for a display is not the software's share. Floor of the same run: how long Chromium takes from a text change made by a script to its frame.
"""

import json
import socket
import sqlite3
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.report import Figure, percentile
from tests.support.app_process import running_app
from tests.support.chromium import chromium, new_context, sign_in_page
from tests.support.rack_process import running_rack

TITLE = "Pull to paint"
_DEBOUNCE_MS = 20
_ROUNDS = 60
_SLOT = 7

# The page changes the bay while it handles the message, outside of any frame, so the next frame is the one that shows
# it; a message posted from that frame's callback is handled after it was painted. `received` notes each delta's arrival.
_WATCH = """() => {
  const bay = document.querySelector('[data-bay="7"]');
  const now = () => performance.timeOrigin + performance.now();
  const channel = new MessageChannel();
  const waiting = [];
  window.painted = [];
  window.received = [];
  document.addEventListener('live:delta', () => window.received.push(now()), true);
  channel.port1.onmessage = () => window.painted.push([waiting.shift(), now()]);
  new MutationObserver(() => {
    waiting.push(bay.dataset.face);
    requestAnimationFrame(() => channel.port2.postMessage(0));
  }).observe(bay, { attributes: true, attributeFilter: ['data-face'] });
}"""
_FLOOR = """() => new Promise((done) => {
  const bay = document.querySelector('[data-bay="1"]');
  const channel = new MessageChannel();
  setTimeout(() => {
    const start = performance.now();
    bay.dataset.probe = String(start);
    channel.port1.onmessage = () => done(performance.now() - start);
    requestAnimationFrame(() => channel.port2.postMessage(0));
  }, 50 * Math.random());
})"""


@dataclass(frozen=True, slots=True)
class Round:
    """Milliseconds of one pull: to the host's receipt, to the browser's receipt, to the painted frame."""

    to_host: float
    to_browser: float
    to_paint: float

    @property
    def share(self) -> float:
        return self.to_host + self.to_browser + self.to_paint - _DEBOUNCE_MS


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            running_rack(folder / "rack") as rack,
            running_app(folder / "app", rack.port_url) as app,
            chromium() as browser,
        ):
            page = sign_in_page(new_context(browser, reduced_motion="reduce"), app.url)
            page.goto(f"{app.url}/")
            page.wait_for_selector("[data-bay='7'][data-face]:not([data-face='no-data'])")
            page.evaluate(_WATCH)
            floor = percentile([float(page.evaluate(_FLOOR)) for _ in range(30)], 0.5)
            rounds = [
                _one_round(page, rack.control, app.data_dir / "backplane.sqlite3")
                for _ in range(_ROUNDS)
            ]
    shares = [entry.share for entry in rounds]
    stages = (
        f"pull to host {percentile([r.to_host for r in rounds], 0.5) - _DEBOUNCE_MS:.1f} beyond the debounce, "
        f"commit + render + socket {percentile([r.to_browser for r in rounds], 0.5):.1f}, "
        f"script to frame {percentile([r.to_paint for r in rounds], 0.5):.1f} (floor {floor:.1f})"
    )
    return [
        Figure("software's share, p50", percentile(shares, 0.5), "ms", 20, stages),
        Figure("software's share, p99", percentile(shares, 0.99), "ms", 60, f"{_ROUNDS} pulls"),
    ]


def _one_round(page: Page, control: Path, database: Path) -> Round:
    page.evaluate("() => { window.painted = []; window.received = []; }")
    pulled = time.time() * 1000
    _tell(control, f"pull {_SLOT}")
    # Asked by a timer: Playwright's own polling by frames would keep the page at 60 frames a second.
    page.wait_for_function("() => window.painted.some(([face]) => face === 'empty')", polling=100)
    face_at = page.evaluate("() => window.painted.find(([face]) => face === 'empty')[1]")
    received = page.evaluate("() => window.received[0]")
    host = _received_by_host(database)
    _tell(control, f"insert {_SLOT}")
    page.wait_for_function(
        "() => document.querySelector('[data-bay=\"7\"]').dataset.face !== 'empty'",
        polling=100,
    )
    time.sleep(0.8)  # more than 4 changes a second would be flapping to the firmware, and held back
    return Round(host - pulled, received - host, face_at - received)


def _received_by_host(database: Path) -> float:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        row = connection.execute(
            "SELECT received_at FROM slots_hardwareevent WHERE kind = 3 ORDER BY id DESC LIMIT 1"
        ).fetchone()
    return datetime.fromisoformat(row[0]).replace(tzinfo=UTC).timestamp() * 1000


def _tell(control: Path, line: str) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(control))
        connection.sendall(line.encode() + b"\n")
        answer = json.loads(connection.makefile().readline())
    assert answer["ok"], answer
