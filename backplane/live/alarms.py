"""Alarms as people read them: a slot pulled by mistake or while in use, who belongs there, and what ends it.

Pure. alarm_source.py finds them in the database; docs/live-protocol.md says what starts and what ends one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypedDict

from backplane.live.moments import iso
from backplane.slots.facts import SlotState


class AlarmKind(StrEnum):
    WRONG_PULL = "wrong_pull"  # the firmware's alarm, the slot is empty
    WRONG_CARRIER = "wrong_carrier"  # the firmware's alarm, something is in the slot again
    CONTACT_OPEN = "contact_open"  # the firmware's alarm, the contact is open and current flows
    SURPRISE = "surprise"  # pulled while it had or wanted power; the firmware knows of no swap


@dataclass(frozen=True, slots=True)
class AlarmRecord:
    """One slot's alarm. `name`: who was in it when it began; `wanted`: the slots that are the ones to pull.

    `pulled_from`: the state in which a surprise was pulled. `swap_id`: the open swap of a wanted slot.
    """

    slot: int
    kind: AlarmKind
    since: datetime
    name: str = ""
    wanted: tuple[int, ...] = ()
    pulled_from: SlotState = SlotState.ACTIVE
    swap_id: int | None = None


class AlarmView(TypedDict):
    """One alarm of a chassis, in whole sentences. `url`: where to deal with it."""

    slot: int
    name: str
    text: str
    advice: str
    since: str
    wanted: list[int]
    url: str


class SiteAlarmView(AlarmView):
    """The same on a page that follows no chassis: `chassis` is its slug, `chassis_name` for people."""

    chassis: str
    chassis_name: str


_DOING: Final = {
    SlotState.ACTIVE: "while running",
    SlotState.DEACTIVATION_REQUEST: "before it was safe",
    SlotState.DEACTIVATION_IN_PROGRESS: "while shutting down",
}


def alarm_view(alarm: AlarmRecord, slug: str) -> AlarmView:
    """Return the view of `alarm` on the chassis called `slug`."""
    text, advice = _SENTENCES[alarm.kind](alarm)
    page = f"/c/{slug}/s/{alarm.slot}/"
    return {
        "slot": alarm.slot,
        "name": alarm.name,
        "text": text,
        "advice": advice,
        "since": iso(alarm.since),
        "wanted": list(alarm.wanted),
        "url": page if alarm.swap_id is None else f"/w/{alarm.swap_id}/",
    }


def _wrong_pull(alarm: AlarmRecord) -> tuple[str, str]:
    return f"That was slot {alarm.slot}. {_put_back(alarm)}", _what_waits(alarm)


def _wrong_carrier(alarm: AlarmRecord) -> tuple[str, str]:
    text = f"Slot {alarm.slot} was pulled by mistake, and what is in it now is not known to be {_who(alarm)}."
    return f"{text} {_put_back(alarm)}", _what_waits(alarm)


def _contact_open(alarm: AlarmRecord) -> tuple[str, str]:
    text = f"That was slot {alarm.slot}, and current still flows. Push {_who(alarm)} back into slot {alarm.slot}."
    return text, _what_waits(alarm)


def _surprise(alarm: AlarmRecord) -> tuple[str, str]:
    doing = _DOING.get(alarm.pulled_from, "while starting")
    put_back = _put_back(alarm).rstrip(".")
    text = f"Slot {alarm.slot} was pulled {doing}. {put_back}, or say why it stays out."
    return text, f"Slot {alarm.slot} is held: it gets no power by itself."


def _who(alarm: AlarmRecord) -> str:
    return alarm.name or "what was there"


def _put_back(alarm: AlarmRecord) -> str:
    return f"Put {_who(alarm)} back in slot {alarm.slot}."


def _what_waits(alarm: AlarmRecord) -> str:
    """Say which slot is the one to pull, and that its light waits for the end of the alarm."""
    if not alarm.wanted:
        return "Pull nothing else until that is done, or say why it stays out."
    numbers = " or ".join(str(number) for number in alarm.wanted)
    return (
        f"Slot {numbers} is the one to pull. Its blue light waits until slot {alarm.slot} is put right, "
        "or somebody says why it stays out."
    )


_SENTENCES: Final[dict[AlarmKind, Callable[[AlarmRecord], tuple[str, str]]]] = {
    AlarmKind.WRONG_PULL: _wrong_pull,
    AlarmKind.WRONG_CARRIER: _wrong_carrier,
    AlarmKind.CONTACT_OPEN: _contact_open,
    AlarmKind.SURPRISE: _surprise,
}
