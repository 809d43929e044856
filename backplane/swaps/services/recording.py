"""Step 9: what the swap changed goes to whoever records swaps; without anybody it is kept here."""

import logging
from dataclasses import asdict
from typing import Any

from django.db import transaction

from backplane.slots.models import Module
from backplane.swaps import ports
from backplane.swaps.models import Swap
from backplane.swaps.ports import Recorded, RecordOutcome, SwapResult
from backplane.swaps.services.session import Session
from backplane.swaps.steps import Branch, EntryKind, Step, SwapState

_log = logging.getLogger(__name__)


def result_of(swap: Swap) -> SwapResult:
    """Return what a swap changed, as its row says."""
    old, new = swap.old_module, swap.new_module
    return SwapResult(
        swap_id=swap.pk,
        chassis_slug=swap.chassis.slug,
        slot_number=swap.slot.number,
        old_module_id=None if old is None else old.pk,
        old_serial=_serial(old),
        old_name=swap.old_name,
        new_module_id=None if new is None else new.pk,
        new_serial=_serial(new),
        new_mac="" if new is None else new.mac,
        new_name=swap.new_name,
        new_carrier_uid="" if swap.new_carrier is None else swap.new_carrier.uid,
    )


def record_swap(session: Session) -> None:
    """Hand the swap over, and end it: whatever becomes of the record, the technician may leave."""
    swap = session.swap
    swap.step, swap.branch, swap.step_since = Step.RECORD, Branch.NONE, session.work.now
    recorded = _ask(result_of(swap))
    _keep(session, recorded)
    if recorded.outcome is RecordOutcome.QUEUED:
        swap.branch = Branch.RECORD_WAITS
    session.end(SwapState.DONE, _outcome(swap))


def settle_record(session: Session) -> bool:
    """Ask how a queued record stands; say whether there is news."""
    recorder = ports.recorder()
    settled = None if recorder is None else recorder.settle(session.swap.pk)
    if settled is None or settled.outcome is RecordOutcome.QUEUED:
        return False
    session.swap.branch = Branch.NONE
    _keep(session, settled)
    return True


def _ask(result: SwapResult) -> Recorded:
    recorder = ports.recorder()
    if recorder is None:
        text = "No inventory is connected. This is what would be written."
        return Recorded(RecordOutcome.NOT_CONNECTED, text, planned_lines(result))
    try:
        with transaction.atomic():
            return recorder.record(result)
    except Exception:  # noqa: BLE001  (a swap is over when the Pi runs, not when a list says so)
        _log.exception("The record of swap %s could not be taken", result.swap_id)
        return Recorded(RecordOutcome.QUEUED, "The inventory could not take the record yet.")


def planned_lines(result: SwapResult) -> tuple[tuple[str, str, str], ...]:
    """Return (field, before, after) of what an inventory would learn."""
    where = f"{result.chassis_slug} slot {result.slot_number}"
    lines = (
        (f"Device in {where}", result.old_name, result.new_name),
        ("Serial number", result.old_serial, result.new_serial),
        ("MAC address", "", result.new_mac),
        ("Carrier", "", result.new_carrier_uid),
    )
    return tuple(line for line in lines if line[1] != line[2])


def _keep(session: Session, recorded: Recorded) -> None:
    said: dict[str, Any] = asdict(recorded)
    session.swap.record = {**said, "lines": [list(line) for line in recorded.lines]}
    session.log(EntryKind.RECORD, recorded.text)


def _outcome(swap: Swap) -> str:
    number = swap.slot.number
    if swap.new_module_id is None and not swap.new_name:
        return (
            f"Slot {number} was left empty." if not _is_accepted(swap) else f"Slot {number} runs."
        )
    if swap.new_module_id is not None and swap.new_module_id == swap.old_module_id:
        return f"{swap.new_name} was reseated in slot {number}."
    return f"{swap.new_name} runs in slot {number}."


def _is_accepted(swap: Swap) -> bool:
    return bool(swap.memory.get("kept", {}).get("accepted"))


def _serial(module: Module | None) -> str:
    return "" if module is None else module.serial
