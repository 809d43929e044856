import json
from dataclasses import replace
from datetime import timedelta

import pytest

from backplane.live.actions import Situation, actions_of
from backplane.live.lamps import lamp_words, unpack_lamps
from backplane.live.moments import iso
from backplane.live.records import EventLine, LinkRecord, Locating, Occupant, PendingCommand
from backplane.live.rendering import SlotView, chassis_view, event_view, slot_view
from backplane.live.seen import Reading, SlotSeen
from backplane.slots.facts import SlotFlag, SlotState
from tests.support.live import EMPTY, LONG_AGO, NOW, OFF, RUNNING, chassis, seen

LOCATING = 0b001_001 | 3 << 9 | 1 << 12  # green on, white fast, override
USUAL = ["power_on", "shutdown", "power_cycle", "power_off"]
UP = Situation(link_is_up=True)


def view_of(fact: SlotSeen, **changes: object) -> dict[str, object]:
    record = chassis(slots=[fact])
    slot = replace(record.slots[0], **changes)  # type: ignore[arg-type]  # the fields of SlotRecord
    return dict(slot_view(slot, record, NOW))


def test_a_running_slot_reads_as_the_protocol_says() -> None:
    view = view_of(seen(), occupant=Occupant(name="web-03", carrier="ab12"))
    assert json.loads(json.dumps(view)) == view
    assert {key: view[key] for key in ("n", "state", "face", "word", "icon", "name", "rev")} == {
        "n": 7,
        "state": "M4",
        "face": "running",
        "word": "Running",
        "icon": "run",
        "name": "web-03",
        "rev": 5,
    }
    assert (view["temp_c"], view["w"], view["v"], view["a"]) == (47.0, 4.6, 12.05, 0.38)
    assert view["reading_at"] == "2026-11-20T12:00:00.000Z"
    assert view["lamps"] == {
        "status": {"colour": "green", "pattern": "on"},
        "hotswap": {"colour": "blue", "pattern": "off"},
        "locate": {"colour": "white", "pattern": "off"},
        "layer": "local",
    }
    assert {"label": "Power", "value": "on, power good"} in view["seen"]  # type: ignore[operator]  # a view is JSON


def test_nothing_is_claimed_of_a_slot_that_is_not_known() -> None:
    for fact in (seen(SlotState.COMMUNICATION_LOST), seen(flags=None)):
        view = view_of(fact)
        assert view["face"] == "no-data"
        assert view["lamps"] is None
        assert (view["temp_c"], view["w"], view["v"], view["a"]) == (None, None, None, None)
        assert view["flags"] == []
        said = {row["label"]: row["value"] for row in view["seen"]}  # type: ignore[attr-defined]  # a view is JSON
        assert set(said.values()) == {"not known"}
        assert not any(action["enabled"] for action in view["actions"])  # type: ignore[attr-defined]  # a view is JSON


def test_a_command_is_pending_and_changes_no_face() -> None:
    asked = PendingCommand(5, "Power off asked by Ben", NOW, "")
    view = view_of(seen(), pending=asked)
    assert view["face"] == "running"
    assert view["pending"] == {
        "id": 5,
        "word": "Power off asked by Ben",
        "at": iso(NOW),
        "wait": "",
    }
    rows = {row["label"]: row for row in view["rows"]}  # type: ignore[attr-defined]  # a view is JSON
    assert rows["Power"]["asked"] == "Power off asked by Ben"
    assert rows["Power"]["seen"] == "on, power good"


def test_flags_are_named() -> None:
    flags = OFF | SlotFlag.HELD | SlotFlag.RELEASED | SlotFlag.FLAPPING
    view = view_of(seen(SlotState.INACTIVE, flags, lights=LOCATING))
    keys = [flag["key"] for flag in view["flags"]]  # type: ignore[attr-defined]  # a view is JSON
    assert keys == ["locating", "held", "released", "flapping"]


def test_a_locate_light_says_for_whom_and_until_when() -> None:
    until = NOW + timedelta(minutes=9)
    lit, dark = seen(lights=LOCATING), seen()
    view = view_of(lit, locating=Locating("Ana", until))
    assert view["locate"] == {"by": "Ana", "until": iso(until)}
    assert view["flags"] == [
        {"key": "locating", "icon": "loc", "word": "Locating for Ana", "until": iso(until)}
    ]
    # A light that is not seen burning is not claimed; one that nobody here asked for is.
    assert view_of(dark, locating=Locating("Ana", until))["flags"] == []
    assert [flag["word"] for flag in view_of(lit)["flags"]] == ["Locate light on"]  # type: ignore[attr-defined]  # a view is JSON


