"""The inventory as a child of the supervisor: nudged, on a thread of its own, and its failures stay its own."""

import asyncio
import threading
from datetime import datetime, timedelta

import pytest

from backplane.bridge.moment import utc_now
from backplane.inventory import nudge
from backplane.inventory.keeper import Keeper
from backplane.supervisor.netbox_rounds import NetBoxRounds

pytestmark = pytest.mark.live
_LONG_S = 20


class _Counting(Keeper):
    """Counts its turns; the first fails."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: list[str] = []

    def tick(self, now: datetime) -> datetime:
        self.threads.append(threading.current_thread().name)
        if len(self.threads) == 1:
            message = "as it may"
            raise ValueError(message)
        return now + timedelta(hours=1)


class _Stuck(Keeper):
    """Waits for a NetBox that never answers."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()
        self.goes_on = threading.Event()

    def tick(self, now: datetime) -> datetime:
        self.begun.set()
        self.goes_on.wait(_LONG_S)
        return now


async def test_it_goes_round_at_each_nudge_and_outlives_a_failure() -> None:
    keeper = _Counting()
    task = asyncio.create_task(NetBoxRounds(keeper).run())
    async with asyncio.timeout(_LONG_S):
        while len(keeper.threads) < 3:
            nudge.nudge()
            await asyncio.sleep(0.05)
    assert set(keeper.threads) == {"netbox"}
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_stop_does_not_wait_for_netbox() -> None:
    keeper = _Stuck()
    task = asyncio.create_task(NetBoxRounds(keeper).run())
    await asyncio.to_thread(keeper.begun.wait, _LONG_S)
    began = utc_now()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (utc_now() - began).total_seconds() < 5
    keeper.goes_on.set()
