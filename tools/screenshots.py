"""Makes docs/pictures/*.png: the real app, the simulated rack and a real Chromium, lived in for a few minutes.

Run as `python -m tools.screenshots [SCENE ...]` from the top of the repository. Nothing is painted by hand: names come
through the names form, mishaps through the Rehearsal panel's lines, and each picture waits for what it shows.
"""

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.support.app_process import PASSWORD, running_app
from tests.support.chromium import chromium
from tests.support.netbox.double import NetBoxDouble
from tools.pictures import inventory, pages, rack, swap
from tools.pictures.studio import LIMIT_MS, PICTURES, Studio

STORY = f"""
from backplane.people.models import User
from backplane.slots.models import Chassis
User.objects.create_user("ben", password={PASSWORD!r}, role="operator")
User.objects.create_user("tim", password={PASSWORD!r}, role="technician")
Chassis.objects.filter(slug="demo").update(name="Chassis A12", location="Row A, rack 3, U12 to U14")
"""
Scene = Callable[[Studio], None]
SCENES: tuple[Scene, ...] = (
    rack.name_the_pis,
    swap.happy,
    swap.mistaken,
    rack.a_day,
    rack.chassis,
    rack.sign_in_picture,
    rack.events,
    rack.rehearsal,
    rack.slot,
    pages.light_card,
    pages.life,
    pages.event,
    pages.power,
    pages.phones,
    pages.audit,
    rack.chassis_stale,
)
WITH_NETBOX: tuple[Scene, ...] = (rack.name_the_pis, inventory.inventory)
PREPARES = (rack.name_the_pis, rack.a_day)  # without a picture; what comes later builds on them


def main(wanted: list[str]) -> None:
    """Play the scenes named, or all; those that prepare the rack are always played."""
    expect.set_options(timeout=LIMIT_MS)
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        _play(Path(folder) / "rack", browser, SCENES, wanted)
        with NetBoxDouble() as double:
            told = inventory.settings_for(double, Path(folder))
            _play(Path(folder) / "netbox", browser, WITH_NETBOX, wanted, told)


def _play(
    folder: Path,
    browser: Browser,
    scenes: Sequence[Scene],
    wanted: list[str],
    told: dict[str, str] | None = None,
) -> None:
    """Play the wanted ones of `scenes` on an installation of their own."""
    due = [scene for scene in scenes if not wanted or scene.__name__ in wanted]
    if not due:
        return
    with running_app(folder, **(told or {})) as app:
        app.manage("shell", "-c", STORY)
        studio = Studio(app, browser)
        for scene in scenes:
            if scene in due or scene in PREPARES:
                scene(studio)


if __name__ == "__main__":
    main(sys.argv[1:])
