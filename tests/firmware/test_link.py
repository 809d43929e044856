"""The link: who may speak, events until they are acknowledged, and what a silent host changes."""

import random
import struct
from itertools import pairwise

import pytest

from firmware import codes
from tests.support.bench import HOST_ID, Bench, unpack_event

OTHER_HOST = 0x99


def byes(bench: Bench) -> list[int]:
    return [body[0] for body in bench.bodies(codes.BYE)]


def errors(bench: Bench) -> list[bytes]:
    return bench.bodies(codes.ERROR)


def numbers(bench: Bench) -> list[int]:
    return [unpack_event(body).number for body in bench.bodies(codes.EVENT)]


class TestHello:
    def test_is_sent_at_boot_and_each_second_until_a_host_is_heard(self) -> None:
        bench = Bench()
        bench.run(3500)
        assert len(bench.bodies(codes.HELLO)) == 4
        bench.greet()
        bench.forget()
        bench.run(10_000)
        assert not bench.bodies(codes.HELLO)

    def test_says_who_the_board_is(self) -> None:
        bench = Bench()
        bench.greet(epoch=7)
        fields = struct.unpack_from("<BBBBHBIIIIHIB8sQI", bench.bodies(codes.HELLO)[-1])
        assert fields[:6] == (1, 1, 10, 8, codes.CAP_SIMULATED | codes.CAP_HANDLES, 253)
        assert fields[6:11] == (bench.journal.id, 1, 0, 2, 1)
        assert fields[13:] == (bench.board.board_id, HOST_ID, 7)
        assert bench.bodies(codes.HELLO)[-1][50:] == b"\x039.9\x0creference-10"

    def test_no_common_version(self) -> None:
        bench = Bench()
        bench.send(codes.HELLO_REQ, struct.pack("<BBQIB", 2, 3, HOST_ID, 1, 0))
        assert byes(bench) == [codes.BYE_NO_VERSION]

    def test_firmware_update_and_consoles_are_not_claimed(self) -> None:
        bench = Bench()
        bench.greet()
        caps = struct.unpack_from("<H", bench.bodies(codes.HELLO)[-1], 4)[0]
        assert caps & 0b1100 == 0


class TestOwner:
    def test_nothing_is_accepted_before_hello_req(self) -> None:
        bench = Bench()
        bench.board.insert(1)
        bench.run(400)
        bench.command(codes.SET_POWER, 1, 1)
        bench.send(codes.PING, bytes(8))
        bench.ack(1)
        assert bench.journal.acked == 0
        assert bench.board.switches == 0
        assert {kind for kind, _ in bench.frames} == {codes.HELLO}

    def test_a_lower_epoch_is_sent_away(self) -> None:
        bench = Bench()
        bench.greet(epoch=5)
        bench.forget()
        bench.greet(epoch=4)
        assert byes(bench) == [codes.BYE_SUPERSEDED]
        assert not bench.bodies(codes.HELLO)

    def test_a_stale_lease_holder_cannot_act_after_a_newer_greeting(self) -> None:
        bench = Bench().seated(1)
        bench.greet(epoch=2)
        assert bench.ask(codes.SET_POWER, 1, 1, epoch=1)[0] == codes.E_NOT_OWNER
        bench.send(codes.ACK, struct.pack("<III", 1, bench.journal.id, 1))
        bench.send(codes.REPLAY, struct.pack("<III", 1, bench.journal.id, 1))
        assert errors(bench) == [
            bytes((codes.NOT_OWNER, codes.ACK)),
            bytes((codes.NOT_OWNER, codes.REPLAY)),
        ]
        assert bench.board.switches == 0

    def test_another_host_gets_bye_and_hello_until_it_takes(self) -> None:
        bench = Bench()
        bench.greet(epoch=5)
        bench.reboot()
        bench.forget()
        bench.greet(host_id=OTHER_HOST, epoch=9)
        assert [kind for kind, _ in bench.frames] == [codes.HELLO, codes.BYE, codes.HELLO][-2:]
        assert byes(bench) == [codes.BYE_OTHER_OWNER]
        bench.command(codes.LAMP_TEST, 1)
        assert not bench.bodies(codes.RESULT)
        bench.greet(host_id=OTHER_HOST, epoch=1, flags=codes.TAKE)
        assert bench.ask(codes.LAMP_TEST, 1)[0] == codes.OK
        owner = struct.unpack_from("<QI", bench.bodies(codes.HELLO)[-1], 38)
        assert owner == (OTHER_HOST, 1)

    def test_another_host_gets_nothing_more_on_the_line_of_a_greeted_one(self) -> None:
        bench = Bench().powered(1)
        bench.forget()
        bench.greet(host_id=OTHER_HOST)
        bench.change(lambda: bench.board.pull(1))
        bench.run(2000)
        assert {kind for kind, _ in bench.frames} == {codes.BYE, codes.HELLO}
        bench.greet()
        assert codes.REMOVE in [unpack_event(body).kind for body in bench.bodies(codes.EVENT)]

    def test_owner_and_epoch_outlive_a_reboot(self) -> None:
        bench = Bench()
        bench.greet(epoch=5)
        bench.reboot()
        bench.forget()
        bench.greet(epoch=4)
        assert byes(bench) == [codes.BYE_SUPERSEDED]

    def test_a_listener_changes_nothing_and_gets_no_event(self) -> None:
        bench = Bench()
        bench.greet(host_id=OTHER_HOST, flags=codes.LISTEN_ONLY)
        assert bench.ask(codes.LAMP_TEST, 1)[0] == codes.E_NOT_OWNER
        assert not bench.bodies(codes.EVENT)
        assert bench.bodies(codes.STATE)
        owner = struct.unpack_from("<QI", bench.bodies(codes.HELLO)[-1], 38)
        assert owner == (0, 0)

    def test_after_bye_the_board_idles(self) -> None:
        bench = Bench().seated(1)
        bench.send(codes.BYE, bytes((codes.BYE_GOING,)))
        bench.heartbeats = False
        steps = bench.steps
        bench.run(3000)
        assert bench.steps - steps < 60

    def test_after_bye_it_must_greet_again(self) -> None:
        bench = Bench().seated(1)
        bench.send(codes.BYE, bytes((codes.BYE_GOING,)))
        bench.command(codes.SET_POWER, 1, 1)
        bench.run(100)
        assert bench.board.switches == 0


