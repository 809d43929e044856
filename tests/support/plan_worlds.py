"""Worlds for a plan: two small racks, what NetBox thinks of them, and what people did to it meanwhile."""

from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from backplane.inventory.records import (
    Health,
    NbDevice,
    NbSnapshot,
    Power,
    Seen,
    SeenBay,
    SeenChassis,
    SeenModule,
)
from tests.support.rack_and_record import SIGHT, applied, pi, rack

SLOTS = 3
POOL = (
    pi(1),
    pi(2),
    pi(3, serial="0000000000000000"),
    pi(4, name="", asset_tag="T-4"),
    pi(5, macs=(), name="PI-001"),
    pi(6, model="", is_simulated=True),
    pi(7, macs=pi(1).macs, model="CM4"),
    pi(8, serial=pi(2).serial),
)
_KNOWN = st.sampled_from((True, True, True, False))


@dataclass(frozen=True)
class World:
    seen: Seen
    snapshot: NbSnapshot


@st.composite
def _bays(draw: st.DrawFn, number: int, modules: list[SeenModule | None]) -> SeenBay:
    module = modules.pop() if modules else None
    present = draw(st.sampled_from((True, True, False, None))) if module is None else True
    return SeenBay(
        number,
        is_known=draw(_KNOWN),
        present=present if module or draw(st.booleans()) else False,
        module=module,
        seen_at=SIGHT,
        health=draw(st.sampled_from(Health)),
        power=draw(st.sampled_from(Power)),
        is_booting=draw(st.booleans()),
    )


@st.composite
def seens(draw: st.DrawFn, *, may_be_wrong: bool = True) -> Seen:
    """Draw two racks; `may_be_wrong`: with modules seen twice and twins, else each of five at most once."""
    pool = POOL if may_be_wrong else POOL[:5]
    choice = st.one_of(st.none(), st.sampled_from(pool))
    modules = draw(
        st.lists(choice, min_size=2 * SLOTS, max_size=2 * SLOTS)
        if may_be_wrong
        else st.permutations([*pool, None])
    )
    left = list(modules)
    chassis: list[SeenChassis] = []
    for slug in ("a12", "b01"):
        bays = tuple(draw(_bays(number, left)) for number in range(1, SLOTS + 1))
        serial = draw(st.sampled_from(("", "BP-1" + slug)))
        chassis.append(rack(slug, bays, slot_count=SLOTS, is_known=draw(_KNOWN), serial=serial))
    inside = {bay.module for one in chassis for bay in one.bays}
    shelf = tuple(one for one in pool if one not in inside and draw(st.booleans()))
    return Seen(tuple(chassis), shelf)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw a NetBox that agreed once, then both sides as they went on."""
    _, snapshot = applied(draw(seens(may_be_wrong=False)))
    people = draw(st.lists(st.sampled_from(_DEEDS), max_size=4))
    for deed in people:
        snapshot = deed(draw, snapshot)
    return World(draw(seens()), snapshot)


def _one(draw: st.DrawFn, snapshot: NbSnapshot, **changes: Any) -> NbSnapshot:  # noqa: ANN401  (fields of any type)
    """Change one device."""
    devices = snapshot.devices
    if not devices:
        return snapshot
    at = draw(st.integers(0, len(devices) - 1))
    changed = replace(devices[at], **changes)
    return replace(snapshot, devices=(*devices[:at], changed, *devices[at + 1 :]))


def _untag(draw: st.DrawFn, snapshot: NbSnapshot) -> NbSnapshot:
    return _one(draw, snapshot, tags=frozenset({"theirs"}))


def _restatus(draw: st.DrawFn, snapshot: NbSnapshot) -> NbSnapshot:
    words = st.sampled_from(("decommissioning", "planned", "inventory", "active"))
    return _one(draw, snapshot, status=draw(words))


def _rename(draw: st.DrawFn, snapshot: NbSnapshot) -> NbSnapshot:
    return _one(draw, snapshot, name=draw(st.sampled_from(("", "web-1", "pi-002"))))


def _move(draw: st.DrawFn, snapshot: NbSnapshot) -> NbSnapshot:
    """Put the device of one bay into another by hand, or take it out."""
    if not snapshot.bays:
        return snapshot
    at = draw(st.integers(0, len(snapshot.bays) - 1))
    to = draw(st.integers(0, len(snapshot.bays) - 1))
    inside = snapshot.bays[at].installed_device_id
    bays = list(snapshot.bays)
    bays[at] = replace(bays[at], installed_device_id=None)
    bays[to] = replace(bays[to], installed_device_id=inside)
    return replace(snapshot, bays=tuple(bays))


def _disable(draw: st.DrawFn, snapshot: NbSnapshot) -> NbSnapshot:
    if not snapshot.bays:
        return snapshot
    at = draw(st.integers(0, len(snapshot.bays) - 1))
    off = replace(snapshot.bays[at], is_enabled=False)
    return replace(snapshot, bays=(*snapshot.bays[:at], off, *snapshot.bays[at + 1 :]))


def _add_stranger(draw: st.DrawFn, snapshot: NbSnapshot) -> NbSnapshot:
    """Put somebody else's child device into a bay, or beside it; it may have the serial or name of one of ours."""
    children = [one.id for one in snapshot.device_types if one.subdevice_role == "child"]
    if not children:
        return snapshot
    number = 5000 + len(snapshot.devices)
    device = NbDevice(
        number,
        "t0",
        name=draw(st.sampled_from(("theirs", "PI-002", ""))) or f"x{number}",
        serial=draw(st.sampled_from(("", pi(1).serial, "0000000000000000"))),
        status=draw(st.sampled_from(("active", "planned"))),
        device_type_id=children[0],
        site_id=snapshot.sites[0].id,
    )
    bays = list(snapshot.bays)
    at = draw(st.integers(0, len(bays)))
    if at < len(bays):
        bays[at] = replace(bays[at], installed_device_id=number)
    return replace(snapshot, devices=(*snapshot.devices, device), bays=tuple(bays))


_DEEDS = (_untag, _restatus, _rename, _move, _disable, _add_stranger)
