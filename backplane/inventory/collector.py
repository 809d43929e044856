"""Collects what is known here into the records a plan is made from: a few queries, no judgement. Never writes."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.db.models import Q

from backplane.inventory.records import Health, Power, Seen, SeenBay, SeenChassis, SeenModule
from backplane.inventory.store import netboxs_plans
from backplane.slots.facts import SlotFacts, SlotFlag, SlotState
from backplane.slots.models import Chassis, Installation, Module, Slot, Stay
from backplane.slots.models.chassis import REPLAYED_ENDING

_BOOTING: Final = frozenset({SlotState.ACTIVATION_REQUEST, SlotState.ACTIVATION_IN_PROGRESS})
_FAULTS: Final = SlotFlag.TRIPPED | SlotFlag.OVER_TEMPERATURE
_Words = dict[int, tuple[bool, datetime]]


def collect(slugs: Iterable[str] | None = None) -> Seen:
    """Return what is seen of these chassis, of all if None; with the shelf."""
    # A recording that is played again says nothing about what is where now.
    racks = Chassis.objects.exclude(board_id__endswith=REPLAYED_ENDING).order_by("pk")
    if slugs is not None:
        racks = racks.filter(slug__in=list(slugs))
    given = netboxs_plans()
    host = Installation.objects.values_list("host_id", flat=True).first() or 0
    slots: dict[int, list[Slot]] = {}
    rows = Slot.objects.filter(chassis__in=racks)
    for slot in rows.select_related("module", "carrier__module", "planned_module").order_by(
        "number"
    ):
        slots.setdefault(slot.chassis_id, []).append(slot)
    words = _words(slot for rows in slots.values() for slot in rows)
    chassis = tuple(_chassis(one, host, slots.get(one.pk, []), given, words) for one in racks)
    return Seen(chassis, tuple(_shelf()))


def uid_of(chassis_id: int, host_id: int) -> str:
    """Return what names a chassis for good: its board may be replaced, and two installations share a NetBox."""
    return f"{host_id:016x}-{chassis_id}"


def _words(slots: Iterable[Slot]) -> _Words:
    """Return what people said of the slots that cannot tell themselves: by slot, in or out, and when.

    It is the newest stay that tells: a tap in a swap, a name given, or power that was found on opens one.
    """
    mute = [slot.pk for slot in slots if _is_mute(slot.facts)]
    if not mute:
        return {}
    stays = Stay.objects.filter(slot__in=mute).order_by("since", "pk")
    rows = stays.values_list("slot_id", "since", "until")
    return {slot: (until is None, until or since) for slot, since, until in rows}


def _is_mute(facts: SlotFacts) -> bool:
    """Say whether a slot has no contact; one whose devices do not answer has, and nobody knows what it says."""
    if facts.flags is None:
        return False
    return not facts.flags & (SlotFlag.SENSES_PRESENCE | SlotFlag.NOT_ANSWERING)


def _chassis(
    chassis: Chassis, host_id: int, slots: list[Slot], given: dict[str, int], words: _Words
) -> SeenChassis:
    uid = uid_of(chassis.pk, host_id)
    return SeenChassis(
        id=chassis.pk,
        slug=chassis.slug,
        uid=uid,
        name=chassis.name or chassis.slug,
        serial=chassis.board_id or "",
        slot_count=chassis.slot_count,
        is_known=chassis.link_is_up,
        is_simulated=chassis.is_simulated,
        seen_at=chassis.seen_at,
        bays=tuple(
            _said(_bay(slot, chassis, given.get(f"slot:{uid}/{slot.number}")), words.get(slot.pk))
            for slot in slots
        ),
    )


def _bay(slot: Slot, chassis: Chassis, given: int | None) -> SeenBay:
    facts = slot.facts
    is_known = chassis.link_is_up and facts.state is not SlotState.COMMUNICATION_LOST
    is_known = is_known and not slot.is_occupant_unsure
    inside = slot.module or (slot.carrier.module if slot.carrier else None)
    module = None if inside is None else _module(inside, chassis.is_simulated)
    return SeenBay(
        number=slot.number,
        is_known=is_known and facts.flags is not None and not facts.suspicious,
        present=facts.present,
        module=module,
        state=slot.state,
        carrier_uid="" if slot.carrier is None else slot.carrier.uid,
        seen_at=chassis.seen_at if chassis.link_is_up else slot.seen_at,
        health=_health(facts),
        power=_power(facts),
        is_booting=facts.state in _BOOTING and bool(facts.rail_on),
        planned_uid="" if slot.planned_module is None else slot.planned_module.uid,
        plan_is_netboxs=given is not None and given == slot.planned_module_id,
    )


def _said(bay: SeenBay, word: tuple[bool, datetime] | None) -> SeenBay:
    """Return a bay with what people said of it; not known where its power says otherwise."""
    if word is None:
        return bay
    is_in, at = word
    if not is_in and bay.power is not Power.OFF:
        return bay
    return replace(bay, said=is_in, seen_at=at)


def _module(module: Module, is_simulated: bool) -> SeenModule:
    return SeenModule(
        id=module.pk,
        uid=module.uid,
        name=module.name,
        serial=module.serial,
        asset_tag=module.asset_tag or "",
        macs=tuple(str(mac) for mac in module.macs),
        model=module.model,
        status=module.status,
        is_simulated=is_simulated,
    )


def _health(facts: SlotFacts) -> Health:
    if facts.flags is None or SlotFlag.NOT_ANSWERING in facts.flags:
        return Health.UNKNOWN
    return Health.FAULT if facts.flags & _FAULTS else Health.OK


def _power(facts: SlotFacts) -> Power:
    if facts.rail_on is None:
        return Power.UNKNOWN
    return Power.ON if facts.rail_on else Power.OFF


def _shelf() -> Iterable[SeenModule]:
    """Yield the modules in no slot. One that only ever stood in simulated chassis is simulated itself."""
    standing = Module.objects.filter(Q(slots__isnull=False) | Q(carriers__slots__isnull=False))
    shelved = Module.objects.exclude(pk__in=standing.values("pk"))
    was_real = Q(stays__slot__chassis__is_simulated=False) | Q(stays__isnull=True)
    real = set(shelved.filter(was_real).values_list("pk", flat=True))
    for module in shelved.order_by("pk"):
        yield _module(module, module.pk not in real)
