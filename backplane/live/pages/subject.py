"""What a page is about: one chassis as rendered for sockets and pages alike, and what its reader may do.

Reads only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.http import Http404, HttpRequest
from django.utils import timezone

from backplane.live.faces import WORST_FIRST
from backplane.live.history import LINES_SHOWN, recent_lines
from backplane.live.pages.asks import ASKS, asks_as_json
from backplane.live.pages.budget_bars import bars_of
from backplane.live.pages.drawing import drawing_of
from backplane.live.pages.trend import Trend, trend_of
from backplane.live.records import EventLine
from backplane.live.rendering import ChassisView, EventView, SlotView, chassis_view, event_view
from backplane.live.selectors import load_chassis
from backplane.people.roles import Person, Role, has_role
from backplane.people.sites import is_within, reach_of
from backplane.slots import rehearsal
from backplane.slots.budget import budget_of
from backplane.slots.models import Chassis
from backplane.slots.own_slot import own_number
from backplane.slots.telemetry import store

SLOT_EVENTS_SHOWN: Final = 8
ELSEWHERE: Final = "Not at one of your sites"
_MOST_DIGITS: Final = 18  # what fits into a database column; Python refuses to read thousands
_SLOT_EVENTS_READ: Final = 200  # of the chassis; those of one slot are picked out of them


@dataclass(frozen=True, slots=True)
class May:
    """What the reader may do on this chassis. `is_elsewhere`: a technician who is assigned to other sites."""

    locate: bool
    is_elsewhere: bool
    command: bool
    rehearse: bool


@dataclass(frozen=True, slots=True)
class Subject:
    """One chassis: its row, and its view for everybody."""

    row: Chassis
    view: ChassisView

    def slot(self, number: int) -> SlotView:
        """Return the view of slot `number`; 404 when there is none."""
        found = next((bay for bay in self.view["slots"] if bay["n"] == number), None)
        if found is None:
            raise Http404(f"{self.row.slug} has no slot {number}.")
        return found


def subject_of(slug: str) -> Subject:
    """Return the chassis called `slug`, in any case; 404 when there is none."""
    record = load_chassis(slug)
    if record is None:
        raise Http404(f"No chassis {slug}.")
    row = Chassis.objects.get(pk=record.id)
    return Subject(row, chassis_view(record, timezone.now()))


def whole_number(text: str) -> int | None:
    """Return the number that a reader sent; None for anything else."""
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None


def rights_of(user: Person, row: Chassis) -> May:
    """Return what `user` may do on this chassis."""
    is_operator, is_technician = has_role(user, Role.OPERATOR), has_role(user, Role.TECHNICIAN)
    is_here = is_within(reach_of(user), row.site_id)
    return May(
        locate=is_technician and is_here,
        is_elsewhere=is_technician and not is_here,
        command=is_operator,
        rehearse=is_operator and row.is_simulated and rehearsal.current().reaches(row.port_url),
    )


def for_reader(bay: SlotView, user: Person, row: Chassis) -> SlotView:
    """Return the view with the actions off that this reader's role or site does not allow, and why."""
    is_here = is_within(reach_of(user), row.site_id)
    actions = [action.copy() for action in bay["actions"]]
    for action in actions:
        needed = ASKS[action["op"]].role
        if not has_role(user, needed):
            action["enabled"] = False
            action["why"] = f"Needs the role {needed}"
        elif not is_here:
            action["enabled"], action["why"] = False, ELSEWHERE
    return {**bay, "actions": actions}


def reasons_of(bay: SlotView) -> list[dict[str, object]]:
    """Return why actions are off, each reason once, with the labels of the actions it keeps off."""
    labels: dict[str, list[str]] = {}
    for action in bay["actions"]:
        if not action["enabled"]:
            labels.setdefault(action["why"].rstrip("."), []).append(action["label"])
    return [
        {"id": f"why-{index}", "why": why, "labels": names}
        for index, (why, names) in enumerate(labels.items())
    ]


def page_context(request: HttpRequest, subject: Subject, bay: SlotView) -> dict[str, object]:
    """Return what both the chassis page and the slot page show; `bay` is the slot in the panel."""
    shown = for_reader(bay, request.user, subject.row)
    profile = subject.row.profile
    lines = recent_lines(subject.row.pk, _SLOT_EVENTS_READ)  # once for both lists
    return {
        "chassis": subject.view,
        "row": subject.row,
        "profile": profile,
        "drawing": drawing_of(profile),
        "may": rights_of(request.user, subject.row),
        "power": power_words(subject.view),
        "bars": bars_of(budget_of(subject.row)),
        "asks": asks_as_json(own_number(subject.row.pk)),
        "bay": shown,
        "shown": shown,
        "reasons": reasons_of(shown),
        "trend": slot_trend(subject, bay),
        "slot_events": _of_slot(lines, bay["n"]),
        "events": _newest_first(lines[-LINES_SHOWN:]),
        "chassis_form": chassis_form(request.user, subject.row),
    }


def power_words(view: ChassisView) -> str:
    """Return what the chassis draws, in words; of how much, the budget's bars say."""
    used_w = view["power"]["used_w"]
    return "not known" if used_w is None else f"{used_w:.1f} W"


def slot_trend(subject: Subject, bay: SlotView) -> Trend:
    """Return the last ten minutes of a slot's temperature."""
    readings = store.history(subject.row.pk, bay["n"])
    return trend_of(readings, bay["temp_limit_c"], timezone.now())


def events_of(subject: Subject) -> list[EventView]:
    """Return the newest events of the chassis, newest first."""
    return _newest_first(recent_lines(subject.row.pk))


def slot_events(subject: Subject, number: int) -> list[EventView]:
    """Return the newest events of one slot, newest first."""
    return _of_slot(recent_lines(subject.row.pk, _SLOT_EVENTS_READ), number)


def _newest_first(lines: list[EventLine]) -> list[EventView]:
    return [event_view(line) for line in reversed(lines)]


def _of_slot(lines: list[EventLine], number: int) -> list[EventView]:
    newest = [line for line in reversed(lines) if line.slot == number][:SLOT_EVENTS_SHOWN]
    return [event_view(line) for line in newest]


def worst_first(view: ChassisView) -> list[SlotView]:
    """Return the slots, those that need somebody on top."""
    rank: Callable[[SlotView], int] = lambda bay: WORST_FIRST.index(bay["face"])  # noqa: E731  (a key)
    return sorted(view["slots"], key=rank)


def chassis_form(user: Person, row: Chassis) -> dict[str, str] | None:
    """Return the question that only an admin may answer: whose board this is; None: nothing to ask."""
    if not has_role(user, Role.ADMIN):
        return None
    if row.offered_board_id and row.offered_board_id != row.adopt_board_id:
        return {
            "op": "adopt_board",
            "board": row.offered_board_id,
            "label": "Adopt this board",
            "text": f"Board {row.offered_board_id} answers where {row.board_id} was. If the board was replaced, adopt it.",
        }
    if row.link_state == "other_owner" and not row.take_over_confirmed:
        return {
            "op": "take_over",
            "board": row.board_id or "",
            "label": "Take over",
            "text": "This board obeys another installation. Take it over only when that one is gone for good.",
        }
    return None