def test_another_module_than_planned_is_a_mark_on_any_face() -> None:
    def marks(fact: SlotSeen) -> list[str]:
        view = view_of(fact, is_as_planned=False)
        return [flag["key"] for flag in view["flags"]]  # type: ignore[attr-defined]  # a view is JSON

    assert marks(seen()) == ["drift"]
    assert view_of(seen(), is_as_planned=False)["face"] == "running"  # plans never paint a face
    assert marks(seen(SlotState.INACTIVE, OFF)) == ["drift"]
    assert marks(seen(SlotState.NOT_INSTALLED, EMPTY)) == []
    assert marks(seen(SlotState.COMMUNICATION_LOST)) == []


def test_our_own_slot_is_marked_even_while_the_chassis_is_silent() -> None:
    for fact in (seen(), seen(SlotState.COMMUNICATION_LOST)):
        view = view_of(fact, is_own=True)
        assert view["own"] is True
        assert [flag["word"] for flag in view["flags"]] == ["This program runs here"]  # type: ignore[attr-defined]  # a view is JSON


def test_lamps_of_an_undefined_value_read_as_off() -> None:
    lamps = unpack_lamps(0b111_111_111_111 | 3 << 12)
    assert lamps["status"] == {"colour": "off", "pattern": "off"}
    assert lamps["layer"] == "local"


@pytest.mark.parametrize(
    ("fact", "allowed"),
    [
        (seen(), {"locate_on", "shutdown", "power_cycle", "power_off"}),
        (seen(lights=LOCATING), {"locate_off", "shutdown", "power_cycle", "power_off"}),
        (seen(SlotState.INACTIVE, OFF), {"locate_on", "power_on", "release"}),
        (seen(SlotState.INACTIVE, OFF | SlotFlag.RELEASED), {"locate_on", "release_off"}),
        (seen(SlotState.INACTIVE, OFF | SlotFlag.TRIPPED), {"locate_on", "release", "clear_trip"}),
        (seen(SlotState.NOT_INSTALLED, EMPTY), {"locate_on"}),
        (seen(SlotState.NOT_INSTALLED, EMPTY | SlotFlag.ALARM), {"locate_on", "clear_alarm"}),
        (seen(flags=RUNNING | SlotFlag.HALTED), {"locate_on", "power_cycle", "power_off"}),
        (
            seen(SlotState.DEACTIVATION_IN_PROGRESS, RUNNING),
            {"locate_on", "power_cycle", "power_off"},
        ),
        (seen(SlotState.COMMUNICATION_LOST), set()),
    ],
)
def test_actions_follow_what_is_seen(fact: SlotSeen, allowed: set[str]) -> None:
    actions = actions_of(fact, UP)
    assert [action["op"] for action in actions][1:5] == USUAL
    assert {action["op"] for action in actions if action["enabled"]} == allowed
    assert all(bool(action["why"]) is not action["enabled"] for action in actions)


def test_a_silent_chassis_takes_no_command() -> None:
    assert not any(a["enabled"] for a in actions_of(seen(), Situation(link_is_up=False)))
    replayed = actions_of(seen(), Situation(link_is_up=True, is_replayed=True))
    assert {(a["enabled"], a["why"]) for a in replayed} == {(False, "Played from a recording.")}


def test_an_open_command_keeps_others_off_but_not_the_locate_light() -> None:
    actions = actions_of(
        seen(), Situation(True, PendingCommand(5, "Cut power asked by Ben", NOW, is_cut=True))
    )
    assert [a["op"] for a in actions if a["enabled"]] == ["locate_on"]
    assert actions[1]["why"] == "Still busy: Cut power asked by Ben."


def test_a_cut_need_not_wait_for_a_shutdown_that_hangs() -> None:
    running = PendingCommand(5, "Shut down asked by Ben", NOW)
    hanging = seen(SlotState.DEACTIVATION_IN_PROGRESS, RUNNING)
    actions = actions_of(hanging, Situation(True, running))
    assert [a["op"] for a in actions if a["enabled"]] == ["locate_on", "power_off"]


