from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from backplane.live.alarms import AlarmKind, AlarmRecord
from backplane.live.mailbox import Mailbox
from backplane.live.records import ChassisRecord, EventLine, Story, SwapBrief
from backplane.live.room import Room
from backplane.live.seen import Reading
from backplane.slots.facts import SlotFlag, SlotState
from tests.support.live import EMPTY, NOW, OFF, body, chassis, seen, with_slot

EPOCH = "hub-1"


class Listener(Mailbox):
    """A mailbox that only keeps what it is told."""

    def __init__(self, snapshot: Callable[[], Any]) -> None:
        super().__init__(snapshot)
        self.raw: list[Any] = []

    def put(self, message: Any) -> None:  # noqa: ANN401  (an ASGI message)
        self.raw.append(message)

    def told(self) -> list[dict[str, Any]]:
        said = [body(message) for message in self.raw]
        self.raw.clear()
        return said


def room_and_listener(record: ChassisRecord | None = None) -> tuple[Room, Listener]:
    room = Room(record or chassis(), Story(), NOW)
    listener = Listener(room.snapshot)
    room.join(listener, EPOCH, NOW)
    return room, listener


def test_a_late_joiner_gets_a_greeting_and_the_whole_chassis() -> None:
    _, listener = room_and_listener()
    hello, snap = listener.told()
    assert hello == {
        "type": "hello",
        "protocol": 1,
        "epoch": EPOCH,
        "seq": 5,
        "server_time": "2026-11-20T12:00:00.000Z",
    }
    assert (snap["type"], snap["seq"], len(snap["chassis"]["slots"])) == ("snap", 5, 10)


def test_a_change_tells_only_the_slots_that_changed() -> None:
    room, listener = room_and_listener()
    listener.told()
    room.refresh(with_slot(chassis(), 7, seen(SlotState.INACTIVE, OFF)), NOW)
    (delta,) = listener.told()
    assert (delta["type"], delta["prev"], delta["seq"]) == ("delta", 5, 6)
    assert [(slot["n"], slot["face"]) for slot in delta["slots"]] == [(7, "off")]
    assert {entry["key"]: entry["count"] for entry in delta["chassis"]["summary"]} == {
        "running": 9,
        "off": 1,
    }


def test_all_watchers_get_the_very_same_message() -> None:
    room, first = room_and_listener()
    second = Listener(room.snapshot)
    room.join(second, EPOCH, NOW)
    room.refresh(with_slot(chassis(), 7, seen(SlotState.INACTIVE, OFF)), NOW)
    assert first.raw[-1] is second.raw[-1]
    assert first.raw[1] is second.raw[1]  # and the same snapshot, encoded once


def test_a_revision_without_a_visible_change_still_moves_everybody_on() -> None:
    room, listener = room_and_listener()
    listener.told()
    room.refresh(replace(chassis(), revision=9), NOW)
    (delta,) = listener.told()
    assert (delta["prev"], delta["seq"], delta["slots"]) == (5, 9, [])


def test_an_older_revision_is_dropped() -> None:
    room, listener = room_and_listener()
    listener.told()
    room.refresh(with_slot(chassis(revision=3), 7, seen(SlotState.INACTIVE, OFF)), NOW)
    assert listener.told() == []
    assert room.seq == 5


def test_the_same_again_tells_nothing() -> None:
    room, listener = room_and_listener()
    listener.told()
    room.refresh(chassis(), NOW)
    assert listener.told() == []


def test_readings_are_told_together_and_the_latest_wins() -> None:
    room, listener = room_and_listener()
    listener.told()
    later = NOW + timedelta(seconds=1)
    room.take_readings({7: Reading(12_000, 300, 4_800, later), 2: Reading(12_000, 1, 1, later)})
    room.take_readings({7: Reading(12_000, 500, 4_900, later)})
    room.flush_readings(later)
    room.flush_readings(later)
    (tele,) = listener.told()
    assert tele["type"] == "tele"
    by_slot = {entry["n"]: entry for entry in tele["slots"]}
    assert set(by_slot) == {2, 7}
    assert by_slot[7] == {
        "n": 7,
        "temp_c": 49.0,
        "w": 6.0,
        "v": 12.0,
        "a": 0.5,
        "reading_at": "2026-11-20T12:00:01.000Z",
    }


def test_a_reading_beyond_a_limit_changes_the_face_without_a_revision() -> None:
    room, listener = room_and_listener()
    listener.told()
    room.take_readings({7: Reading(12_000, 300, 7_800, NOW)})
    room.flush_readings(NOW)
    delta, tele = listener.told()
    assert (delta["prev"], delta["seq"]) == (5, 5)
    assert [(slot["n"], slot["face"]) for slot in delta["slots"]] == [(7, "warning")]
    assert tele["type"] == "tele"


def test_a_snapshot_after_readings_holds_them() -> None:
    room, _ = room_and_listener()
    before = room.snapshot()
    room.take_readings({7: Reading(12_000, 300, 4_800, NOW)})
    room.flush_readings(NOW)
    assert room.snapshot() is not before
    slots = body(room.snapshot())["chassis"]["slots"]
    assert slots[6]["temp_c"] == 48.0


