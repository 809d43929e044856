"""STATE and TELEMETRY: when they are sent and what they say."""

import struct

from firmware import codes
from tests.support.bench import Bench
from tests.support.fake_board import FakeBoard, board_data


def readings(body: bytes) -> list[tuple[int, int, int, int, int]]:
    count, stride = body[13], body[14]
    at = [15 + n * stride for n in range(count)]
    return [struct.unpack_from("<IHHHh", body, offset) for offset in at]


def quiet(bench: Bench) -> Bench:
    bench.run(6000)
    bench.forget()
    return bench


def test_state_comes_each_five_seconds() -> None:
    bench = quiet(Bench().powered(1))
    bench.run(20_000)
    assert len(bench.bodies(codes.STATE)) == 4


def test_state_says_what_is() -> None:
    bench = Bench().powered(2)
    bench.run(6000)
    body = bench.bodies(codes.STATE)[-1]
    journal, as_of, _, first, count, stride = struct.unpack_from("<IIIBBB", body)
    assert (journal, as_of) == (bench.journal.id, bench.journal.next - 1)
    assert (first, count, stride) == (1, 10, 12)
    flags, lights, mv, ma, cdeg = readings(body)[1]
    assert flags == bench.flags(2)
    assert flags & (codes.F_PRESENT | codes.F_RAIL | codes.F_GOOD) == (
        codes.F_PRESENT | codes.F_RAIL | codes.F_GOOD
    )
    assert (lights, mv, ma, cdeg) == (bench.board.lights[2], 12000, 400, 4500)
    assert readings(body)[0][0] & codes.F_BELOW_HALF_VOLT


def test_unknown_readings_are_never_zero() -> None:
    data = board_data()
    data["senses"].update(meter=False, temperature=False)
    bench = Bench(FakeBoard(data)).seated(1)
    bench.run(6000)
    flags, _, *rest = readings(bench.bodies(codes.STATE)[-1])[0]
    assert rest == [codes.UNKNOWN, codes.UNKNOWN, codes.UNKNOWN_CDEG]
    assert not flags & (codes.F_METER_WORKS | codes.F_BELOW_HALF_VOLT)
    assert struct.unpack_from("<I", bench.bodies(codes.TELEMETRY)[-1], 4)[0] == 1


def test_changes_send_at_most_ten_a_second() -> None:
    bench = quiet(Bench().seated(1))
    for _ in range(100):
        bench.command(codes.LAMP_TEST, 1)
        bench.run(10)
        bench.command(codes.LAMP_TEST, 0)
        bench.run(10)
    assert 15 <= len(bench.bodies(codes.STATE)) <= 21


def test_a_change_of_light_is_sent_within_100_ms() -> None:
    bench = quiet(Bench().seated(1))
    bench.command(codes.SET_LED, 1, 1, 0, 7, 7, 3)
    bench.run(100)
    assert readings(bench.bodies(codes.STATE)[-1])[0][1] == bench.board.lights[1]


def test_state_is_repeated_when_the_host_has_caught_up() -> None:
    bench = quiet(Bench().seated(1))
    bench.acks = False
    bench.command(codes.SET_POWER, 1, 1)
    bench.run(500)
    count = len(bench.bodies(codes.STATE))
    bench.ack(bench.journal.next - 1)
    bench.run(110)
    assert len(bench.bodies(codes.STATE)) == count + 1


def test_24_slots_take_two_frames_of_at_most_19() -> None:
    data = board_data()
    data["board"]["slots"] = 24
    bench = Bench(FakeBoard(data))
    bench.greet()
    bench.run(10)
    bodies = bench.bodies(codes.STATE)[:2]
    assert [(body[12], body[13]) for body in bodies] == [(1, 19), (20, 5)]


def test_telemetry_has_mean_and_maximum_each_second() -> None:
    bench = quiet(Bench().powered(1))
    for ma in (300, 500) * 5:
        bench.board.ma[1] = ma
        bench.run(100)
    bench.run(1100)
    bodies = bench.bodies(codes.TELEMETRY)
    assert len(bodies) == 2
    uptime_ms, mask = struct.unpack_from("<II", bodies[-2])
    assert uptime_ms <= bench.now_ms
    assert mask == 0x7FF
    mv, mean, most, cdeg = struct.unpack_from("<HHHh", bodies[-2], 16)
    assert (mv, most, cdeg) == (12000, 500, 4500)
    assert 380 <= mean <= 420


def test_telemetry_period_is_configured() -> None:
    bench = quiet(Bench().seated(1))
    bench.ask(codes.SET_CONFIG, codes.TELEMETRY_PERIOD_MS, 0, *struct.pack("<i", 250))
    bench.run(2000)
    bench.forget()
    bench.run(3000)
    assert 11 <= len(bench.bodies(codes.TELEMETRY)) <= 13


def test_telemetry_is_dropped_first_on_a_busy_line() -> None:
    data = board_data()
    data["esp32"]["uart"]["baud"] = 4800
    bench = quiet(Bench(FakeBoard(data)).seated(1))
    bench.ask(codes.SET_CONFIG, codes.TELEMETRY_PERIOD_MS, 0, *struct.pack("<i", 100))
    bench.run(5000)
    assert len(bench.bodies(codes.TELEMETRY)) < 40
    assert len(bench.bodies(codes.PONG)) >= 4


def test_idle_needs_few_steps() -> None:
    bench = quiet(Bench().powered(*range(1, 11)))
    before = bench.steps
    bench.run(60_000)
    assert bench.steps - before <= 60 * 14


def test_with_no_host_idle_needs_few_steps_and_bytes() -> None:
    bench = Bench()
    bench.run(1000)
    before = bench.steps
    bench.run(60_000)
    assert bench.steps - before <= 60 * 12
