"""Power runs on a simulated rack: the real firmware, the real app, rails as witnesses."""

import pytest

from backplane.people.audit import Actor
from backplane.slots import services
from backplane.slots.models import Command, PowerRun, RunKind
from backplane.slots.services import RunRequest
from tests.support.app_bench import Stage, utc_now
from tests.support.loop_thread import until
from tests.support.rack_bench import Rack

pytestmark = pytest.mark.live
ANA = Actor(None, "Ana", "operator")


def begin(stage: Stage, rack: Rack, kind: RunKind, *order: int) -> PowerRun:
    chassis = stage.chassis(rack)
    return services.start_run(RunRequest(chassis.pk, kind, order, ANA), utc_now())


def state_of(run: PowerRun) -> str:
    return PowerRun.objects.values_list("state", flat=True).get(pk=run.pk)


def test_slots_go_down_and_up_one_after_the_other_as_chosen(stage: Stage) -> None:
    rack = stage.running()
    rails = rack.rails
    run = begin(stage, rack, RunKind.SHUTDOWN, 2, 3)
    until(lambda: state_of(run) == "done", "the shutdown", limit_s=90)
    assert rack.rails == rails & ~0b1100
    assert rack.switched == [(2, False), (3, False)]
    run = begin(stage, rack, RunKind.START, 3, 2)
    until(lambda: state_of(run) == "done", "the start", limit_s=90)
    assert rack.rails == rails
    assert rack.switched[2:] == [(3, True), (2, True)]


def test_a_run_over_a_restart_of_the_program_asks_a_person_and_sends_nothing_twice(
    stage: Stage,
) -> None:
    rack = stage.running()
    run = begin(stage, rack, RunKind.SHUTDOWN, 2, 3)
    until(lambda: len(rack.orders) == 1, "the first order")
    stage.app.stop()
    stage.app.start(rack.port_url)
    stage.wait_until_seen(rack)

    def is_told() -> bool:
        run.refresh_from_db()
        return run.state == "waiting" or run.steps["2"]["state"] == "done"

    # The slot had been told to shut down: it is off by now, or a person is asked; never a second order.
    until(is_told, "the run to go on")
    asked = Command.objects.filter(slot__number=2)
    assert [command.op for command in asked] == ["shutdown"]
    ids = [order.id for order in rack.orders]
    assert ids.count(asked[0].wire_id) == 1
