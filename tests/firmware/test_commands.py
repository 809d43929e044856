"""Commands: guards checked twice, each acts once, and every operation's answer."""

import struct

import pytest

from firmware import codes
from tests.support.bench import Bench

ALL_OPS = range(256)


def newest(bench: Bench) -> int:
    return bench.told()[-1].number


class TestGuards:
    def test_another_boot(self) -> None:
        bench = Bench().seated(1)
        assert bench.ask(codes.SET_POWER, 1, 1, boot=2)[0] == codes.E_EXPIRED

    def test_past_its_time(self) -> None:
        bench = Bench().seated(1)
        late = bench.now_ms - 1
        assert bench.ask(codes.SET_POWER, 1, 1, expires_ms=late)[0] == codes.E_EXPIRED
        assert bench.board.switches == 0

    def test_a_newer_event_of_the_slot(self) -> None:
        bench = Bench().seated(1, 2)
        seen = newest(bench)
        assert bench.ask(codes.SET_POWER, 1, 1, if_event=seen)[0] == codes.OK
        assert bench.ask(codes.SET_POWER, 1, 0, if_event=seen)[0] == codes.E_STATE
        assert bench.ask(codes.SET_POWER, 2, 1, if_event=seen)[0] == codes.OK

    def test_an_event_that_this_journal_never_gave(self) -> None:
        bench = Bench().seated(1)
        assert bench.ask(codes.SET_POWER, 1, 1, if_event=newest(bench) + 1)[0] == codes.E_STATE

    def test_a_new_journal_behind_the_stagger(self) -> None:
        bench = Bench().powered(1)
        bench.seated(2, 3)
        bench.command(codes.SET_POWER, 2, 1)
        waiting = bench.command(codes.SET_POWER, 3, 1, if_event=newest(bench))
        assert bench.ask(codes.NEW_JOURNAL)[0] == codes.OK
        bench.run(2000)
        assert bench.results()[waiting][0] == codes.E_STATE
        assert bench.board.switches == 0b110

    def test_another_owner_behind_the_stagger(self) -> None:
        bench = Bench().seated(2, 3)
        bench.command(codes.SET_POWER, 2, 1)
        bench.command(codes.SET_POWER, 3, 1)
        bench.greet(epoch=2)
        bench.run(2000)
        assert bench.board.switches == 0b100
        assert bench.ask(codes.SET_POWER, 3, 1)[0] == codes.OK

    def test_the_same_id_of_another_installation_is_another_command(self) -> None:
        bench = Bench().seated(1)
        assert bench.ask(codes.SET_POWER, 1, 1, id=7)[0] == codes.OK
        bench.run(500)
        bench.greet(host_id=5, flags=codes.TAKE)
        assert bench.ask(codes.SET_POWER, 1, 0, id=7)[0] == codes.OK
        assert bench.board.switches == 0

    def test_cut_now_skips_only_the_event_check(self) -> None:
        bench = Bench().powered(1)
        assert bench.ask(codes.SET_POWER, 1, 0, if_event=codes.NO_CHECK)[0] == codes.OK
        assert bench.ask(codes.SET_POWER, 1, 1, boot=9)[0] == codes.E_EXPIRED

    def test_expiry_is_checked_again_behind_the_stagger(self) -> None:
        bench = Bench().seated(1, 2)
        bench.command(codes.SET_POWER, 1, 1)
        number = bench.command(codes.SET_POWER, 2, 1, expires_ms=bench.now_ms + 300)
        bench.run(2000)
        assert bench.results()[number][0] == codes.E_EXPIRED
        assert bench.board.switches == 0b10

    def test_events_are_checked_again_behind_the_stagger(self) -> None:
        bench = Bench().seated(1, 2)
        bench.command(codes.SET_POWER, 1, 1)
        number = bench.command(codes.SET_POWER, 2, 1, if_event=newest(bench))
        bench.change(lambda: setattr(bench.board, "handles_closed", 1 << 1))
        bench.run(2000)
        assert bench.results()[number][0] == codes.E_STATE

    def test_a_pull_behind_the_stagger_refuses_at_once(self) -> None:
        bench = Bench().seated(1, 2)
        bench.command(codes.SET_POWER, 1, 1)
        number = bench.command(codes.SET_POWER, 2, 1)
        bench.change(lambda: bench.board.pull(2))
        bench.run(30)
        assert bench.results()[number][0] == codes.E_STATE

    def test_times_compare_modulo_2_to_the_32(self) -> None:
        bench = Bench()
        bench.now_ms = (1 << 32) - 1000
        bench.greet()
        bench.seated(1)
        bench.run(400)
        assert bench.ask(codes.SET_POWER, 1, 1, expires_ms=bench.now_ms + 5000)[0] == codes.OK
        bench.run(2000)
        assert bench.now_ms > 1 << 32
        assert bench.ask(codes.SET_POWER, 1, 0, expires_ms=bench.now_ms - 1)[0] == codes.E_EXPIRED
        assert bench.told()[-1].uptime_ms < 5000 or bench.told()[-1].uptime_ms > (1 << 32) - 1000


