"""What an opened or closed handle asks for: the wish of a person at the rack, as an ordinary command.

Runs inside the transaction that recorded the events, behind all of them. Asks nothing that happened long
ago, nothing while somebody else is at the slot, and nothing of a slot that is not known or not well.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from backplane.people import audit
from backplane.slots.errors import CommandNotAccepted
from backplane.slots.facts import Cause, EventKind, RailCause, SlotFacts, SlotState, rail_cause
from backplane.slots.handle_policy import is_claimed
from backplane.slots.models import Command, HardwareEvent, Slot
from backplane.slots.ops import (
    COMMAND_EXPIRY_S,
    POWER_OPS,
    TAKEN_BACK,
    UNFINISHED,
    CommandOp,
    CommandState,
    Origin,
)
from backplane.slots.records import CommandRequest
from backplane.slots.services.commands import request_within
from backplane.slots.services.endings import end_command
from backplane.slots.services.work import Work

THE_HANDLE: Final = "the handle"
_MOVED: Final = (EventKind.HANDLE_OPEN, EventKind.HANDLE_CLOSED)
# A rail that somebody wanted off; any other went off by a fault, or comes back.
_WANTED_OFF: Final = (RailCause.COMMAND, RailCause.SHUTDOWN_DONE)
_TOO_LATE: Final = "the handle was closed again, but a shutdown cannot be recalled"

# What is asked, and whether a release is set or taken back.
Wish = tuple[CommandOp, bool]


def follow_handles(work: Work, rows: Sequence[HardwareEvent]) -> None:
    """Ask for what the newest of these events mean; each slot is asked once."""
    newest = {row.slot_number: row for row in rows if row.is_understood and _speaks(row)}
    for number, row in newest.items():
        slot = work.slots[number]
        if row.kind in _MOVED:
            _take_back(work, slot)
        if _is_fresh(work, row) and not _is_taken(slot):
            _ask(work, slot, wish_of(slot.facts, row.kind))


def wish_of(facts: SlotFacts, kind: int) -> Wish | None:
    """Return what a handle asks of a slot, as the slot is now; None: nothing."""
    if _is_unwell(facts):
        return None
    if kind == EventKind.HANDLE_CLOSED:
        if facts.released:
            return CommandOp.RELEASE, False
        wants_on = facts.state is SlotState.INACTIVE and not facts.held
        return (CommandOp.POWER_ON, True) if wants_on else None
    if facts.handle_closed is not False:
        return None
    if facts.rail_on:
        # What has halted hears no shutdown line any more.
        stop = CommandOp.POWER_OFF if facts.halted else CommandOp.SHUTDOWN
        return (stop, True) if facts.state is SlotState.DEACTIVATION_REQUEST else None
    wants_out = facts.state is SlotState.INACTIVE and not facts.released
    return (CommandOp.RELEASE, True) if wants_out else None


def _speaks(row: HardwareEvent) -> bool:
    is_stop = row.kind == EventKind.RAIL_OFF and rail_cause(row.value) in _WANTED_OFF
    return bool(row.slot_number) and (is_stop or row.kind in _MOVED)


def _is_fresh(work: Work, row: HardwareEvent) -> bool:
    """Whether this is what somebody does now: what was replayed after a silence is history."""
    at = row.occurred_at
    return at is not None and work.now - at <= timedelta(seconds=COMMAND_EXPIRY_S)


def _is_unwell(facts: SlotFacts) -> bool:
    if facts.state is SlotState.COMMUNICATION_LOST or facts.rail_on is None:
        return True
    is_out = facts.present is False
    return any((is_out, facts.alarm, facts.tripped, facts.suspicious, facts.flapping))


def _is_taken(slot: Slot) -> bool:
    """Whether somebody is at this slot already, by a power command or with plans of their own."""
    running = Command.objects.filter(slot=slot, state__in=UNFINISHED, op__in=POWER_OPS)
    return running.exists() or is_claimed(slot.pk)


def _take_back(work: Work, slot: Slot) -> None:
    """A handle that moves again ends what it asked before; of what was sent already, it says so."""
    asked = Command.objects.filter(slot=slot, origin=Origin.HANDLE, state__in=UNFINISHED)
    for command in asked:
        if command.state == CommandState.OPEN:
            outcome = f"{TAKEN_BACK} {THE_HANDLE}."
            end_command(work, command, CommandState.EXPIRED, outcome, Cause.HANDLE)
        elif command.op == CommandOp.SHUTDOWN and slot.facts.handle_closed:
            command.waiting_for = _TOO_LATE
            command.save(update_fields=["waiting_for"])
            work.touch(slot.number)


def _ask(work: Work, slot: Slot, wish: Wish | None) -> None:
    if wish is None:
        return
    op, is_on = wish
    request = CommandRequest(
        work.chassis.pk,
        slot.number,
        op,
        requester_name=THE_HANDLE,
        origin=Origin.HANDLE,
        arguments={"on": is_on} if op is CommandOp.RELEASE else {},
    )
    try:
        command = request_within(work, request)
    except CommandNotAccepted:
        return  # the slot shows its handle, and its page says what stands in the way
    act = audit.Act(
        f"command.{op}",
        subject=f"{work.chassis.slug} slot {slot.number}",
        chassis=work.chassis.slug,
        slot=slot.number,
        command_id=command.pk,
    )
    audit.record(audit.Actor(None, THE_HANDLE, "", "local"), act, work.now)
