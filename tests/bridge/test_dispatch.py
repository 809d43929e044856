"""A claimed command is sent once, and only while what was claimed still holds."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from backplane.bridge.database_thread import DatabaseThread
from backplane.bridge.dispatch import Dispatcher
from backplane.bridge.peaks import PeakBook
from backplane.bridge.questions import Questions
from backplane.bridge.updates import UpdateDesk
from backplane.firmware_link.commands import OutgoingCommand
from backplane.slots import services
from backplane.slots.models import Command
from backplane.slots.ops import CommandOp
from tests.support.slots import OFF, ask, hello, new_chassis

pytestmark = pytest.mark.live


class Wire:
    """Stands in for a link: keeps what it is told to send."""

    def __init__(self) -> None:
        self.sent: list[OutgoingCommand] = []

    def send(self, command: OutgoingCommand) -> None:
        self.sent.append(command)


class Holder:
    """Stands in for a handler whose link is up and whose lease is held."""

    is_up = True
    is_held = True
    boot = 3

    def __init__(self, key: tuple[int, int]) -> None:
        self.key = key
        self.lease = self
        self.questions = Questions()
        self.updates = UpdateDesk()
        self.peaks = PeakBook()


class BusyThread(DatabaseThread):
    """A database thread on which something else comes between the claim and the sending."""

    def __init__(self, between: Callable[[], object]) -> None:
        super().__init__("busy")
        self._between = between

    async def run(self, service: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  (whatever the service takes and returns)
        result = await super().run(service, *args, **kwargs)
        if service is services.mark_sent:
            await super().run(self._between)
        return result


def dispatch(key: tuple[int, int], between: Callable[[], object]) -> list[OutgoingCommand]:
    """Return what goes out in one round of the planner."""
    wire, thread = Wire(), BusyThread(between)
    dispatcher = Dispatcher(Holder(key), wire, thread)  # type: ignore[arg-type]  # as far as it needs them
    try:
        asyncio.run(dispatcher.dispatch())
    finally:
        thread.stop()
    return wire.sent


@pytest.fixture
def asked(file_database: Path) -> Command:
    """A start that was just asked for."""
    chassis = new_chassis({7: OFF})
    return ask(chassis, CommandOp.POWER_ON, at=datetime.now(UTC))


def key_of(command: Command) -> tuple[int, int]:
    command.chassis.refresh_from_db()
    return command.chassis_id, command.chassis.epoch


def test_a_claimed_command_goes_out_with_the_time_that_is_left(asked: Command) -> None:
    (sent,) = dispatch(key_of(asked), lambda: None)
    assert (sent.id, sent.boot) == (asked.wire_id, 3)
    assert 0 < sent.expires_in_ms <= 10_000


def test_a_link_that_went_and_came_back_takes_the_claim_with_it(asked: Command) -> None:
    chassis_id, epoch = key_of(asked)

    def blink() -> None:
        services.link_lost(chassis_id, epoch, "gone", datetime.now(UTC))
        services.link_restored(chassis_id, epoch, hello(), datetime.now(UTC))

    assert dispatch((chassis_id, epoch), blink) == []


def test_a_claim_that_waited_too_long_is_not_sent(asked: Command) -> None:
    def stall() -> None:
        past = datetime.now(UTC) - timedelta(seconds=1)
        Command.objects.update(expires_at=past)

    assert dispatch(key_of(asked), stall) == []
