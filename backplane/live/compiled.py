"""The three reads behind every delta, with SQL that the ORM compiled once. Never writes."""

import json
from typing import Final, TypedDict, cast

from django.db.models import F, QuerySet

from backplane.slots.models import Chassis, Command, Slot
from backplane.slots.ops import UNFINISHED
from backplane.slots.statements import Select

_PERSONAL: Final = ("name", "model", "serial", "macs")
# How the joined columns are called: the module named for the slot, the one named for its tray, the planned one.
_MODULES: Final = {"in_slot": "module", "on_tray": "carrier__module", "planned": "planned_module"}


class Joined(TypedDict, total=False):
    """What `slots_of` adds to each slot's own columns; None where nothing stands behind the key.

    `in_slot_*`, `on_tray_*` and `planned_*` are the name, model, serial and macs (JSON) of three modules.
    """

    tray_uid: str | None
    tray_label: str | None
    on_tray_id: int | None


def chassis_with(chassis_id: int) -> Chassis | None:
    """Return the chassis with this id; None when there is none."""
    return next(iter(_CHASSIS(chassis_id)), None)


def slots_of(chassis_id: int) -> list[Slot]:
    """Return the slots of a chassis in order; `joined` tells who is in each."""
    return _SLOTS(chassis_id)


def unfinished_commands_of(chassis_id: int) -> list[Command]:
    """Return the unfinished commands of a chassis's slots."""
    return _COMMANDS(chassis_id, *UNFINISHED)


def joined(slot: Slot) -> Joined:
    """Return the columns that `slots_of` has read beside the slot's own."""
    return cast("Joined", vars(slot))


def module_of(slot: Slot, which: str) -> dict[str, str] | None:
    """Return name, model, serial and first mac of one module of a slot from `slots_of`; None: there is none."""
    columns = vars(slot)
    if columns[f"{which}_name"] is None:
        return None
    macs = json.loads(columns[f"{which}_macs"])  # raw SQL leaves JSON as the database's text
    return {
        "name": columns[f"{which}_name"],
        "model": columns[f"{which}_model"],
        "serial": columns[f"{which}_serial"],
        "mac": str(macs[0]) if macs else "",
    }


def _slots_and_occupants() -> QuerySet[Slot]:
    names = {
        f"{which}_{name}": F(f"{path}__{name}")
        for which, path in _MODULES.items()
        for name in _PERSONAL
    }
    return (
        Slot.objects.filter(chassis_id=0)
        .order_by("number")
        .annotate(
            tray_uid=F("carrier__uid"),
            tray_label=F("carrier__label"),
            on_tray_id=F("carrier__module_id"),
            **names,
        )
    )


def _unfinished_commands() -> QuerySet[Command]:
    rows = Command.objects.filter(chassis_id=0, slot__isnull=False)
    return rows.filter(state__in=UNFINISHED).order_by()


_CHASSIS: Final = Select(lambda: Chassis.objects.filter(pk=0).order_by())
_SLOTS: Final = Select(_slots_and_occupants)
_COMMANDS: Final = Select(_unfinished_commands)
