"""Lamps of every kind show the same word; fans turn at full speed until told otherwise."""

from typing import Any

import pytest

from firmware import codes
from firmware.board import UNKNOWN
from firmware.drivers.fan import Fan
from firmware.drivers.pca9685 import Pca9685
from firmware.drivers.plain_lamps import PlainLamps
from firmware.drivers.ws2812 import Ws2812
from firmware.patterns import alert_of, colours, is_lit
from tests.support.chips.bus import SimBus
from tests.support.chips.lamps import Pca9685Chip


def word(colour: int = 0, pattern: int = 0, blue: int = 0, white: int = 0) -> int:
    return colour | pattern << 3 | blue << 6 | white << 9


@pytest.mark.parametrize(
    ("pattern", "lit_ms"),
    [
        (codes.DARK, 0),
        (codes.STEADY, 1000),
        (codes.SLOW, 500),
        (codes.FAST, 500),
        (codes.SHORT, 100),
        (codes.LONG, 900),
        (codes.PFA, 500),
        (codes.AS_LOCAL, 0),
    ],
)
def test_patterns_are_lit_for_their_share_of_a_second(pattern: int, lit_ms: int) -> None:
    assert sum(is_lit(pattern, now) for now in range(1000)) == lit_ms


def test_colours_of_a_word() -> None:
    assert colours(word(codes.RED, codes.STEADY, codes.STEADY), 0) == (codes.RED, True, False)
    assert colours(word(codes.RED, codes.FAST, 0, codes.FAST), 200) == (codes.OFF, False, False)


class Strip(dict[int, tuple[int, int, int]]):
    """What NeoPixel holds, and how often it was sent."""

    writes = 0

    def write(self) -> None:
        self.writes += 1


def test_a_strip_has_three_lamps_a_slot() -> None:
    strip = Strip()
    lights = Ws2812(strip, 100)
    lights.draw([0, word(codes.AMBER, codes.STEADY), word(0, 0, codes.STEADY, codes.STEADY)], 0)
    assert [strip[lamp] for lamp in range(3)] == [(255, 255, 0), (0, 0, 0), (0, 0, 0)]
    assert [strip[lamp] for lamp in range(3, 6)] == [(0, 0, 0), (0, 0, 255), (255, 255, 255)]
    assert strip.writes == 1


class Outputs:
    """Single pins; a silent one raises."""

    def __init__(self) -> None:
        self.levels: dict[int, bool] = {}
        self.writes = 0
        self.is_silent = False

    def write(self, bit: int, level: bool) -> None:
        if self.is_silent:
            raise OSError
        self.levels[bit] = level
        self.writes += 1


def plain(chip: Any, **pins: int) -> PlainLamps:  # noqa: ANN401 - anything with write()
    return PlainLamps([(1, name, chip, bit, False) for name, bit in pins.items()])


@pytest.mark.parametrize(
    ("colour", "green", "red"),
    [
        (codes.OFF, False, False),
        (codes.GREEN, True, False),
        (codes.AMBER, True, True),
        (codes.RED, False, True),
    ],
)
def test_amber_is_red_and_green_together(colour: int, *, green: bool, red: bool) -> None:
    chip = Outputs()
    plain(chip, green=0, red=1).draw([0, word(colour, codes.STEADY)], 0)
    assert chip.levels == {0: green, 1: red}


def test_an_amber_lamp_stands_for_itself() -> None:
    chip = Outputs()
    plain(chip, green=0, red=1, amber=2).draw([0, word(codes.AMBER, codes.STEADY)], 0)
    assert chip.levels == {0: False, 1: False, 2: True}


def test_blue_and_white_follow_their_patterns_alone() -> None:
    chip = Outputs()
    lamps = plain(chip, status=0, blue=1, white=2)
    lamps.draw([0, word(codes.GREEN, codes.STEADY, codes.STEADY, codes.FAST)], 0)
    assert chip.levels == {0: True, 1: True, 2: True}
    lamps.draw([0, word(codes.GREEN, codes.STEADY, codes.STEADY, codes.FAST)], 130)
    assert chip.levels == {0: True, 1: True, 2: False}


def test_without_a_white_lamp_the_status_lamp_shows_locate() -> None:
    chip = Outputs()
    lamps = plain(chip, status=0, blue=1)
    lamps.draw([0, word(codes.GREEN, codes.STEADY, 0, codes.FAST)], 130)
    assert chip.levels == {0: False, 1: False}
    lamps.draw([0, word(codes.OFF, 0, codes.STEADY, codes.FAST)], 0)
    assert chip.levels == {0: True, 1: True}


