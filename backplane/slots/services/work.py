"""One transaction on one chassis: lock, check the generation, move slots, raise the revision, tell.

The only place that writes slot states. A move is compare-and-swap on what was read; a miss reads again
and decides again inside the same transaction.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from backplane.slots import notify
from backplane.slots.durable import durable_transaction, plain_transaction
from backplane.slots.errors import InvalidTransition, StaleGeneration
from backplane.slots.facts import SlotFacts
from backplane.slots.models import Chassis, Command, HardwareEvent, Slot, Transition
from backplane.slots.records import Change
from backplane.slots.statements import Select, insert, update
from backplane.slots.states import Decision

Decider = Callable[[SlotFacts], Decision]
# A miss means that somebody wrote without the chassis's lock; twice in a row is already odd.
_ATTEMPTS = 3

_LOCKED: Final = Select(lambda: Chassis.objects.select_for_update().filter(pk=0).order_by())
_LOCKED_AT_ONCE: Final = Select(
    lambda: Chassis.objects.select_for_update(nowait=True).filter(pk=0).order_by()
)
_SLOTS: Final = Select(lambda: Slot.objects.filter(chassis_id=0).order_by("number"))


class Work:
    """What one transaction does to one chassis. Made by `work_on`."""

    def __init__(self, chassis: Chassis, now: datetime) -> None:
        self.chassis = chassis
        self.now = now
        self.revision = chassis.revision + 1
        self.change: Change | None = None
        self._slots: dict[int, Slot] | None = None
        self._touched: set[int] = set()
        self._is_changed = False
        self._dirty: set[str] = set()
        self._transitions: list[Transition] = []

    @property
    def slots(self) -> dict[int, Slot]:
        """The slots by number, read once."""
        if self._slots is None:
            self._slots = {slot.number: slot for slot in _SLOTS(self.chassis.pk)}
        return self._slots

    def touch(self, *numbers: int) -> None:
        """Note that something painted changed: of these slots, or of the chassis alone."""
        self._is_changed = True
        self._touched.update(numbers)

    def set_chassis(self, **values: Any) -> bool:  # noqa: ANN401  (column values)
        """Set columns of the chassis; says whether one of them differs from before."""
        changed = {name for name, value in values.items() if getattr(self.chassis, name) != value}
        for name in changed:
            setattr(self.chassis, name, values[name])
        self._dirty |= changed
        return bool(changed)

    def move(
        self,
        slot: Slot,
        decider: Decider,
        event: HardwareEvent | None = None,
        command: Command | None = None,
    ) -> Decision:
        """Put what `decider` says of `slot` into its row, with one Transition if the state changes.

        Raises InvalidTransition when the row keeps changing under our hands.
        """
        for _ in range(_ATTEMPTS):
            decision = decider(slot.facts)
            old = slot.facts.state
            if self._swap(slot, decision, event):
                if decision.cause is not None:
                    self._transitions.append(
                        Transition(
                            slot=slot,
                            old=old,
                            new=decision.state,
                            cause=decision.cause,
                            hardware_event=event,
                            command=command,
                            at=slot.since or self.now,
                            revision=self.revision,
                        )
                    )
                return decision
            slot.refresh_from_db()
        raise InvalidTransition(slot.number, slot.state, decider(slot.facts).state)

    def _swap(self, slot: Slot, decision: Decision, event: HardwareEvent | None) -> bool:
        flags = None if decision.flags is None else int(decision.flags)
        if not decision.is_transition and flags == slot.flags:
            return True
        values: dict[str, Any] = {"flags": flags, "revision": self.revision}
        if decision.cause is not None:
            seen_at = None if event is None else event.occurred_at
            values |= {
                "state": decision.state.value,
                "cause": decision.cause.value,
                "since": seen_at or self.now,
            }
        if not update(Slot, values, pk=slot.pk, state=slot.state, revision=slot.revision):
            return False
        for name, value in values.items():
            setattr(slot, name, value)
        self.touch(slot.number)
        return True

    def set_slot(self, slot: Slot, **values: Any) -> None:  # noqa: ANN401  (column values)
        """Write columns beside state and flags, if they differ, and mark the slot as painted anew."""
        changed = {name: new for name, new in values.items() if getattr(slot, name) != new}
        if changed:
            update(Slot, changed, pk=slot.pk)
            for name, value in changed.items():
                setattr(slot, name, value)
            self.touch(slot.number)

    def finish(self) -> None:
        """Write transitions, revision and chassis columns; announce once it is committed."""
        insert(self._transitions)
        if self._is_changed:
            self.set_chassis(revision=self.revision)
            numbers = tuple(sorted(self._touched))
            change = self.change = Change(self.chassis.pk, numbers, self.revision)
            transaction.on_commit(lambda: notify.changed(change))
        if self._dirty:
            columns = {name: getattr(self.chassis, name) for name in sorted(self._dirty)}
            update(Chassis, columns, pk=self.chassis.pk)


@contextmanager
def work_on(
    chassis_id: int,
    now: datetime,
    *,
    epoch: int | None = None,
    durable: bool = False,
    nowait: bool = False,
) -> Iterator[Work]:
    """Open a transaction on a chassis; `epoch` is the generation that must still hold its lease.

    `nowait`: fail with OperationalError instead of waiting for somebody else's, where the database can tell.
    Raises StaleGeneration, Chassis.DoesNotExist, StorageFull.
    """
    with durable_transaction() if durable else plain_transaction():
        chassis = _lock(chassis_id, nowait=nowait)
        if epoch is not None and epoch != chassis.epoch:
            raise StaleGeneration(epoch, chassis.epoch)
        work = Work(chassis, now)
        yield work
        work.finish()


def _lock(chassis_id: int, *, nowait: bool) -> Chassis:
    found = (_LOCKED_AT_ONCE if nowait else _LOCKED)(chassis_id)
    if not found:
        raise Chassis.DoesNotExist(f"There is no chassis {chassis_id}.")
    return found[0]