class TestOnce:
    def test_a_resent_command_acts_once_and_is_answered_again(self) -> None:
        bench = Bench().powered(1)
        body = bench.command_body(codes.POWER_CYCLE, 1, 0, 0)
        for _ in range(3):
            bench.send(codes.CMD, body)
            bench.run(3000)
        assert bench.values(codes.RAIL_OFF, 1) == [
            codes.BY_CYCLE | struct.unpack_from("<I", body, 4)[0] << 8
        ]
        assert len(bench.bodies(codes.RESULT)) == 4

    def test_a_command_resent_while_it_waits_is_not_queued_twice(self) -> None:
        bench = Bench().seated(1, 2)
        bench.command(codes.SET_POWER, 1, 1)
        body = bench.command_body(codes.SET_POWER, 2, 1)
        for _ in range(4):
            bench.send(codes.CMD, body)
        bench.run(2000)
        assert len(bench.bodies(codes.RESULT)) == 2
        assert bench.kinds(2).count(codes.RAIL_ON) == 1

    def test_the_last_32_results_are_kept(self) -> None:
        bench = Bench().seated(1)
        bodies = [bench.command_body(codes.LAMP_TEST, 1) for _ in range(33)]
        for body in bodies:
            bench.send(codes.CMD, body)
        late = bench.now_ms + 61_000
        bench.run(61_000)
        assert bench.now_ms >= late
        bench.forget()
        bench.send(codes.CMD, bodies[1])
        bench.send(codes.CMD, bodies[0])
        assert [body[8] for body in bench.bodies(codes.RESULT)] == [codes.OK, codes.E_EXPIRED]


class TestAnswers:
    @pytest.mark.parametrize("op", [0, 17, 20, 21, 22, 23, 255])
    def test_unknown_and_unbuilt_operations(self, op: int) -> None:
        assert Bench().seated(1).ask(op, 1, 1)[0] == codes.E_OP

    @pytest.mark.parametrize("op", [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 14, 16])
    def test_missing_arguments(self, op: int) -> None:
        assert Bench().seated(1).ask(op)[0] == codes.E_ARGS

    @pytest.mark.parametrize("op", [1, 2, 3, 4, 5, 7, 8, 10])
    @pytest.mark.parametrize("slot", [0, 11, 255])
    def test_slots_that_do_not_exist(self, op: int, slot: int) -> None:
        assert Bench().seated(1).ask(op, slot, 1, 1, 1, 1, 1)[0] == codes.E_SLOT

    @pytest.mark.parametrize("op", [codes.SET_POWER, codes.REQUEST_SHUTDOWN, codes.RELEASE])
    def test_a_target_is_0_or_1(self, op: int) -> None:
        assert Bench().powered(1).ask(op, 1, 2)[0] == codes.E_ARGS

    def test_identity(self) -> None:
        bench = Bench().seated(3)
        code, data = bench.ask(codes.GET_IDENTITY, 3)
        assert (code, data) == (codes.OK, b"\x0acarrier-03\x03SN1\x04tray")
        assert bench.ask(codes.GET_IDENTITY, 4)[0] == codes.E_STATE

    def test_fan(self) -> None:
        bench = Bench().seated(1)
        assert bench.ask(codes.SET_FAN, 1, 180)[0] == codes.OK
        assert bench.board.fans == {1: 180}
        assert bench.ask(codes.SET_FAN, 2, 180)[0] == codes.E_ARGS

    def test_stats_count_frames(self) -> None:
        bench = Bench().seated(1)
        bench.core.receive(b"\x07garbage\0", bench.now_ms)
        code, data = bench.ask(codes.STATS)
        good, bad, lost, sent, dropped, resent, failures = struct.unpack("<7I", data)
        assert code == codes.OK
        assert good > 0
        assert sent > 0
        assert (bad, dropped, resent, failures) == (1, 0, 0, 0)
        assert lost >= 0

    def test_get_state_is_answered_and_state_follows(self) -> None:
        bench = Bench().seated(1)
        bench.run(1000)
        bench.forget()
        bench.ask(codes.GET_STATE)
        assert len(bench.bodies(codes.STATE)) == 1

    def test_new_journal_has_another_id_and_begins_at_one(self) -> None:
        bench = Bench().powered(1)
        old = bench.journal.id
        bench.acks = False
        code, data = bench.ask(codes.NEW_JOURNAL)
        assert code == codes.OK
        assert struct.unpack("<I", data)[0] == bench.journal.id != old
        bench.acks = True
        assert bench.ask(codes.SET_POWER, 1, 0, if_event=0)[0] == codes.OK
        bench.run(100)
        assert [(event.journal, event.number) for event in bench.told()] == [(bench.journal.id, 1)]
        assert bench.journal.acked == 1

    def test_reboot_needs_the_same_nonce_twice(self) -> None:
        bench = Bench().powered(1)
        assert bench.ask(codes.REBOOT, 1, 2, 3, 4) == (codes.OK, b"\0")
        assert bench.ask(codes.REBOOT, 1, 2, 3, 5) == (codes.OK, b"\0")
        assert bench.ask(codes.REBOOT, 1, 2, 3, 5) == (codes.OK, b"\1")
        assert bench.board.reboots == 0
        bench.run(100)
        assert bench.board.reboots == 1
        assert bench.board.switches == 0b10


