"""Says who is seen in which bay, once each; what is seen twice is nobody's. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from backplane.inventory.plan.chassis import Station, stations, subject_of
from backplane.inventory.plan.draft import Evidence, Subject
from backplane.inventory.plan.members import Member, members
from backplane.inventory.plan.scene import Scene, bay_evidence
from backplane.inventory.records import Conflict, Kind, NbBay, NbDevice, Ref, SeenBay

BayKey = tuple[str, int]  # uid of the chassis, number


@dataclass(frozen=True, slots=True)
class Seat:
    """A bay that is known now, with what NetBox has there. `bay` None: NetBox has no such bay yet."""

    station: Station
    seen: SeenBay
    name: str
    bay: NbBay | None
    installed: NbDevice | None
    member: Member | None

    @property
    def key(self) -> BayKey:
        return (self.station.seen.uid, self.seen.number)

    @property
    def ref(self) -> Ref:
        key = f"bay:{self.station.seen.uid}/{self.name}"
        bay_id = self.bay.id if self.bay else None
        return Ref(Kind.BAY, key, bay_id, self.label, parent=self.station.ref, name=self.name)

    @property
    def label(self) -> str:
        return f"{self.name} of {self.station.ref}"

    @property
    def evidence(self) -> Evidence:
        return bay_evidence(self.station.seen, self.seen)

    @property
    def subject(self) -> Subject:
        uid = self.member.module.uid if self.member else self.station.seen.uid
        return Subject(Kind.BAY, self.ref.key, f"bay {self.label}", uid)


@dataclass(frozen=True, slots=True)
class Seating:
    """`seats`: the bays that are known. `homes`: where each module is seen. `away`: who may be where we cannot see."""

    stations: dict[str, Station]
    members: dict[str, Member]
    seats: dict[BayKey, Seat]
    homes: dict[str, BayKey]
    away: frozenset[str]


def seating(scene: Scene) -> Seating:
    """Return who is where. Tells of bays with two modules and of modules in two bays."""
    everyone = members(scene)
    ready = stations(scene)
    crowded = _crowded(scene, ready)
    seats = {
        key: _seat(scene, ready[key[0]], bay, everyone)
        for key, bay in _known(ready)
        if key not in crowded
    }
    homes: dict[str, list[BayKey]] = {}
    for key, seat in seats.items():
        if seat.member is not None:
            homes.setdefault(seat.member.module.uid, []).append(key)
    _tell_ghosts(scene, seats, homes)
    _tell_unknown(scene)
    return Seating(
        ready,
        everyone,
        {key: seat for key, seat in seats.items() if not _is_ghost(seat, homes)},
        {uid: keys[0] for uid, keys in homes.items() if len(keys) == 1},
        frozenset(_away(scene, seats)) - {uid for uid, keys in homes.items() if len(keys) == 1},
    )


def _known(ready: dict[str, Station]) -> Iterator[tuple[BayKey, SeenBay]]:
    found = {
        (station.seen.uid, bay.number): bay
        for station in ready.values()
        if station.seen.is_known
        for bay in station.seen.bays
        if bay.is_known
    }
    return iter(sorted(found.items(), key=lambda item: item[0]))


def _crowded(scene: Scene, ready: dict[str, Station]) -> set[BayKey]:
    """Tell of bays that are said to hold two different things."""
    crowded: set[BayKey] = set()
    for station in ready.values():
        numbers = [bay.number for bay in station.seen.bays]
        for number in sorted({one for one in numbers if numbers.count(one) > 1}):
            views = {bay for bay in station.seen.bays if bay.number == number}
            if len(views) > 1:
                name = scene.mapping.names.bay_of(number)
                key = f"bay:{station.seen.uid}/{name}"
                subject = Subject(Kind.BAY, key, f"bay {name} of {station.ref}", station.seen.uid)
                who = sorted(view.module.name or view.module.uid for view in views if view.module)
                why = f"It is said to hold more than one thing: {', '.join(who) or 'nobody knows'}."
                scene.draft.conflict(Conflict.TWO_IN_BAY, subject, why)
                crowded.add((station.seen.uid, number))
    return crowded


def _seat(scene: Scene, station: Station, seen: SeenBay, everyone: dict[str, Member]) -> Seat:
    name = scene.mapping.names.bay_of(seen.number)
    bay = scene.index.bay(station.device.id, name) if station.device else None
    inside = bay.installed_device_id if bay else None
    installed = scene.index.devices.get(inside) if inside is not None else None
    member = everyone[seen.occupant.uid] if seen.occupant else None
    return Seat(station, seen, name, bay, installed, member)


def _is_ghost(seat: Seat, homes: dict[str, list[BayKey]]) -> bool:
    return seat.member is not None and len(homes[seat.member.module.uid]) > 1


def _tell_ghosts(scene: Scene, seats: dict[BayKey, Seat], homes: dict[str, list[BayKey]]) -> None:
    for keys in homes.values():
        member = seats[keys[0]].member
        if len(keys) > 1 and member is not None:
            places = " and ".join(seats[key].label for key in keys)
            why = f"It is said to stand in {places}; neither is changed."
            scene.draft.conflict(Conflict.TWO_PLACES, member.subject, why, seats[keys[0]].evidence)


def _tell_unknown(scene: Scene) -> None:
    for chassis in scene.seen.chassis:
        if not chassis.is_known and (not chassis.is_simulated or scene.options.allows_simulated):
            evidence = Evidence(
                f"board of {chassis.name or chassis.slug} last heard", chassis.seen_at
            )
            why = "Its board does not answer: nothing is known of its bays now, so they stay as they are."
            scene.draft.note(subject_of(chassis), why, evidence)


def _away(scene: Scene, seats: dict[BayKey, Seat]) -> Iterator[str]:
    """Yield modules that stand, or last stood, in a bay nothing can be planned for."""
    for chassis in scene.seen.chassis:
        for bay in chassis.bays:
            is_planned_for = (chassis.uid, bay.number) in seats and bay.occupant is not None
            if bay.module is not None and not bay.is_seen_empty and not is_planned_for:
                yield bay.module.uid
    for seat in seats.values():
        if seat.member is not None:
            yield seat.member.module.uid
