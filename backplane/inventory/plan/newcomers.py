"""Judges modules NetBox does not have yet: what they are called, of which type, and what stands against it. Pure."""

from dataclasses import dataclass, field

from backplane.inventory.identity import serial_of
from backplane.inventory.plan.catalog import Missing
from backplane.inventory.plan.chassis import name_taken
from backplane.inventory.plan.scene import Scene
from backplane.inventory.plan.seats import Seat
from backplane.inventory.records import Conflict, Ref, SeenModule

_NAME_LENGTH = 64


@dataclass(slots=True)
class Names:
    """The names given by this plan, by site: NetBox compares without regard to case."""

    _given: dict[tuple[str, str], str] = field(default_factory=dict)

    def note(self, site: Ref, name: str, uid: str) -> bool:
        """Take a name for `uid`; False: another has it."""
        return self._given.setdefault((site.key, name.casefold()), uid) == uid

    def refuse(self, scene: Scene, seat: Seat) -> Missing | None:
        """Return why the module of a seat cannot be called what it is to be called in that site; else note it."""
        member = seat.member
        if member is None or (member.device and not member.device.name):
            return None
        device = member.device
        name = device.name if device else name_of(scene, member.module)
        site = seat.station.place.site
        if site.id is not None and (device is None or device.site_id != site.id):
            holder = scene.index.named(site.id, device.tenant_id if device else None, name)
            if holder is not None and holder is not device:
                return Missing(Conflict.NAME_TAKEN, name_taken(holder))
        if device is None and not self.note(site, name, member.module.uid):
            why = f"Another new module of that site is to be called {name!r}."
            return Missing(Conflict.NAME_TAKEN, why)
        return None


def name_of(scene: Scene, module: SeenModule) -> str:
    """Return what a new device is called: by the pattern, else by its serial, else by its uid."""
    words = {
        "name": module.name,
        "serial": module.serial if serial_of(module.serial) else "",
        "uid": module.uid,
        "model": module.model,
        "asset_tag": module.asset_tag,
    }
    name = scene.mapping.names.module.format(**words).strip(" -_.")
    return (name or words["serial"] or module.uid)[:_NAME_LENGTH]


def refuse_type(scene: Scene, seat: Seat) -> Missing | None:
    """Return why a new device cannot be of the type its model asks for."""
    if seat.member is None or seat.member.device is not None:
        return None
    found = scene.types.module(seat.member.module.model)
    return found if isinstance(found, Missing) else None
