"""Where a swap begins: one per slot, with what stands there now copied for the receipt."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from backplane.people import audit
from backplane.people.roles import Role
from backplane.slots.errors import LinkNotLive
from backplane.slots.models import Module, Slot
from backplane.slots.services.checks import check_fresh, check_link, check_site
from backplane.slots.services.work import Work, work_on
from backplane.slots.stays import stay_id_of
from backplane.swaps.errors import NotPossible, NotYours, SwapExists
from backplane.swaps.homes import name_of
from backplane.swaps.loading import who_was_in
from backplane.swaps.models import Swap
from backplane.swaps.rules.seen import Seen, seen
from backplane.swaps.services.session import Session
from backplane.swaps.services.settling import settle
from backplane.swaps.steps import LEASE_S, UNFINISHED_SWAPS, EntryKind, Step


@dataclass(frozen=True, slots=True)
class SwapRequest:
    """Who wants which slot swapped. `seen_revision` None skips the comparison with what they saw."""

    chassis_id: int
    slot_number: int
    actor: audit.Actor
    expected_module_id: int | None = None
    seen_revision: int | None = None
    accepts_own_slot: bool = False


def may_swap(actor: audit.Actor) -> bool:
    """Whether this role may swap at all."""
    return actor.role in set(Role) and Role(actor.role).includes(Role.TECHNICIAN)


def start_swap(request: SwapRequest, now: datetime) -> Swap:
    """Begin a swap; its slot is asked to light up.

    Raises NotAtThisSite, SwapExists, NotYours, NotPossible, LinkNotLive, StaleView.
    """
    if not may_swap(request.actor):
        raise NotYours("A swap needs the role technician.")
    with work_on(request.chassis_id, now) as work:
        check_site(work.chassis, request.actor.reach)
        slot = _slot(work, request)
        swap = begin(work, slot, request.actor)
        _expect(swap, slot, request.expected_module_id)
        session = Session(work, swap, request.actor)
        session.note(kept={"own_ok": request.accepts_own_slot})
        swap.save()
        _tell_start(session, slot, request)
        settle(Session(work, swap))
        swap.version = work.revision
        swap.save(update_fields=["version"])
        work.touch(slot.number)
    return swap


def _slot(work: Work, request: SwapRequest) -> Slot:
    slot = work.slots.get(request.slot_number)
    if slot is None:
        raise NotPossible(f"This chassis has no slot {request.slot_number}.")
    running = Swap.objects.filter(slot=slot, state__in=UNFINISHED_SWAPS).first()
    if running is not None:
        raise SwapExists(running.pk, slot.number, running.holder_name)
    check_link(work.chassis)
    if seen(slot.facts) is Seen.NOT_KNOWN:
        raise LinkNotLive(f"The state of slot {slot.number} is not known.")
    check_fresh(work.chassis, slot, request.seen_revision)
    return slot


def begin(work: Work, slot: Slot, actor: audit.Actor) -> Swap:
    """Make the row, with a copy of what stands in the slot; not saved yet."""
    word = seen(slot.facts)
    carrier, module = slot.carrier, slot.module
    if module is None and carrier is not None:
        module = carrier.module
    if slot.is_occupant_unsure:
        carrier = module = None  # who stands there is not known
    kept = {
        "was_on": word in {Seen.ON, Seen.HALTED},
        "was_empty": word is Seen.EMPTY,
        "old_stay": stay_id_of(slot),
    }
    return Swap(
        chassis=work.chassis,
        slot=slot,
        step=Step.LOCATE,
        step_since=work.now,
        created_at=work.now,
        started_by_id=actor.user_id,
        started_by_name=actor.name[:150],
        holder_id=actor.user_id,
        holder_name=actor.name[:150],
        lease_until=work.now + timedelta(seconds=LEASE_S),
        old_carrier=carrier,
        old_module=module,
        old_name=name_of(module, carrier)[:128],
        memory={"kept": kept},
    )


def begin_aside(session: Session, slot: Slot, reason: str) -> None:
    """Begin a swap for a slot that stays out after a wrong pull: put aside, left empty, for an operator to see."""
    if Swap.objects.filter(slot=slot, state__in=UNFINISHED_SWAPS).exists():
        return
    actor = session.actor or audit.Actor(None, "", "")
    swap = begin(session.work, slot, actor)
    swap.step = Step.INSERT
    swap.old_name = who_was_in(slot)[:128]
    swap.memory = {"kept": {"was_on": False, "was_empty": True, "kept_out": reason[:255]}}
    swap.save()
    aside = Session(session.work, swap, actor)
    aside.log(EntryKind.START, f"Slot {slot.number} was pulled by mistake and stays out: {reason}")
    aside.park(f"Left empty: {reason}"[:255])
    swap.version = session.work.revision
    swap.save()
    session.work.touch(slot.number)


def _expect(swap: Swap, slot: Slot, module_id: int | None) -> None:
    """Expect what was chosen, else what is planned for the slot and is not what stands there."""
    if module_id is not None:
        expected = Module.objects.filter(pk=module_id).first()
        if expected is None:
            raise NotPossible("That Pi is not known any more.")
        swap.expected_module = expected
    elif slot.planned_module_id is not None and slot.planned_module_id != swap.old_module_id:
        swap.expected_module = slot.planned_module


def _tell_start(session: Session, slot: Slot, request: SwapRequest) -> None:
    name = session.swap.old_name
    what = f": {name}" if name else ""
    session.log(EntryKind.START, f"Swap of slot {slot.number}{what}")
    act = audit.Act(
        "swap.start",
        subject=f"{session.work.chassis.slug} slot {slot.number}",
        chassis=session.work.chassis.slug,
        slot=slot.number,
        saw="" if request.seen_revision is None else f"rev {request.seen_revision}",
        outcome=f"Swap {session.swap.pk}",
        swap_id=session.swap.pk,
    )
    audit.record(request.actor, act, session.work.now)