def test_newer_readings_outlive_a_read_of_the_database() -> None:
    room, _ = room_and_listener()
    room.take_readings({7: Reading(12_000, 300, 4_800, NOW + timedelta(seconds=1))})
    room.flush_readings(NOW)
    room.refresh(replace(chassis(), revision=6), NOW)
    assert body(room.snapshot())["chassis"]["slots"][6]["temp_c"] == 48.0


def test_readings_of_a_silent_slot_are_not_shown() -> None:
    record = chassis(slots=[seen(SlotState.COMMUNICATION_LOST, None)])
    room, listener = room_and_listener(record)
    listener.told()
    room.take_readings({7: Reading(12_000, 300, 4_800, NOW)})
    room.flush_readings(NOW)
    (tele,) = listener.told()
    assert tele["slots"][0]["temp_c"] is None


def test_new_lines_of_history_are_told_once() -> None:
    room, listener = room_and_listener()
    listener.told()
    inserted = EventLine("h1", NOW, 7, "down", "A carrier was put in.")
    powered = EventLine("h2", NOW, 7, "up", "Power went on.")
    room.take_story(Story(lines=(inserted,)), NOW)
    room.take_story(Story(lines=(inserted, powered)), NOW)
    room.take_story(Story(lines=(inserted, powered)), NOW)
    assert [[line["id"] for line in told["events"]] for told in listener.told()] == [["h1"], ["h2"]]
    assert [line["id"] for line in body(room.snapshot())["events"]] == ["h1", "h2"]


def test_time_alone_can_change_a_face() -> None:
    fresh = seen(SlotState.INACTIVE, OFF & ~SlotFlag.IDENTITY_READ, since=NOW)
    room, listener = room_and_listener(chassis(slots=[fresh]))
    assert body(room.snapshot())["chassis"]["slots"][0]["face"] == "identifying"
    listener.told()
    assert not room.is_due(NOW + timedelta(seconds=19))
    due = NOW + timedelta(seconds=20)
    assert room.is_due(due)
    room.retell(due)
    (delta,) = listener.told()
    assert delta["slots"][0]["face"] == "off"
    assert not room.is_due(due)


def test_beats_tell_how_long_the_chassis_has_been_silent() -> None:
    room, listener = room_and_listener()
    listener.told()
    room.beat(NOW + timedelta(milliseconds=1_500))
    room.take_readings({7: Reading(12_000, 300, 4_800, NOW + timedelta(seconds=1))})
    room.beat(NOW + timedelta(milliseconds=1_500))
    assert [beat["chassis_age_ms"] for beat in listener.told()] == [1_500, 500]


def test_a_slot_that_is_emptied_is_empty_for_all() -> None:
    room, listener = room_and_listener()
    room.refresh(with_slot(chassis(), 7, seen(SlotState.NOT_INSTALLED, EMPTY)), NOW)
    latest = listener.told()[-1]
    assert latest["slots"][0]["word"] == "Empty"


def test_an_alarm_and_its_swap_follow_the_state_in_one_message() -> None:
    room, listener = room_and_listener()
    listener.told()
    out = with_slot(chassis(), 6, seen(SlotState.NOT_INSTALLED, EMPTY | SlotFlag.ALARM, number=6))
    room.refresh(out, NOW)
    assert listener.told()[0]["chassis"]["alarms"] == []
    alarm = AlarmRecord(6, AlarmKind.WRONG_PULL, NOW, "cache-01", (7,), swap_id=118)
    swap = SwapBrief(118, 7, 4, "Pull", "", "ana", "open", "pull", "Pull slot 7", False, 5)
    room.take_story(Story((alarm,), (swap,)), NOW)
    (delta,) = listener.told()
    assert delta["chassis"]["alarms"] == [
        {
            "slot": 6,
            "name": "cache-01",
            "text": "That was slot 6. Put cache-01 back in slot 6.",
            "advice": "Slot 7 is the one to pull. Its blue light waits until slot 6 is put right, "
            "or somebody says why it stays out.",
            "since": "2026-11-20T12:00:00.000Z",
            "wanted": [7],
            "url": "/w/118/",
        }
    ]
    assert delta["chassis"]["swaps"][0]["version"] == 5
    assert [(slot["n"], slot["swap"]) for slot in delta["slots"]] == [
        (6, None),
        (7, {"id": 118, "step": 4, "word": "Pull", "holder": "ana"}),
    ]
    assert delta["slots"][0]["advice"] == "Put cache-01 back in slot 6."
    assert room.is_behind is False
    # And the next change keeps them.
    room.refresh(replace(out, revision=9), NOW)
    assert listener.told()[0]["chassis"]["alarms"] == delta["chassis"]["alarms"]


def test_however_fast_the_state_changes_alarms_are_read_in_time() -> None:
    room, _ = room_and_listener()
    soon, later = NOW + timedelta(milliseconds=20), NOW + timedelta(milliseconds=100)
    assert not room.story_is_due(later)
    room.refresh(replace(chassis(), revision=6), soon)
    assert not room.story_is_due(soon)
    assert room.story_is_due(later)
    alarmed = seen(SlotState.NOT_INSTALLED, EMPTY | SlotFlag.ALARM, number=6)
    room.refresh(with_slot(replace(chassis(), revision=7), 6, alarmed), soon)
    assert room.story_is_due(soon)  # a new alarm waits for nothing
    room.take_story(Story(), soon)
    assert not room.story_is_due(soon)
