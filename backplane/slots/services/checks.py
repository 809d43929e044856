"""Whether a request may become a command now, as its asker saw the slot. Writes nothing."""

from backplane.people.sites import Reach, is_within
from backplane.slots.config import setting_obstacle
from backplane.slots.errors import (
    CommandInFlight,
    LinkNotLive,
    NotAtThisSite,
    NotPossible,
    OwnSlot,
    StaleView,
)
from backplane.slots.facts import SlotState
from backplane.slots.models import Chassis, Command, Slot
from backplane.slots.obstacles import no_shutdown_line, obstacle
from backplane.slots.ops import OP_WORDS, POWER_OPS, STOPS, UNFINISHED, CommandOp, Origin
from backplane.slots.own_slot import own_number
from backplane.slots.records import CommandRequest
from backplane.slots.services.firmware import why_update_blocks
from backplane.slots.services.work import Work

NOBODY = "another program"
_REPLAYED = "This chassis is played from a recording: what it shows is over, and nothing can be asked of it."
_STATE_WORDS = {
    SlotState.NOT_INSTALLED: "empty",
    SlotState.INACTIVE: "off",
    SlotState.ACTIVATION_REQUEST: "asked to start",
    SlotState.ACTIVATION_IN_PROGRESS: "starting",
    SlotState.ACTIVE: "on",
    SlotState.DEACTIVATION_REQUEST: "asked to stop",
    SlotState.DEACTIVATION_IN_PROGRESS: "stopping",
    SlotState.COMMUNICATION_LOST: "not known",
}


def check_site(chassis: Chassis, reach: Reach) -> None:
    """Raise NotAtThisSite unless somebody with this reach may act at the chassis."""
    if not is_within(reach, chassis.site_id):
        raise NotAtThisSite(str(chassis))


def check_link(chassis: Chassis) -> None:
    """Raise LinkNotLive, in the link's own words, unless the board can be asked."""
    if chassis.is_replayed:
        raise LinkNotLive(_REPLAYED)
    if not chassis.link_is_up:
        message = chassis.link_message or "The chassis does not answer; nothing can be asked."
        raise LinkNotLive(message)


def asked_slot(work: Work, request: CommandRequest) -> Slot | None:
    """Return the slot that is meant, None for the chassis. Raises Slot.DoesNotExist."""
    is_for_chassis = request.op in {CommandOp.LAMP_TEST, CommandOp.SET_CONFIG}
    if is_for_chassis and not request.slot_number:
        return None
    slot = work.slots.get(request.slot_number)
    if slot is None:
        raise Slot.DoesNotExist
    return slot


def check_request(work: Work, slot: Slot | None, request: CommandRequest) -> Command | None:
    """Return the unfinished command that this one replaces, if any.

    Raises CommandInFlight, StaleView, NotPossible, OwnSlot.
    """
    replaced = None
    if slot is not None:
        replaced = _running(slot, request) if request.op in POWER_OPS else None
        check_fresh(work.chassis, slot, request.seen_revision)
    if reason := _obstacle(work, slot, request) or why_update_blocks(work.chassis.pk, request.op):
        raise NotPossible(reason)
    if slot is not None and request.op in STOPS and not request.accepts_own_slot:
        _check_own(slot, request.op)
    return replaced


def _running(slot: Slot, request: CommandRequest) -> Command | None:
    """Return the power command that this one would replace: only a cut may, and never another cut."""
    running = Command.objects.filter(slot=slot, state__in=UNFINISHED, op__in=POWER_OPS).first()
    if running is None:
        return None
    if request.op is CommandOp.POWER_OFF and running.op != CommandOp.POWER_OFF:
        return running
    word = OP_WORDS[CommandOp(running.op)]
    raise CommandInFlight(slot.number, running.pk, word, running.requester_name or NOBODY)


def check_fresh(chassis: Chassis, slot: Slot, seen: int | None) -> None:
    """Raise StaleView when the slot has changed since version `seen`; None: the giver is no reader of pages."""
    # A version that is still to come was seen before the database was restored from a backup.
    if seen is not None and not slot.revision <= seen <= chassis.revision:
        state = slot.facts.state
        raise StaleView(slot.number, state, _STATE_WORDS[state], slot.revision)


def _obstacle(work: Work, slot: Slot | None, request: CommandRequest) -> str:
    if request.op is CommandOp.SET_CONFIG:
        return setting_obstacle(request.slot_number, request.arguments)
    if slot is None:
        return ""
    wants_on = bool(request.arguments.get("on", True))
    reason = obstacle(request.op, slot.number, slot.facts, wants_on=wants_on)
    senses = work.chassis.profile.senses_of(slot.number)
    if not reason and request.op is CommandOp.SHUTDOWN and not senses.shutdown_line:
        return no_shutdown_line(slot.number)
    return reason or _missing_reason(slot, request)


def _missing_reason(slot: Slot, request: CommandRequest) -> str:
    # The alarm ends by itself when the right carrier is back; without it, the trail says why.
    if request.op is not CommandOp.CLEAR_ALARM or request.origin is Origin.SWAP:
        return ""
    if str(request.arguments.get("reason", "")).strip():
        return ""
    return f"Say why the alarm of slot {slot.number} is cleared while its carrier stays out."


def _check_own(slot: Slot, op: CommandOp) -> None:
    if own_number(slot.chassis_id) == slot.number:
        raise OwnSlot(slot.number, op)
