"""Bytes that are none, frames that are torn, events that this version does not know, and broken cables."""

import random
from types import SimpleNamespace

import pytest

from backplane.firmware_link.framing import encode_frame
from backplane.firmware_link.messages import IF_EVENT_ANY, Cmd, MessageType, Op
from backplane.slots.models import Gap, HardwareEvent, Transition
from firmware.journal import RING
from tests.support.app_bench import Stage
from tests.support.ledger import assert_nothing_is_lost
from tests.support.loop_thread import until
from tests.support.rack_bench import Rack

pytestmark = pytest.mark.live

UNKNOWN_KIND = 77
UNKNOWN_TYPE = 0x7E


def power_off_frame(stage: Stage, rack: Rack, slot: int) -> bytes:
    """Return the very frame by which the owner would cut a slot's power."""
    chassis = stage.chassis(rack)
    order = Cmd(chassis.epoch, 0xABCDE, Op.SET_POWER, chassis.boot or 0, 0, IF_EVENT_ANY, b"")
    expires_ms = stage.loop.call(rack.machine.uptime_ms) + 60_000
    order = Cmd(
        order.epoch, order.id, order.op, order.boot, expires_ms, IF_EVENT_ANY, bytes((slot, 0))
    )
    return encode_frame(MessageType.CMD, 0, order.to_body())


def test_noise_on_the_wire_loses_nothing(stage: Stage) -> None:
    rack = stage.running()
    rails = rack.rails
    rack.tell("noise 0.02")
    for slot in (1, 2, 3, 4):
        rack.tell(f"handle {slot} open")
        rack.tell(f"pull {slot}")
    until(lambda: stage.app.link_of(rack).link.counters.bad > 20, "many bad frames")
    rack.tell("noise 0")
    until(lambda: stage.slot(rack, 4).state == "M0", "the pull of slot 4")
    assert_nothing_is_lost(rack)
    assert (
        rack.rails == rails & ~0b11110
    )  # cut by the firmware's rule for an empty slot, and nothing else
    assert {slot for slot, on in rack.switched} == {1, 2, 3, 4}
    assert not any(on for _, on in rack.switched)


def test_random_bytes_both_ways_change_nothing(stage: Stage) -> None:
    rack = stage.running()
    rails, chance = rack.rails, random.Random(7)
    for _ in range(100):
        rack.say_to_host(chance.randbytes(200))
        rack.garble_to_board(chance.randbytes(200))
    until(lambda: stage.app.link_of(rack).link.counters.bad > 50, "the bytes to be counted as bad")
    rack.emit(UNKNOWN_KIND)
    assert_nothing_is_lost(rack)
    assert (rack.rails, rack.switched) == (rails, [])
    assert stage.chassis(rack).link_is_up


