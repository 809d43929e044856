"""Noise on I2C: a chip acknowledges and the byte is wrong all the same. No slot's power may follow from it."""

import random
from collections.abc import Callable

import pytest

from firmware import codes
from firmware.drivers.mcp23017 import Mcp23017
from firmware.drivers.pcf8574 import Pcf8574
from firmware.drivers.port import Plan
from firmware.latches import Latches
from tests.drivers.test_expanders import EVERY, Kind, off_level, pair
from tests.support.chips.expanders import Pcf8574Chip
from tests.support.esp32.bench import Esp32Bench

SWITCHES, LAMP, INPUT = (0, 1, 3), 4, 2


def full_plan(*, active_low: bool) -> Plan:
    made = Plan()
    for bit in (*SWITCHES, LAMP):
        made.add_output(bit, active_low)
    made.inputs = 1 << INPUT
    made.marker = 0x80
    return made


class EveryNth:
    """Garbles each nth read, so never two in a row."""

    def __init__(self, nth: int, seed: int) -> None:
        self._nth = nth
        self._random = random.Random(seed)
        self._reads = 0

    def __call__(self, data: bytes) -> bytes:
        self._reads += 1
        if self._reads % self._nth:
            return data
        return self._random.choice((b"\0", b"\xff", self._random.randbytes(1))) * len(data)


class Once:
    """Garbles one read alone."""

    def __init__(self, at: int, byte: int) -> None:
        self._left = at
        self._byte = byte

    def __call__(self, data: bytes) -> bytes:
        self._left -= 1
        return bytes((self._byte,)) * len(data) if self._left == 0 else data


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("byte", [0x00, 0xFF, 0x55])
def test_a_lamp_that_is_written_after_a_garbled_read_moves_no_switch(kind: Kind, byte: int) -> None:
    for at in range(1, 8):
        chip, port, bus = pair(kind, full_plan(active_low=kind[0] is Pcf8574Chip))
        on = not off_level(chip)
        port.adopt()
        port.prepare()
        port.write(SWITCHES[0], on)
        chip.changes.clear()
        bus.garble = Once(at, byte)
        port.write(LAMP, on)
        assert {bit for bit, _ in chip.changes} == {LAMP}, f"read {at}"
        assert port.holds(SWITCHES[0], on)


@pytest.mark.parametrize("kind", EVERY)
def test_nothing_is_written_to_a_chip_whose_every_read_is_garbled(kind: Kind) -> None:
    chip, port, bus = pair(kind, full_plan(active_low=kind[0] is Pcf8574Chip))
    port.prepare()
    chip.changes.clear()
    noise = iter(range(200))
    bus.garble = lambda data: bytes((next(noise),)) * len(data)
    with pytest.raises(OSError, match="5"):
        port.write(LAMP, True)
    assert chip.changes == []


@pytest.mark.parametrize(("kind", "made"), [(EVERY[0], Mcp23017), (EVERY[2], Pcf8574)])
def test_an_input_counts_once_two_reads_agree(kind: Kind, made: type) -> None:
    chip, port, bus = pair(kind, full_plan(active_low=kind[0] is Pcf8574Chip))
    latches = Latches({"x": made(bus, 0x20, port.plan)})
    port = latches.ports["x"]
    latches.sample(0)
    latches.forget_power_loss()
    latches.sample(5)
    assert port.levels >> INPUT & 1
    bus.garble = Once(1, 0)
    latches.sample(10)
    assert port.levels >> INPUT & 1
    chip.outside[INPUT] = lambda: False
    latches.sample(15)
    assert not port.levels >> INPUT & 1


@pytest.mark.parametrize("kind", EVERY)
def test_a_rail_is_never_told_off_by_one_garbled_read(kind: Kind) -> None:
    chip, port, bus = pair(kind, full_plan(active_low=kind[0] is Pcf8574Chip))
    on = not off_level(chip)
    latches = Latches({"x": port})
    latches.sample(0)
    latches.forget_power_loss()
    latches.sample(5)
    port.write(SWITCHES[0], on)
    latches.sample(10)
    for at in (1, 2):
        for byte in (0x00, 0xFF):
            bus.garble = Once(at, byte)
            latches.sample(15)
            assert port.holds(SWITCHES[0], on)
            assert not port.holds(SWITCHES[1], on)


@pytest.mark.parametrize("name", ["reference-10", "power-7", "hat-4"])
def test_noise_on_the_bus_switches_no_slot(name: str, begin: Callable[[str], Esp32Bench]) -> None:
    bench = begin(name)
    bench.boot()
    bench.rack.seat(1)
    bench.run(500)
    assert bench.ask(codes.SET_POWER, 1, 1) == codes.OK
    bench.run(600)
    before = [bench.rack.rail_history(slot) for slot in bench.rack.places]
    told = len(bench.host.events)
    bench.rack.bus.garble = EveryNth(7, seed=5)
    bench.run(3000)
    assert [bench.rack.rail_history(slot) for slot in bench.rack.places] == before
    power = {codes.RAIL_ON, codes.RAIL_OFF, codes.TRIP, codes.INSERT, codes.REMOVE, codes.HALTED}
    assert not power & {event.kind for event in bench.host.events[told:]}
