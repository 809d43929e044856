"""Hardware events, commands and gaps as sentences for people, each with its icon.

Pure. Unknown kinds are said to be unknown, with their numbers, and are never left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from backplane.slots.facts import EventKind, RailCause, rail_cause
from backplane.slots.identities import carrier_text
from backplane.slots.ops import OP_WORDS, TAKEN_BACK, CommandOp, CommandState


@dataclass(frozen=True, slots=True)
class Sentence:
    icon: str
    text: str


_RAIL_OFF: Final = {
    RailCause.COMMAND: "on command",
    RailCause.REMOVAL: "because the carrier was taken out",
    RailCause.TRIP: "by the over-current trip",
    RailCause.POWER_GOOD_FAILED: "because power did not become good",
    RailCause.OVER_TEMPERATURE: "for over-temperature",
    RailCause.RESTORE_POLICY: "by the restore policy",
    RailCause.SHUTDOWN_DONE: "after its shutdown",
    RailCause.SUPPLY_LOST: "because the supply was lost",
    RailCause.LOCAL_BUTTON: "by the button at the slot",
    RailCause.CYCLE: "for a power cycle",
}
_FIXED: Final[dict[EventKind, Sentence]] = {
    EventKind.BOOT: Sentence("clock", "The backplane's controller started."),
    EventKind.INSERT: Sentence("down", "A carrier was put in."),
    EventKind.REMOVE: Sentence("empty", "The carrier was taken out."),
    EventKind.HANDLE_OPEN: Sentence("eject", "The handle was opened."),
    EventKind.HANDLE_CLOSED: Sentence("lock", "The handle was closed."),
    EventKind.POWER_GOOD: Sentence("run", "Power is good."),
    EventKind.HALTED: Sentence("halt", "The operating system has stopped."),
    EventKind.HOST_LOST: Sentence("unk", "The backplane heard no host for a while."),
    EventKind.HOST_BACK: Sentence("link", "The backplane hears the host again."),
    EventKind.CONFIG: Sentence("clock", "A setting of the backplane changed."),
    EventKind.FLAPPING: Sentence("warn", "A contact flaps: too many changes in a second."),
    EventKind.WRONG_PULL: Sentence("fault", "Pulled by mistake: another slot was the one to pull."),
    EventKind.BUTTON: Sentence("user", "The button at the slot was pressed."),
    EventKind.CHASSIS_POWER_RESTORED: Sentence("power", "The chassis has power again."),
    EventKind.TRIP_CLEARED: Sentence("clear", "The over-current trip was cleared."),
    EventKind.ALARM_CLEARED: Sentence("clear", "The alarm was cleared."),
}
# What is told of all slots of a chassis at once.
LINK_LOST: Final = Sentence("unk", "The chassis does not answer. Power stays as it was.")
LINK_RESTORED: Final = Sentence("link", "The chassis answers again; its slots were read anew.")
EVENTS_WERE_LOST: Final = Sentence("unk", "Events were lost; the slots are read anew.")
SLOTS_WERE_READ: Final = Sentence("link", "The slots were read anew.")


def hardware_sentence(kind: int, value: int, carrier_uid: str = "") -> Sentence:
    """Return what a hardware event says; `value` as the board sent it."""
    try:
        known = EventKind(kind)
    except ValueError:
        return Sentence(
            "unk", f"Event of unknown kind {kind} (value {value}); it is kept as it came."
        )
    if known in _FIXED:
        return _FIXED[known]
    return _WITH_VALUE[known](value, carrier_text(carrier_uid))


def fault_words(kind: int, value: int) -> str:
    """Return the fault for which an event took a slot's power; "" when it was no fault."""
    if kind == EventKind.POWER_GOOD_FAILED:
        return "Power did not become good"
    if kind != EventKind.RAIL_OFF:
        return ""
    words = {
        RailCause.POWER_GOOD_FAILED: "Power did not become good",
        RailCause.SUPPLY_LOST: "Switched off: the supply was lost",
    }
    cause = rail_cause(value)
    return words.get(cause, "") if cause is not None else ""


def command_asked(word: str) -> Sentence:
    """Return that a command, named by op_words, was given; the line's `who` says by whom."""
    return Sentence("user", f"{word} was asked.")


