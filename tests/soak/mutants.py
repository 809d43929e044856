"""Faults put into the product on purpose, one at a time, with the fates in which each would do harm.

The soak is worth what it finds: test_mutants.py holds it to find each of these.
"""

# ruff: noqa: ANN401  (the firmware has no types)

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from backplane.firmware_link import event_order, framing, journal_keeper
from backplane.firmware_link.event_order import Verdict
from backplane.firmware_link.happenings import Cursor
from backplane.firmware_link.messages import Ack
from firmware import (
    chassis,
    codes,
    commands,
    host,
    inputs,
    journal_file,
    journal_records,
    owner,
    sender,
    wire,
)

Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Mutant:
    """`plant` puts the fault in; `fates` are what the run is made of, beside hands and commands."""

    plant: Callable[[Patch], None]
    fates: dict[str, float]


MUTANTS: dict[str, Mutant] = {}


def mutant(**fates: float) -> Callable[[Callable[[Patch], None]], Callable[[Patch], None]]:
    def keep(plant: Callable[[Patch], None]) -> Callable[[Patch], None]:
        MUTANTS[plant.__name__] = Mutant(plant, fates)
        return plant

    return keep


def swap(patch: Patch, owner_: Any, name: str, new: Any) -> Any:
    """Put `new` in place of a function; returns the old one."""
    old = getattr(owner_, name)
    patch.setattr(owner_, name, new)
    return old


# -- the journal in flash ---------------------------------------------------------


@mutant(reset=4)
def nothing_is_flushed_before_it_is_sent(patch: Patch) -> None:
    def flush(self: Any) -> None:
        if len(self._unwritten) > 12:
            old(self)

    old = swap(patch, journal_file.FileJournal, "flush", flush)


@mutant(reset=4)
def nothing_is_ever_written(patch: Patch) -> None:
    swap(patch, journal_file.FileJournal, "flush", lambda self: self._unwritten.clear())


@mutant(torn=10)
def a_torn_record_is_believed(patch: Patch) -> None:
    def record_at(data: bytes, at: int) -> tuple[int, bytes] | None:
        found: tuple[int, bytes] | None = old(data, at)
        if found is None and len(data) - at > 30 and data[at] in {2, 3}:
            length = data[at + 1]
            return data[at], (data[at + 2 :] + bytes(length))[:length]
        return found

    old = swap(patch, journal_records, "_record_at", record_at)


@mutant(flip=6, reset=1)
def damage_is_taken_for_a_tear(patch: Patch) -> None:
    def judge(self: Any) -> None:
        old(self)
        self.damaged = False

    old = swap(patch, journal_records.Reader, "_judge", judge)


@mutant(torn=6)
def a_tear_is_appended_to(patch: Patch) -> None:
    def read(self: Any, reader: Any) -> None:
        old(self, reader)
        self.torn = False

    old = swap(patch, journal_records.Summary, "read", read)


@mutant(torn_compaction=30, torn=4)
def the_old_file_goes_before_the_new_one_is_whole(patch: Patch) -> None:
    def begin(self: Any) -> None:
        old(self)
        self._remove(self._file)

    old = swap(patch, journal_file.FileJournal, "_begin_compaction", begin)


@mutant(full=2, reset=3, mute_board=2)
def a_flash_that_refuses_is_no_reason(patch: Patch) -> None:
    swap(patch, journal_file.FileJournal, "_set_aside", lambda _: None)


@mutant(reset=2)
def facts_are_not_kept_with_events(patch: Patch) -> None:
    def append(self: Any, body: bytes, key: int, fact: bytes) -> None:
        old(self, body, 0x7FFF, fact)

    old = swap(patch, journal_file.FileJournal, "append", append)


# -- the line ---------------------------------------------------------------------


@mutant(garbled=60, command=40)
def the_board_checks_no_sum(patch: Patch) -> None:
    def close(self: Any) -> Any:
        raw = wire.cobs_decode(self._buffer)
        self._buffer, self._skipping = b"", False
        return (raw[0], raw[2:-4]) if raw and len(raw) >= 6 else None

    swap(patch, wire.Decoder, "_close", close)


@mutant(noise=6)
def the_host_checks_no_sum(patch: Patch) -> None:
    def decode(encoded: bytes) -> Any:
        raw = wire.cobs_decode(encoded)
        return (raw[0], raw[1], raw[2:-4]) if raw and len(raw) >= 6 else None

    swap(patch, framing, "decode_frame", decode)


# -- events -----------------------------------------------------------------------


@mutant(drops=4, mute_host=2)
def the_host_takes_duplicates(patch: Patch) -> None:
    def judge(self: Any, event: Any) -> Verdict:
        verdict: Verdict = old(self, event)
        again = {Verdict.ALREADY_COMMITTED, Verdict.AWAITING_COMMIT}
        return Verdict.NEXT if verdict in again else verdict

    old = swap(patch, event_order.EventOrder, "judge", judge)


@mutant(drops=4)
def the_host_takes_what_follows_a_hole(patch: Patch) -> None:
    def judge(self: Any, event: Any) -> Verdict:
        verdict: Verdict = old(self, event)
        if verdict is Verdict.HOLE_BEFORE:
            self._remember(event)
            return Verdict.NEXT
        return verdict

    old = swap(patch, event_order.EventOrder, "judge", judge)


