"""The alarms and marks that a page shows before its script runs, or without one."""

from datetime import datetime

from django import template
from django.utils import timezone

from backplane.live.alarms import SiteAlarmView
from backplane.live.rendering import SlotView
from backplane.live.rows import FlagView
from backplane.live.site_source import in_order, load_site_alarms
from backplane.people.roles import Person, Role, has_role

register = template.Library()


@register.simple_tag
def may_see_alarms(user: Person) -> bool:
    """Whether this reader may watch racks at all: as for the sockets."""
    return has_role(user, Role.VIEWER)


@register.simple_tag
def site_alarms() -> list[SiteAlarmView]:
    """Every alarm of the site, newest first."""
    return in_order(load_site_alarms())


@register.filter
def alarm_link(alarm: SiteAlarmView) -> str:
    """What the alarm's link says: where it leads."""
    _, kind, number, *_ = alarm["url"].split("/")
    return f"Open swap {number}" if kind == "w" else f"Open slot {alarm['slot']}"


@register.filter
def flag_words(flag: FlagView) -> str:
    """What a mark says: "Locating for Ana, ends 14:12" (the server's zone, until the script runs)."""
    if not flag["until"]:
        return flag["word"]
    ends = timezone.localtime(datetime.fromisoformat(flag["until"]))
    return f"{flag['word']}, ends {ends:%H:%M}"


@register.filter
def has_flag(bay: SlotView, key: str) -> bool:
    """Whether the slot has this mark."""
    return any(flag["key"] == key for flag in bay["flags"])
