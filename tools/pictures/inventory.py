"""Pictures of the inventory: what is where, a plan before it is applied, the NetBox settings.

NetBox is the tests' double of one: a picture of a plan needs somebody who answers, not a real record.
"""

from pathlib import Path
from typing import Final

from tests.support.netbox.double import NetBoxDouble
from tools.pictures.studio import Studio, shoot

_MAPPING: Final = """
[place]
site = "Home"
rack = "R3"

[chassis.demo]
position = 12
"""


def settings_for(double: NetBoxDouble, folder: Path) -> dict[str, str]:
    """Return the environment of an app that may write its simulated rack to the double."""
    mapping = folder / "mapping.toml"
    mapping.write_text(_MAPPING, encoding="utf-8")
    return {
        "NETBOX_MAPPING": str(mapping),
        "NETBOX_URL": double.url,
        "NETBOX_TOKEN": double.token,
        "NETBOX_ALLOW_SIMULATED": "1",
    }


def inventory(studio: Studio) -> None:
    """What is where, then the plan that would bring NetBox to it."""
    with studio.page(height=1000) as page:
        page.goto(f"{studio.app.url}/inventory/")
        shoot(page, "inventory")
        page.goto(f"{studio.app.url}/inventory/plan/")
        page.get_by_role("button", name="Make a plan").click()
        page.get_by_role("heading", level=1).wait_for()
        shoot(page, "netbox-plan")
        page.goto(f"{studio.app.url}/settings/netbox/")
        shoot(page, "netbox-settings")
