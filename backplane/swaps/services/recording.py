"""Step 9: what the swap changed goes to whoever records swaps; without anybody it is kept here."""

import logging
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from backplane.slots.identities import carrier_text
from backplane.slots.models import Module
from backplane.swaps import ports
from backplane.swaps.models import Swap
from backplane.swaps.ports import Recorded, RecordOutcome, SwapResult
from backplane.swaps.rules.seen import Seen, seen_of
from backplane.swaps.services.session import Session
from backplane.swaps.steps import Branch, EntryKind, Step, SwapState

_log = logging.getLogger(__name__)
_TRIED: Final = "record_tried"  # when a recorder failed last; "" once it has taken the record
_TRY_AGAIN: Final = timedelta(seconds=30)


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
        old_mac="" if old is None else old.mac,
        old_carrier_uid="" if swap.old_carrier is None else swap.old_carrier.uid,
    )


def record_swap(session: Session) -> None:
    """Hand the swap over, and end it: whatever becomes of the record, the technician may leave."""
    swap = session.swap
    swap.step, swap.branch, swap.step_since = Step.RECORD, Branch.NONE, session.work.now
    recorded = _hand_over(session)
    _keep(session, recorded)
    if recorded.outcome is RecordOutcome.QUEUED:
        swap.branch = Branch.RECORD_WAITS
    session.end(SwapState.DONE, _outcome(swap, seen_of(session.facts())))


def settle_record(session: Session) -> bool:
    """Ask how a queued record stands, hand it over again where it was not even taken; say whether there is news."""
    settled = _stands(session)
    if settled is None or settled.outcome is RecordOutcome.QUEUED:
        return False
    session.swap.branch = Branch.NONE
    _keep(session, settled)
    return True


def _stands(session: Session) -> Recorded | None:
    tried = _tried_at(session.swap)
    if ports.recorder() is None or tried is None:
        return _asked(session.swap)
    return None if session.work.now < tried + _TRY_AGAIN else _hand_over(session)


def is_record_news(swap: Swap, now: datetime) -> bool:
    """Say whether a swap that waits for its record can go on; costs one question and no lock."""
    tried = _tried_at(swap)
    if tried is not None:
        return ports.recorder() is not None and now >= tried + _TRY_AGAIN
    stands = _asked(swap)
    return stands is not None and stands.outcome is not RecordOutcome.QUEUED


def _tried_at(swap: Swap) -> datetime | None:
    tried = swap.memory.get("kept", {}).get(_TRIED)
    return datetime.fromisoformat(tried) if tried else None


def _asked(swap: Swap) -> Recorded | None:
    recorder = ports.recorder()
    if recorder is None:
        return None
    try:
        with transaction.atomic():
            return recorder.settle(swap.pk)
    except Exception:  # noqa: BLE001  (one record keeps no other swap from its turn)
        _log.exception("How the record of swap %s stands could not be asked", swap.pk)
        return None


def _hand_over(session: Session) -> Recorded:
    """Give the swap to the recorder; one that fails is tried again later."""
    recorder, result = ports.recorder(), result_of(session.swap)
    if recorder is None:
        text = "No inventory is connected. This is what would be written."
        return Recorded(RecordOutcome.NOT_CONNECTED, text, planned_lines(result))
    try:
        with transaction.atomic():
            recorded = recorder.record(result)
    except Exception:  # noqa: BLE001  (a swap is over when the Pi runs, not when a list says so)
        _log.exception("The record of swap %s could not be taken", result.swap_id)
        session.note(kept={_TRIED: session.work.now.isoformat()})
        return Recorded(RecordOutcome.QUEUED, "The inventory could not take the record yet.")
    session.note(kept={_TRIED: ""})
    return recorded


def planned_lines(result: SwapResult) -> tuple[tuple[str, str, str], ...]:
    """Return (field, before, after) of what an inventory would learn."""
    where = f"{result.chassis_slug} slot {result.slot_number}"
    lines = (
        (f"Device in {where}", result.old_name, result.new_name),
        ("Serial number", result.old_serial, result.new_serial),
        ("MAC address", result.old_mac, result.new_mac),
        ("Carrier", carrier_text(result.old_carrier_uid), carrier_text(result.new_carrier_uid)),
    )
    return tuple(line for line in lines if line[1] != line[2])


def _keep(session: Session, recorded: Recorded) -> None:
    said: dict[str, Any] = asdict(recorded)
    session.swap.record = {**said, "lines": [list(line) for line in recorded.lines]}
    session.log(EntryKind.RECORD, recorded.text)


_STANDS: Final = {Seen.ON: "runs in slot {n}", Seen.HALTED: "is in slot {n}, halted"}


def _outcome(swap: Swap, word: Seen) -> str:
    """Say what stands in the slot now, as it is seen and not as it was meant."""
    number = swap.slot.number
    stands = _STANDS.get(word, "is in slot {n}, without power").format(n=number)
    is_named = swap.new_module_id is not None or bool(swap.new_name)
    if not is_named:
        left_empty = f"Slot {number} was left empty."
        return f"A Pi nobody named {stands}." if _is_accepted(swap) else left_empty
    if swap.new_module_id is not None and swap.new_module_id == swap.old_module_id:
        reseated = f"{swap.new_name} was reseated in slot {number}"
        return f"{reseated}." if word is Seen.ON else f"{reseated}; it {stands}."
    return f"{swap.new_name} {stands}."


def _is_accepted(swap: Swap) -> bool:
    return bool(swap.memory.get("kept", {}).get("accepted"))


def _serial(module: Module | None) -> str:
    return "" if module is None else module.serial
