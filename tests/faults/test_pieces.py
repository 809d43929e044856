"""One piece of the program that fails for ever: the others live on."""

import pytest

from backplane.live import relay
from backplane.supervisor.planner_rounds import PlannerRounds
from backplane.supervisor.web import WebServer
from tests.support.app_bench import Stage
from tests.support.ledger import assert_nothing_is_lost
from tests.support.loop_thread import until

pytestmark = pytest.mark.live

UNKNOWN_KIND = 77


class BrokenError(Exception):
    """What the broken piece raises each time."""


async def break_down(*_: object) -> None:
    raise BrokenError


def test_links_live_on_while_the_planner_fails_for_ever(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(PlannerRounds, "run", break_down)
    rack = stage.running()
    rails = rack.rails
    until(lambda: caplog.text.count("planner failed; it starts again in") > 1, "two failures")
    rack.tell("pull 3")
    until(lambda: stage.slot(rack, 3).state == "M0", "the pull")
    assert_nothing_is_lost(rack)
    assert "Simulated" in stage.page(stage.person(), rack)
    assert (rack.rails, rack.switched) == (rails & ~(1 << 3), [(3, False)])


def test_links_live_on_while_the_web_server_fails_for_ever(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(WebServer, "serve", break_down)
    rack = stage.running()
    until(lambda: caplog.text.count("web server failed; it starts again in") > 1, "two failures")
    rack.tell("pull 3")
    until(lambda: stage.slot(rack, 3).state == "M0", "the pull")
    assert_nothing_is_lost(rack)
    assert rack.switched == [(3, False)]


def test_a_link_that_fails_for_ever_leaves_its_neighbour_alone(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = stage.rack("broken"), stage.rack("sound")
    stage.app.start(broken.port_url, sound.port_url)
    stage.wait_until_seen(broken)
    stage.wait_until_seen(sound)
    handler = stage.app.link_of(broken).handler
    handler.events_arrived = handler.state_reported = break_down  # type: ignore[method-assign, assignment]  # the fault
    broken.emit(UNKNOWN_KIND, times=3)
    sound.emit(UNKNOWN_KIND, times=3)
    until(lambda: "were not committed" in caplog.text, "the failure to be logged")
    answer = stage.ask(stage.person(), sound, 2, "locate_on")
    assert stage.wait_for_end(answer.json()["command"]).state == "done"
    assert_nothing_is_lost(sound)
    assert stage.events(broken)[-1].kind != UNKNOWN_KIND
    del handler.events_arrived, handler.state_reported
    assert_nothing_is_lost(broken)
    assert (broken.switched, sound.switched) == ([], [])


def test_links_live_on_without_anybody_to_tell(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise BrokenError

    monkeypatch.setattr(relay.Relay, "take_change", fail)
    rack = stage.running()
    rack.tell("pull 3")
    until(lambda: stage.slot(rack, 3).state == "M0", "the pull")
    assert_nothing_is_lost(rack)
    assert rack.switched == [(3, False)]
