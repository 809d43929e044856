"""Makes docs/pictures/*.png: the real app, the simulated rack and a real Chromium, lived in for a minute.

Run as `python -m tools.screenshots [NAME ...]` from the top of the repository. Nothing is painted by hand: names come
through the names form, mishaps through the Rehearsal panel's lines, and each picture waits for what it shows.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.support.app_process import PASSWORD, AppProcess, running_app
from tests.support.chromium import chromium, new_context, sign_in_page
from tests.support.http import Answer, sign_in
from tests.support.http import Browser as Client
from tools.small_png import small_png

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"
LIMIT_MS = 60_000
MOST_BYTES = 200_000
NAMES = {
    1: "gw-01",
    2: "gw-02",
    3: "db-01",
    4: "db-02",
    6: "cache-01",
    7: "web-03",
    8: "web-04",
    9: "web-05",
}
STORY = f"""
from backplane.people.models import User
from backplane.slots.models import Chassis
User.objects.create_user("ben", password={PASSWORD!r}, role="operator")
Chassis.objects.filter(slug="demo").update(name="Chassis A12", location="Row A, rack 3, U12 to U14")
"""
DESK = {"width": 1440, "height": 900}
PHONE = {
    "width": 390,
    "height": 844,
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}


@dataclass
class Studio:
    """A running app with the simulated chassis "demo", and how to reach both."""

    app: AppProcess
    client: Client
    browser: Browser

    def url(self, rest: str = "") -> str:
        return f"{self.app.url}/c/demo/{rest}"

    def rehearse(self, line: str) -> None:
        answer = self.client.post(self.url("rehearsal/"), {"line": line}, Accept="application/json")
        _expect_status(answer, 200)

    def slot(self, number: int) -> dict[str, Any]:
        snapshot = json.loads(self.client.get(self.url("snapshot/")).body)
        slot: dict[str, Any] = snapshot["chassis"]["slots"][number - 1]
        return slot

    def ask(self, number: int, op: str) -> None:
        fields = {"op": op, "seen": str(self.slot(number)["rev"]), "confirm": str(number)}
        answer = self.client.post(
            self.url(f"s/{number}/command/"), fields, Accept="application/json"
        )
        _expect_status(answer, 202)

    @contextmanager
    def page(self, **options: Any) -> Iterator[Page]:  # noqa: ANN401  (the options of Playwright)
        context = new_context(self.browser, **(DESK | options))
        context.set_default_timeout(LIMIT_MS)
        try:
            yield sign_in_page(context, self.app.url, "ben")
        finally:
            context.close()

    def live(self, page: Page, rest: str = "") -> None:
        page.goto(self.url(rest))
        expect(page.locator("body")).to_have_attribute("data-level", "live")


def _expect_status(answer: Answer, status: int) -> None:
    if answer.status != status:
        raise SystemExit(f"The app answered {answer.status}: {answer.text[:500]}")


def tell_the_story(studio: Studio) -> None:
    """Name the Pis, then let a day at the rack happen: a swap, a trip, a halt, a release, somebody looking for a slot."""
    for number, name in NAMES.items():
        studio.client.post(studio.url(f"s/{number}/names/"), {"module_name": name})
    with studio.page() as page:
        studio.live(page)
        faces = {
            "pull 7": (7, "empty"),
            "insert 7": (7, "off"),
            "power_on 7": (7, "running"),
            "halt 9": (9, "halted"),
            "trip 4": (4, "fault"),
            "release 8": (8, "safe"),
        }
        for line, (number, face) in faces.items():
            if "_" in line or line.startswith("release"):
                studio.ask(number, line.split()[0])
            else:
                studio.rehearse(line)
            expect(page.locator(f"#bay-{number}")).to_have_attribute("data-face", face)
            while line == "insert 7" and studio.slot(7)["state"] != "M2":
                time.sleep(
                    0.05
                )  # a command given before the handle is closed would be refused: it knows too little
        studio.ask(2, "locate_on")
        lamp = page.locator('#bay-2 [data-lamp="locate"]')
        expect(lamp).to_have_attribute("data-pattern", "fast")


def chassis_light(studio: Studio) -> None:
    with studio.page() as page:
        studio.live(page, "?slot=4")
        shoot(page, "chassis-light")


def chassis_dark(studio: Studio) -> None:
    with studio.page(color_scheme="dark") as page:
        studio.live(page, "?slot=8")
        shoot(page, "chassis-dark")


def chassis_phone(studio: Studio) -> None:
    with studio.page(**PHONE) as page:
        studio.live(page)
        shoot(page, "chassis-phone")


def slot(studio: Studio) -> None:
    with studio.page() as page:
        studio.live(page, "s/6/")
        shoot(page, "slot")


def sign_in_picture(studio: Studio) -> None:
    context = new_context(studio.browser, width=1200, height=750)
    page = context.new_page()
    page.goto(f"{studio.app.url}/sign-in/")
    shoot(page, "sign-in")
    context.close()


def events(studio: Studio) -> None:
    with studio.page() as page:
        page.goto(f"{studio.app.url}/events/")
        shoot(page, "events")


def rehearsal(studio: Studio) -> None:
    with studio.page() as page:
        studio.live(page, "?slot=3")
        page.locator("[data-rehearsal] summary").click()
        shoot(page, "rehearsal")


def chassis_stale(studio: Studio) -> None:
    """The last one: the server is gone, and the page says so."""
    with studio.page() as page:
        studio.live(page, "?slot=3")
        studio.app.stop()
        expect(page.locator("body")).to_have_attribute("data-level", "stale")
        shoot(page, "chassis-stale")


SCENES: tuple[Callable[[Studio], None], ...] = (
    chassis_light,
    chassis_dark,
    chassis_phone,
    sign_in_picture,
    events,
    rehearsal,
    slot,
    chassis_stale,
)


def shoot(page: Page, name: str) -> None:
    """Write one picture, without the mouse's traces or moving parts."""
    page.mouse.move(0, 0)
    page.evaluate("document.fonts.ready")
    path = PICTURES / f"{name}.png"
    size = path.write_bytes(small_png(page.context, page.screenshot(animations="disabled")))
    if size > MOST_BYTES:
        raise SystemExit(f"{path} has {size} bytes; at most {MOST_BYTES} are wanted.")
    print(f"{path.relative_to(PICTURES.parents[1])}  {size // 1000} kB")


def main(wanted: list[str]) -> None:
    expect.set_options(timeout=LIMIT_MS)
    PICTURES.mkdir(parents=True, exist_ok=True)
    scenes = [scene for scene in SCENES if not wanted or scene.__name__ in wanted]
    with tempfile.TemporaryDirectory() as folder, running_app(Path(folder)) as app:
        app.manage("shell", "-c", STORY)
        with chromium() as browser:
            studio = Studio(app, sign_in(app.url, "ben"), browser)
            tell_the_story(studio)
            for scene in scenes:
                scene(studio)


if __name__ == "__main__":
    main(sys.argv[1:])