@mutant(kill=3, kill_at_commit=6, slow_disk=2)
def the_host_acknowledges_before_it_commits(patch: Patch) -> None:
    def flush(self: Any) -> None:
        if self._batch:
            newest = self._batch[-1]
            self._line.send(Ack(self._epoch, newest.journal, newest.number))
        old(self)

    old = swap(patch, journal_keeper.JournalKeeper, "flush", flush)
    # What the board holds of the past would repair it, if the host asked for what it lacks.
    swap(patch, journal_keeper.JournalKeeper, "ask_replay", lambda *_: None)
    swap(patch, sender.EventSender, "replay", lambda *_: True)


@mutant(storm=1)
def what_is_gone_is_passed_over(patch: Patch) -> None:
    def pass_over(self: Any, first_held: int, now: float) -> None:
        self.order.settle(Cursor(self.order.committed.journal, first_held - 1))
        self.ask_replay(now)

    swap(patch, journal_keeper.JournalKeeper, "_pass_over", pass_over)


@mutant(flip=4, reset=2, mute_board=3)
def the_host_acknowledges_what_it_did_not_compare(patch: Patch) -> None:
    swap(patch, event_order.EventOrder, "knows", lambda *_: False)
    damage_is_taken_for_a_tear(patch)


@mutant(stale=12, kill=3, mute_board=4, drops=3)
def an_ack_of_an_old_lease_counts(patch: Patch) -> None:
    def on_ack(self: Any, body: bytes) -> None:
        _, journal, upto = struct.unpack("<III", body[:12])
        if journal == self._chassis.journal.id:
            self.sender.acknowledge(upto)

    old = host.Host.__init__

    def init(self: Any, *args: Any) -> None:
        old(self, *args)
        self._handlers[codes.ACK] = lambda body: on_ack(self, body)

    swap(patch, host.Host, "__init__", init)
    swap(patch, journal_keeper.JournalKeeper, "ask_replay", lambda *_: None)


# -- commands ---------------------------------------------------------------------


@mutant(mute_board=12)
def results_are_not_kept(patch: Patch) -> None:
    def take(self: Any, body: bytes) -> Any:
        self._results = []
        return old(self, body)

    old = swap(patch, commands.Commands, "take", take)


@mutant(stale=12, kill=2)
def the_epoch_is_not_looked_at(patch: Patch) -> None:
    swap(patch, owner.Owner, "accepts", lambda self, _epoch: self.is_greeted)


@mutant(slow_disk=8)
def the_slots_newest_event_is_not_looked_at(patch: Patch) -> None:
    def why_late(self: Any) -> int:
        self.if_event = codes.NO_CHECK
        return int(old(self))

    old = swap(patch, commands.Command, "why_late", why_late)


@mutant(mute_host=8, late=20)
def expiry_is_not_looked_at(patch: Patch) -> None:
    swap(patch, codes, "is_past", lambda *_: False)


@mutant(reset=4, late=40)
def the_boot_is_not_looked_at(patch: Patch) -> None:
    def why_late(self: Any) -> int:
        self.boot = self._chassis.journal.boot
        return int(old(self))

    old = swap(patch, commands.Command, "why_late", why_late)


@mutant(stranger=12)
def another_installation_is_let_in(patch: Patch) -> None:
    def greet(self: Any, host_id: int, epoch: int, flags: int) -> int:
        return int(old(self, host_id, epoch, flags | codes.TAKE))

    old = swap(patch, owner.Owner, "greet", greet)


# -- the pins ---------------------------------------------------------------------


@mutant(glitch=20)
def contacts_are_not_debounced(patch: Patch) -> None:
    def init(self: Any, level: bool, closed_ms: int, open_ms: int) -> None:
        old(self, level, 0, 0)

    old = swap(patch, inputs.Contact, "__init__", init)


@mutant(reset=3)
def a_reset_switches_the_rails_off(patch: Patch) -> None:
    from firmware import rails  # noqa: PLC0415  (one fault's own)

    def adopt_all(self: Any) -> None:
        for slot in self._chassis.slots:
            self._board.set_rail(slot.number, False)
        old(self)

    old = swap(patch, rails.Rails, "adopt_all", adopt_all)


@mutant(kill=3, cable=3)
def a_greeting_switches_a_rail_on(patch: Patch) -> None:
    def greet(self: Any, host_id: int, epoch: int, flags: int) -> int:
        answer = int(old(self, host_id, epoch, flags))
        seated = [slot for slot in self._chassis.slots if slot.present and not slot.rail]
        if answer == owner.GREETED and seated:
            self._chassis.board.set_rail(seated[0].number, True)
        return answer

    old = swap(patch, owner.Owner, "greet", greet)


@mutant(trip=1)
def some_switches_are_not_told(patch: Patch) -> None:
    def emit(self: Any, kind: int, slot: Any, value: int = 0, tail: bytes = b"") -> None:
        if kind != codes.RAIL_OFF:
            old(self, kind, slot, value, tail)

    old = swap(patch, chassis.Chassis, "emit", emit)


@mutant()
def an_uptime_past_the_wrap_begins_anew(patch: Patch) -> None:
    def append(self: Any, kind: int, slot: Any, value: int, tail: bytes) -> None:
        now_ms = self.now_ms
        self.now_ms = now_ms - (1 << 32) + 5_000 if now_ms >= 1 << 32 else now_ms
        old(self, kind, slot, value, tail)
        self.now_ms = now_ms

    old = swap(patch, chassis.Chassis, "_append", append)
