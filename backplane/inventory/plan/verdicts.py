"""Judges each known bay: stays, is cleared, gets a module, or waits for a person. Pure; makes no rows."""

from dataclasses import dataclass, field
from enum import StrEnum

from backplane.inventory.plan.catalog import Missing
from backplane.inventory.plan.newcomers import Names, refuse_type
from backplane.inventory.plan.scene import Scene
from backplane.inventory.plan.seats import BayKey, Seat, Seating
from backplane.inventory.records import Conflict, NbDevice


class Verdict(StrEnum):
    STAYS = "stays"
    CLEAR = "clear"
    SET = "set"
    BLOCKED = "blocked"


@dataclass(slots=True)
class Verdicts:
    """`problems`: why a bay is blocked. `uids`: which module each device of NetBox is."""

    by_bay: dict[BayKey, Verdict] = field(default_factory=dict)
    problems: dict[BayKey, Missing] = field(default_factory=dict)
    uids: dict[int, str] = field(default_factory=dict)

    def block(self, key: BayKey, problem: Missing) -> None:
        self.by_bay[key] = Verdict.BLOCKED
        self.problems[key] = problem


def judge(scene: Scene, seating: Seating) -> Verdicts:
    """Return the verdict on each bay; a bay whose device cannot go where it is seen waits with it."""
    verdicts = Verdicts()
    for member in seating.members.values():
        if member.device is not None:
            verdicts.uids[member.device.id] = member.module.uid
    names = Names()
    for station in seating.stations.values():
        if station.device is None:
            names.note(station.place.site, station.ref.label, station.seen.uid)
    for key, seat in seating.seats.items():
        verdict, problem = _judge(scene, seating, seat, verdicts.uids)
        verdicts.by_bay[key] = verdict
        if verdict is Verdict.SET:
            problem = refuse_type(scene, seat) or names.refuse(scene, seat)
        if problem is not None:
            verdicts.block(key, problem)
    _spread(seating, verdicts)
    return verdicts


def _judge(
    scene: Scene, seating: Seating, seat: Seat, uids: dict[int, str]
) -> tuple[Verdict, Missing | None]:
    if _is_settled(scene, seating, seat, uids):
        return Verdict.STAYS, None
    problem = _of_member(scene, seat) or _of_installed(scene, seating, seat, uids)
    if problem is not None:
        return Verdict.BLOCKED, problem
    return (Verdict.SET if seat.member else Verdict.CLEAR), None


def _is_settled(scene: Scene, seating: Seating, seat: Seat, uids: dict[int, str]) -> bool:
    """Tell whether a bay is as it should be, or nobody can say how it should be."""
    inside = seat.bay.installed_device_id if seat.bay else None
    if seat.member is None:
        is_unsure = not seat.seen.is_seen_empty  # something is there, or it cannot be sensed
        return is_unsure or inside is None or _is_awaited(scene, seating, seat, uids)
    device = seat.member.device
    return not seat.member.problem and device is not None and device.id == inside


def _of_member(scene: Scene, seat: Seat) -> Missing | None:
    if seat.member is None:
        return None
    return seat.member.problem or _of_bay(scene, seat) or _of_old_bay(scene, seat.member.device)


def _of_bay(scene: Scene, seat: Seat) -> Missing | None:
    if seat.bay is None and seat.station.device is not None and not scene.index.is_whole:
        return Missing(Conflict.BAY_MISSING, f"NetBox did not tell of a bay {seat.name}.")
    if seat.bay is not None and not seat.bay.is_enabled:
        return Missing(Conflict.BAY_DISABLED, "The bay is disabled in NetBox.")
    return None


def _of_installed(
    scene: Scene, seating: Seating, seat: Seat, uids: dict[int, str]
) -> Missing | None:
    """Return why whoever NetBox has in the bay may not be put out of it."""
    inside = seat.bay.installed_device_id if seat.bay else None
    if inside is None:
        return None
    device = seat.installed
    if device is None:
        return Missing(
            Conflict.NOT_READ, f"NetBox has device {inside} in it, of which nothing was read."
        )
    if not scene.owns(device):
        why = f"NetBox has {device.name or device.id} in it, without the tag {scene.mapping.tag!r}."
        return Missing(Conflict.FOREIGN_IN_BAY, why)
    uid = uids.get(device.id, "")
    if uid in seating.away:
        why = f"{device.name or device.id} may stand in a bay that nothing can be said of now."
        return Missing(Conflict.WAITS, why)
    if seat.member is not None and uid not in seating.homes and _is_planned(scene, device):
        why = f"NetBox plans {device.name or device.id} for it."
        return Missing(Conflict.PLANNED_OTHER, why)
    return None


def _of_old_bay(scene: Scene, device: NbDevice | None) -> Missing | None:
    """Return why a device cannot leave the bay NetBox has it in."""
    if device is None:
        return None
    if scene.index.is_in_unread_bay(device):
        why = "NetBox has it in another bay, which was not read."
        return Missing(Conflict.NOT_READ, why)
    bay = scene.index.holder_of(device)
    parent = scene.index.devices.get(bay.device_id) if bay else None
    if bay is not None and (parent is None or not scene.owns(parent)):
        why = f"NetBox has it in {bay.name} of {parent.name if parent else 'a device'}, which is not ours."
        return Missing(Conflict.FOREIGN_IN_BAY, why)
    if bay is not None and parent is not None and scene.is_of_others(parent):
        why = (
            f"Another installation has it in {bay.name} of {parent.name}. When that one sees the bay empty it"
            " is free; if it still stands there, two modules have one uid."
        )
        return Missing(Conflict.TWO_PLACES, why)
    return None


def _is_awaited(scene: Scene, seating: Seating, seat: Seat, uids: dict[int, str]) -> bool:
    """Tell whether whoever NetBox has in the bay is planned for it and has not come anywhere yet."""
    device = seat.installed
    if device is None or not _is_planned(scene, device):
        return False
    return not scene.owns(device) or uids.get(device.id) not in seating.homes


def _is_planned(scene: Scene, device: NbDevice) -> bool:
    return device.status == scene.mapping.statuses.planned


def _spread(seating: Seating, verdicts: Verdicts) -> None:
    """Block the bays whose device is to go to a blocked bay, until none is left."""
    is_moving = True
    while is_moving:
        is_moving = False
        for key, seat in seating.seats.items():
            target = _target(seating, seat, verdicts.uids)
            if verdicts.by_bay[key] in {Verdict.SET, Verdict.CLEAR} and (
                target is not None and verdicts.by_bay.get(target) is Verdict.BLOCKED
            ):
                other = seating.seats[target].label
                why = f"Its device is seen in {other}, which waits for a person."
                verdicts.block(key, Missing(Conflict.WAITS, why))
                is_moving = True


def _target(seating: Seating, seat: Seat, uids: dict[int, str]) -> BayKey | None:
    inside = seat.bay.installed_device_id if seat.bay else None
    return seating.homes.get(uids.get(inside, "")) if inside is not None else None
