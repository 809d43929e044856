"""What must hold whatever comes: random bytes, random inputs, random commands, resets in between."""

import struct
from collections.abc import Callable
from itertools import pairwise

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from firmware import codes
from firmware.core import Core
from firmware.journal import MemoryJournal
from firmware.wire import encode_frame
from tests.support.bench import HOST_ID, Bench
from tests.support.fake_board import FakeBoard

MOST_RESETS = 3  # that a restore outlives
SOON_MS = (
    4000  # contacts settle, then three rails 500 ms apart, each with up to four tries before it
)

FAST = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FAST
@given(st.lists(st.binary(max_size=400), max_size=20))
def test_noise_changes_no_rail_and_fills_no_buffer(noise: list[bytes]) -> None:
    bench = Bench().powered(1, 2)
    held = bench.journal.next
    for piece in noise:
        bench.core.receive(piece, bench.now_ms)
        assert len(bench.core.step(bench.now_ms)) < 8192
        bench.now_ms += 5
    assert bench.board.switches == 0b110
    assert bench.journal.next == held
    assert len(bench.core._host._decoder._buffer) < 255


MESSAGES = st.tuples(st.integers(0, 255), st.binary(max_size=60))


@FAST
@given(st.lists(MESSAGES, max_size=40))
def test_valid_frames_of_any_content_never_raise_nor_touch_a_rail(
    messages: list[tuple[int, bytes]],
) -> None:
    board = FakeBoard()
    core = Core(board, MemoryJournal(), 0)
    greeting = struct.pack("<BBQIB", 1, 1, HOST_ID, 1, 0)
    core.receive(encode_frame(codes.HELLO_REQ, 0, greeting), 0)
    for at, (kind, body) in enumerate(messages):
        core.receive(encode_frame(kind, at & 0xFF, body), at)
        core.step(at)
        core.next_due()
    assert board.switches == 0


def test_a_flood_of_questions_keeps_the_answers_bounded() -> None:
    bench = Bench()
    bench.greet()
    ping = encode_frame(codes.PING, 0, bytes(8))
    bench.core.receive(ping * 5000, bench.now_ms)
    assert len(bench.core.step(bench.now_ms)) < 8192


def command(op: int, *args: int) -> Callable[[Bench, int], None]:
    def send(bench: Bench, slot: int) -> None:
        bench.command(op, slot, *args)

    return send


def flip(name: str) -> Callable[[Bench, int], None]:
    def change(bench: Bench, slot: int) -> None:
        bench.change(lambda: setattr(bench.board, name, getattr(bench.board, name) ^ 1 << slot))

    return change


def reset(bench: Bench, slot: int) -> None:
    bench.reboot()
    bench.greet()


def reset_alone(bench: Bench, slot: int) -> None:
    """A reset of any cause, and no host for a while."""
    bench.board.reset_cause = slot  # power-on, hard or watchdog
    bench.reboot()


def lose_power(bench: Bench, slot: int) -> None:
    bench.board.switches = 0
    bench.reboot(chassis_power_was_lost=True)
    bench.run(400 * slot)
    bench.greet()


def supply(bench: Bench, slot: int) -> None:
    bench.change(lambda: setattr(bench.board, "supplies_good", bench.board.supplies_good ^ 2))


def other_carrier(bench: Bench, slot: int) -> None:
    bench.board.carriers[slot] = b"" if bench.board.carriers[slot] == b"other" else b"other"


def garbage(bench: Bench, slot: int) -> None:
    before = bench.board.switches
    bench.core.receive(bytes([slot, 0x20, 1, 0, 255, 0]) * 40, bench.now_ms)
    bench.change(lambda: None)
    assert bench.board.switches == before


def silence(bench: Bench, slot: int) -> None:
    bench.heartbeats = not bench.heartbeats


def feed_back(bench: Bench, slot: int) -> None:
    bench.board.mv[slot] = 4800 if slot not in bench.board.mv else 0