class TestConfig:
    def set(self, bench: Bench, key: int, slot: int, value: int) -> int:
        return bench.ask(codes.SET_CONFIG, key, slot, *struct.pack("<i", value))[0]

    def get(self, bench: Bench, key: int, slot: int) -> int:
        code, data = bench.ask(codes.GET_CONFIG, key, slot)
        assert code == codes.OK
        return int(struct.unpack("<i", data)[0])

    @pytest.mark.parametrize(
        ("key", "default", "value"),
        [
            (1, 0, 2),
            (2, 500, 700),
            (3, 2000, 1500),
            (4, 8000, 7000),
            (5, 1000, 2000),
            (6, 0, 1),
            (7, 150000, 90000),
            (8, 90000, 60000),
            (9, 150, 90),
        ],
    )
    def test_each_key_outlives_a_reboot(self, key: int, default: int, value: int) -> None:
        bench = Bench().seated(1)
        assert self.get(bench, key, 0) == default
        assert self.set(bench, key, 0, value) == codes.OK
        assert bench.values(codes.CONFIG, 0) == [key]
        bench.reboot()
        bench.greet()
        assert self.get(bench, key, 0) == value

    def test_a_slot_has_its_own_value(self) -> None:
        bench = Bench().seated(1)
        self.set(bench, codes.LIMIT_MA, 0, 1500)
        self.set(bench, codes.LIMIT_MA, 3, 900)
        assert [self.get(bench, codes.LIMIT_MA, slot) for slot in (0, 2, 3)] == [1500, 1500, 900]

    def test_the_same_value_again_is_no_event(self) -> None:
        bench = Bench().seated(1)
        self.set(bench, codes.LIMIT_MA, 3, 900)
        self.set(bench, codes.LIMIT_MA, 3, 900)
        assert bench.values(codes.CONFIG, 3) == [codes.LIMIT_MA]

    def test_the_good_supplies_can_be_read_and_not_set(self) -> None:
        bench = Bench().seated(1)
        every = bench.board.spec.supplies_mask
        assert every
        assert self.get(bench, codes.SUPPLIES_GOOD, 0) == every
        lost = every & -every
        bench.board.supplies_good = every & ~lost
        bench.run(200)
        assert self.get(bench, codes.SUPPLIES_GOOD, 0) == every & ~lost
        assert self.set(bench, codes.SUPPLIES_GOOD, 0, every) == codes.E_ARGS
        assert bench.ask(codes.GET_CONFIG, codes.SUPPLIES_GOOD, 1)[0] == codes.E_ARGS

    def test_what_makes_no_sense_is_refused(self) -> None:
        bench = Bench().seated(1)
        assert self.set(bench, 11, 0, 1) == codes.E_ARGS
        assert self.set(bench, codes.RESTORE_POLICY, 0, 3) == codes.E_ARGS
        assert self.set(bench, codes.STAGGER_MS, 0, -1) == codes.E_ARGS
        assert self.set(bench, codes.BUDGET_MW, 3, 1) == codes.E_SLOT
        assert self.set(bench, codes.LIMIT_MA, 11, 1) == codes.E_SLOT
        assert bench.ask(codes.GET_CONFIG, 0, 0)[0] == codes.E_ARGS
