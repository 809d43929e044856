"""The host's protocol against the real firmware core, in virtual time."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backplane.firmware_link import commands as orders
from backplane.firmware_link.commands import OutgoingCommand, set_power
from backplane.firmware_link.happenings import Cursor, JournalReason
from backplane.firmware_link.messages import (
    IF_EVENT_ANY,
    LED_AS_LOCAL,
    ConfigKey,
    EventKind,
    LedColour,
    LedLayer,
    LedPattern,
    ResultCode,
    SlotFlags,
)
from backplane.firmware_link.status import LinkState
from tests.support.link_bench import LinkBench, Records
from tests.support.microcontroller import Microcontroller
from tests.support.pythons import EVERY_PYTHON, microcontroller
from tests.support.transports import (
    ByteAtATimeWire,
    CutWire,
    LossyWire,
    PerfectWire,
    SlowWire,
    Wire,
)

WIRES = [
    pytest.param(PerfectWire, id="perfect"),
    pytest.param(ByteAtATimeWire, id="byte at a time"),
    pytest.param(lambda: LossyWire(seed=3), id="lossy"),
    pytest.param(SlowWire, id="slow"),
    pytest.param(CutWire, id="reset mid-frame"),
]

LOCATE = orders.Lamps(LedLayer.OVERRIDE, LedColour.OFF, LED_AS_LOCAL, LED_AS_LOCAL, LedPattern.FAST)
ORDERS = [
    orders.set_power(1, on=False),
    orders.power_cycle(1, 5000),
    orders.request_shutdown(1, then_off=True),
    orders.release(1, on=True),
    orders.set_led(1, LOCATE),
    orders.lamp_test(on=True),
    orders.clear_trip(1),
    orders.clear_alarm(1),
    orders.get_state(),
    orders.get_identity(1),
    orders.set_config(ConfigKey.STAGGER_MS, 0, 600),
    orders.get_config(ConfigKey.BUDGET_MW, 0),
    orders.stats(),
    orders.set_fan(1, 128),
]


@pytest.fixture(params=EVERY_PYTHON)
def mcu(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Microcontroller]:
    """The microcontroller of one test, under this Python and under MicroPython."""
    made = Microcontroller(microcontroller(request.param), tmp_path)
    yield made
    made.end()


def kinds(records: Records, slot: int) -> list[int]:
    return [event.kind for event in records.events if event.slot == slot]


@pytest.mark.parametrize("wire", WIRES)
def test_insertions_and_removals_arrive_once_each_in_order(
    mcu: Microcontroller, wire: Callable[[], Wire]
) -> None:
    bench = LinkBench(mcu).over(wire).start().up()
    for slot in range(1, 9):
        mcu.insert(slot)
        bench.run(0.4)
    for slot in range(1, 9):
        mcu.remove(slot)
        bench.run(0.4)
    wanted = {EventKind.INSERT, EventKind.REMOVE}

    def swaps() -> list[tuple[int, int]]:
        events = bench.records.events
        return [(event.kind, event.slot) for event in events if event.kind in wanted]

    assert bench.run_until(lambda: len(swaps()) == 16)
    assert swaps() == [(2, slot) for slot in range(1, 9)] + [(3, slot) for slot in range(1, 9)]
    numbers = bench.records.numbers
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


@pytest.mark.parametrize("wire", WIRES)
def test_a_slot_is_switched_on_and_its_event_names_the_command(
    mcu: Microcontroller, wire: Callable[[], Wire]
) -> None:
    mcu.insert(3)
    bench = LinkBench(mcu).over(wire).start().up()
    bench.run_until(lambda: EventKind.INSERT in kinds(bench.records, 3))
    bench.run(1)
    hello = bench.records.owned[-1]
    newest = bench.records.numbers[-1]
    order = set_power(3, on=True)
    bench.protocol.send_command(
        OutgoingCommand(0xFEDCBA, order, hello.boot, 30_000, newest), bench.now
    )
    assert bench.run_until(lambda: EventKind.RAIL_ON in kinds(bench.records, 3))
    (rail_on,) = [event for event in bench.records.events if event.kind == EventKind.RAIL_ON]
    assert rail_on.command_id == 0xFEDCBA
    assert bench.run_until(lambda: bool(bench.records.results))
    assert [result.code for result in bench.records.results] == [ResultCode.OK]
    bench.protocol.request_state(bench.now)
    assert bench.run_until(lambda: SlotFlags.RAIL_ON in bench.records.states[-1].readings[2].flags)


def test_a_command_that_knew_less_than_the_board_is_refused(mcu: Microcontroller) -> None:
    mcu.insert(3)
    bench = LinkBench(mcu).start().up()
    bench.run(1)
    stale = bench.records.numbers[-1]
    mcu.remove(3)
    bench.run(0.3)
    mcu.insert(3)
    bench.run(1)
    hello = bench.records.owned[-1]
    command = OutgoingCommand(1, set_power(3, on=True), hello.boot, 5000, stale)
    bench.protocol.send_command(command, bench.now)
    assert bench.run_until(lambda: bool(bench.records.results))
    assert bench.records.results[0].code == ResultCode.E_STATE
    assert mcu.board.rails() == 0


def test_a_reboot_keeps_rails_and_numbers_and_loses_the_command_in_flight(
    mcu: Microcontroller,
) -> None:
    mcu.insert(3)
    bench = LinkBench(mcu).start().up()
    bench.run(1)
    hello = bench.records.owned[-1]
    newest = bench.records.numbers[-1]
    command = OutgoingCommand(7, set_power(3, on=True), hello.boot, 30_000, newest)
    bench.protocol.send_command(command, bench.now)
    assert bench.run_until(lambda: bool(mcu.board.rails()))
    mcu.boot()
    assert bench.run_until(lambda: len(bench.records.owned) == 2)
    assert bench.run_until(
        lambda: [e.kind for e in bench.records.events].count(EventKind.BOOT) == 2
    )
    assert mcu.board.rails() == 1 << 3
    assert bench.records.owned[1].journal == bench.records.owned[0].journal
    assert len(bench.records.results) + len(bench.records.lost) == 1
    assert bench.records.ended is None


def test_a_host_that_was_away_gets_what_it_missed(mcu: Microcontroller) -> None:
    bench = LinkBench(mcu).start().up()
    now = bench.now
    for slot in range(1, 6):
        now = later(mcu, now, 0.5)
        mcu.insert(slot)
    again = LinkBench(mcu, bench.records, epoch=2).start(later(mcu, now, 1.0)).up()
    inserts = [event.slot for event in again.records.events if event.kind == EventKind.INSERT]
    assert inserts == [1, 2, 3, 4, 5]
    assert not again.records.gaps


def test_what_overflowed_while_the_host_was_away_is_one_gap(mcu: Microcontroller) -> None:
    bench = LinkBench(mcu).start().up()
    last = bench.records.numbers[-1]
    now = bench.now
    for _ in range(200):
        mcu.insert(2)
        now = later(mcu, now, 1.2)
        mcu.remove(2)
        now = later(mcu, now, 1.2)
    again = LinkBench(mcu, bench.records, epoch=2).start(now).up()
    ((_, missing_from, first_held),) = again.records.gaps
    assert missing_from == last + 1
    assert again.records.numbers[-1] > first_held
    kept = again.records.numbers[again.records.numbers.index(first_held) :]
    assert kept == list(range(first_held, first_held + len(kept)))


def later(mcu: Microcontroller, now: float, seconds: float) -> float:
    """Lets the board live without any host."""
    end = int((now + seconds) * 1000)
    while mcu.now_ms < end:
        mcu.step(min(max(mcu.next_due(), mcu.now_ms + 5), end))
    return end / 1000


def test_a_stale_epoch_is_superseded(mcu: Microcontroller) -> None:
    bench = LinkBench(mcu, epoch=5).start().up()
    old = LinkBench(mcu, Records(cursor=bench.records.cursor), epoch=4).start(bench.now)
    assert old.run_until(lambda: old.records.ended is not None)
    assert old.records.ended is not None
    assert old.records.ended.kind is LinkState.SUPERSEDED


def test_another_installation_is_refused_until_it_takes(mcu: Microcontroller) -> None:
    bench = LinkBench(mcu).start().up()
    other = LinkBench(mcu)
    other.host_id = 99
    other.start(bench.now)
    assert other.run_until(lambda: other.records.ended is not None)
    assert other.records.ended is not None
    assert other.records.ended.kind is LinkState.OTHER_OWNER
    confirmed = LinkBench(mcu)
    confirmed.host_id, confirmed.take = 99, True
    confirmed.start(other.now).up()
    assert confirmed.records.owned[0].owner_host == 99


def test_a_board_behind_our_records_begins_a_new_journal(mcu: Microcontroller) -> None:
    bench = LinkBench(mcu).start().up()
    old = bench.records.cursor
    assert old is not None
    records = Records(cursor=Cursor(old.journal, old.number + 1000))
    again = LinkBench(mcu, records, epoch=2).start(bench.now)
    assert again.run_until(lambda: bool(again.records.journals))
    assert again.records.journals == [JournalReason.BEHIND_CURSOR]
    mcu.insert(4)
    assert again.run_until(lambda: EventKind.INSERT in kinds(again.records, 4))
    assert again.records.cursor is not None
    assert again.records.cursor.journal != old.journal


def test_the_boards_clock_is_known_to_a_millisecond_or_two(mcu: Microcontroller) -> None:
    bench = LinkBench(mcu).start(now=77.0).up()
    bench.run(3)
    uptime_ms = bench.protocol.clock.uptime_ms(bench.now)
    assert uptime_ms is not None
    assert abs(uptime_ms - (bench.now * 1000 - mcu.booted_ms)) <= 2
    assert bench.protocol.counters.round_trip_ms is not None


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.op.name)
def test_the_firmware_understands_every_order_of_the_host(
    mcu: Microcontroller, order: orders.Order
) -> None:
    bench = LinkBench(mcu).start().up()
    bench.run(1)
    boot = bench.records.owned[-1].boot
    bench.protocol.send_command(OutgoingCommand(1, order, boot, 5000, IF_EVENT_ANY), bench.now)
    assert bench.run_until(lambda: bool(bench.records.results))
    assert bench.records.results[0].code not in {ResultCode.E_OP, ResultCode.E_ARGS}
