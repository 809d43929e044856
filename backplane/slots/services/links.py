"""The coming and going of a chassis's link, as the database knows it."""

from collections.abc import Collection
from datetime import datetime

from backplane.slots.models import Chassis, LinkState
from backplane.slots.records import Change, HelloFacts
from backplane.slots.services.unknowing import drop_commands, lose_sight
from backplane.slots.services.work import Work, work_on

_NOT_HEARD_YET = "The service has just started and has not heard this chassis yet."
_NO_PORT = "No port is set for this chassis. Add its port to PORTS and restart the service."


def link_restored(chassis_id: int, epoch: int, hello: HelloFacts, now: datetime) -> Change | None:
    """Note that the board obeys us again. Slots stay M7 until STATE; open commands end as expired.

    Raises StaleGeneration.
    """
    with work_on(chassis_id, now, epoch=epoch) as work:
        drop_commands(work, "The link was restored; nothing asked before is done now.")
        lose_sight(work)
        work.set_chassis(
            boot=hello.boot,
            caps=hello.caps,
            firmware_version=hello.firmware_version[:64],
            seen_at=now,
            take_over_confirmed=False,  # a person's word is good for one take-over
        )
        _set_status(work, LinkState.UP, "")
    return work.change


def link_lost(
    chassis_id: int,
    epoch: int,
    message: str,
    now: datetime,
    state: LinkState | str = LinkState.LOST,
) -> Change | None:
    """Put all slots to M7 and end open commands as expired. Raises StaleGeneration."""
    with work_on(chassis_id, now, epoch=epoch) as work:
        _go_dark(work, LinkState(state), message)
    return work.change


def forget_links(port_urls: Collection[str], now: datetime) -> None:
    """Note at a start that no chassis was heard yet, and which have no port among `port_urls`."""
    for chassis_id, port_url in Chassis.objects.values_list("pk", "port_url"):
        with work_on(chassis_id, now) as work:
            if port_url in port_urls:
                _go_dark(work, LinkState.OPENING, _NOT_HEARD_YET)
            else:
                _go_dark(work, LinkState.NO_PORT, _NO_PORT)


def set_link_status(
    chassis_id: int, state: LinkState | str, message: str, now: datetime
) -> Change | None:
    """Note how the link is doing; anything but up also means that nothing is known of the slots."""
    with work_on(chassis_id, now) as work:
        if state == LinkState.UP:
            _set_status(work, LinkState.UP, message)
        else:
            _go_dark(work, LinkState(state), message)
    return work.change


def set_port_status(
    port_url: str, state: LinkState | str, message: str, now: datetime
) -> Change | None:
    """Note the status of a port that has said no HELLO yet, for the chassis that was last there."""
    chassis_id = Chassis.objects.filter(port_url=port_url).values_list("pk", flat=True).first()
    return None if chassis_id is None else set_link_status(chassis_id, state, message, now)


def _go_dark(work: Work, state: LinkState, message: str) -> None:
    drop_commands(work, "The link was lost before it was done.")
    lose_sight(work)
    _set_status(work, state, message)


def _set_status(work: Work, state: LinkState, message: str) -> None:
    if work.set_chassis(link_state=state.value, link_message=message[:255]):
        work.set_chassis(link_changed_at=work.now)
        work.touch()
