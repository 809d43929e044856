"""main.py and board_esp32.py as a whole: the core, the parts and simulated chips, on every board there is."""

import tomllib
from collections.abc import Callable

import pytest

from firmware import codes
from firmware.board import UNKNOWN, UNKNOWN_CDEG
from tests.support.esp32.bench import BOARDS, Esp32Bench

pytestmark = pytest.mark.long

NAMES = sorted(
    {path.stem for path in BOARDS.glob("*.toml")} - {"redundant-10"}
)  # wired as reference-10
Begin = Callable[[str], Esp32Bench]
BY_COMMAND, BY_REMOVAL, BY_TRIP, BY_RESTORE, BY_SUPPLY = 0, 1, 2, 5, 7


def powered(bench: Esp32Bench, *slots: int) -> Esp32Bench:
    """Boot, seat carriers and switch them on."""
    bench.boot()
    for slot in slots:
        bench.rack.seat(slot)
    bench.run(500)
    for slot in slots:
        assert bench.ask(codes.SET_POWER, slot, 1) == codes.OK
        bench.run(600)
    return bench


@pytest.mark.parametrize("name", NAMES)
class TestEveryBoard:
    def test_a_boot_switches_nothing(self, name: str, begin: Begin) -> None:
        bench = begin(name)
        bench.boot()
        bench.run(1000)
        assert bench.host.hello
        assert not any(bench.rack.rail(slot) for slot in bench.rack.places)
        assert codes.RAIL_ON not in [event.kind for event in bench.host.events]
        assert codes.DEVICE_LOST not in [event.kind for event in bench.host.events]

    def test_a_rail_is_switched_and_outlives_a_restart_without_a_blip(
        self, name: str, begin: Begin
    ) -> None:
        bench = powered(begin(name), 1)
        assert bench.rack.rail(1)
        last = max(bench.rack.places)
        assert not bench.rack.rail(last)
        before = bench.rack.rail_history(1)
        told = len(bench.host.events)
        bench.restart()
        bench.run(2000)
        assert bench.rack.rail(1)
        assert bench.rack.rail_history(1) == before
        assert [e.kind for e in bench.host.events[told:] if e.kind != codes.BOOT] == []
        assert bench.ask(codes.SET_POWER, 1, 0) == codes.OK
        assert not bench.rack.rail(1)

    def test_what_it_cannot_sense_is_not_known(self, name: str, begin: Begin) -> None:
        senses = tomllib.loads((BOARDS / f"{name}.toml").read_text())["senses"]
        bench = powered(begin(name), 1)
        bench.run(2000)
        assert bench.flag(1, codes.F_HAS_PRESENCE) == senses["presence"]
        assert bench.flag(1, codes.F_PRESENT) == senses["presence"]
        assert bench.flag(1, codes.F_HAS_HANDLE) == senses["handle"]
        assert bench.flag(1, codes.F_HAS_HALTED_LINE) == senses["halted_line"]
        assert bench.flag(1, codes.F_IDENTITY) == senses["identity"]
        seen = bench.host.slots[1]
        assert (seen.mv, seen.ma) != (0, 0)
        assert (seen.mv == UNKNOWN) != senses["meter"]
        assert (seen.cdeg == UNKNOWN_CDEG) != senses["temperature"]

    def test_a_loss_of_power_brings_back_what_was_on_one_by_one(
        self, name: str, begin: Begin
    ) -> None:
        bench = powered(begin(name), 1, 2)
        bench.rack.lose_power()
        bench.run(300)
        bench.rack.regain_power()
        bench.restart()
        assert not (bench.rack.rail(1) and bench.rack.rail(2))
        bench.run(3000)
        assert bench.rack.rail(1)
        assert bench.rack.rail(2)
        assert codes.CHASSIS_POWER_RESTORED in bench.kinds(0)
        for slot in (1, 2):
            assert bench.values(codes.RAIL_OFF, slot)[-1] & 0xFF == BY_SUPPLY
            assert bench.values(codes.RAIL_ON, slot)[-1] & 0xFF == BY_RESTORE
        assert not bench.rack.rail(3)

    def test_the_chassis_may_lose_power_while_the_controller_runs_on_from_its_cable(
        self, name: str, begin: Begin
    ) -> None:
        bench = powered(begin(name), 1, 2)
        bench.rack.lose_power()
        bench.run(1500)
        assert codes.DEVICE_LOST in bench.kinds(1)
        assert codes.RAIL_OFF not in bench.kinds(1)  # not known is not off
        bench.rack.regain_power()
        bench.run(4000)
        assert codes.DEVICE_BACK in bench.kinds(1)
        assert codes.CHASSIS_POWER_RESTORED in bench.kinds(0)
        assert bench.rack.rail(1)
        assert bench.rack.rail(2)
        assert bench.values(codes.RAIL_ON, 2)[-1] & 0xFF == BY_RESTORE

    def test_a_held_bus_is_a_fault_of_all_and_hangs_nothing(self, name: str, begin: Begin) -> None:
        bench = powered(begin(name), 1)
        before = bench.rack.rail_history(1)
        bench.rack.bus.clock_is_held = True
        bench.run(4000)
        assert bench.kinds(1)[-1] == codes.DEVICE_LOST
        assert bench.ask(codes.SET_POWER, 1, 0) == codes.E_HARDWARE
        assert bench.rack.rail(1)
        bench.rack.bus.clock_is_held = False
        bench.run(2000)
        assert bench.kinds(1)[-1] == codes.DEVICE_BACK
        assert bench.rack.rail_history(1) == before
        assert bench.esp32.longest_gap_ms < 1500