ACTIONS: dict[str, Callable[[Bench, int], None]] = {
    "insert or pull": flip("present"),
    "handle": flip("handles_closed"),
    "trip": flip("tripped"),
    "halted": flip("halted"),
    "bad rail": flip("goes_good"),
    "silent device": flip("answering"),
    "on": command(codes.SET_POWER, 1),
    "off": command(codes.SET_POWER, 0),
    "cycle": command(codes.POWER_CYCLE, 0, 0),
    "shutdown": command(codes.REQUEST_SHUTDOWN, 1),
    "release": command(codes.RELEASE, 1),
    "blue": command(codes.SET_LED, 1, 7, 7, 1, 7),
    "take back": command(codes.RELEASE, 0),
    "lamp test": command(codes.LAMP_TEST),
    "clear alarm": command(codes.CLEAR_ALARM),
    "lose power": lose_power,
    "reset alone": reset_alone,
    "supply": supply,
    "other carrier": other_carrier,
    "garbage": garbage,
    "clear trip": command(codes.CLEAR_TRIP),
    "reset": reset,
    "silence": silence,
    "feed back": feed_back,
}
STEPS = st.tuples(st.sampled_from(sorted(ACTIONS)), st.integers(1, 3), st.integers(1, 1500))


def check(bench: Bench) -> None:
    is_alarmed = any(bench.has(slot, codes.F_ALARM) for slot in (1, 2, 3))
    for slot in (1, 2, 3):
        on = bench.board.switches >> slot & 1
        ma = bench.board.meter(slot)[1]
        red = bench.lamps(slot)[:2] == (codes.RED, codes.FAST)
        is_tested = bench.lamps(slot)[4] == codes.LAMPS
        assert red == bench.has(slot, codes.F_ALARM) or is_tested
        if bench.lamps(slot)[2] == codes.STEADY:
            assert not on
            assert not is_alarmed
            assert bench.has(slot, codes.F_RELEASED)
            assert ma < 20 or ma == codes.UNKNOWN
        if bench.has(slot, codes.F_RELEASED):
            assert not on


class Watcher(FakeBoard):
    """Looks at every rail at the moment it is switched on."""

    bench: Bench | None = None

    def set_rail(self, slot: int, on: bool) -> None:
        if on and self.bench is not None:
            assert not self.bench.has(slot, codes.F_RELEASED)
            assert self.present >> slot & 1 or self.bench.has(slot, codes.F_PRESENT)
        super().set_rail(slot, on)


def restores_are_due(bench: Bench) -> None:
    """A rail comes back by itself only soon after power came back or one of three resets, and never once touched."""
    owed: set[int] = set()
    resets = 0
    fresh_until = (0, -1)
    for event in bench.told():
        at = (event.boot, event.uptime_ms)
        if event.kind in {codes.CHASSIS_POWER_RESTORED, codes.SUPPLY_BACK}:
            owed, resets = {1, 2, 3}, 0
            fresh_until = (event.boot, event.uptime_ms + SOON_MS)
        elif event.kind == codes.BOOT:
            # Whatever the cause: the chassis kept its power, or tells that it came back.
            resets += 1
            owed = owed if resets <= MOST_RESETS else set()
            fresh_until = (event.boot, event.uptime_ms + SOON_MS)
        elif event.kind in {codes.REMOVE, codes.RELEASED, codes.RAIL_ON}:
            if event.kind == codes.RAIL_ON and event.value & 0xFF == codes.BY_RESTORE_POLICY:
                assert event.slot in owed
                assert at <= fresh_until
            owed.discard(event.slot)


@FAST
@given(st.lists(STEPS, min_size=3, max_size=25))
@example(
    [("bad rail", 1, 1), ("lose power", 1, 1), ("reset alone", 1, 495)]
)  # while a restore is owed
def test_invariants_over_random_histories(history: list[tuple[str, int, int]]) -> None:
    board = Watcher()
    bench = Bench(board).powered(1)
    bench.seated(2, 3)
    board.bench = bench
    for name, slot, wait in history:
        bench.board.mv.pop(slot, None) if name == "on" else None
        ACTIONS[name](bench, slot)
        bench.run(5)
        bench.run(wait)
        check(bench)
    causes = {e.value & 0xFF for e in bench.told() if e.kind == codes.RAIL_ON}
    assert causes <= {
        codes.BY_COMMAND,
        codes.BY_CYCLE,
        codes.BY_POWER_GOOD_FAILED,
        codes.BY_RESTORE_POLICY,
    }
    restores_are_due(bench)
    numbers = [event.number for event in bench.told()]
    assert numbers == list(range(1, len(numbers) + 1))
    times = [(event.boot, event.uptime_ms) for event in bench.told()]
    assert times == sorted(times)
    ons = [at for at, event in zip(times, bench.told(), strict=True) if event.kind == codes.RAIL_ON]
    assert all(b[0] != a[0] or b[1] - a[1] >= 500 for a, b in pairwise(ons))