def test_a_command_hurt_in_any_bit_or_cut_anywhere_is_not_obeyed(stage: Stage) -> None:
    rack = stage.running()
    rails, frame = rack.rails, power_off_frame(stage, rack, 2)
    for index in range(len(frame) * 8):
        hurt = bytearray(frame)
        hurt[index // 8] ^= 1 << index % 8
        rack.garble_to_board(b"\0" + bytes(hurt) + b"\0")
    for length in range(len(frame) - 1):
        rack.garble_to_board(b"\0" + frame[:length] + b"\0")
    assert (rack.rails, rack.switched) == (rails, [])
    rack.garble_to_board(b"\0" + frame)
    until(lambda: rack.rails == rails & ~(1 << 2), "the same frame, whole, to be obeyed")


def test_events_hurt_or_cut_on_the_way_come_again(stage: Stage) -> None:
    rack = stage.running()
    rack.emit(UNKNOWN_KIND, times=3)
    assert_nothing_is_lost(rack)
    body = rack.journal().bodies[rack.journal().next - 1]
    forged = bytearray(encode_frame(MessageType.EVENT, 0, body))
    for index in range(1, len(forged) - 1):
        rack.say_to_host(b"\0" + bytes(forged[:index]) + b"\0")
        flipped = bytearray(forged)
        flipped[index] ^= 1 << index % 8
        rack.say_to_host(b"\0" + bytes(flipped) + b"\0")
    rack.emit(UNKNOWN_KIND, times=3)
    assert_nothing_is_lost(rack)
    assert stage.app.link_of(rack).link.counters.bad > 20


def test_event_kinds_that_nobody_knows_are_kept_raw(stage: Stage) -> None:
    rack = stage.running()
    ben = stage.person()
    rack.emit(UNKNOWN_KIND, value=5)
    far = SimpleNamespace(number=99, newest=0, pack=lambda: b"")
    stage.loop.call(lambda: rack.machine.core.chassis.emit(2, far))
    rack.tell("pull 1")
    until(lambda: stage.slot(rack, 1).state == "M0", "the line to go on behind them")
    assert_nothing_is_lost(rack)
    odd = HardwareEvent.objects.filter(is_understood=False).order_by("number")
    assert [(row.kind, row.slot_number) for row in odd] == [(UNKNOWN_KIND, 0), (2, 99)]
    assert bytes(odd[0].raw) == rack.journal().bodies[odd[0].number]
    assert not Transition.objects.filter(hardware_event__in=odd).exists()
    assert f"Event of unknown kind {UNKNOWN_KIND} (value 5); it is kept as it came." in stage.page(
        ben, rack
    )


def test_frame_types_that_nobody_knows_are_passed_over(stage: Stage) -> None:
    rack = stage.running()
    rails, sessions = rack.rails, stage.app.link_of(rack).link.counters.sessions
    for frame_type in (UNKNOWN_TYPE, MessageType.EVENT, MessageType.STATE, MessageType.HELLO):
        rack.say_to_host(b"\0" + encode_frame(frame_type, 0, b"?"))
        rack.garble_to_board(b"\0" + encode_frame(frame_type, 0, b"?"))
    until(lambda: stage.app.link_of(rack).link.counters.malformed >= 3, "three bodies too short")
    rack.emit(UNKNOWN_KIND)
    assert_nothing_is_lost(rack)
    assert (rack.rails, rack.switched) == (rails, [])
    assert stage.app.link_of(rack).link.counters.sessions == sessions


def test_a_reboot_of_the_esp32_is_an_event_like_others(stage: Stage) -> None:
    rack = stage.running()
    rails, boot = rack.rails, stage.chassis(rack).boot or 0
    rack.tell("reboot")
    until(lambda: stage.chassis(rack).boot == boot + 1, "the new boot")
    stage.wait_until_seen(rack)
    assert_nothing_is_lost(rack)
    assert stage.events(rack)[-1].boot == boot + 1
    assert (rack.rails, rack.switched, rack.orders) == (rails, [], [])


def test_a_board_that_gave_a_recorded_number_again_is_found_out(stage: Stage) -> None:
    rack = stage.running()
    rack.emit(UNKNOWN_KIND)
    assert_nothing_is_lost(rack)
    stage.app.stop()
    journal = rack.machine.core.journal
    newest = journal.next - 1
    body = bytearray(journal.body(newest))
    body[10] ^= 1  # the flash lost the end, and the number was given again
    journal.contents()[1][newest % RING] = bytes(body)
    journal.acked = newest - 1
    stage.app.start(rack.port_url)
    until(lambda: stage.chassis(rack).journal != journal_id(body), "a new journal")
    assert Gap.objects.filter(journal=journal_id(body)).count() == 1
    rack.emit(UNKNOWN_KIND)
    assert_nothing_is_lost(rack)


def journal_id(body: bytearray) -> int:
    return int.from_bytes(body[:4], "little")


def test_what_happens_while_the_cable_is_out_comes_when_it_is_back(stage: Stage) -> None:
    rack = stage.running()
    ben, rails = stage.person(), rack.rails
    rack.unplug()
    message = stage.wait_for_link(rack, "lost")
    assert rack.port_url in message
    assert "cable" in message
    until(lambda: stage.slot(rack, 3).state == "M7", "slots of which nothing is known")
    assert message in stage.page(ben, rack)
    rack.tell("handle 3 open")
    rack.tell("pull 3")
    rack.plug_in()
    stage.wait_until_seen(rack)
    assert stage.slot(rack, 3).state == "M0"
    assert_nothing_is_lost(rack)
    assert rack.rails == rails & ~(1 << 3)
    assert (rack.switched, rack.orders) == ([(3, False)], [])


def test_a_line_that_falls_silent_is_lost_after_three_seconds(stage: Stage) -> None:
    rack = stage.running()
    rails = rack.rails
    rack.tell("silence on")
    message = stage.wait_for_link(rack, "lost")
    assert "The board stopped answering 3 s ago. Check its power and the cable." in message
    rack.tell("silence off")
    stage.wait_until_seen(rack)
    assert_nothing_is_lost(rack)
    assert (rack.rails, rack.switched, rack.orders) == (rails, [], [])


def test_a_start_without_the_board_shows_nothing_of_yesterday_as_known(stage: Stage) -> None:
    rack = stage.running()
    rails = rack.rails
    stage.app.stop()
    assert stage.chassis(rack).link_is_up  # as the last run left it
    rack.unplug()
    stage.app.start(rack.port_url)
    message = stage.wait_for_link(rack, "lost")
    assert rack.port_url in message
    assert {slot.state for slot in stage.chassis(rack).slots.all()} == {"M7"}
    stage.app.stop()
    stage.app.start()  # and now its port is no more among PORTS
    assert "Add its port to PORTS" in stage.wait_for_link(rack, "no_port")
    assert stage.ask(stage.person(), rack, 2, "power_off").status_code == 409
    rack.plug_in()
    stage.app.stop()
    stage.app.start(rack.port_url)
    stage.wait_until_seen(rack)
    assert_nothing_is_lost(rack)
    assert (rack.rails, rack.switched, rack.orders) == (rails, [], [])
