"""A small place in a NetBox, double or real: site, rack, types, a chassis with bays, Pis. Swept up afterwards.

Every name carries a mark of its own, so runs in one real NetBox do not meet.
"""

import uuid
from dataclasses import dataclass, field

from tests.support.netbox.double import NetBoxDouble
from tests.support.netbox.kinds import Json, Value
from tests.support.netbox.wire import Answered, Wire

SWEPT = (  # in this order nothing is held by what is left
    "dcim/devices",
    "dcim/racks",
    "dcim/locations",
    "dcim/device-types",
    "dcim/device-roles",
    "dcim/manufacturers",
    "dcim/sites",
    "extras/custom-fields",
    "extras/tags",
)


@dataclass(slots=True)
class Netbox:
    """A NetBox to test against. `double` is None when it is a real one."""

    url: str
    token: str
    double: NetBoxDouble | None = None
    mark: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    made: list[tuple[str, int]] = field(default_factory=list)

    def stray(self) -> None:
        """Let requests not fit the schema: a test sends them on purpose."""
        if self.double is not None:
            self.double.is_held_to_schema = False

    @property
    def wire(self) -> Wire:
        return Wire(self.url, self.token)

    def make(self, path: str, **body: Value) -> Json:
        """Create one object that is swept up afterwards."""
        answer = self.wire.post(path, body)
        assert answer.status == 201, answer.body
        self.made.append((path, int(answer.body["id"])))
        return dict(answer.body)

    def keep(self, path: str, answer: Answered) -> Answered:
        """Note what an answer created, one or a list, for sweeping."""
        if answer.status == 201:
            rows = answer.body if isinstance(answer.body, list) else [answer.body]
            self.made += [(path, int(row["id"])) for row in rows]
        return answer

    def sweep(self) -> None:
        """Delete what was made, so that a real NetBox is left as it was."""
        for path in SWEPT:
            for _, row_id in [one for one in self.made if one[0] == path]:
                self.wire.delete(f"{path}/{row_id}")


@dataclass(slots=True)
class Scene:
    """Where a test happens: ids of what stands there, ready to be installed."""

    netbox: Netbox
    site: int
    rack: int
    role: int
    chassis_type: int
    pi_type: int
    chassis: Json
    bays: list[Json]

    @property
    def wire(self) -> Wire:
        return self.netbox.wire

    def pi_body(self, name: str, /, **more: Value) -> Json:
        """Return the body that creates a Pi of this scene."""
        marked = f"{self.netbox.mark}-{name}"
        body = {"name": marked, "device_type": self.pi_type, "role": self.role, "site": self.site}
        return {**body, "rack": self.rack, **more}

    def pi(self, name: str, /, **more: Value) -> Json:
        return self.netbox.make("dcim/devices", **self.pi_body(name, **more))

    def install(self, bay: int, device: int | None) -> Answered:
        """PATCH the bay at this place in the list; no condition."""
        return self.wire.patch(
            f"dcim/device-bays/{self.bays[bay]['id']}", {"installed_device": device}
        )

    def device(self, device_id: int) -> Json:
        return dict(self.wire.get(f"dcim/devices/{device_id}").body)

    def bay(self, place: int) -> Json:
        return dict(self.wire.get(f"dcim/device-bays/{self.bays[place]['id']}").body)

    def last_change(self) -> int:
        """Return the id of the newest change-log row."""
        rows = self.wire.rows("core/object-changes", limit=1)
        return int(rows[0]["id"]) if rows else 0

    def changes_since(self, last: int) -> list[Json]:
        """Return the change-log rows after this id, oldest first."""
        rows = self.wire.rows("core/object-changes", id__gt=last, limit=500)
        return sorted(rows, key=lambda row: int(row["id"]))


def build_scene(netbox: Netbox, bays: int = 10) -> Scene:
    """Create a site with a rack and a chassis of so many bays in it, and a Pi type with eth0."""
    mark, make = netbox.mark, netbox.make
    site = make("dcim/sites", name=f"{mark} site", slug=f"{mark}-site")["id"]
    rack = make("dcim/racks", name=f"{mark} rack", site=site)["id"]
    maker = make("dcim/manufacturers", name=f"{mark} maker", slug=f"{mark}-maker")["id"]
    role = make("dcim/device-roles", name=f"{mark} role", slug=f"{mark}-role")["id"]
    named = {"manufacturer": maker, "u_height": 0}
    chassis_type = make(
        "dcim/device-types",
        **named
        | {
            "model": f"{mark} chassis",
            "slug": f"{mark}-chassis",
            "subdevice_role": "parent",
            "u_height": 1,
        },
    )["id"]
    pi_type = make(
        "dcim/device-types", **named, model=f"{mark} pi", slug=f"{mark}-pi", subdevice_role="child"
    )["id"]
    templates = [
        {"device_type": chassis_type, "name": f"slot{number:02}", "label": str(number)}
        for number in range(1, bays + 1)
    ]
    assert netbox.wire.post("dcim/device-bay-templates", templates).status == 201
    make("dcim/interface-templates", device_type=pi_type, name="eth0", type="1000base-t")
    chassis = make(
        "dcim/devices",
        name=f"{mark} chassis",
        device_type=chassis_type,
        role=role,
        site=site,
        rack=rack,
        position=10,
        face="front",
    )
    found = netbox.wire.rows("dcim/device-bays", device_id=chassis["id"])
    return Scene(netbox, site, rack, role, chassis_type, pi_type, chassis, found)