class TestEvents:
    def silent(self, count: int) -> Bench:
        """A greeted bench whose host acknowledges nothing, with this many events waiting."""
        bench = Bench()
        bench.acks = False
        bench.greet()
        while bench.journal.next <= count:
            bench.core.chassis.emit(codes.CONFIG, None, 2)
        bench.forget()
        return bench

    def test_at_most_eight_are_under_way(self) -> None:
        bench = self.silent(30)
        bench.run(20)
        assert set(numbers(bench)) | {1, 2} == set(range(1, 9))

    def test_unacknowledged_go_back_after_150_ms_doubling_to_2_s(self) -> None:
        bench = self.silent(3)
        bench.greet()
        seen: list[int] = []
        for _ in range(2500):
            before = len(numbers(bench))
            bench.run(5)
            if len(numbers(bench)) > before:
                seen.append(bench.now_ms)
        gaps = [b - a for a, b in pairwise(seen)]
        for gap, wanted in zip(gaps, [300, 600, 1200, 2000, 2000], strict=False):
            assert abs(gap - wanted) <= 10

    def test_an_acknowledgement_moves_the_window(self) -> None:
        bench = self.silent(30)
        bench.run(20)
        bench.forget()
        bench.ack(5)
        bench.run(1)
        assert numbers(bench) == [9, 10, 11, 12, 13]

    def test_acknowledging_what_was_never_sent_is_refused(self) -> None:
        bench = self.silent(3)
        bench.ack(4000)
        bench.run(1)
        assert bench.journal.acked == 0
        assert errors(bench) == [bytes((codes.BAD_BODY, codes.ACK))]

    def test_an_acknowledgement_of_another_journal_counts_for_nothing(self) -> None:
        bench = self.silent(3)
        bench.send(codes.ACK, struct.pack("<III", 1, 777, 2))
        assert bench.journal.acked == 0

    def test_replay_sends_again_what_was_acknowledged(self) -> None:
        bench = self.silent(12)
        bench.ack(12)
        bench.forget()
        bench.send(codes.REPLAY, struct.pack("<III", 1, bench.journal.id, 6))
        assert numbers(bench) == [6, 7, 8, 9, 10, 11, 12]

    def test_replay_acknowledges_nothing(self) -> None:
        bench = self.silent(12)
        bench.forget()
        bench.send(codes.REPLAY, struct.pack("<III", 1, bench.journal.id, 6))
        assert numbers(bench) == [6, 7, 8]  # the window begins at what was acknowledged
        assert bench.journal.acked == 0

    def test_replay_of_what_is_gone_names_the_first_held(self) -> None:
        bench = self.silent(400)
        bench.send(codes.REPLAY, struct.pack("<III", 1, bench.journal.id, 3))
        first = bench.journal.first
        assert errors(bench) == [struct.pack("<BBI", codes.GONE, codes.REPLAY, first)]
        bench.forget()
        bench.send(codes.REPLAY, struct.pack("<III", 1, bench.journal.id, first))
        assert numbers(bench)[0] == first

    def test_overflow_is_told_once_before_the_first_loss(self) -> None:
        bench = self.silent(256)
        told = [event for event in bench.told() if event.kind == codes.OVERFLOW]
        assert [(event.number, event.value) for event in told] == [(256, 255)]
        for _ in range(100):
            bench.core.chassis.emit(codes.CONFIG, None, 2)
        assert sum(event.kind == codes.OVERFLOW for event in bench.told()) == 1

    def test_no_overflow_where_all_is_acknowledged(self) -> None:
        bench = self.silent(200)
        bench.ack(200)
        for _ in range(200):
            bench.core.chassis.emit(codes.CONFIG, None, 2)
        assert all(event.kind != codes.OVERFLOW for event in bench.told())

    def test_every_event_arrives_over_a_lossy_line(self) -> None:
        bench = self.silent(200)
        cursor = 0
        luck = random.Random(7)
        for _ in range(40_000):
            if cursor == 200:
                break
            bench.forget()
            bench.run(5)
            for number in numbers(bench):
                if luck.random() < 0.7 and number == cursor + 1:
                    cursor = number
            if luck.random() < 0.5:
                bench.ack(cursor)
        assert cursor == 200

    def test_after_a_reboot_sending_goes_on_where_the_host_stopped(self) -> None:
        bench = self.silent(3)
        bench.reboot()
        bench.forget()
        bench.greet()
        assert numbers(bench)[:4] == [1, 2, 3, 4]
        assert unpack_event(bench.bodies(codes.EVENT)[3]).boot == 2


