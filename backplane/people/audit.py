"""The audit trail: who did what, from where, what they saw, what came of it. Appends; settles once; never deletes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from backplane.people.client_address import client_address
from backplane.people.models import AuditEntry
from backplane.people.sites import Reach, reach_of


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: names are copied, so that the trail survives its people. `channel`: desk, phone, token, local.

    `reach`: ids of the sites that they may act at; None: at every one.
    """

    user_id: int | None
    name: str
    role: str
    channel: str = "local"
    address: str = ""
    reach: Reach = None


@dataclass(frozen=True, slots=True)
class Act:
    """What was done. `outcome` "" is told later by `settle` (a command's end)."""

    action: str
    subject: str = ""
    chassis: str = ""
    slot: int | None = None
    saw: str = ""
    reason: str = ""
    outcome: str = ""
    command_id: int | None = None
    swap_id: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


def actor_of(request: HttpRequest) -> Actor:
    """Return who stands behind a request of a signed-in person."""
    user = request.user
    return Actor(
        user_id=user.pk,
        name=user.get_username(),
        role=getattr(user, "effective_role", getattr(user, "role", "")),
        channel=getattr(request, "channel", "desk"),
        address=client_address(request) or "",
        reach=reach_of(user),
    )


def record(actor: Actor, act: Act, now: datetime | None = None) -> AuditEntry:
    """Append one entry."""
    at = now or timezone.now()
    return AuditEntry.objects.create(
        at=at,
        user_id=actor.user_id,
        who=actor.name[:150],
        role=actor.role,
        channel=actor.channel,
        address=actor.address[:64],
        action=act.action,
        subject=act.subject[:150],
        chassis=act.chassis,
        slot=act.slot,
        saw=act.saw[:255],
        reason=act.reason[:255],
        outcome=act.outcome[:255],
        settled_at=at if act.outcome else None,
        command_id=act.command_id,
        swap_id=act.swap_id,
        detail=dict(act.detail),
    )


def settle(command_id: int, outcome: str, now: datetime) -> None:
    """Note what came of a command, once."""
    AuditEntry.objects.filter(command_id=command_id, settled_at=None).update(
        outcome=outcome[:255], settled_at=now
    )