def test_what_waits_can_be_taken_back_and_what_was_sent_cannot() -> None:
    waiting = PendingCommand(5, "Power on asked by Ben", NOW, "6 W free", may_be_taken_back=True)
    sent = PendingCommand(5, "Power on asked by Ben", NOW)
    ops = [{a["op"] for a in actions_of(seen(), Situation(True, each))} for each in (waiting, sent)]
    assert ["take_back" in each for each in ops] == [True, False]


def test_a_chassis_counts_its_faces_worst_first() -> None:
    hot = seen(number=2, reading=Reading(12_000, 400, 7_900, NOW))
    empty = seen(SlotState.NOT_INSTALLED, EMPTY, number=3, reading=Reading())
    view = chassis_view(chassis(slots=[seen(number=1), hot, empty, seen(number=4)]), NOW)
    assert [(entry["key"], entry["count"]) for entry in view["summary"]] == [
        ("warning", 1),
        ("running", 2),
        ("empty", 1),
    ]
    assert view["power"] == {"used_w": 14.0, "budget_w": 150.0}
    assert view["warnings"] == []
    assert view["seq"] == 5


def test_the_supplys_own_meter_counts_before_the_sum() -> None:
    record = replace(chassis(), supply=Reading(12_000, 5_000, None, NOW))
    assert chassis_view(record, NOW)["power"]["used_w"] == 60.0


def test_a_silent_chassis_says_why_and_knows_no_watts() -> None:
    link = LinkRecord("lost", "The cable was pulled.", NOW, is_up=False)
    view = chassis_view(replace(chassis(), link=link), NOW)
    assert view["warnings"] == [{"key": "link", "text": "The cable was pulled."}]
    assert view["power"]["used_w"] is None
    assert view["link"] == {
        "state": "lost",
        "message": "The cable was pulled.",
        "since": iso(NOW),
        "up": False,
    }


def test_a_full_disk_is_said() -> None:
    view = chassis_view(replace(chassis(), storage_is_ok=False), NOW)
    assert [warning["key"] for warning in view["warnings"]] == ["storage"]


def test_times_are_utc() -> None:
    line = EventLine("h1", LONG_AGO + timedelta(milliseconds=5), 7, "up", "Power went on.", "Ben")
    assert event_view(line) == {
        "id": "h1",
        "at": "2026-11-20T09:00:00.005Z",
        "slot": 7,
        "icon": "up",
        "text": "Power went on.",
        "who": "Ben",
    }


def test_a_lamp_that_the_board_does_not_have_is_never_shown_nor_told() -> None:
    lamps = unpack_lamps(LOCATING, ("status", "hotswap"))
    assert lamps["locate"]["pattern"] == "none"
    assert "white" not in lamp_words(lamps)
    assert lamp_words(unpack_lamps(LOCATING, ())) == "none at this slot"
    shown = _whole_view(seen(lights=LOCATING, lamps=()))["lamps"]
    assert shown is not None
    assert {shown["status"]["pattern"], shown["hotswap"]["pattern"]} == {"none"}
    assert shown["locate"]["pattern"] == "none"


def _whole_view(fact: SlotSeen) -> SlotView:
    record = chassis(slots=[fact])
    return slot_view(record.slots[0], record, NOW)


def _told(view: SlotView) -> dict[str, str]:
    return {row["label"]: row["value"] for row in view["seen"]}


def test_what_the_board_cannot_do_or_see_is_said() -> None:
    flags = SlotFlag.RAIL_ON | SlotFlag.POWER_GOOD
    fact = seen(flags=flags, has_shutdown_line=False, identity_is_sensed=False, lamps=())
    view = _whole_view(fact)
    told = _told(view)
    assert told["Shutdown line"] == "none on this board"
    assert told["Identity"] == "not sensed by this board"
    assert told["Carrier"] == "not sensed by this board"
    assert told["Lights"].startswith("none at this slot")
    shutdown = next(action for action in view["actions"] if action["op"] == "shutdown")
    assert not shutdown["enabled"]
    assert "has no shutdown line" in shutdown["why"]
    off = _told(_whole_view(seen(SlotState.INACTIVE, SlotFlag(0))))
    assert off["Power"] == "off, voltage not measured"