def command_ended(word: str, state: str, outcome: str) -> Sentence:
    """Return how a command, named by op_words, ended."""
    because = f": {outcome.rstrip('.')}." if outcome else "."
    match state:
        case CommandState.DONE:
            return Sentence("run", f"{word}: done.")
        case CommandState.REFUSED:
            return Sentence("warn", f"{word} was refused{because}")
        case CommandState.EXPIRED if outcome.startswith(TAKEN_BACK):
            return Sentence("user", f"{word} was t{outcome[1:]}")
        case CommandState.EXPIRED:
            return Sentence("clock", f"{word} expired{because}")
        case _:
            return Sentence("fault", f"{word} failed{because}")


def op_words(op: str, arguments: Mapping[str, Any]) -> str:
    """Return the name of a command, for people."""
    if op == CommandOp.RELEASE and not arguments.get("on", True):
        return "Take back release"
    try:
        return OP_WORDS[CommandOp(op)]
    except (KeyError, ValueError):
        return op.replace("_", " ").capitalize()


def gap_sentence(first: int, last: int | None, reason: str) -> Sentence:
    """Return that events are missing, and why."""
    which = f"Events {first} to {last}" if last is not None else f"Events from {first} on"
    if last == first:
        which = f"Event {first}"
    return Sentence("warn", f"{which} will never come: {reason.rstrip('.')}.")


def _rail_off(value: int) -> Sentence:
    cause = rail_cause(value)
    why = f"cause {value & 0xFF}" if cause is None else _RAIL_OFF[cause]
    return Sentence("off", f"Power went off {why}.")


def _rail_on(value: int) -> Sentence:
    cause = rail_cause(value)
    why = (
        {
            RailCause.COMMAND: "on command",
            RailCause.RESTORE_POLICY: "by the restore policy",
            RailCause.LOCAL_BUTTON: "by the button at the slot",
            RailCause.CYCLE: "after a power cycle",
        }.get(cause, f"cause {value & 0xFF}")
        if cause is not None
        else f"cause {value & 0xFF}"
    )
    return Sentence("up", f"Power went on {why}.")


_WITH_VALUE: Final[dict[EventKind, Callable[[int, str], Sentence]]] = {
    EventKind.RAIL_ON: lambda value, _: _rail_on(value),
    EventKind.RAIL_OFF: lambda value, _: _rail_off(value),
    EventKind.POWER_LOST: lambda value, _: Sentence(
        "fault", f"Power is not good any more ({value / 1000:.1f} V)."
    ),
    EventKind.TRIP: lambda value, _: Sentence(
        "fault", f"Over-current {value / 1000:.1f} A, cut by hardware."
    ),
    EventKind.OVER_TEMP: lambda value, _: Sentence(
        "warn", f"Over temperature: {value / 100:.0f} °C."
    ),
    EventKind.IDENTIFIED: lambda _, uid: Sentence(
        "id", f"Carrier {uid or 'without a number'} was identified."
    ),
    EventKind.OVERFLOW: lambda value, _: Sentence(
        "warn", f"{value} events were lost on the backplane."
    ),
    EventKind.SUPPLY_LOST: lambda value, _: Sentence("fault", f"Supply {value} was lost."),
    EventKind.SUPPLY_BACK: lambda value, _: Sentence("power", f"Supply {value} is back."),
    EventKind.RELEASED: lambda value, _: (
        Sentence("eject", "Released: safe to remove.")
        if value
        else Sentence("lock", "The release was taken back.")
    ),
    EventKind.SHUTDOWN_LINE: lambda value, _: (
        Sentence("down", "The Pi was told to shut down.")
        if value
        else Sentence("clock", "The shutdown line is idle again.")
    ),
    EventKind.POWER_GOOD_FAILED: lambda value, _: Sentence(
        "fault", f"Power did not become good (try {value})."
    ),
    EventKind.DEVICE_LOST: lambda value, _: Sentence(
        "unk", f"Device 0x{value:02x} does not answer."
    ),
    EventKind.DEVICE_BACK: lambda value, _: Sentence(
        "link", f"Device 0x{value:02x} answers again."
    ),
    EventKind.SUSPICIOUS: lambda value, _: Sentence(
        "warn", f"The presence contact is open, yet {value / 1000:.1f} A flow."
    ),
}