def test_only_changes_are_written_and_a_silent_chip_is_caught_up_with() -> None:
    chip = Outputs()
    lamps = plain(chip, green=0, red=1)
    lamps.draw([0, word(codes.GREEN, codes.STEADY)], 0)
    lamps.draw([0, word(codes.GREEN, codes.STEADY)], 50)
    assert chip.writes == 2
    chip.is_silent = True
    lamps.draw([0, word(codes.RED, codes.STEADY)], 100)
    chip.is_silent = False
    lamps.draw([0, word(codes.RED, codes.STEADY)], 150)
    assert chip.levels == {0: False, 1: True}


def test_every_lamp_of_24_slots_is_written_anew_within_some_two_seconds() -> None:
    """A chip that lost its power for a moment shows the truth again, and no draw holds the bus up."""
    chip = Outputs()
    names = ("blue", "green", "red", "white")
    wires = [(slot, name) for slot in range(1, 25) for name in names]
    lamps = PlainLamps([(slot, name, chip, at, False) for at, (slot, name) in enumerate(wires)])
    words = [0, *[word(codes.GREEN, codes.STEADY)] * 24]
    lamps.draw(words, 10_000)
    chip.levels.clear()
    most = 0
    for now_ms in range(10_050, 12_100, 50):
        before = chip.writes
        lamps.draw(words, now_ms)
        most = max(most, chip.writes - before)
    assert len(chip.levels) == 96
    assert most <= 3


@pytest.mark.parametrize(
    ("words", "pattern"),
    [
        ([0, word(codes.GREEN, codes.STEADY)], codes.DARK),
        ([word(codes.GREEN, codes.STEADY, 0, codes.FAST), 0], codes.SLOW),
        ([word(codes.AMBER, codes.STEADY), word(0, 0, 0, codes.FAST)], codes.PFA),
        ([word(codes.AMBER, codes.STEADY), word(codes.RED, codes.STEADY)], codes.STEADY),
        ([word(codes.RED, codes.FAST), 0], codes.FAST),
        ([0, word(0, 0, codes.STEADY)], codes.DARK),  # safe to remove is no alert
    ],
)
def test_one_alert_lamp_shows_the_worst_of_all_slots(words: list[int], pattern: int) -> None:
    assert alert_of(words) == pattern


def test_a_fresh_pca9685_is_woken_and_no_longer_answers_for_all() -> None:
    chip = Pca9685Chip(0x60)
    bus = SimBus(chip)
    assert chip.answers(0x70)
    lamps = plain(Pca9685(bus, 0x60, 25), green=0, red=15)
    lamps.draw([0, word(codes.GREEN, codes.STEADY)], 0)
    assert not chip.answers(0x70)
    assert (chip.duty(0), chip.duty(15)) == (1023, 0)
    lamps.draw([0, word(codes.RED, codes.STEADY)], 0)
    assert (chip.duty(0), chip.duty(15)) == (0, 1023)


def test_full_brightness_is_full_on() -> None:
    chip = Pca9685Chip(0x60)
    plain(Pca9685(SimBus(chip), 0x60, 100), blue=3).draw([0, word(0, 0, codes.STEADY)], 0)
    assert chip.duty(3) == 4096


def test_a_pca9685_that_lost_its_power_shows_again_what_it_should() -> None:
    chip = Pca9685Chip(0x60)
    lamps = plain(Pca9685(SimBus(chip), 0x60, 100), green=0, red=1)
    lamps.draw([0, word(codes.GREEN, codes.STEADY)], 0)
    chip.power_on()
    for now in range(0, 2100, 50):
        lamps.draw([0, word(codes.GREEN, codes.STEADY)], now)
    assert chip.duty(0) == 4096


class Pwm:
    duty = -1

    def duty_u16(self, duty: int) -> None:
        self.duty = duty


class Tacho:
    IRQ_FALLING = 2
    handler: Any = None

    def irq(self, handler: Any, trigger: int) -> None:  # noqa: ANN401 - MicroPython's
        assert trigger == self.IRQ_FALLING
        self.handler = handler


def test_a_fan_turns_at_full_speed_until_told_otherwise() -> None:
    pwm = Pwm()
    fan = Fan(pwm, None)
    assert pwm.duty == 65535
    fan.set_duty(0)
    assert pwm.duty == 0
    fan.set_duty(128)
    assert pwm.duty == 128 * 257
    fan.step(5000)
    assert fan.rpm == UNKNOWN


def test_two_pulses_are_a_turn() -> None:
    tacho = Tacho()
    fan = Fan(Pwm(), tacho)
    fan.step(0)
    assert fan.rpm == UNKNOWN
    for _ in range(100):
        tacho.handler(tacho)
    fan.step(2000)
    assert fan.rpm == 1500
    fan.step(4000)
    assert fan.rpm == 0