class TestReference:
    def test_a_carrier_is_seen_known_warm_and_measured(self, begin: Begin) -> None:
        bench = begin("reference-10")
        bench.boot()
        bench.rack.seat(3, b"tray-0042")
        bench.run(1000)
        assert bench.kinds(3) == [codes.HANDLE_CLOSED, codes.INSERT, codes.IDENTIFIED]
        assert bench.host.events[-1].uid == b"tray-0042"
        assert bench.ask(codes.SET_POWER, 3, 1) == codes.OK
        bench.run(1000)
        assert bench.kinds(3)[-2:] == [codes.RAIL_ON, codes.POWER_GOOD]
        bench.flag(3, 0)
        seen = bench.host.slots[3]
        assert (seen.mv, seen.ma, seen.cdeg) == (12000, 600, 4300)
        assert bench.host.slots[4].mv == 0
        bench.rack.pull(3)
        took_ms = bench.run_until(lambda: not bench.rack.rail(3), 100)
        assert took_ms <= 40
        bench.run(100)
        assert bench.values(codes.RAIL_OFF, 3) == [BY_REMOVAL]

    def test_every_slot_is_its_own(self, begin: Begin) -> None:
        bench = begin("reference-10")
        bench.boot()
        for slot in range(1, 11):
            bench.rack.seat(slot)
        bench.run(1500)
        uids = {e.slot: e.uid for e in bench.host.events if e.kind == codes.IDENTIFIED}
        assert uids == {slot: b"carrier-%02d" % slot for slot in range(1, 11)}
        for slot in range(1, 11):
            assert bench.ask(codes.SET_POWER, slot, 1) == codes.OK
            bench.rack.places[slot].ma = 100 * slot
            bench.run(550)
            on = [each for each in range(1, 11) if bench.rack.rail(each)]
            assert on == list(range(1, slot + 1))
        bench.flag(1, 0)
        bench.run(300)
        bench.flag(1, 0)
        for slot in range(1, 11):
            assert abs(bench.host.slots[slot].ma - 100 * slot) <= 1
            assert bench.host.slots[slot].cdeg == 4000 + 100 * slot

    def test_a_trip_of_the_switch_is_told_and_latched(self, begin: Begin) -> None:
        bench = powered(begin("reference-10"), 5)
        bench.rack.places[5].has_tripped = True
        bench.run(200)
        assert bench.kinds(5)[-2:] == [codes.TRIP, codes.RAIL_OFF]
        assert bench.values(codes.RAIL_OFF, 5) == [BY_TRIP]
        assert not bench.rack.rail(5)
        assert bench.ask(codes.SET_POWER, 5, 1) == codes.E_STATE
        bench.rack.places[5].has_tripped = False
        assert bench.ask(codes.CLEAR_TRIP, 5) == codes.OK
        assert bench.ask(codes.SET_POWER, 5, 1) == codes.OK

    def test_a_shutdown_pulls_the_line_and_ends_by_the_halted_line(self, begin: Begin) -> None:
        bench = powered(begin("reference-10"), 2)
        assert bench.ask(codes.REQUEST_SHUTDOWN, 2, 1) == codes.OK
        assert bench.rack.line_is_pulled(2)
        bench.run(300)
        assert not bench.rack.line_is_pulled(2)
        bench.run(2000)
        bench.rack.places[2].is_halted = True
        bench.run(30)
        bench.rack.places[2].is_halted = False  # gpio-poweroff only pulses
        bench.run(1500)
        assert not bench.rack.rail(2)
        assert bench.kinds(2)[-2:] == [codes.HALTED, codes.RAIL_OFF]

    def test_a_silent_expander_is_a_fault_of_its_two_slots(self, begin: Begin) -> None:
        bench = powered(begin("reference-10"), 1, 2, 3)
        before = [bench.rack.rail_history(slot) for slot in (1, 2, 3)]
        bench.rack.chips["x0"].is_silent = True
        bench.run(500)
        for slot in (1, 2):
            assert bench.values(codes.DEVICE_LOST, slot) == [0x20]
            assert bench.flag(slot, codes.F_NO_ANSWER)
            assert bench.ask(codes.SET_POWER, slot, 0) == codes.E_HARDWARE
        assert not bench.flag(3, codes.F_NO_ANSWER)
        assert bench.ask(codes.POWER_CYCLE, 3, 0xD0, 0x07) == codes.OK
        bench.rack.chips["x0"].is_silent = False
        bench.run(500)
        assert [bench.kinds(slot)[-1] for slot in (1, 2)] == [codes.DEVICE_BACK] * 2
        assert [bench.rack.rail_history(slot) for slot in (1, 2)] == before[:2]
        assert bench.ask(codes.SET_POWER, 1, 0) == codes.OK

    def test_an_expander_that_was_reset_alone_loses_its_rails_and_nothing_brings_them_back(
        self, begin: Begin
    ) -> None:
        bench = powered(begin("reference-10"), 1, 3)
        bench.rack.chips["x0"].power_on()
        bench.run(3000)
        assert bench.values(codes.RAIL_OFF, 1) == [BY_SUPPLY]
        assert not bench.rack.rail(1)
        assert bench.rack.rail(3)
        assert bench.kinds(0).count(codes.CHASSIS_POWER_RESTORED) == 1  # the very first boot
        assert codes.REMOVE not in bench.kinds(1)  # its pull-ups were gone for a moment
        assert bench.ask(codes.SET_POWER, 1, 1) == codes.OK
        assert bench.rack.rail(1)

    def test_a_line_held_at_the_reset_is_clocked_free(self, begin: Begin) -> None:
        bench = begin("reference-10")
        bench.rack.bus.held_clocks = 7
        bench.rack.bus.holds_until_stop = True  # an EEPROM in the middle of a read
        bench.boot()
        bench.run(200)
        assert codes.DEVICE_LOST not in [event.kind for event in bench.host.events]

    def test_a_line_held_in_a_transfer_is_freed_before_anybody_is_lost(self, begin: Begin) -> None:
        bench = powered(begin("reference-10"), 1)
        bench.rack.bus.writes_until_stuck = 20
        bench.run(2000)
        assert codes.DEVICE_LOST not in [event.kind for event in bench.host.events]
        assert bench.rack.rail(1)
        assert bench.esp32.longest_gap_ms < 1500

    def test_a_carrier_that_holds_its_branch_is_cut_off_and_nobody_is_lost(
        self, begin: Begin
    ) -> None:
        bench = powered(begin("reference-10"), 1)
        bench.rack.bus.branch_is_held = True
        bench.run(2000)
        assert not bench.rack.bus.branch_is_held
        assert codes.DEVICE_LOST not in [event.kind for event in bench.host.events]
        assert bench.rack.rail(1)

    def test_a_silent_meter_takes_readings_and_no_switch(self, begin: Begin) -> None:
        bench = powered(begin("reference-10"), 1)
        bench.rack.chips["m0"].is_silent = True
        bench.run(1500)
        assert bench.values(codes.DEVICE_LOST, 0) == [0x40]
        assert not bench.flag(1, codes.F_METER_WORKS)
        assert bench.host.slots[1].mv == UNKNOWN
        assert bench.ask(codes.SET_POWER, 1, 0) == codes.OK
        assert not bench.rack.rail(1)
        bench.rack.chips["m0"].is_silent = False
        bench.run(1000)
        assert bench.kinds(0)[-1] == codes.DEVICE_BACK

    def test_a_wrong_pull_is_red_on_the_strip_within_200_ms(self, begin: Begin) -> None:
        bench = powered(begin("reference-10"), 1, 2)
        assert bench.ask(codes.SET_POWER, 1, 0) == codes.OK
        bench.run(300)
        assert bench.ask(codes.RELEASE, 1, 1) == codes.OK
        bench.run(200)
        assert bench.esp32.strips[27][1][2] > 0  # slot 1 is blue
        bench.rack.pull(2)
        took_ms = bench.run_until(lambda: bench.esp32.strips[27][3][0] > 0, 300)
        assert took_ms <= 200
        assert bench.esp32.strips[27][1] == (0, 0, 0)

    def test_a_lost_supply_is_seen_on_its_pin(self, begin: Begin) -> None:
        bench = powered(begin("redundant-10"), 1)
        bench.rack.dead_supplies.add(2)
        bench.run(300)
        assert bench.values(codes.SUPPLY_LOST, 0) == [2]
        assert bench.rack.rail(1)
        bench.rack.dead_supplies.add(1)
        bench.run(300)
        assert bench.values(codes.RAIL_OFF, 1) == [BY_SUPPLY]

    def test_a_fan_that_stands_still_is_told(self, begin: Begin) -> None:
        bench = begin("reference-10")
        bench.boot()
        bench.run(15_000)
        assert "fan 1 stands still" in bench.host.logs
        assert bench.esp32.pwm[25] == 65535
        assert bench.ask(codes.SET_FAN, 1, 128) == codes.OK
        assert bench.esp32.pwm[25] == 128 * 257


