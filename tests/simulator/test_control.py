"""The control language: what each line does to the rack, and what it answers to nonsense."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backplane.firmware_link.simulator.control import COMMANDS, execute
from backplane.firmware_link.simulator.pi import PiPhase
from tests.support.sim_bench import SimBench

pytestmark = pytest.mark.long


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SimBench]:
    made = SimBench(tmp_path)
    yield made
    made.machine.stop()


def refusal(bench: SimBench, line: str) -> str:
    answer = execute(bench.machine, line)
    assert answer["ok"] is False
    assert set(answer) == {"ok", "error"}
    return str(answer["error"])


def test_state_tells_every_slot_in_one_json_line(bench: SimBench) -> None:
    text = json.dumps(bench.do("state"))
    assert "\n" not in text
    state = json.loads(text)
    assert [slot["slot"] for slot in state["slots"]] == list(range(1, 11))
    assert state["slots"][0]["pi"] == "running"
    assert state["slots"][0]["mv"] > 11_900
    assert state["slots"][4]["carrier"] is None
    assert state["slots"][4]["cdeg"] is None
    assert state["silence"] is False


def test_pull_then_insert_puts_the_same_carrier_back(bench: SimBench) -> None:
    carrier = bench.bay(7).carrier
    assert carrier is not None
    bench.do("pull 7")
    assert bench.bay(7).carrier is None
    assert bench.do("insert 7")["carrier"] == carrier.uid
    assert bench.bay(7).carrier is carrier


def test_insert_takes_a_pulled_carrier_with_its_pi_to_another_slot(bench: SimBench) -> None:
    carrier = bench.bay(7).carrier
    assert carrier is not None
    bench.do("pull 7")
    bench.do(f"insert 5 {carrier.uid}")
    assert bench.bay(5).carrier is carrier


def test_insert_makes_a_carrier_that_was_never_seen(bench: SimBench) -> None:
    bench.do("insert 5 TRAY-99")
    assert bench.bay(5).reads_present(bench.machine.now_ms())
    assert bench.do("insert 10")["carrier"] not in {None, "TRAY-99"}


def test_a_hand_closes_the_handle_a_moment_after_seating_the_carrier(bench: SimBench) -> None:
    bench.do("insert 5")
    assert not bench.bay(5).handle_is_closed
    bench.run(0.3)
    assert bench.bay(5).handle_is_closed


def test_handle_opens_and_closes(bench: SimBench) -> None:
    bench.do("handle 7 open")
    assert not bench.bay(7).handle_is_closed
    bench.do("handle 7 close")
    assert bench.bay(7).handle_is_closed


def test_silence_and_noise_are_told_by_state(bench: SimBench) -> None:
    bench.do("silence on")
    bench.do("noise 2.5%")
    state = bench.do("state")
    assert state["silence"] is True
    assert state["noise"] == 0.025
    bench.do("silence off")
    bench.do("noise 0")
    assert bench.do("state")["noise"] == 0.0


def test_hang_and_halt_reach_the_pi(bench: SimBench) -> None:
    bench.do("halt 1")
    bench.do("hang 2")
    pis = [bench.bay(slot).carrier for slot in (1, 2)]
    phases = [carrier.pi.phase for carrier in pis if carrier]
    assert phases == [PiPhase.STOPPING, PiPhase.HUNG]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "Commands:"),
        ("   ", "Commands:"),
        ("explode 7", "Unknown command 'explode'"),
        ("PULL 7", "Unknown command"),
        ("pull", "Use: pull SLOT"),
        ("pull 7 8", "Use: pull SLOT"),
        ("pull 0", "slots are 1 to 10"),
        ("pull 11", "slots are 1 to 10"),
        ("pull -1", "slots are 1 to 10"),
        ("pull 1e0", "slots are 1 to 10"),
        ("pull \u0667", "slots are 1 to 10"),
        ("pull 5", "Slot 5 is empty already. Use: insert 5"),
        ("insert 7", "Pull it first: pull 7"),
        ("insert 5 ../../etc", "carrier uid"),
        ("insert 5 " + "a" * 33, "carrier uid"),
        ("handle 7 ajar", "Say open or close"),
        ("handle 5 open", "Slot 5 is empty"),
        ("trip 8", "rail of slot 8 is off"),
        ("brownout 8", "rail of slot 8 is off"),
        ("halt 8", "off"),
        ("hang 8", "off"),
        ("backfeed 7 maybe", "Say on or off"),
        ("silence perhaps", "Say on or off"),
        ("noise", "Use: noise RATE"),
        ("noise nan", "no rate"),
        ("noise -1", "no rate"),
        ("noise 1e-3", "no rate"),
        ("noise .", "no rate"),
        ("noise %", "no rate"),
        ("noise 2", "at most 1"),
        ("state 7", "Use: state"),
        ("pull " + "7" * 300, "too long"),
        ("\x1b[2J\x1b]0;owned\x07", "Unknown command"),
    ],
)
def test_bad_input_is_refused_with_what_to_do(bench: SimBench, line: str, says: str) -> None:
    before = [bay.carrier and bay.carrier.uid for bay in bench.machine.rig.world.bays]
    error = refusal(bench, line)
    assert says in error
    assert "\x1b" not in error
    assert before == [bay.carrier and bay.carrier.uid for bay in bench.machine.rig.world.bays]


def test_a_carrier_cannot_be_in_two_slots(bench: SimBench) -> None:
    carrier = bench.bay(7).carrier
    assert carrier is not None
    assert "sits in slot 7" in refusal(bench, f"insert 5 {carrier.uid}")


def test_reboot_is_refused_while_the_chassis_is_dark(bench: SimBench) -> None:
    bench.do("power-loss")
    assert "no power" in refusal(bench, "reboot")
    bench.run(2.0)
    assert bench.do("state")["powered"] is True


WORDS = st.one_of(
    st.sampled_from(sorted(COMMANDS)), st.text(max_size=12), st.integers(-3, 14).map(str)
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150
)
@given(st.one_of(st.lists(WORDS, max_size=4).map(" ".join), st.text(max_size=300)))
def test_whatever_is_said_is_answered_and_the_rack_lives_on(bench: SimBench, line: str) -> None:
    answer = execute(bench.machine, line)
    assert isinstance(answer["ok"], bool)
    json.dumps(answer)
    bench.run(0.01)
    assert execute(bench.machine, "state")["ok"] is True
