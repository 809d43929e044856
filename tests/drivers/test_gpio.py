"""The ESP32's own pins: level before direction, no output where there is none."""

from typing import Any

import pytest

from firmware.drivers.gpio import GpioPort
from firmware.drivers.port import Plan
from tests.support.chips.bus import SimBus
from tests.support.esp32.chip import Esp32


def port(plan: Plan) -> tuple[GpioPort, Esp32]:
    esp32 = Esp32(SimBus(), None)
    return GpioPort(esp32.modules()["machine"].Pin, plan), esp32


@pytest.mark.parametrize("active_low", [False, True])
def test_a_switch_begins_off_before_it_is_an_output(active_low: Any) -> None:  # noqa: ANN401 - a parameter
    plan = Plan()
    plan.add_output(4, active_low)
    gpio, esp32 = port(plan)
    assert not gpio.adopt()
    gpio.prepare()
    assert esp32.pins[4].history == [("out", int(active_low))]
    assert not gpio.holds(4, not active_low)
    gpio.write(4, not active_low)
    assert gpio.holds(4, not active_low)


def test_setting_up_again_leaves_outputs_alone() -> None:
    plan = Plan()
    plan.add_output(4, False)
    gpio, esp32 = port(plan)
    gpio.prepare()
    gpio.write(4, True)
    before = list(esp32.pins[4].history)
    gpio.prepare()
    assert esp32.pins[4].history == before


def test_inputs_have_pull_ups_where_the_chip_has_them() -> None:
    plan = Plan()
    plan.inputs = 1 << 13 | 1 << 34
    gpio, esp32 = port(plan)
    gpio.prepare()
    assert esp32.pins[13].pull_up
    assert not esp32.pins[34].pull_up
    esp32.pins[34].outside = lambda: True
    gpio.sample()
    assert gpio.levels == plan.inputs
    esp32.pins[13].outside = lambda: False
    gpio.sample()
    assert gpio.levels == 1 << 34


def test_a_shutdown_line_is_open_drain() -> None:
    plan = Plan()
    plan.open_drain = 1 << 5
    gpio, esp32 = port(plan)
    gpio.prepare()
    gpio.pull_low(5)
    gpio.let_float(5)
    assert esp32.pins[5].history == [("open_drain", 1), ("open_drain", 0), ("open_drain", 1)]


def test_a_pin_with_no_output_refuses_to_be_one() -> None:
    plan = Plan()
    plan.add_output(34, False)
    gpio, _ = port(plan)
    with pytest.raises(ValueError, match="GPIO34"):
        gpio.prepare()