class TestOtherBoards:
    def test_one_wire_gives_identity_and_temperature(self, begin: Begin) -> None:
        bench = begin("twin-6")
        bench.boot()
        bench.rack.seat(1)
        bench.rack.seat(6)
        bench.run(6000)  # temperatures are told each 5 s
        uids = {e.slot: e.uid for e in bench.host.events if e.kind == codes.IDENTIFIED}
        assert uids == {1: b"000000010001", 6: b"000000010006"}
        bench.flag(1, 0)
        assert [bench.host.slots[slot].cdeg for slot in (1, 6)] == [4100, 4600]
        assert bench.host.slots[2].cdeg == UNKNOWN_CDEG
        bench.rack.pull(1)
        bench.run(9000)
        bench.flag(1, 0)
        assert bench.host.slots[1].cdeg == UNKNOWN_CDEG

    def test_where_the_meter_alone_tells_power_good_its_silence_cuts_nothing(
        self, begin: Begin
    ) -> None:
        bench = powered(begin("bare-4"), 1)
        bench.rack.chips["m0"].is_silent = True
        assert bench.ask(codes.SET_POWER, 2, 1) == codes.OK
        bench.run(3000)
        assert bench.rack.rail(1)
        assert bench.rack.rail(2)
        assert codes.POWER_LOST not in bench.kinds(1)
        assert codes.POWER_GOOD not in bench.kinds(2)
        bench.rack.chips["m0"].is_silent = False
        bench.run(1000)
        assert bench.kinds(2)[-1] == codes.POWER_GOOD

    def test_meters_that_tell_power_good_are_not_read_at_every_step(self, begin: Begin) -> None:
        bench = powered(begin("power-7"), *range(1, 8))
        before = bench.rack.bus.transfers
        bench.run(1000)
        # 10 rounds of 8 channels, 20 looks at 7 of them, and two transfers each; the expander; lamps.
        assert bench.rack.bus.transfers - before < 2 * (10 * 8 + 20 * 7) + 450 + 100
        bench.rack.places[3].is_good = False
        took_ms = bench.run_until(lambda: codes.POWER_LOST in bench.kinds(3), 500)
        assert took_ms <= 200

    def test_seven_outlets_on_one_byte(self, begin: Begin) -> None:
        bench = powered(begin("power-7"), *range(1, 8))
        assert all(bench.rack.rail(slot) for slot in range(1, 8))
        assert bench.ask(codes.SET_POWER, 4, 0) == codes.OK
        assert [s for s in range(1, 8) if not bench.rack.rail(s)] == [4]
        assert bench.ask(codes.REQUEST_SHUTDOWN, 1, 1) == codes.E_STATE  # nothing to pull

    def test_outlets_that_are_all_off_are_no_loss_of_power(self, begin: Begin) -> None:
        bench = powered(begin("power-7"), 1)
        assert bench.ask(codes.SET_POWER, 1, 0) == codes.OK
        bench.restart()
        bench.run(3000)
        assert bench.kinds(0).count(codes.CHASSIS_POWER_RESTORED) == 1  # the very first boot
        assert not bench.rack.rail(1)

    def test_one_alert_lamp_for_all_slots(self, begin: Begin) -> None:
        bench = powered(begin("hat-4"), 1, 2)
        pin = bench.esp32.pins[26]
        bench.run(500)
        assert (pin.mode, pin.out) == ("out", 0)
        assert bench.ask(codes.SET_LED, 2, 1, 7, 7, 7, codes.FAST) == codes.OK  # locate
        pin.history.clear()
        bench.run(2000)
        assert [level for _, level in pin.history].count(1) == 2  # once a second
        assert bench.ask(codes.SET_LED, 2, 0, 0, 0, 0, 0) == codes.OK
        bench.run(100)
        pin.history.clear()
        bench.rack.chips["x0"].is_silent = True
        bench.run(2000)
        assert ("out", 1) in pin.history
        assert ("out", 0) in pin.history
