"""One slot's electronics in virtual time."""

from backplane.firmware_link.simulator.bay import BACKFEED_MV, Bay, Carrier
from backplane.firmware_link.simulator.pi import PiPhase


def live_bay() -> Bay:
    bay = Bay(7, carrier=Carrier("C-7", "S", "M"), handle_is_closed=True, rail_is_commanded=True)
    bay.advance(0)
    bay.advance(10_000)
    assert bay.carrier is not None
    assert bay.carrier.pi.phase is PiPhase.RUNNING
    return bay


def test_power_is_good_a_moment_after_the_switch_closes() -> None:
    bay = Bay(7, carrier=Carrier("C-7", "S", "M"), rail_is_commanded=True)
    bay.advance(1_000)
    assert not bay.power_is_good(1_000)
    due = bay.next_change_ms(1_000)
    assert due is not None
    assert bay.power_is_good(due)
    assert 11_900 < bay.rail_mv(due) <= 12_050


def test_the_presence_pin_cuts_the_rail_in_hardware() -> None:
    bay = live_bay()
    bay.pull(10_000)
    bay.advance(10_000)
    assert bay.rail_is_commanded
    assert not bay.is_live
    assert bay.rail_ma(10_000) == 0


def test_a_trip_cuts_the_rail_and_holds_until_cleared() -> None:
    bay = live_bay()
    bay.trip(10_000)
    bay.advance(10_000)
    assert bay.rail_ma(10_000) > 2_000
    assert not bay.power_is_good(10_000)
    bay.advance(10_100)
    assert bay.rail_ma(10_100) == 0
    assert not bay.is_live


def test_the_rail_falls_below_half_a_volt_soon_unless_fed_back() -> None:
    bay = live_bay()
    bay.rail_is_commanded = False
    bay.advance(10_000)
    assert bay.rail_mv(10_005) > 5_000
    assert bay.rail_mv(10_100) < 500
    bay.is_backfed = True
    assert bay.rail_mv(10_100) == BACKFEED_MV


def test_a_brownout_resets_the_pi_and_passes() -> None:
    bay = live_bay()
    bay.brown_out(10_000)
    bay.advance(10_000)
    assert not bay.power_is_good(10_000)
    assert bay.rail_mv(10_000) < 11_000
    due = bay.next_change_ms(10_000)
    assert due is not None
    bay.advance(due)
    assert bay.power_is_good(due)
    assert bay.carrier is not None
    assert bay.carrier.pi.phase is PiPhase.BOOTING


def test_the_halted_edge_is_latched_however_late_one_looks() -> None:
    bay = live_bay()
    assert bay.carrier is not None
    assert bay.carrier.pi.halt(10_000)
    bay.advance(99_000)
    assert bay.has_halted_edge
    bay.has_halted_edge = False
    bay.advance(99_500)
    assert not bay.has_halted_edge
