"""The real firmware over the simulated rack, in virtual time, heard by a host."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from backplane.firmware_link import commands
from backplane.firmware_link.messages import (
    Caps,
    EventKind,
    Hello,
    LedPattern,
    Lights,
    RailCause,
    ResultCode,
    SlotFlags,
    Telemetry,
)
from backplane.firmware_link.simulator.demo import demo_world
from backplane.firmware_link.simulator.pi import PiPhase
from tests.support.pythons import EVERY_PYTHON, microcontroller
from tests.support.sim_bench import SimBench

pytestmark = pytest.mark.long

RUNNING_SLOTS = {1, 2, 3, 4, 6, 7, 9}


@pytest.fixture(params=EVERY_PYTHON)
def bench(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[SimBench]:
    made = SimBench(tmp_path, mcu=microcontroller(request.param))
    made.run(1.0)
    made.greet()
    yield made
    made.machine.stop()


def rails_on(bench: SimBench) -> set[int]:
    return {bay.number for bay in bench.machine.rig.world.bays if bay.rail_is_commanded}


def phase(bench: SimBench, slot: int) -> PiPhase | None:
    carrier = bench.bay(slot).carrier
    return carrier.pi.phase if carrier else None


def shows_steady_blue(bench: SimBench, slot: int) -> bool:
    return Lights.from_word(bench.bay(slot).lights).blue == LedPattern.ON


def test_it_greets_as_a_simulated_board(bench: SimBench) -> None:
    hello = next(m for m in bench.heard if isinstance(m, Hello))
    assert hello.caps & Caps.SIMULATED
    assert hello.board_id == bench.machine.rig.board_id
    assert (hello.slots, hello.board_name) == (10, "reference-10")


def test_the_first_boot_adopts_the_rails_it_finds(bench: SimBench) -> None:
    assert rails_on(bench) == RUNNING_SLOTS
    assert EventKind.RAIL_OFF not in bench.kinds()
    assert bench.reading(1).flags & SlotFlags.PRESENT
    assert bench.reading(1).flags & SlotFlags.POWER_GOOD
    assert not bench.reading(5).flags & SlotFlags.PRESENT


def test_telemetry_tells_what_the_meters_show(bench: SimBench) -> None:
    bench.run(3.0)
    telemetry = [m for m in bench.heard if isinstance(m, Telemetry)][-1]
    reading = telemetry.readings[6]
    assert reading.ma_mean is not None
    assert 400 < reading.ma_mean < 900
    assert reading.cdeg is not None
    assert 7_000 < reading.cdeg < 7_500
    assert telemetry.readings[0].mv is not None


def test_a_pull_is_told_and_the_rail_goes_off(bench: SimBench) -> None:
    bench.do("pull 7")
    bench.run_until(lambda: EventKind.REMOVE in bench.kinds(7), 0.1)
    bench.run_until(lambda: 7 not in rails_on(bench), 0.5)
    off = next(e for e in bench.events(7) if e.kind == EventKind.RAIL_OFF)
    assert off.rail_cause == RailCause.REMOVAL
    assert rails_on(bench) == RUNNING_SLOTS - {7}


def test_an_inserted_carrier_is_identified_and_gets_no_power_by_itself(bench: SimBench) -> None:
    bench.do("insert 5 TRAY-55")
    bench.run_until(lambda: EventKind.IDENTIFIED in bench.kinds(5), 2.0)
    identified = next(e for e in bench.events(5) if e.kind == EventKind.IDENTIFIED)
    assert identified.carrier_uid == b"TRAY-55"
    assert bench.kinds(5).index(EventKind.INSERT) < bench.kinds(5).index(EventKind.IDENTIFIED)
    bench.run(1.0)
    assert 5 not in rails_on(bench)


def test_power_on_boots_the_pi(bench: SimBench) -> None:
    assert bench.order(commands.set_power(8, on=True)).code == ResultCode.OK
    bench.run_until(lambda: EventKind.POWER_GOOD in bench.kinds(8), 2.0)
    assert phase(bench, 8) is PiPhase.BOOTING
    bench.run_until(lambda: phase(bench, 8) is PiPhase.RUNNING, 8.0)


def test_a_shutdown_halts_the_pi_and_then_cuts_the_rail(bench: SimBench) -> None:
    assert bench.order(commands.request_shutdown(7, then_off=True)).code == ResultCode.OK
    bench.run_until(lambda: phase(bench, 7) is PiPhase.STOPPING, 1.0)
    assert 7 in rails_on(bench)
    bench.run_until(lambda: 7 not in rails_on(bench), 10.0)
    bench.run(0.5)
    kinds = bench.kinds(7)
    assert kinds.index(EventKind.HALTED) < kinds.index(EventKind.RAIL_OFF)
    off = next(e for e in bench.events(7) if e.kind == EventKind.RAIL_OFF)
    assert off.rail_cause == RailCause.SHUTDOWN_DONE


def test_a_pi_that_halts_by_itself_keeps_its_rail(bench: SimBench) -> None:
    bench.do("halt 7")
    bench.run_until(lambda: EventKind.HALTED in bench.kinds(7), 10.0)
    bench.run(10.0)
    assert 7 in rails_on(bench)
    assert bench.reading(7).flags & SlotFlags.HALTED


def test_a_hung_pi_is_never_cut_by_the_firmware(bench: SimBench) -> None:
    bench.do("hang 7")
    assert bench.order(commands.request_shutdown(7, then_off=True)).code == ResultCode.OK
    bench.run(120.0)
    assert 7 in rails_on(bench)
    assert EventKind.HALTED not in bench.kinds(7)


def test_a_trip_is_told_with_its_slot_and_stays_latched(bench: SimBench) -> None:
    bench.do("trip 7")
    bench.run_until(lambda: EventKind.TRIP in bench.kinds(7), 0.5)
    told = next(event for event in bench.events(7) if event.kind == EventKind.TRIP)
    assert told.value == 2_640, "the surge itself, not the quiet reading from before it"
    bench.run(2.0)
    assert 7 not in rails_on(bench)
    assert bench.order(commands.set_power(7, on=True)).code == ResultCode.E_STATE
    assert bench.order(commands.clear_trip(7)).code == ResultCode.OK
    bench.run_until(lambda: EventKind.TRIP_CLEARED in bench.kinds(7), 1.0)
    assert bench.order(commands.set_power(7, on=True)).code == ResultCode.OK
    bench.run_until(lambda: phase(bench, 7) is PiPhase.BOOTING, 2.0)


def test_a_brownout_is_told_as_lost_power(bench: SimBench) -> None:
    bench.do("brownout 7")
    bench.run_until(lambda: EventKind.POWER_LOST in bench.kinds(7), 1.0)
    bench.run(10.0)
    assert 7 in rails_on(bench)
    assert phase(bench, 7) is PiPhase.RUNNING


def test_a_released_slot_shows_steady_blue(bench: SimBench) -> None:
    assert bench.order(commands.release(8, on=True)).code == ResultCode.OK
    bench.run_until(lambda: EventKind.RELEASED in bench.kinds(8), 2.0)
    bench.run_until(lambda: shows_steady_blue(bench, 8), 1.0)


def test_a_backfed_slot_is_never_released(bench: SimBench) -> None:
    bench.do("backfeed 8 on")
    bench.run(0.5)
    bench.order(commands.release(8, on=True))
    bench.run(10.0)
    assert EventKind.RELEASED not in bench.kinds(8)
    assert not shows_steady_blue(bench, 8)
    assert not bench.reading(8).flags & SlotFlags.RAIL_BELOW_HALF_VOLT


def test_a_loose_contact_under_current_is_suspicious_and_keeps_its_rail(bench: SimBench) -> None:
    bench.do("loose 7 on")
    bench.run_until(lambda: EventKind.SUSPICIOUS in bench.kinds(7), 1.0)
    bench.run(2.0)
    assert 7 in rails_on(bench)
    assert EventKind.REMOVE not in bench.kinds(7)


def test_pulling_the_wrong_slot_raises_the_alarm(bench: SimBench) -> None:
    bench.order(commands.release(8, on=True))
    bench.run_until(lambda: EventKind.RELEASED in bench.kinds(8), 2.0)
    bench.do("pull 7")
    bench.run_until(lambda: EventKind.WRONG_PULL in bench.kinds(7), 0.5)
    lights = Lights.from_word(bench.bay(7).lights)
    assert lights.status_pattern == LedPattern.FAST
    bench.do("insert 7")
    bench.run_until(lambda: EventKind.ALARM_CLEARED in bench.kinds(7), 3.0)


def test_a_reboot_keeps_every_rail_and_counts_a_boot(bench: SimBench) -> None:
    boot = next(m for m in bench.heard if isinstance(m, Hello)).boot
    journal = bench.machine.boots
    bench.do("reboot")
    bench.run(1.0)
    assert bench.machine.boots == journal + 1
    hello = bench.greet()
    assert hello.boot == boot + 1
    assert rails_on(bench) == RUNNING_SLOTS
    assert EventKind.RAIL_OFF not in bench.kinds()


def test_a_power_loss_restores_what_was_on_one_after_the_other(bench: SimBench) -> None:
    bench.heard.clear()
    bench.do("power-loss")
    assert rails_on(bench) == set()
    bench.run(3.0)
    bench.greet()
    bench.run_until(lambda: rails_on(bench) == RUNNING_SLOTS, 20.0)
    bench.run(1.0)
    assert EventKind.CHASSIS_POWER_RESTORED in bench.kinds()
    on = [e for e in bench.events() if e.kind == EventKind.RAIL_ON]
    assert {e.rail_cause for e in on} == {RailCause.RESTORE_POLICY}
    gaps = [b.uptime_ms - a.uptime_ms for a, b in itertools.pairwise(on)]
    assert min(gaps) >= 495
    assert phase(bench, 8) is PiPhase.OFF


def test_killing_the_process_equals_a_reset_of_the_microcontroller(bench: SimBench) -> None:
    bench.order(commands.set_power(3, on=False))
    bench.run_until(lambda: 3 not in rails_on(bench), 2.0)
    next_number = max(e.number for e in bench.events()) + 1
    journal = bench.events()[-1].journal
    bench.kill()
    bench.clock.advance(60.0)
    bench.begin()
    bench.run(1.0)
    hello = bench.greet()
    assert (hello.journal, hello.next >= next_number) == (journal, True)
    assert rails_on(bench) == RUNNING_SLOTS - {3}
    bench.run(5.0)
    assert EventKind.CHASSIS_POWER_RESTORED not in bench.kinds()
    assert all(
        e.kind not in {EventKind.RAIL_ON, EventKind.RAIL_OFF}
        for e in bench.events()
        if e.number >= next_number
    )


def test_a_pi_boots_on_while_nobody_simulates_it(bench: SimBench) -> None:
    bench.order(commands.set_power(8, on=True))
    bench.run_until(lambda: phase(bench, 8) is PiPhase.BOOTING, 2.0)
    bench.kill()
    bench.clock.advance(3_600.0)
    bench.begin()
    assert phase(bench, 8) is PiPhase.RUNNING


def test_a_change_while_nobody_simulates_is_told_after_the_boot(bench: SimBench) -> None:
    bench.kill()
    bench.begin()
    bench.do("pull 4")
    bench.kill()
    bench.begin()
    bench.run(1.0)
    bench.greet()
    assert EventKind.REMOVE in bench.kinds(4)


def test_a_noisy_cable_loses_frames_but_no_event(bench: SimBench) -> None:
    bench.do("noise 0.02")
    for slot in (1, 2, 3):
        bench.do(f"pull {slot}")
        bench.run(2.0)
    bench.do("noise 0")
    bench.run(5.0)
    assert bench.machine.cable.bytes_hurt > 0
    numbers = [e.number for e in bench.events()]
    assert sorted(numbers) == list(range(min(numbers), max(numbers) + 1))
    assert {e.slot for e in bench.events() if e.kind == EventKind.REMOVE} == {1, 2, 3}


def test_an_idle_rack_needs_few_steps(bench: SimBench) -> None:
    bench.run(5.0)
    assert bench.run(10.0) < 10 * 25


def test_a_rail_found_on_over_an_empty_slot_goes_off(tmp_path: Path) -> None:
    world = demo_world("bench", 10)
    world.bay(5).rail_is_commanded = True
    bench = SimBench(tmp_path, world)
    bench.run(1.0)
    assert rails_on(bench) == RUNNING_SLOTS
    bench.machine.stop()


def test_a_restore_goes_on_when_the_controller_resets_in_the_middle(bench: SimBench) -> None:
    bench.do("power-loss")
    bench.run_until(lambda: len(rails_on(bench)) == 3, 10.0)
    bench.do("reboot")
    bench.run(8.0)
    assert len(rails_on(bench)) == 7


def test_a_restore_waits_for_its_controller_whose_chassis_kept_its_power(bench: SimBench) -> None:
    bench.do("power-loss")
    bench.run_until(lambda: len(rails_on(bench)) == 3, 10.0)
    bench.kill()
    bench.begin()
    bench.run(60.0)
    assert len(rails_on(bench)) == 7
