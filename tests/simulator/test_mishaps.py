"""What breaks in a simulated rack, and what the firmware makes of it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from backplane.firmware_link import commands
from backplane.firmware_link.codes import Op
from backplane.firmware_link.commands import Order
from backplane.firmware_link.messages import EventKind
from backplane.firmware_link.simulator.control import execute
from backplane.firmware_link.simulator.world import WORLD_FILE, load_world
from tests.support.sim_bench import SimBench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SimBench]:
    made = SimBench(tmp_path)
    made.greet()
    made.greet()  # the record of events begins after those of the first boot
    yield made
    made.machine.stop()


def slot_of(bench: SimBench, number: int) -> dict[str, object]:
    state = bench.do("state")
    slots = state["slots"]
    assert isinstance(slots, list)
    return dict(slots[number - 1])


class TestSupply:
    def test_losing_the_only_one_cuts_and_its_return_restores(self, bench: SimBench) -> None:
        bench.do("supply 1 off")
        bench.run_until(lambda: EventKind.SUPPLY_LOST in bench.kinds(), 1.0)
        bench.run(0.5)
        assert slot_of(bench, 1)["rail_on"] is False
        assert bench.do("state")["supplies"] == [{"supply": 1, "good": False}]
        bench.do("supply 1 on")
        bench.run_until(lambda: bench.kinds().count(EventKind.RAIL_ON) == 7, 10.0)
        assert slot_of(bench, 8)["rail_on"] is False, "it was off before"

    @pytest.mark.parametrize("line", ["supply 2 off", "supply 0 on", "supply x off", "supply 1"])
    def test_nonsense_is_refused(self, bench: SimBench, line: str) -> None:
        assert execute(bench.machine, line)["ok"] is False


class TestDevice:
    def test_a_silent_one_makes_its_slot_not_known_and_keeps_the_rail(
        self, bench: SimBench
    ) -> None:
        assert bench.do("device 7 off")["slots"] == [7]
        bench.run_until(lambda: EventKind.DEVICE_LOST in bench.kinds(), 1.0)
        bench.do("pull 7")
        bench.run(2.0)
        assert EventKind.REMOVE not in bench.kinds(), "nobody can see it"
        assert slot_of(bench, 7)["rail_on"] is True
        bench.do("device 7 on")
        bench.run_until(lambda: EventKind.DEVICE_BACK in bench.kinds(), 2.0)
        assert EventKind.REMOVE in bench.kinds()

    def test_an_address_is_every_slot_on_it(self, bench: SimBench) -> None:
        assert bench.do("device 0x21 off")["slots"] == [3, 4]
        bench.run(0.5)
        lost = [e.slot for e in bench.events() if e.kind == EventKind.DEVICE_LOST]
        assert lost == [3, 4]

    def test_an_address_without_slots_names_those_there_are(self, bench: SimBench) -> None:
        answer = execute(bench.machine, "device 0x50 off")
        assert "0x20, 0x21, 0x22, 0x23, 0x24" in str(answer["error"])


class TestIdentity:
    def test_a_carrier_that_cannot_be_read_is_present_and_unknown(self, bench: SimBench) -> None:
        bench.do("pull 7")
        bench.run(0.5)
        bench.do("insert 7")
        bench.do("identity 7 off")
        bench.run(3.0)
        assert EventKind.IDENTIFIED not in [e.kind for e in bench.events() if e.slot == 7]
        assert slot_of(bench, 7)["identity"] == "unreadable"
        bench.do("identity 7 on")
        bench.run_until(lambda: EventKind.IDENTIFIED in bench.kinds(), 2.0)

    def test_the_chip_stays_broken_wherever_the_carrier_goes(self, bench: SimBench) -> None:
        bench.do("identity 7 off")
        uid = slot_of(bench, 7)["carrier"]
        bench.do("pull 7")
        bench.do(f"insert 5 {uid}")
        assert slot_of(bench, 5)["identity"] == "unreadable"


def test_a_dead_lamp_is_commanded_and_dark(bench: SimBench) -> None:
    bench.order(commands.set_power(7, on=False))
    bench.run(1.0)
    bench.order(commands.release(7, on=True))
    assert bench.do("led 7 hotswap off")["dead_lamps"] == ["hotswap"]
    bench.run(0.2)
    told = slot_of(bench, 7)
    assert int(str(told["lights"])) >> 6 & 7 == 1
    assert int(str(told["lights_seen"])) >> 6 & 7 == 0
    bench.do("led 7 hotswap on")
    assert slot_of(bench, 7)["lights_seen"] == slot_of(bench, 7)["lights"]


def test_each_lamp_has_its_own_bits(bench: SimBench) -> None:
    bench.order(Order(Op.SET_LED, bytes((7, 1, 1, 1, 2, 3))))
    bench.run(0.2)
    seen = {}
    for lamp in ("status", "hotswap", "locate"):
        bench.do(f"led 7 {lamp} off")
        word = int(str(slot_of(bench, 7)["lights_seen"]))
        seen[lamp] = (word & 0x3F, word >> 6 & 7, word >> 9 & 7)
        bench.do(f"led 7 {lamp} on")
    assert seen == {"status": (0, 2, 3), "hotswap": (9, 0, 3), "locate": (9, 2, 0)}
    assert execute(bench.machine, "led 7 fan off")["ok"] is False


def test_bouncing_contacts_are_told_as_flapping_and_nothing_else(bench: SimBench) -> None:
    bench.do("bounce 7")
    bench.run(4.0)
    kinds = [event.kind for event in bench.events() if event.slot == 7]
    assert kinds == [EventKind.FLAPPING]
    assert slot_of(bench, 7)["pi"] == "running"


def test_on_a_shorted_rail_power_never_becomes_good(bench: SimBench) -> None:
    bench.do("short 8 on")
    bench.order(commands.set_power(8, on=True))
    bench.run(45.0)
    told = [event.value for event in bench.events() if event.kind == EventKind.POWER_GOOD_FAILED]
    assert told == [1, 2, 3, 4]
    assert slot_of(bench, 8)["pi"] == "off"
    bench.do("short 8 off")
    bench.order(commands.set_power(8, on=True))
    bench.run(1.0)
    assert slot_of(bench, 8)["power_good"] is True


def test_a_load_is_what_the_pi_draws_from_then_on(bench: SimBench) -> None:
    bench.do("load 7 900")
    bench.run(1.0)
    assert 700 < int(str(slot_of(bench, 7)["ma"])) < 1_100
    assert execute(bench.machine, "load 5 900")["ok"] is False
    assert execute(bench.machine, "load 7 99999")["ok"] is False


class TestPiModules:
    def test_each_carrier_carries_a_pi_with_numbers_of_its_own(self, bench: SimBench) -> None:
        told = [slot_of(bench, number) for number in (1, 2, 3, 4, 6, 7, 8, 9)]
        assert len({slot["pi_serial"] for slot in told}) == 8
        assert len({slot["pi_mac"] for slot in told}) == 8
        assert all(len(str(slot["pi_serial"])) == 16 for slot in told)
        assert slot_of(bench, 5)["pi_serial"] is None

    def test_the_pi_goes_with_its_carrier(self, bench: SimBench) -> None:
        before = slot_of(bench, 7)
        bench.do("pull 7")
        assert bench.do("state")["bench"] == [
            {key: before[key] for key in ("carrier", "pi_serial", "pi_mac")}
        ]
        bench.do(f"insert 5 {before['carrier']}")
        assert slot_of(bench, 5)["pi_serial"] == before["pi_serial"]

    def test_a_new_pi_on_the_old_tray_is_another_pi_on_the_same_carrier(
        self, bench: SimBench
    ) -> None:
        before = slot_of(bench, 7)
        assert execute(bench.machine, "new-pi 7")["ok"] is False
        bench.do("pull 7")
        serial = bench.do("new-pi 7")["pi_serial"]
        bench.do("insert 7")
        after = slot_of(bench, 7)
        assert after["carrier"] == before["carrier"]
        assert after["pi_serial"] == serial != before["pi_serial"]
        assert after["pi_mac"] != before["pi_mac"]


def test_what_is_broken_stays_broken_when_the_process_dies(bench: SimBench) -> None:
    for line in (
        "supply 1 off",
        "device 7 off",
        "identity 6 off",
        "led 3 locate off",
        "short 2 on",
    ):
        bench.do(line)
    bench.kill()
    bench.begin()
    state = bench.do("state")
    assert state["supplies"] == [{"supply": 1, "good": False}]
    assert slot_of(bench, 7)["device"] == "silent"
    assert slot_of(bench, 6)["identity"] == "unreadable"
    assert slot_of(bench, 3)["dead_lamps"] == ["locate"]
    assert slot_of(bench, 2)["short"] is True


def test_a_file_from_before_there_were_mishaps_is_still_read(
    bench: SimBench, tmp_path: Path
) -> None:
    bench.machine.rig.save()
    bench.kill()
    data = json.loads((tmp_path / WORLD_FILE).read_text())
    del data["dead_supplies"]
    for bay in data["bays"]:
        for name in (
            "is_fed",
            "is_shorted",
            "device_is_lost",
            "bounce_since_ms",
            "dead_lamps",
            "nominal_mv",
            "limit_ma",
            "pin_gates",
        ):
            del bay[name]
        if bay["carrier"]:
            del bay["carrier"]["pis"], bay["carrier"]["is_unreadable"]
            del bay["carrier"]["pi"]["serial"], bay["carrier"]["pi"]["mac"]
    (tmp_path / WORLD_FILE).write_text(json.dumps(data))
    assert load_world(tmp_path, 10) == bench.machine.rig.world
