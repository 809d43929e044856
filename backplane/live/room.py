"""One chassis as its watchers see it: the newest rendering, what changed since, and their mailboxes.

No await anywhere, so that nothing can slip between taking the snapshot and joining. Reads no database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from backplane.live import frames
from backplane.live.faces import next_change_at
from backplane.live.mailbox import Mailbox, Message
from backplane.live.records import ChassisRecord, LinkRecord, SlotRecord, Story
from backplane.live.rendering import (
    ChassisPart,
    EventView,
    ReadingView,
    SlotView,
    chassis_part,
    chassis_view,
    event_view,
    power_view,
    slot_view,
)
from backplane.live.seen import Reading
from backplane.slots.boards import Limits
from backplane.slots.facts import SlotFlag

_STORY_WITHIN: Final = timedelta(milliseconds=100)
_READING_KEYS: Final = tuple(ReadingView.__annotations__)


@dataclass(frozen=True, slots=True)
class _Rendered:
    """One slot as it was rendered last, and when: some faces wait for the clock."""

    slot: SlotRecord
    view: SlotView
    at: datetime

    def still_shows(self, slot: SlotRecord) -> bool:
        return self.slot == slot and next_change_at(slot.seen, self.at) is None


class Room:
    """The watchers of one chassis and what they were told last."""

    def __init__(self, record: ChassisRecord, story: Story, now: datetime) -> None:
        self.mailboxes: set[Mailbox] = set()
        self._story = story
        self._story_at = now
        self._is_behind = False
        self._record = record = record.with_story(story)
        self._told_alarmed = self._alarmed()
        self._readings: dict[int, Reading] = {}
        self._fresh: set[int] = set()
        self._around: tuple[LinkRecord, Limits] | None = (
            None  # what slots' views take of the chassis
        )
        self._rendered: dict[int, _Rendered] = {}
        self._views = self._render(now)
        self._part = chassis_part(record, list(self._views.values()))
        self._heard_at = record.seen_at
        self._snapshot: Message | None = None
        self._made_at = now

    @property
    def chassis_id(self) -> int:
        return self._record.id

    @property
    def seq(self) -> int:
        """The revision that the watchers were told last."""
        return self._record.revision

    @property
    def is_behind(self) -> bool:
        """Whether the state was told and its alarms and history were not yet."""
        return self._is_behind

    @property
    def storage_is_ok(self) -> bool:
        """What the watchers were told last of the disk."""
        return self._record.storage_is_ok

    def join(self, mailbox: Mailbox, epoch: str, now: datetime) -> None:
        """Greet the owner of `mailbox`, give it a snapshot, and everything that follows."""
        mailbox.put(frames.hello(epoch, self.seq, now))
        mailbox.put(self.snapshot())
        self.mailboxes.add(mailbox)

    def snapshot(self) -> Message:
        """Return the whole chassis as last told; encoded once for all who ask between two changes."""
        if self._snapshot is None:
            view = chassis_view(self._record, self._made_at)
            self._snapshot = frames.snap(view, [event_view(line) for line in self._story.lines])
        return self._snapshot

    def refresh(self, record: ChassisRecord, now: datetime) -> None:
        """Take what was read from the database; tell what changed. An older revision is dropped.

        Alarms, swaps and history stay as they were told until take_story().
        """
        if record.revision < self.seq:
            return
        prev = self.seq
        self._record = self._with_readings(record.with_story(self._story))
        self.heard(record.seen_at)
        self._is_behind = True
        self._tell_changes(prev, now)

    def take_story(self, story: Story, now: datetime) -> None:
        """Take alarms, swaps and the newest lines of history; tell what changed in one message."""
        known = {line.id for line in self._story.lines}
        events = [event_view(line) for line in story.lines if line.id not in known]
        self._story, self._story_at, self._is_behind = story, now, False
        self._record = self._record.with_story(story)
        self._told_alarmed = self._alarmed()
        self._tell_changes(self.seq, now, events)

    def story_is_due(self, now: datetime) -> bool:
        """Whether alarms and history must be read now, however fast the state changes on."""
        is_late = now - self._story_at >= _STORY_WITHIN
        return self._is_behind and (is_late or self._alarmed() != self._told_alarmed)

    def _alarmed(self) -> frozenset[int]:
        """Return the slots of which the board says that they have an alarm."""
        slots = (slot.seen for slot in self._record.slots)
        return frozenset(seen.number for seen in slots if seen.has(SlotFlag.ALARM))

    def take_readings(self, readings: Mapping[int, Reading]) -> None:
        """Keep the newest readings (0: the supply) until flush_readings; the latest wins."""
        self._readings.update(readings)
        self._fresh.update(readings)
        for reading in readings.values():
            self.heard(reading.at)

    def flush_readings(self, now: datetime) -> None:
        """Tell the readings that came since the last flush, and the faces that they changed."""
        fresh, self._fresh = self._fresh, set()
        if not fresh:
            return
        self._record = self._with_readings(self._record)
        self._tell_changes(self.seq, now)
        slots = [self._reading_entry(view) for n, view in self._views.items() if n in fresh]
        power = power_view(self._record, list(self._views.values()))
        self._tell(frames.tele(now, slots, power))

    def heard(self, at: datetime | None) -> None:
        """Note that the chassis was heard at `at`."""
        if at is not None and (self._heard_at is None or at > self._heard_at):
            self._heard_at = at

    def beat(self, now: datetime) -> None:
        """Tell every watcher that this end lives."""
        self._tell(frames.beat(self.seq, now, self._heard_at))

    def is_due(self, now: datetime) -> bool:
        """Whether a face changes by the mere passing of time, up to `now`."""
        moments = (next_change_at(slot.seen, self._made_at) for slot in self._record.slots)
        return any(moment is not None and moment <= now for moment in moments)

    def retell(self, now: datetime) -> None:
        """Render again; tell the faces that time has changed."""
        self._tell_changes(self.seq, now)

    def _tell_changes(self, prev: int, now: datetime, events: Sequence[EventView] = ()) -> None:
        before, part_before = self._views, self._part
        self._views = self._render(now)
        self._part = chassis_part(self._record, list(self._views.values()))
        self._made_at, self._snapshot = now, None
        changed = [
            view for n, view in self._views.items() if n not in before or _differ(view, before[n])
        ]
        is_news = changed or events or prev != self.seq
        if is_news or _parts_differ(self._part, part_before):
            self._tell(frames.delta(self.seq, prev, changed, self._part, list(events)))

    def _render(self, now: datetime) -> dict[int, SlotView]:
        """Render every slot that differs from the last time: mostly one of ten."""
        around = (self._record.link, self._record.limits)
        kept = self._rendered if around == self._around else {}
        self._around, self._rendered = around, {}
        for slot in self._record.slots:
            was = kept.get(slot.seen.number)
            if was is None or not was.still_shows(slot):
                was = _Rendered(slot, slot_view(slot, self._record, now), now)
            self._rendered[slot.seen.number] = was
        return {number: rendered.view for number, rendered in self._rendered.items()}

    def _tell(self, message: Message) -> None:
        for mailbox in self.mailboxes:
            mailbox.put(message)

    def _with_readings(self, record: ChassisRecord) -> ChassisRecord:
        """Return `record` with the newer of its own readings and those heard since."""
        return replace(
            record,
            slots=tuple(self._with_reading(slot) for slot in record.slots),
            supply=_newer(record.supply, self._readings.get(0)),
        )

    def _with_reading(self, slot: SlotRecord) -> SlotRecord:
        reading = _newer(slot.seen.reading, self._readings.get(slot.seen.number))
        if reading is slot.seen.reading:
            return slot
        return replace(slot, seen=replace(slot.seen, reading=reading))

    @staticmethod
    def _reading_entry(view: SlotView) -> dict[str, Any]:
        return {
            "n": view["n"],
            **{key: value for key, value in view.items() if key in _READING_KEYS},
        }


def _newer(stored: Reading, heard: Reading | None) -> Reading:
    if heard is None or heard.at is None or (stored.at is not None and stored.at > heard.at):
        return stored
    return heard


def _differ(new: SlotView, old: SlotView) -> bool:
    """Whether anything but the readings changed."""
    return _without_readings(new) != _without_readings(old)


def _without_readings(view: SlotView) -> dict[str, Any]:
    return {key: value for key, value in view.items() if key not in _READING_KEYS}


def _parts_differ(new: ChassisPart, old: ChassisPart) -> bool:
    """Whether anything but the watts changed: those travel with the readings."""
    return {**new, "power": None} != {**old, "power": None}
