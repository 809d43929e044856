"""A firmware that hangs again and again on a simulated rack: the former one comes back, and no rail moves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backplane.firmware_link.messages import EventKind
from firmware.boot_selector import BootState
from tests.support.pythons import EVERY_PYTHON, microcontroller
from tests.support.sim_bench import SimBench
from tests.support.update_bench import play_image, put_folder


@pytest.fixture(params=EVERY_PYTHON)
def bench(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[SimBench]:
    """Version 2.0 runs from folder b, 1.0 is in folder a."""
    flash = tmp_path / "flash"
    for folder, version in (("a", "1.0"), ("b", "2.0")):
        put_folder(flash, folder, play_image(version))
    word = BootState(str(flash))
    word.good = 1
    word.save()
    made = SimBench(tmp_path, mcu=microcontroller(request.param))
    made.run(1.0)
    yield made
    made.machine.stop()


def test_the_third_hang_leads_back(bench: SimBench) -> None:
    switches = bench.machine.rig.rails()
    told = []
    for _ in range(4):
        told.append(bench.greet().version)
        bench.do("hang-firmware")
        bench.run(9.0)
    assert told == ["2.0", "2.0", "2.0", "1.0"]
    assert bench.greet().version == "1.0"
    assert bench.machine.rig.rails() == switches
    assert not {EventKind.RAIL_OFF, EventKind.RAIL_ON} & set(bench.kinds())


def test_resets_and_losses_of_power_never_do(bench: SimBench) -> None:
    for line in ["reboot", "power-loss"] * 3:
        bench.greet()
        bench.do(line)
        bench.run(4.0)
    assert bench.greet().version == "2.0"
