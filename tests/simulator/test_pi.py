"""The Pi's model in virtual time."""

import itertools

import pytest

from backplane.firmware_link.simulator.pi import Pi, PiPhase, PiTraits, noise

TRAITS = PiTraits(seed=7, boot_ms=6_000, shutdown_ms=3_000)


def running(now_ms: int = 0) -> Pi:
    pi = Pi(TRAITS)
    pi.supply(powered=True, now_ms=now_ms - TRAITS.boot_ms)
    pi.advance(now_ms)
    assert pi.phase is PiPhase.RUNNING
    return pi


def phase_at(pi: Pi, now_ms: int) -> PiPhase:
    pi.advance(now_ms)
    return pi.phase


def pulses_at(pi: Pi, now_ms: int) -> bool:
    pi.advance(now_ms)
    return pi.pulses_halted_line


def test_boots_in_its_time_and_not_before() -> None:
    pi = Pi(TRAITS)
    pi.supply(powered=True, now_ms=1_000)
    assert phase_at(pi, 6_999) is PiPhase.BOOTING
    assert phase_at(pi, 7_000) is PiPhase.RUNNING


def test_inrush_decays_within_the_first_tenth_of_a_second() -> None:
    pi = Pi(TRAITS)
    pi.supply(powered=True, now_ms=0)
    assert pi.current_ma(0) > 1_200
    assert pi.current_ma(100) < 700


def test_draws_nothing_without_power() -> None:
    pi = running(10_000)
    assert pi.current_ma(10_000) > 150
    pi.supply(powered=False, now_ms=10_001)
    assert pi.current_ma(10_001) == 0


def test_load_varies_but_repeats_exactly() -> None:
    times = range(0, 60_000, 250)
    first = [running().current_ma(t) for t in times]
    assert first == [running().current_ma(t) for t in times]
    assert max(first) - min(first) > 20
    assert min(first) > 250


def test_warms_towards_a_temperature_that_depends_on_the_load() -> None:
    cool, hot = Pi(PiTraits(load_w=3.0)), Pi(PiTraits(load_w=7.0))
    for pi in (cool, hot):
        pi.supply(powered=True, now_ms=0)
        pi.advance(600_000)
    readings = [hot.temperature_cdeg(t) for t in range(0, 600_000, 60_000)]
    assert readings[0] < 3_500 < readings[-1]
    assert hot.temperature_cdeg(600_000) - cool.temperature_cdeg(600_000) > 1_500
    assert abs(hot.temperature_cdeg(600_000) - hot.settled_cdeg()) < 80


def test_temperature_never_jumps_when_the_phase_changes() -> None:
    pi = running(0)
    pi.advance(200_000)
    before = pi.temperature_cdeg(200_000)
    pi.supply(powered=False, now_ms=200_000)
    assert abs(pi.temperature_cdeg(200_000) - before) <= 1
    assert pi.temperature_cdeg(800_000) < 2_600


def test_a_pulse_on_the_shutdown_line_halts_it_and_pulses_the_halted_line() -> None:
    pi = running(0)
    pi.set_shutdown_line(asserted=True, now_ms=100)
    pi.set_shutdown_line(asserted=False, now_ms=300)
    assert phase_at(pi, 300) is PiPhase.STOPPING
    assert phase_at(pi, 3_199) is PiPhase.STOPPING
    assert phase_at(pi, 3_200) is PiPhase.HALTED
    pulses = {now_ms: pulses_at(pi, now_ms) for now_ms in (3_200, 3_699, 3_700)}
    assert pulses == {3_200: True, 3_699: True, 3_700: False}
    assert 90 < pi.current_ma(3_700) < 150


def test_a_glitch_on_the_shutdown_line_is_ignored() -> None:
    pi = running(0)
    pi.set_shutdown_line(asserted=True, now_ms=100)
    pi.set_shutdown_line(asserted=False, now_ms=199)
    assert phase_at(pi, 60_000) is PiPhase.RUNNING


def test_asked_while_booting_it_halts_as_soon_as_it_has_booted() -> None:
    pi = Pi(TRAITS)
    pi.supply(powered=True, now_ms=0)
    pi.set_shutdown_line(asserted=True, now_ms=4_000)
    pi.set_shutdown_line(asserted=False, now_ms=4_200)
    assert phase_at(pi, 6_000) is PiPhase.STOPPING


def test_early_in_its_boot_nobody_listens_to_the_line() -> None:
    pi = Pi(TRAITS)
    pi.supply(powered=True, now_ms=0)
    pi.set_shutdown_line(asserted=True, now_ms=500)
    pi.set_shutdown_line(asserted=False, now_ms=700)
    assert phase_at(pi, 60_000) is PiPhase.RUNNING


def test_a_hung_pi_never_shuts_down_until_its_power_goes() -> None:
    pi = running(0)
    assert pi.hang(10)
    pi.set_shutdown_line(asserted=True, now_ms=20)
    assert phase_at(pi, 10_000_000) is PiPhase.HUNG
    assert pi.current_ma(10_000_000) > 150
    pi.supply(powered=False, now_ms=10_000_001)
    pi.supply(powered=True, now_ms=10_000_100)
    pi.set_shutdown_line(asserted=False, now_ms=10_000_100)
    assert phase_at(pi, 10_010_000) is PiPhase.RUNNING


@pytest.mark.parametrize("phase", [PiPhase.OFF, PiPhase.HALTED])
def test_what_does_not_run_can_neither_halt_nor_hang(phase: PiPhase) -> None:
    pi = Pi(TRAITS, phase=phase)
    assert not pi.halt(5)
    assert not pi.hang(5)
    assert pi.phase is phase


def test_one_long_step_ends_where_many_short_ones_do() -> None:
    long, short = Pi(TRAITS), Pi(TRAITS)
    for pi in (long, short):
        pi.supply(powered=True, now_ms=0)
        pi.set_shutdown_line(asserted=True, now_ms=3_500)
    for now_ms in range(3_500, 20_001):
        short.advance(now_ms)
    long.advance(20_000)
    assert long == short
    assert long.phase is PiPhase.HALTED


def test_noise_is_bounded_and_does_not_repeat_soon() -> None:
    values = [noise(3, step) for step in range(1_000)]
    assert all(-1.0 <= value <= 1.0 for value in values)
    assert len(set(values)) > 950
    assert any(a * b < 0 for a, b in itertools.pairwise(values))
