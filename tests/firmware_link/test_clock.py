"""The board's clock: the best round trip wins, reboots forget, wrapping is no jump."""

import pytest

from backplane.firmware_link.clock import SAMPLES, BoardClock
from backplane.firmware_link.messages import Hello, Pong
from tests.support.wire_vectors import wire_vector

HELLO = Hello.from_body(bytes.fromhex(wire_vector("hello")["body"]))  # boot 42, uptime 3600 s


def pong(now: float, board_us: int, there_s: float, back_s: float) -> tuple[Pong, float]:
    """A PONG asked at `now`, read by the board `there_s` later, answered in no time."""
    arrived = board_us + int(there_s * 1e6)
    return Pong(int(now * 1e6), arrived, arrived), now + there_s + back_s


def test_without_a_hello_nothing_is_known() -> None:
    clock = BoardClock()
    assert clock.uptime_ms(5.0) is None
    assert clock.age_s(42, 0, 5.0) is None
    assert clock.heard_pong(Pong(0, 0, 0), 1.0) is None


def test_a_hello_gives_a_first_idea() -> None:
    clock = BoardClock()
    clock.heard_hello(HELLO, 100.0)
    assert clock.uptime_ms(101.5) == 3_601_500
    assert clock.least_round_trip_ms is None
    assert clock.offset_ms is None  # HELLO took an unknown time to come


def test_the_least_round_trip_of_the_last_sixteen_counts() -> None:
    clock = BoardClock()
    clock.heard_hello(HELLO, 100.0)
    clock.heard_pong(*pong(200.0, 3_700_000_000, 0.001, 0.001))
    for index in range(SAMPLES - 2):
        clock.heard_pong(*pong(201.0 + index, 3_701_000_000 + index * 1_000_000, 0.3, 0.001))
    assert clock.uptime_ms(300.0) == pytest.approx(3_800_000, abs=1)
    assert clock.least_round_trip_ms == pytest.approx(2.0, abs=0.01)
    assert clock.offset_ms == pytest.approx(3_500_000, abs=1)  # uptime 3,700 s at our 200 s
    for index in range(SAMPLES):
        clock.heard_pong(*pong(400.0 + index, 3_900_000_000 + index * 1_000_000, 0.02, 0.02))
    assert clock.least_round_trip_ms == pytest.approx(40.0, abs=0.01)


def test_a_pong_from_the_future_is_ignored() -> None:
    clock = BoardClock()
    clock.heard_hello(HELLO, 100.0)
    assert clock.heard_pong(Pong(999_000_000, 5, 5), 101.0) is None
    assert clock.heard_pong(Pong(100_000_000, 5, 50_000_000), 101.0) is None


def test_another_boot_has_no_age() -> None:
    clock = BoardClock()
    clock.heard_hello(HELLO, 100.0)
    assert clock.age_s(41, 3_000_000, 100.0) is None
    assert clock.age_s(42, 3_599_000, 100.0) == pytest.approx(1.0)


def test_a_moment_ahead_of_the_estimate_is_now() -> None:
    clock = BoardClock()
    clock.heard_hello(HELLO, 100.0)
    assert clock.age_s(42, 3_600_007, 100.0) == 0.0


def test_ages_pass_the_wrap_of_49_days() -> None:
    clock = BoardClock()
    clock.heard_hello(HELLO, 100.0)
    clock.heard_pong(*pong(200.0, (1 << 32) * 1000 + 5_000_000, 0.001, 0.001))
    assert clock.uptime_ms(200.0) == pytest.approx(5000, abs=1)
    assert clock.age_s(42, (1 << 32) - 1000, 200.0) == pytest.approx(6.0, abs=0.01)
