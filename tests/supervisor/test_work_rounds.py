"""Rounds of long work: everybody has a turn, deadlines and nudges are followed, a failure stays where it is."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from backplane.slots import notify
from backplane.slots.errors import StorageFull
from backplane.slots.records import Change
from backplane.supervisor.work_rounds import Job, WorkRounds
from tests.support.loop_thread import LoopThread, until

pytestmark = pytest.mark.live

SOON_S = 8.0  # ten turns at one a second do not fit


class Work:
    """Stands in for a service: notes its turns, and wants or fails as it is told."""

    def __init__(self, *chassis_ids: int, wants_s: float | None = None) -> None:
        self.ids = list(chassis_ids)
        self.wants_s = wants_s
        self.turns: list[int] = []
        self.failure: Exception | None = None
        self.failing = 0

    def chassis_ids(self) -> list[int]:
        if self.failure is not None and not self.failing:
            raise self.failure
        return self.ids

    def advance(self, chassis_id: int, now: datetime) -> datetime | None:
        self.turns.append(chassis_id)
        if self.failure is not None and chassis_id == self.failing:
            raise self.failure
        return None if self.wants_s is None else now + timedelta(seconds=self.wants_s)


@pytest.fixture
def run() -> Iterator[Callable[..., None]]:
    """Run rounds over these works until the test is over."""
    loop = LoopThread()
    rounds: list[WorkRounds] = []

    def start(*works: Work) -> None:
        jobs = [Job(f"work {n}", work.chassis_ids, work.advance) for n, work in enumerate(works)]
        rounds.append(WorkRounds(jobs))
        loop.call(lambda: tasks.append(loop.loop.create_task(rounds[-1].run())))

    tasks: list[object] = []
    yield start
    loop.call(lambda: [task.cancel() for task in tasks])  # type: ignore[attr-defined]  # they are tasks
    for each in rounds:
        each.stop_thread()
    loop.stop()


def test_each_second_everybody_has_a_turn(run: Callable[..., None]) -> None:
    one, two = Work(1, 2), Work(2, 3)
    run(one, two)
    until(lambda: len(one.turns) >= 4 and len(two.turns) >= 4, "two rounds")
    assert one.turns[:4] == [1, 2, 1, 2]
    assert two.turns[:4] == [2, 3, 2, 3]


def test_a_deadline_is_followed(run: Callable[..., None]) -> None:
    work = Work(1, wants_s=0.05)
    run(work)
    until(lambda: len(work.turns) >= 10, "ten turns", limit_s=SOON_S)


def test_a_nudge_is_followed(run: Callable[..., None]) -> None:
    work = Work(1)
    run(work)
    until(lambda: bool(work.turns), "the first turn")

    def nudged() -> bool:
        notify.changed(Change(1, (), 1))
        return len(work.turns) >= 10

    until(nudged, "ten turns", limit_s=SOON_S)


@pytest.mark.parametrize("failing", [0, 1])
@pytest.mark.parametrize("failure", [ZeroDivisionError("oh"), StorageFull("disk full")])
def test_a_failure_keeps_nobody_else_from_their_turn_and_rests(
    run: Callable[..., None],
    failure: Exception,
    failing: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    bad, good = Work(1, 2), Work(1, wants_s=0.05)
    bad.failure, bad.failing = failure, failing
    with caplog.at_level(logging.ERROR):
        run(bad, good)
        until(lambda: len(good.turns) >= 10, "ten turns of the other", limit_s=SOON_S)
    assert len(bad.turns) - bad.turns.count(2) <= 2
    assert (2 in bad.turns) == bool(failing)
    where = "The work 0 of chassis 1" if failing else "Looking for a work 0"
    assert [record for record in caplog.records if record.message.startswith(where)]
    if failing:
        assert bad.turns.count(2) >= 5
