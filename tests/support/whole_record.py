"""What must hold between the rows of a whole rack, its journal and its world; looks at new rows only, but at the end."""

from datetime import timedelta

from django.db.models import QuerySet

from backplane.slots import services
from backplane.slots.facts import EventKind, RailCause, SlotFlag, rail_cause, rail_command_id
from backplane.slots.models import Command, HardwareEvent, Slot, Transition
from backplane.slots.ops import (
    COMMAND_EXPIRY_S,
    STARTS,
    UNFINISHED,
    WAITING_EXPIRY_S,
    CommandOp,
)
from backplane.slots.records import EventRecord
from backplane.slots.states import discover
from tests.support.bench import unpack_event
from tests.support.watched_rack import WatchedRack, command_behind

# Sent, queued on the board behind other rails, held off for a cycle, and then told over a link that was away.
_ACTS_WITHIN = timedelta(seconds=COMMAND_EXPIRY_S + 10)
_NOTHING_LASTS = timedelta(seconds=WAITING_EXPIRY_S + 120)
_RETURNS = (EventKind.CHASSIS_POWER_RESTORED, EventKind.SUPPLY_BACK)


class Record:
    """The rows of one rack; each `check_new` adds what it finds to the rack's wrongs."""

    def __init__(self, rack: WatchedRack) -> None:
        self.rack = rack
        self._states: dict[int, str] = {}
        for slot in Slot.objects.filter(chassis=rack.chassis):
            self._states[slot.number] = slot.state
        newest = Transition.objects.order_by("pk").last()
        self._newest_transition = 0 if newest is None else newest.pk
        self._newest_event = rack.chassis.cursor or 0

    def check_new(self) -> None:
        """Look at what came since the last look."""
        self._check_events()
        self._check_transitions()
        self._check_flags()
        self._check_commands()

    # -- events -------------------------------------------------------------------
    def _check_events(self) -> None:
        rows = HardwareEvent.objects.filter(
            chassis=self.rack.chassis, number__gt=self._newest_event
        ).order_by("number")
        for row in rows:
            if row.number != self._newest_event + 1:
                self.rack.wrong(f"event {row.number} follows {self._newest_event}")
            self._newest_event = row.number
            self._compare_with_journal(row)
            self._check_rail(row)
            if row.kind == EventKind.CHASSIS_POWER_RESTORED and not self.rack.power_losses:
                self.rack.wrong(f"event {row.number} tells of a power loss that never was")
        count = HardwareEvent.objects.filter(chassis=self.rack.chassis).count()
        if count != self._newest_event:
            self.rack.wrong(f"{count} rows of {self._newest_event} events")

    def _compare_with_journal(self, row: HardwareEvent) -> None:
        core = self.rack.machine._core
        if core is None or not core.journal.first <= row.number < core.journal.next:
            return
        told = unpack_event(core.journal.body(row.number))
        value = row.value & 0xFFFFFFFF
        if (told.kind, told.slot, told.value) != (row.kind, row.slot_number, value):
            self.rack.wrong(f"event {row.number} was recorded as another")
        if not row.is_understood:
            self.rack.wrong(f"event {row.number} ({row.kind_name}) was not understood")

    def _check_rail(self, row: HardwareEvent) -> None:
        if row.kind not in {EventKind.RAIL_ON, EventKind.RAIL_OFF}:
            return
        what = f"{row.kind_name} of slot {row.slot_number} (event {row.number})"
        cause, wire_id = rail_cause(row.value), rail_command_id(row.value)
        is_on = row.kind == EventKind.RAIL_ON
        if wire_id:
            command = command_behind(wire_id, self.rack, timedelta(days=1))
            if command is None:
                self.rack.wrong(f"{what}: nobody asked for it")
            elif is_on:
                self._check_start(what, command, row)
        elif is_on and cause is RailCause.COMMAND:
            self.rack.wrong(f"{what}: by no command")
        elif is_on and cause is RailCause.RESTORE_POLICY:
            before = HardwareEvent.objects.filter(
                chassis=row.chassis_id, number__lt=row.number, kind__in=_RETURNS
            )
            if not before.exists():
                self.rack.wrong(f"{what}: no power was ever lost")

    def _check_start(self, what: str, command: Command, row: HardwareEvent) -> None:
        if command.op not in STARTS:
            self.rack.wrong(f"{what}: by {command.op}")
        if row.occurred_at and command.sent_at and row.occurred_at > command.sent_at + _ACTS_WITHIN:
            self.rack.wrong(f"{what}: long after it was sent")

    # -- states -------------------------------------------------------------------
    def _check_transitions(self) -> None:
        rows = Transition.objects.filter(
            slot__chassis=self.rack.chassis, pk__gt=self._newest_transition
        )
        for row in rows.select_related("slot").order_by("pk"):
            number = row.slot.number
            if row.old != self._states[number]:
                self.rack.wrong(
                    f"slot {number} goes {row.old} to {row.new}, but was {self._states[number]}"
                )
            self._states[number] = row.new
            self._newest_transition = row.pk
        for slot in Slot.objects.filter(chassis=self.rack.chassis):
            if slot.state != self._states[slot.number]:
                self.rack.wrong(
                    f"slot {slot.number} is {slot.state}; its rows end at {self._states[slot.number]}"
                )
                self._states[slot.number] = slot.state

    def _check_flags(self) -> None:
        for slot in Slot.objects.filter(chassis=self.rack.chassis, flags__isnull=False):
            flags = SlotFlag(slot.flags or 0)
            if SlotFlag.RELEASED in flags and SlotFlag.RAIL_ON in flags:
                self.rack.wrong(f"slot {slot.number} reads released with its rail on")
            if SlotFlag.RELEASED in flags and slot.state in {"M0", "M4"}:
                self.rack.wrong(f"slot {slot.number} reads released in {slot.state}")

    def _check_commands(self) -> None:
        oldest = self._unfinished().order_by("created_at").first()
        if oldest is not None and self.rack.now - oldest.created_at > _NOTHING_LASTS:
            self.rack.wrong(f"{oldest.op} asked at {oldest.created_at} is {oldest.state} for ever")

    def _unfinished(self) -> QuerySet[Command]:
        return Command.objects.filter(chassis=self.rack.chassis, state__in=UNFINISHED)

    # -- what came before comes again -----------------------------------------------
    def offer_again(self, count: int) -> None:
        """Record events once more that were recorded; nothing whatever may change."""
        chassis = self.rack.chassis
        rows = list(HardwareEvent.objects.filter(chassis=chassis).order_by("-number")[:count])
        before = self._fingerprint()
        records = [_record(row) for row in reversed(rows)]
        result = services.record_hardware_events(chassis.pk, chassis.epoch, records, self.rack.now)
        if result.change is not None or self._fingerprint() != before:
            self.rack.wrong(f"{len(rows)} events changed something when they came again")

    def _fingerprint(self) -> tuple[object, ...]:
        chassis = self.rack.chassis
        slots = Slot.objects.filter(chassis=chassis).order_by("number")
        return (
            chassis.revision,
            chassis.cursor,
            tuple(slots.values_list("state", "flags", "revision", "carrier_id")),
            Transition.objects.filter(slot__chassis=chassis).count(),
            Command.objects.filter(chassis=chassis).count(),
        )

    # -- when all is quiet ------------------------------------------------------------
    def check_quiet(self) -> None:
        """All is seen and nothing moves: the record must be what the rack is."""
        self.check_new()
        world = self.rack.rig.world
        for slot in Slot.objects.filter(chassis=self.rack.chassis).order_by("number"):
            bay, flags = world.bay(slot.number), SlotFlag(slot.flags or 0)
            if bay.device_is_lost:
                continue  # nothing is known of it, and its state says so
            says = f"slot {slot.number} reads {flags!r} in {slot.state}"
            if (SlotFlag.RAIL_ON in flags) != bay.rail_is_commanded:
                self.rack.wrong(f"{says}; its rail is {bay.rail_is_commanded}")
            if bay.is_tripped and SlotFlag.TRIPPED not in flags:
                self.rack.wrong(f"{says}; it is tripped")
            sees = SlotFlag.SENSES_PRESENCE in flags and SlotFlag.FLAPPING not in flags
            if sees and (SlotFlag.PRESENT in flags) != bay.reads_present(world.now_ms):
                self.rack.wrong(f"{says}; its contact reads {bay.reads_present(world.now_ms)}")
            is_asked = self._unfinished().filter(slot=slot).exists()
            if not is_asked and slot.state != discover(flags):
                self.rack.wrong(f"{says}; that is {discover(flags)}")
            if slot.state == "M2" and not self._unfinished().filter(
                slot=slot, op=CommandOp.POWER_ON
            ):
                self.rack.wrong(f"{says}; nobody wants power")


def _record(row: HardwareEvent) -> EventRecord:
    return EventRecord(
        board_id=row.board_id,
        journal=row.journal,
        number=row.number,
        boot=row.boot,
        uptime_ms=row.uptime_ms,
        kind=row.kind,
        slot=row.slot_number,
        value=row.value,
        carrier_uid=row.carrier_uid,
        raw=bytes(row.raw),
        occurred_at=row.occurred_at,
    )