class TestSilence:
    def test_host_lost_after_5_s_and_power_stays(self) -> None:
        bench = Bench().powered(1)
        bench.heartbeats = False
        bench.run(6100)
        assert bench.told()[-1].kind == codes.HOST_LOST
        bench.run(600_000)
        assert bench.told()[-1].kind == codes.HOST_LOST
        assert bench.board.switches == 0b10

    def test_host_back_without_a_new_greeting(self) -> None:
        bench = Bench().powered(1)
        bench.heartbeats = False
        bench.run(8000)
        bench.change(lambda: bench.board.pull(1))
        bench.run(100)
        bench.heartbeats = True
        bench.run(1500)
        kinds = [event.kind for event in bench.told()][-4:]
        assert kinds == [codes.HOST_LOST, codes.REMOVE, codes.RAIL_OFF, codes.HOST_BACK]
        assert bench.journal.acked == bench.journal.next - 1

    def test_loss_is_remembered_over_a_reboot(self) -> None:
        bench = Bench().seated(1)
        bench.heartbeats = False
        bench.run(8000)
        bench.reboot()
        bench.run(20_000)
        assert [e.kind for e in bench.told()].count(codes.HOST_LOST) == 1
        bench.greet()
        bench.run(10)
        assert bench.told()[-1].kind == codes.HOST_BACK

    def test_a_board_that_never_had_a_host_loses_none(self) -> None:
        bench = Bench()
        bench.run(30_000)
        assert [event.kind for event in bench.told()] == [codes.BOOT]


class TestFrames:
    def test_ping_is_answered_with_three_times(self) -> None:
        bench = Bench()
        bench.greet()
        bench.run(1500)
        bench.forget()
        bench.send(codes.PING, struct.pack("<Q", 1 << 60))
        (body,) = bench.bodies(codes.PONG)
        assert struct.unpack("<QQQ", body) == (1 << 60, bench.now_ms * 1000, bench.now_ms * 1000)

    def test_console_is_reserved(self) -> None:
        bench = Bench()
        bench.greet()
        bench.send(codes.CONSOLE, bytes(5))
        assert errors(bench) == [bytes((codes.BAD_TYPE, codes.CONSOLE, codes.E_OP))]

    def test_unknown_type(self) -> None:
        bench = Bench()
        bench.greet()
        bench.send(0x7E, b"x")
        assert errors(bench) == [bytes((codes.BAD_TYPE, 0x7E))]

    @pytest.mark.parametrize(
        "kind", [codes.HELLO_REQ, codes.ACK, codes.REPLAY, codes.CMD, codes.PING]
    )
    def test_short_body(self, kind: int) -> None:
        bench = Bench()
        bench.greet()
        bench.send(kind, b"\1")
        assert errors(bench) == [bytes((codes.BAD_BODY, kind))]

    def test_bodies_may_grow_at_their_tail(self) -> None:
        bench = Bench()
        bench.send(codes.HELLO_REQ, struct.pack("<BBQIB", 1, 1, HOST_ID, 1, 0) + b"future")
        bench.epoch = 1
        assert bench.ask(codes.LAMP_TEST, 1, 99, 98)[0] == codes.OK

    def test_a_burst_after_silence_starts_with_a_zero(self) -> None:
        bench = Bench()
        assert bench.core.step(2000)[:1] == b"\0"
