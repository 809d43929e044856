"""Carriers, supplies and controllers as the inventory lists them: also those that are only seen so far. Reads only."""

from dataclasses import dataclass

from django.urls import reverse

from backplane.slots.identities import carrier_text
from backplane.slots.models import Asset, Carrier, Chassis, Controller, Slot, Supply


@dataclass(frozen=True, slots=True)
class Thing:
    """One piece of equipment; `url` leads to its form, or to one that records what is only seen."""

    kind: str
    label: str
    detail: str
    where: str
    url: str
    asset: Asset | None = None


def equipment() -> list[Thing]:
    """Return every carrier, supply and controller, in that order."""
    return [*_carriers(), *_supplies(), *_controllers()]


def _carriers() -> list[Thing]:
    slots = Slot.objects.exclude(carrier=None).select_related("chassis")
    stands = {slot.carrier_id: _place(slot) for slot in slots}
    return [
        Thing(
            "Carrier",
            carrier.label or carrier_text(carrier.uid),
            carrier_text(carrier.uid) if carrier.label else "",
            stands.get(carrier.pk, "Shelf"),
            reverse("inventory-edit", args=("carriers", carrier.pk)),
            carrier,
        )
        for carrier in Carrier.objects.all()
    ]


def _place(slot: Slot) -> str:
    place = f"{slot.chassis}, slot {slot.number}"
    return f"Not known; last seen: {place}" if slot.is_occupant_unsure else place


def _supplies() -> list[Thing]:
    return [
        Thing(
            "Supply",
            str(supply),
            supply.model,
            f"{supply.chassis}, supply {supply.number or '?'}" if supply.chassis else "Shelf",
            reverse("inventory-edit", args=("supplies", supply.pk)),
            supply,
        )
        for supply in Supply.objects.select_related("chassis")
    ]


def _controllers() -> list[Thing]:
    recorded = {board.board_id: board for board in Controller.objects.all()}
    answering = {
        row.board_id: row for row in Chassis.objects.exclude(board_id=None) if row.board_id
    }
    found = []
    for board_id in sorted({*recorded, *answering}):
        board, chassis = recorded.get(board_id), answering.get(board_id)
        new = f"{reverse('inventory-new', args=('controllers',))}?board_id={board_id}"
        found.append(
            Thing(
                "Controller",
                board_id,
                chassis.firmware_version and f"firmware {chassis.firmware_version}"
                if chassis
                else "",
                str(chassis) if chassis else "Shelf",
                reverse("inventory-edit", args=("controllers", board.pk)) if board else new,
                board,
            )
        )
    return found
