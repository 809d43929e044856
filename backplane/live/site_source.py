"""Reads the alarms of every chassis at once, for pages that follow none. Never writes.

Two queries find the slots worth a look, however many chassis; only those with an alarm cost more.
"""

from collections.abc import Mapping

from django.db.models import F, Q

from backplane.live.alarm_source import Suspect, alarms_among, worth_a_look
from backplane.live.alarms import SiteAlarmView, alarm_view
from backplane.slots.facts import SlotFlag, SlotState
from backplane.slots.models import Chassis, Slot

SiteAlarms = Mapping[int, list[SiteAlarmView]]


def load_site_alarms(chassis_id: int | None = None) -> SiteAlarms:
    """Return the alarms of this chassis, or of all, by chassis id; those without any are left out."""
    rows = Slot.objects.only("number", "state", "flags", "cause", "chassis")
    if chassis_id is not None:
        rows = rows.filter(chassis=chassis_id)
    chassis: dict[int, list[Suspect]] = {}
    flagged = rows.annotate(marks=F("flags").bitand(int(SlotFlag.ALARM | SlotFlag.RELEASED)))
    for slot in flagged.filter(Q(marks__gt=0) | Q(state=SlotState.NOT_INSTALLED)).order_by(
        "number"
    ):
        suspect = Suspect(slot.pk, slot.number, slot.facts)
        chassis.setdefault(slot.chassis_id, []).append(suspect)
    looked = worth_a_look([slot for suspects in chassis.values() for slot in suspects])
    alarms = {
        pk: alarms_among(suspects)
        for pk, suspects in chassis.items()
        if any(slot.slot_id in looked for slot in suspects)
    }
    alarmed = Chassis.objects.filter(pk__in=[pk for pk, found in alarms.items() if found])
    return {
        row.pk: [
            {**alarm_view(alarm, row.slug), "chassis": row.slug, "chassis_name": str(row)}
            for alarm in alarms[row.pk]
        ]
        for row in alarmed
    }


def in_order(alarms: SiteAlarms) -> list[SiteAlarmView]:
    """Return all alarms of the site, newest first: the one somebody has just caused is on top."""
    every = [alarm for found in alarms.values() for alarm in found]
    return sorted(every, key=lambda alarm: alarm["since"], reverse=True)
