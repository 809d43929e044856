"""Everything that writes slot rows: one function, one transaction, one notification after the commit."""

from collections.abc import Sequence
from datetime import datetime

from backplane.slots.models import Chassis, Command
from backplane.slots.planner import Decision
from backplane.slots.records import (
    Change,
    CommandRequest,
    CommitResult,
    EventRecord,
    GapRecord,
    HelloFacts,
    StateRecord,
)


# -- hardware ----------------------------------------------------------------
def record_hardware_events(
    chassis_id: int, epoch: int, events: Sequence[EventRecord], now: datetime
) -> CommitResult:
    """Raises StaleGeneration, NotInSequence, DuplicateDiffers, StorageFull."""
    raise NotImplementedError


def record_gap(
    chassis_id: int, epoch: int, gap: GapRecord, cursor: int, now: datetime
) -> CommitResult:
    """Write the gap and the cursor (last number that will not come) together; slots become M7."""
    raise NotImplementedError


def start_new_journal(
    chassis_id: int, epoch: int, gap: GapRecord, new_journal: int, now: datetime
) -> CommitResult:
    """Begin at cursor 0 of `new_journal`; `gap` tells what of the old one is lost."""
    raise NotImplementedError


def apply_state(chassis_id: int, epoch: int, state: StateRecord, now: datetime) -> Change | None:
    """None: nothing painted changed, or as_of_event is not the cursor."""
    raise NotImplementedError


# -- links -------------------------------------------------------------------
def host_id() -> int:
    raise NotImplementedError


def find_or_create_chassis(hello: HelloFacts, port_url: str, now: datetime) -> Chassis:
    """Raises ChassisMismatch."""
    raise NotImplementedError


def take_lease(chassis_id: int, board_epoch: int, now: datetime) -> int:
    raise NotImplementedError


def link_restored(chassis_id: int, epoch: int, hello: HelloFacts, now: datetime) -> Change:
    raise NotImplementedError


def link_lost(chassis_id: int, epoch: int, message: str, now: datetime) -> Change:
    raise NotImplementedError


def set_link_status(chassis_id: int, state: str, message: str, now: datetime) -> Change | None:
    raise NotImplementedError


def set_port_status(port_url: str, state: str, message: str, now: datetime) -> Change | None:
    """Same for a port whose chassis is known by its last port only (no HELLO yet)."""
    raise NotImplementedError


def confirm_take_over(chassis_id: int, now: datetime) -> Change:
    raise NotImplementedError


def adopt_board(chassis_id: int, now: datetime) -> Change:
    raise NotImplementedError


# -- commands ----------------------------------------------------------------
def request_command(request: CommandRequest, now: datetime) -> Command:
    """Raises LinkNotLive, CommandInFlight, StaleView, NotPossible."""
    raise NotImplementedError


def cancel_command(command_id: int, requester_name: str, now: datetime) -> Change | None:
    raise NotImplementedError


def mark_sent(command_id: int, epoch: int, now: datetime) -> bool:
    """Claim an open command for sending; False: somebody else did, or it ended."""
    raise NotImplementedError


def finish_command(chassis_id: int, wire_id: int, code: int, now: datetime) -> Change | None:
    raise NotImplementedError


def lose_command(chassis_id: int, wire_id: int, why: str, now: datetime) -> Change | None:
    raise NotImplementedError


def expire_commands(chassis_id: int, now: datetime) -> Change | None:
    raise NotImplementedError


def plan_commands(chassis_id: int, epoch: int, now: datetime) -> list[Decision]:
    """Send decisions for the bridge; waits, refusals and expiries are already written."""
    raise NotImplementedError
