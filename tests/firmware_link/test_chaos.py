"""A bad day, repeatable by its seed: a lossy line, pulled carriers, reboots, dying hosts, full disks.

Whatever happened, the host has each event of the board once, in order, and byte by byte.
"""

import random

import pytest

from backplane.firmware_link.messages import EventKind
from tests.support.link_bench import LinkBench, Records
from tests.support.microcontroller import Microcontroller
from tests.support.transports import LossyWire, PerfectWire

STEPS = 120


class BadDay:
    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        self.mcu = Microcontroller()
        self.records = Records()
        self.epoch = 0
        self.bench = self.new_host(0.0)

    def new_host(self, now: float) -> LinkBench:
        self.epoch += 1
        self.records.ended = None
        wires = iter((self.seed * 1000 + self.epoch, self.seed * 1000 - self.epoch))
        bench = LinkBench(self.mcu, self.records, self.epoch)
        return bench.over(lambda: LossyWire(next(wires))).start(now)

    def something_happens(self) -> None:
        fate = self.chance.random()
        slot = self.chance.randrange(1, 11)
        if fate < 0.4:
            self.mcu.insert(slot)
        elif fate < 0.8:
            self.mcu.remove(slot)
        elif fate < 0.87:
            self.mcu.boot()
        elif fate < 0.94:
            self.bench = self.new_host(self.bench.now)
        else:
            self.bench.is_disk_full = not self.bench.is_disk_full

    def live(self) -> None:
        for _ in range(STEPS):
            self.something_happens()
            self.bench.run(self.chance.uniform(0.01, 0.8))
            if self.records.ended is not None:
                self.bench = self.new_host(self.bench.now)

    def settle(self) -> None:
        """The line is good again: what is left comes through."""
        self.bench = self.new_host(self.bench.now).over(PerfectWire)
        self.bench.run(5)


@pytest.mark.parametrize("seed", range(1, 9))
def test_each_event_is_recorded_once_in_order_and_byte_by_byte(seed: int) -> None:
    day = BadDay(seed)
    day.live()
    day.settle()
    numbers = day.records.numbers
    assert not day.records.gaps
    assert numbers == list(range(1, len(numbers) + 1))
    assert numbers[-1] == day.mcu.flash.next - 1
    for event in day.records.events[-100:]:
        assert event.raw == day.mcu.flash.body(event.number)
    boots = [event.boot for event in day.records.events if event.kind == EventKind.BOOT]
    assert boots == sorted(set(boots))
