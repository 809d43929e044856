"""The alarms that a page shows before its script runs, or without one."""

from django import template

from backplane.live.alarms import SiteAlarmView
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
