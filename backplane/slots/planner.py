"""Open commands, seen slots and now -> what becomes of each command.

Pure and idempotent: it keeps nothing between calls and retries nothing. It never invents a command:
what nobody asked for is not in the plan.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from backplane.slots.facts import SlotFlag
from backplane.slots.feeds import Feed
from backplane.slots.obstacles import obstacle
from backplane.slots.ops import (
    COMMAND_EXPIRY_S,
    OP_WORDS,
    STARTS,
    WAITING_EXPIRY_S,
    CommandOp,
    CommandState,
)
from backplane.slots.power import Accounts, PoweredSlot
from backplane.slots.waiting import why_never, why_waiting


@dataclass(frozen=True, slots=True)
class OpenCommand:
    """An unfinished command; `slot` 0 is the chassis."""

    id: int
    op: CommandOp
    slot: int
    state: CommandState
    created_at: datetime
    expires_at: datetime
    sent_at: datetime | None = None
    arguments_on: bool = True  # RELEASE: set or take back


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The chassis around the commands."""

    slots: tuple[PoweredSlot, ...]
    feeds: tuple[Feed, ...]
    stagger: timedelta
    last_start_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Send:
    command_id: int
    expires_in_ms: int


@dataclass(frozen=True, slots=True)
class Wait:
    command_id: int
    reason: str
    until: datetime | None  # when to look again; None: when something changes
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Refuse:
    command_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Expire:
    command_id: int
    reason: str


Decision = Send | Wait | Refuse | Expire


@dataclass(frozen=True, slots=True)
class Plan:
    """Decisions in the order the commands were given, and when to plan again at the latest."""

    decisions: tuple[Decision, ...]
    next_deadline: datetime | None


def plan(commands: Sequence[OpenCommand], around: Surroundings, now: datetime) -> Plan:
    """Decide on every unfinished command; those on their way only expire."""
    turn = _Turn(commands, around, now)
    decisions: list[Decision] = []
    deadlines: list[datetime] = []
    for command in sorted(commands, key=lambda each: (each.created_at, each.id)):
        decision = _decide(command, turn, now)
        if decision is not None:
            decisions.append(decision)
        deadlines += _deadlines(command, decision)
    return Plan(tuple(decisions), min(deadlines, default=None))


class _Turn:
    """Whose rail may come up next, and what is left of each feed, while one plan is made."""

    def __init__(
        self, commands: Iterable[OpenCommand], around: Surroundings, now: datetime
    ) -> None:
        self.around = around
        self.slots = {slot.number: slot for slot in around.slots}
        self.last_start_at = around.last_start_at
        on_the_way = [each.slot for each in commands if _is_start_on_its_way(each)]
        self.coming_up = on_the_way[0] if on_the_way else _slot_coming_up(around.slots, now)
        self.accounts = Accounts(around.feeds, around.slots, on_the_way)

    def give(self, command: OpenCommand, now: datetime) -> None:
        self.coming_up = command.slot
        self.last_start_at = now


def _decide(command: OpenCommand, turn: _Turn, now: datetime) -> Decision | None:
    if now >= command.expires_at:
        return Expire(command.id, _why_expired(command))
    if command.state is not CommandState.OPEN:
        return None
    slot = turn.slots.get(command.slot)
    facts = None if slot is None else slot.facts
    if reason := obstacle(command.op, command.slot, facts, wants_on=command.arguments_on):
        return Refuse(command.id, reason)
    if slot is not None and _has_volts_yet(command, slot):
        return Wait(command.id, "its rail is not below 0.5 V yet", None, command.expires_at)
    if slot is None or command.op not in STARTS:
        return _send(command, now)
    return _start(command, slot, turn, now)


def _has_volts_yet(command: OpenCommand, slot: PoweredSlot) -> bool:
    """Whether a release must wait for a rail that still falls; the board would refuse it."""
    is_release = command.op is CommandOp.RELEASE and command.arguments_on
    below = slot.facts.has(SlotFlag.RAIL_BELOW_500_MV)
    return is_release and bool(slot.facts.has(SlotFlag.METER_WORKS)) and not below


def _start(command: OpenCommand, slot: PoweredSlot, turn: _Turn, now: datetime) -> Decision:
    if not slot.counts:  # what is on already, and goes off and on again, needs its turn alone
        if (feed := turn.accounts.never_fits(slot)) is not None:
            return Refuse(command.id, why_never(slot, feed))
        if (short := turn.accounts.shortage(slot)) is not None:
            reason = why_waiting(slot, short, turn.around.slots)
            turn.accounts.reserve(slot)
            return _wait(command, reason, None)
        # Spent even if its turn is still to come: those who come later see what is left after it.
        turn.accounts.admit(slot)
    return _take_turn(command, turn, now)


def _take_turn(command: OpenCommand, turn: _Turn, now: datetime) -> Decision:
    if turn.coming_up is not None:
        return _wait(command, f"slot {turn.coming_up} is starting; one at a time", None)
    if turn.last_start_at is not None and now < turn.last_start_at + turn.around.stagger:
        return _wait(
            command, "another slot has just started", turn.last_start_at + turn.around.stagger
        )
    turn.give(command, now)
    return _send(command, now)


def _send(command: OpenCommand, now: datetime) -> Send:
    left_s = min((command.expires_at - now).total_seconds(), COMMAND_EXPIRY_S)
    return Send(command.id, max(1, int(left_s * 1000)))


def _wait(command: OpenCommand, reason: str, until: datetime | None) -> Wait:
    expires_at = max(command.expires_at, command.created_at + timedelta(seconds=WAITING_EXPIRY_S))
    return Wait(command.id, reason, until, expires_at)


def _deadlines(command: OpenCommand, decision: Decision | None) -> list[datetime]:
    match decision:
        case Expire() | Refuse():
            return []
        case Wait(until=until, expires_at=expires_at):
            return [expires_at] if until is None else [until, expires_at]
        case _:
            return [command.expires_at]


def _is_start_on_its_way(command: OpenCommand) -> bool:
    return command.op in STARTS and command.state is not CommandState.OPEN


def _slot_coming_up(slots: Iterable[PoweredSlot], now: datetime) -> int | None:
    return next((slot.number for slot in slots if slot.is_coming_up(now)), None)


def _why_expired(command: OpenCommand) -> str:
    word = OP_WORDS[command.op]
    match command.state:
        case CommandState.ACCEPTED if command.op is CommandOp.SHUTDOWN:
            return "The operating system did not stop in time. Wait, or cut the power."
        case CommandState.ACCEPTED:
            return f"{word} was accepted, but its effect was not seen in time."
        case CommandState.SENT:
            return f"{word} was sent, but the board did not answer in time."
        case _ if command.op is CommandOp.RELEASE and command.arguments_on:
            return "Release could not be done in time; its rail may not be below 0.5 V."
        case _:
            return f"{word} could not be done in time."
