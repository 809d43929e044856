"""A board behind Debian's ser2net, which dies and hangs: the app loses nothing and comes back by itself."""

import signal
from pathlib import Path

import pytest

from tests.support.app_bench import Stage
from tests.support.ledger import assert_nothing_is_lost
from tests.support.loop_thread import until
from tests.support.ser2net import Ser2netRack

pytestmark = pytest.mark.live

CONFIG = 17  # a kind that moves no slot


@pytest.fixture
def rack(stage: Stage, tmp_path: Path) -> Ser2netRack:
    """Connected and seen whole."""
    rack = Ser2netRack(stage.loop, tmp_path / "racks" / "bench")
    stage.racks.append(rack)
    stage.app.start(rack.port_url)
    stage.wait_until_seen(rack)
    return rack


def test_a_ser2net_that_is_killed_and_restarted_costs_no_event(
    stage: Stage, rack: Ser2netRack
) -> None:
    rails, before = rack.rails, rack.journal().next
    rack.emit(CONFIG, 30)
    until(lambda: stage.chassis(rack).cursor != before - 1, "the first of the events")
    rack.server.kill()
    rack.tell("pull 3")
    stage.wait_for_link(rack, "lost")
    rack.emit(CONFIG, 30)
    rack.server.start()
    stage.wait_until_seen(rack)
    assert_nothing_is_lost(rack)
    assert len(stage.events(rack)) >= before - 1 + 61
    assert (rack.rails, rack.orders) == (rails & ~0b1000, [])


def test_a_connection_that_is_dead_without_an_end_is_given_up_after_3_s(
    stage: Stage, rack: Ser2netRack
) -> None:
    rack.server.send(
        signal.SIGSTOP
    )  # half-open: the kernel still takes our bytes, and no FIN comes
    rack.tell("pull 4")
    message = stage.wait_for_link(rack, "lost")
    assert "stopped answering 3 s ago" in message
    rack.server.send(signal.SIGCONT)
    stage.wait_until_seen(rack)
    assert_nothing_is_lost(rack)
    assert rack.orders == []
