"""The life of a firmware update: asked, carried out by who holds the link, ended. It sends nothing itself.

While one is asked or runs, nothing may start, cycle or shut down in its chassis; cutting power may.
"""

from datetime import datetime, timedelta
from typing import Final

from backplane.people import audit
from backplane.people.audit import Act, Actor
from backplane.slots.durable import plain_transaction
from backplane.slots.errors import LinkNotLive, NotPossible
from backplane.slots.models import (
    UNFINISHED_RUNS,
    UNFINISHED_UPDATES,
    Chassis,
    Command,
    FirmwareUpdate,
    PowerRun,
    UpdateState,
)
from backplane.slots.ops import OP_WORDS, POWER_OPS, UNFINISHED, CommandOp

CAP_UPDATE: Final = 1 << 3  # as the wire has it
UNTOLD: Final = timedelta(seconds=30)  # an update that nobody took up, or whose process died

_STOPPED = "The program stopped in the middle. The board goes on as it is; ask again, it continues."


def request_update(
    chassis_id: int, actor: Actor, now: datetime, *, again: bool = False
) -> FirmwareUpdate:
    """Write that the board of a chassis shall get this program's firmware. Raises LinkNotLive, NotPossible."""
    with plain_transaction():
        chassis = Chassis.objects.select_for_update().get(pk=chassis_id)
        _drop_untold(chassis, now)
        _check(chassis)
        update = FirmwareUpdate.objects.create(
            chassis=chassis,
            again=again,
            old_version=chassis.firmware_version,
            requested_by_id=actor.user_id,
            requester_name=actor.name[:150],
            requester_role=actor.role[:16],
            channel=actor.channel[:8],
            created_at=now,
            told_at=now,
        )
        _tell(update, "firmware.update", "asked", now)
    return update


def claim_update(chassis_id: int, now: datetime) -> FirmwareUpdate | None:
    """Take the update that is asked for, once; None when there is none."""
    asked = FirmwareUpdate.objects.filter(chassis_id=chassis_id, state=UpdateState.ASKED)
    update = asked.select_related("chassis").first()
    if update is None:
        return None
    claimed = asked.filter(pk=update.pk).update(state=UpdateState.RUNNING, told_at=now)
    return update if claimed else None


def note_update(
    update_id: int, version: str, sent_bytes: int, size_bytes: int, now: datetime
) -> None:
    """Note how far it is."""
    FirmwareUpdate.objects.filter(pk=update_id, state=UpdateState.RUNNING).update(
        version=version[:64], sent_bytes=sent_bytes, size_bytes=size_bytes, told_at=now
    )


def end_update(update_id: int, outcome: str, now: datetime, *, is_done: bool) -> None:
    """Note how it ended, once."""
    with plain_transaction():
        update = FirmwareUpdate.objects.select_related("chassis").get(pk=update_id)
        if update.is_unfinished:
            _end(update, outcome, now, is_done=is_done)


def forget_updates(now: datetime) -> None:
    """At a start: whoever carried these out is gone."""
    with plain_transaction():
        for update in FirmwareUpdate.objects.filter(state=UpdateState.RUNNING).select_related(
            "chassis"
        ):
            _end(update, _STOPPED, now, is_done=False)


def give_up_untold(update_id: int, now: datetime) -> bool:
    """End an update that nobody takes up or goes on with; says whether it did."""
    with plain_transaction():
        update = FirmwareUpdate.objects.select_related("chassis").get(pk=update_id)
        return update.is_unfinished and _drop_untold(update.chassis, now)


def why_update_blocks(chassis_id: int, op: CommandOp) -> str:
    """Return why `op` has to wait for an update of this chassis; "" when it need not."""
    if op not in POWER_OPS or op is CommandOp.POWER_OFF:
        return ""
    unfinished = FirmwareUpdate.objects.filter(chassis_id=chassis_id, state__in=UNFINISHED_UPDATES)
    if not unfinished.exists():
        return ""
    return (
        "The firmware of this chassis is being updated, so nothing starts or shuts down for a minute or two. "
        "Power can be cut at any time."
    )


def _check(chassis: Chassis) -> None:
    if chassis.is_replayed:
        raise NotPossible(
            "This chassis is played from a recording: there is no board that could be updated."
        )
    if not chassis.link_is_up:
        raise LinkNotLive(
            chassis.link_message or "The chassis does not answer; nothing can be sent."
        )
    if not chassis.caps & CAP_UPDATE:
        raise NotPossible(
            "This board cannot be updated over the link. Connect the ESP32's USB port and run "
            "`python manage.py install_firmware --port PORT --board NAME` once."
        )
    if FirmwareUpdate.objects.filter(chassis=chassis, state__in=UNFINISHED_UPDATES).exists():
        raise NotPossible("An update of this chassis is under way.")
    if PowerRun.objects.filter(chassis=chassis, state__in=UNFINISHED_RUNS).exists():
        raise NotPossible(
            "A start or shutdown of the whole chassis is under way; let it end first."
        )
    waiting = Command.objects.filter(chassis=chassis, state__in=UNFINISHED, op__in=POWER_OPS)
    command = waiting.select_related("slot").first()
    if command is not None:
        word = OP_WORDS[CommandOp(command.op)]
        raise NotPossible(f"{word} of {command.slot} is under way; let it end first.")


def _drop_untold(chassis: Chassis, now: datetime) -> bool:
    untold = FirmwareUpdate.objects.filter(
        chassis=chassis, state__in=UNFINISHED_UPDATES, told_at__lte=now - UNTOLD
    ).first()
    if untold is None:
        return False
    is_new = untold.state == UpdateState.ASKED
    _end(
        untold, "Nobody took it up: the link is not up." if is_new else _STOPPED, now, is_done=False
    )
    return True


def _end(update: FirmwareUpdate, outcome: str, now: datetime, *, is_done: bool) -> None:
    update.state = UpdateState.DONE if is_done else UpdateState.FAILED
    update.outcome = outcome[:500]
    update.finished_at = update.told_at = now
    update.save(update_fields=["state", "outcome", "finished_at", "told_at"])
    _tell(update, "firmware.update", f"{update.state}: {outcome}", now)


def _tell(update: FirmwareUpdate, action: str, outcome: str, now: datetime) -> None:
    actor = Actor(
        update.requested_by_id,
        update.requester_name,
        update.requester_role,
        update.channel or "local",
    )
    act = Act(
        action,
        subject=update.chassis.slug,
        chassis=update.chassis.slug,
        saw=f"firmware {update.old_version}",
        outcome=outcome,
        detail={"update": update.pk, "version": update.version},
    )
    audit.record(actor, act, now)
